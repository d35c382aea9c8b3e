//! What the tables of CloudTrail must know of AWS's formats.

use trailhouse_schemas::{CLOUDTRAIL, CLOUDTRAIL_DIGESTS, CLOUDTRAIL_INSIGHTS, Kind};

use crate::{Field, has_a_column_for_every_field_and_no_other};

/// A record's own fields, after AWS's "CloudTrail record contents": name, type, and the first eventVersion with it.
const RECORD_FIELDS: &[Field] = &[
    ("eventVersion", Kind::Text, "1.0"),
    ("eventTime", Kind::Instant, "1.0"),
    ("userIdentity", Kind::Json, "1.0"),
    ("eventSource", Kind::Text, "1.0"),
    ("eventName", Kind::Text, "1.0"),
    ("awsRegion", Kind::Text, "1.0"),
    ("sourceIPAddress", Kind::Text, "1.0"),
    ("userAgent", Kind::Text, "1.0"),
    ("errorCode", Kind::Text, "1.0"),
    ("errorMessage", Kind::Text, "1.0"),
    ("requestParameters", Kind::Json, "1.0"),
    ("responseElements", Kind::Json, "1.0"),
    ("additionalEventData", Kind::Json, "1.0"),
    ("requestID", Kind::Text, "1.01"),
    ("eventID", Kind::Text, "1.01"),
    ("readOnly", Kind::Bool, "1.01"),
    ("resources", Kind::Json, "1.01"),
    ("apiVersion", Kind::Text, "1.01"),
    ("eventType", Kind::Text, "1.02"),
    ("recipientAccountId", Kind::Text, "1.02"),
    ("sharedEventID", Kind::Text, "1.03"),
    ("vpcEndpointId", Kind::Text, "1.04"),
    ("serviceEventDetails", Kind::Json, "1.05"),
    ("managementEvent", Kind::Bool, "1.06"),
    ("eventCategory", Kind::Text, "1.07"),
    ("insightDetails", Kind::Json, "1.07"),
    ("addendum", Kind::Json, "1.08"),
    ("sessionCredentialFromConsole", Kind::Text, "1.08"),
    ("edgeDeviceDetails", Kind::Json, "1.08"),
    ("tlsDetails", Kind::Json, "1.08"),
    ("vpcEndpointAccountId", Kind::Text, "1.09"),
    ("eventContext", Kind::Json, "1.11"),
];

/// Members of those objects, after the same page and "CloudTrail userIdentity element"; AWS names no version.
const MEMBERS: &[(&str, Kind)] = &[
    ("addendum.reason", Kind::Text),
    ("addendum.updatedFields", Kind::Text),
    ("addendum.originalRequestID", Kind::Text),
    ("addendum.originalEventID", Kind::Text),
    ("tlsDetails.tlsVersion", Kind::Text),
    ("tlsDetails.cipherSuite", Kind::Text),
    ("tlsDetails.clientProvidedHostHeader", Kind::Text),
    ("tlsDetails.keyExchange", Kind::Text),
    ("userIdentity.type", Kind::Text),
    ("userIdentity.principalId", Kind::Text),
    ("userIdentity.arn", Kind::Text),
    ("userIdentity.accountId", Kind::Text),
    ("userIdentity.accessKeyId", Kind::Text),
    ("userIdentity.userName", Kind::Text),
    ("userIdentity.invokedBy", Kind::Text),
    ("userIdentity.invokedByDelegate.accountId", Kind::Text),
    ("userIdentity.onBehalfOf.userId", Kind::Text),
    ("userIdentity.onBehalfOf.identityStoreArn", Kind::Text),
    ("userIdentity.inScopeOf.sourceArn", Kind::Text),
    ("userIdentity.inScopeOf.sourceAccount", Kind::Text),
    ("userIdentity.inScopeOf.issuerType", Kind::Text),
    ("userIdentity.inScopeOf.credentialsIssuedTo", Kind::Text),
    ("userIdentity.credentialId", Kind::Text),
    ("userIdentity.identityProvider", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.type", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.userName", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.principalId", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.arn", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.accountId", Kind::Text),
    ("userIdentity.sessionContext.webIdFederationData.federatedProvider", Kind::Text),
    ("userIdentity.sessionContext.webIdFederationData.attributes", Kind::Json),
    ("userIdentity.sessionContext.attributes.creationDate", Kind::Text),
    ("userIdentity.sessionContext.attributes.mfaAuthenticated", Kind::Text),
    ("userIdentity.sessionContext.assumedRoot", Kind::Text),
    ("userIdentity.sessionContext.sourceIdentity", Kind::Text),
    ("userIdentity.sessionContext.ec2RoleDelivery", Kind::Text),
    ("userIdentity.sessionContext.signInSessionArn", Kind::Text),
];

/// What aggregated events have besides, after "Aggregating data events".
const AGGREGATED_FIELDS: &[(&str, Kind)] = &[
    ("accountId", Kind::Text),
    ("eventId", Kind::Text),
    ("timeWindow", Kind::Json),
    ("timeWindow.windowStart", Kind::Instant),
    ("timeWindow.windowEnd", Kind::Instant),
    ("timeWindow.windowSize", Kind::Text),
    ("summary", Kind::Json),
    ("summary.primaryDimension.dimension", Kind::Text),
    ("summary.primaryDimension.statistics", Kind::Json),
    ("summary.primaryDimension.aggregationType", Kind::Text),
    ("summary.details", Kind::Json),
];

/// An Insights event, after "CloudTrail record contents for Insights events for trails": all since 1.07.
const INSIGHTS_FIELDS: &[(&str, Kind)] = &[
    ("eventVersion", Kind::Text),
    ("eventTime", Kind::Instant),
    ("awsRegion", Kind::Text),
    ("eventID", Kind::Text),
    ("eventType", Kind::Text),
    ("recipientAccountId", Kind::Text),
    ("sharedEventID", Kind::Text),
    ("eventCategory", Kind::Text),
    ("insightDetails", Kind::Json),
    ("insightDetails.state", Kind::Text),
    ("insightDetails.eventSource", Kind::Text),
    ("insightDetails.eventName", Kind::Text),
    ("insightDetails.errorCode", Kind::Text),
    ("insightDetails.insightType", Kind::Text),
    ("insightDetails.insightContext.statistics.baseline.average", Kind::Double),
    ("insightDetails.insightContext.statistics.insight.average", Kind::Double),
    ("insightDetails.insightContext.statistics.insightDuration", Kind::Int),
    ("insightDetails.insightContext.statistics.baselineDuration", Kind::Int),
    ("insightDetails.insightContext.attributions", Kind::Json),
];

/// A digest, after "CloudTrail digest file structure"; AWS names no version.
const DIGEST_FIELDS: &[(&str, Kind)] = &[
    ("awsAccountId", Kind::Text),
    ("digestStartTime", Kind::Instant),
    ("digestEndTime", Kind::Instant),
    ("digestS3Bucket", Kind::Text),
    ("digestS3Object", Kind::Text),
    ("digestPublicKeyFingerprint", Kind::Text),
    ("digestSignatureAlgorithm", Kind::Text),
    ("newestEventTime", Kind::Instant),
    ("oldestEventTime", Kind::Instant),
    ("previousDigestS3Bucket", Kind::Text),
    ("previousDigestS3Object", Kind::Text),
    ("previousDigestHashValue", Kind::Text),
    ("previousDigestHashAlgorithm", Kind::Text),
    ("previousDigestSignature", Kind::Text),
    ("logFiles", Kind::Json),
];

#[test]
fn cloudtrail_has_a_column_for_every_field_and_no_other() {
    let unversioned = MEMBERS.iter().chain(AGGREGATED_FIELDS).map(|(path, kind)| (*path, *kind, ""));
    let fields: Vec<Field> = RECORD_FIELDS.iter().copied().chain(unversioned).collect();
    has_a_column_for_every_field_and_no_other(&CLOUDTRAIL, &fields);
}

#[test]
fn insights_have_a_column_for_every_field_and_no_other() {
    let fields: Vec<Field> = INSIGHTS_FIELDS.iter().map(|(path, kind)| (*path, *kind, "1.07")).collect();
    has_a_column_for_every_field_and_no_other(&CLOUDTRAIL_INSIGHTS, &fields);
}

#[test]
fn digests_have_a_column_for_every_field_and_no_other() {
    let fields: Vec<Field> = DIGEST_FIELDS.iter().map(|(path, kind)| (*path, *kind, "")).collect();
    has_a_column_for_every_field_and_no_other(&CLOUDTRAIL_DIGESTS, &fields);
}
