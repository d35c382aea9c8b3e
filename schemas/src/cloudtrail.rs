//! The `cloudtrail` table: management, data, network-activity and aggregated events, to eventVersion 1.11.
//!
//! Fields after AWS's "CloudTrail record contents", "userIdentity element" and "Aggregating data events". AWS names the
//! first version of a record's own fields alone: members of objects, and the fields of aggregated events, have none.

use crate::table::{Column, ENVELOPE, EXTRA, NULL_KEYS, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Table};

/// API calls and other events that CloudTrail recorded.
pub const CLOUDTRAIL: Table = Table {
    name: "cloudtrail",
    about: "One row per CloudTrail record: management, data, network-activity and aggregated events. Records that AWS \
            delivered twice are two rows.",
    columns: COLUMNS,
    order: &["event_time"],
    routing: Routing {
        accounts: &["recipient_account_id", "aggregated_account_id"],
        region: Some("aws_region"),
        times: &["event_time", "time_window_start"],
    },
};

const COLUMNS: &[Column] = &[
    Column::instant("event_time", "eventTime", "When the request was completed.").since("1.0"),
    Column::text("event_version", "eventVersion", "Version of the record's format, such as `1.11`.").since("1.0"),
    Column::text("event_source", "eventSource", "The service, such as `ec2.amazonaws.com`.").since("1.0"),
    Column::text("event_name", "eventName", "The action, such as `RunInstances`.").since("1.0"),
    Column::text("aws_region", "awsRegion", "The region that the request was made to.").since("1.0"),
    Column::text(
        "source_ip_address",
        "sourceIPAddress",
        "The caller's address, a service's DNS name or `AWS Internal`.",
    )
    .since("1.0")
    .needle(),
    Column::text("user_agent", "userAgent", "The agent that made the request.").since("1.0"),
    Column::text("error_code", "errorCode", "The error, when the request failed.").since("1.0"),
    Column::text("error_message", "errorMessage", "The error's description, which can stand without a code.")
        .since("1.0"),
    Column::text("event_type", "eventType", "What made the record, such as `AwsApiCall`.").since("1.02"),
    Column::text("event_category", "eventCategory", "Management, Data, NetworkActivity, Insight or Aggregated.")
        .since("1.07"),
    Column::bool("management_event", "managementEvent", "Whether it is a management event.").since("1.06"),
    Column::bool("read_only", "readOnly", "Whether the action only reads.").since("1.01"),
    Column::text("api_version", "apiVersion", "The API's version, such as `2015-03-31`.").since("1.01"),
    Column::text("recipient_account_id", "recipientAccountId", "The account that received the event.").since("1.02"),
    Column::id("event_id", "eventID", "The event's UUID, not unique per row.").since("1.01"),
    Column::id("request_id", "requestID", "The service's id of the request, not always a UUID.").since("1.01"),
    Column::id("shared_event_id", "sharedEventID", "Equal in the copies that several accounts received.").since("1.03"),
    Column::text("vpc_endpoint_id", "vpcEndpointId", "The VPC endpoint that the request came through.")
        .since("1.04")
        .needle(),
    Column::text("vpc_endpoint_account_id", "vpcEndpointAccountId", "The endpoint's owner.").since("1.09"),
    Column::text("session_credential_from_console", "sessionCredentialFromConsole", "`true` when a console session's.")
        .since("1.08"),
    // Who: the leaves that people filter on, then the whole object.
    Column::text("user_identity_type", "userIdentity.type", "Root, IAMUser, AssumedRole, AWSService and so on."),
    Column::text("user_identity_principal_id", "userIdentity.principalId", "Unique id of the caller.").needle(),
    Column::text("user_identity_arn", "userIdentity.arn", "ARN of the caller.").needle(),
    Column::text("user_identity_account_id", "userIdentity.accountId", "The caller's account."),
    Column::text("user_identity_access_key_id", "userIdentity.accessKeyId", "The access key that signed the request.")
        .needle(),
    Column::text("user_identity_user_name", "userIdentity.userName", "Name of the caller."),
    Column::text("user_identity_invoked_by", "userIdentity.invokedBy", "The service that made the request."),
    Column::text(
        "user_identity_invoked_by_delegate_account_id",
        "userIdentity.invokedByDelegate.accountId",
        "The product provider's account, for delegated access.",
    ),
    Column::text("user_identity_on_behalf_of_user_id", "userIdentity.onBehalfOf.userId", "Identity Center user.")
        .needle(),
    Column::text(
        "user_identity_on_behalf_of_identity_store_arn",
        "userIdentity.onBehalfOf.identityStoreArn",
        "Identity store of that user.",
    ),
    Column::text("user_identity_in_scope_of_source_arn", "userIdentity.inScopeOf.sourceArn", "Resource it acted for.")
        .needle(),
    Column::text("user_identity_in_scope_of_source_account", "userIdentity.inScopeOf.sourceAccount", "Its owner."),
    Column::text(
        "user_identity_in_scope_of_issuer_type",
        "userIdentity.inScopeOf.issuerType",
        "Such as `AWS::Lambda::Function`.",
    ),
    Column::text(
        "user_identity_in_scope_of_credentials_issued_to",
        "userIdentity.inScopeOf.credentialsIssuedTo",
        "The resource that the credentials were issued to.",
    ),
    Column::text("user_identity_credential_id", "userIdentity.credentialId", "Id of a bearer credential.").needle(),
    Column::text(
        "user_identity_identity_provider",
        "userIdentity.identityProvider",
        "Provider of SAML and web identities.",
    ),
    Column::text(
        "session_issuer_type",
        "userIdentity.sessionContext.sessionIssuer.type",
        "Source of the session: Root, IAMUser or Role.",
    ),
    Column::text(
        "session_issuer_principal_id",
        "userIdentity.sessionContext.sessionIssuer.principalId",
        "Its unique id.",
    )
    .needle(),
    Column::text(
        "session_issuer_arn",
        "userIdentity.sessionContext.sessionIssuer.arn",
        "ARN of the role or user that issued the session.",
    )
    .needle(),
    Column::text("session_issuer_account_id", "userIdentity.sessionContext.sessionIssuer.accountId", "Its account."),
    Column::text("session_issuer_user_name", "userIdentity.sessionContext.sessionIssuer.userName", "Its name."),
    Column::text(
        "session_creation_date",
        "userIdentity.sessionContext.attributes.creationDate",
        "When the session was made, as written.",
    ),
    Column::text(
        "session_mfa_authenticated",
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "`true` or `false`: whether MFA was used.",
    ),
    Column::text(
        "session_federated_provider",
        "userIdentity.sessionContext.webIdFederationData.federatedProvider",
        "The web identity's provider.",
    ),
    Column::json(
        "session_federation_attributes",
        "userIdentity.sessionContext.webIdFederationData.attributes",
        "The web identity's attributes.",
    ),
    Column::text(
        "session_assumed_root",
        "userIdentity.sessionContext.assumedRoot",
        "`true` when the session is AssumeRoot's.",
    ),
    Column::text(
        "session_source_identity",
        "userIdentity.sessionContext.sourceIdentity",
        "Source identity set on the session.",
    )
    .needle(),
    Column::text(
        "session_ec2_role_delivery",
        "userIdentity.sessionContext.ec2RoleDelivery",
        "Version of the instance metadata service.",
    ),
    Column::text(
        "session_sign_in_session_arn",
        "userIdentity.sessionContext.signInSessionArn",
        "ARN of the sign-in session.",
    )
    .needle(),
    Column::json("user_identity", "userIdentity", "The whole userIdentity object.").since("1.0"),
    // How the connection was made.
    Column::text("tls_version", "tlsDetails.tlsVersion", "TLS version."),
    Column::text("tls_cipher_suite", "tlsDetails.cipherSuite", "Cipher suite."),
    Column::text(
        "tls_client_provided_host_header",
        "tlsDetails.clientProvidedHostHeader",
        "Host name that the client used.",
    ),
    Column::text("tls_key_exchange", "tlsDetails.keyExchange", "Key exchange, such as `X25519MLKEM768`."),
    Column::json("tls_details", "tlsDetails", "The whole tlsDetails object.").since("1.08"),
    // What: open-ended objects, byte for byte.
    Column::json("request_parameters", "requestParameters", "The request's parameters.").since("1.0"),
    Column::json("response_elements", "responseElements", "The response to a request that changed something.")
        .since("1.0"),
    Column::json("additional_event_data", "additionalEventData", "What the service added.").since("1.0"),
    Column::json("resources", "resources", "The resources that were accessed.").since("1.01"),
    Column::json("service_event_details", "serviceEventDetails", "What a service event did.").since("1.05"),
    Column::json("edge_device_details", "edgeDeviceDetails", "Edge devices (S3 on Outposts).").since("1.08"),
    Column::json("event_context", "eventContext", "Tags and request context, in event data stores only.").since("1.11"),
    Column::json(
        "insight_details",
        "insightDetails",
        "An Insights event's details, should one stand among other events.",
    )
    .since("1.07"),
    Column::text("addendum_reason", "addendum.reason", "Why the record came late or again."),
    Column::text("addendum_updated_fields", "addendum.updatedFields", "The fields that an update changed."),
    Column::id("addendum_original_request_id", "addendum.originalRequestID", "Request id of the record it amends."),
    Column::id("addendum_original_event_id", "addendum.originalEventID", "Event id of the record it amends."),
    Column::json("addendum", "addendum", "The whole addendum object.").since("1.08"),
    // Aggregated events have names of their own for account, id and time.
    Column::text("aggregated_account_id", "accountId", "An aggregated event's account."),
    Column::id("aggregated_event_id", "eventId", "An aggregated event's id (`eventId`, not `eventID`)."),
    Column::instant("time_window_start", "timeWindow.windowStart", "Start of an aggregated event's window."),
    Column::instant("time_window_end", "timeWindow.windowEnd", "End of that window."),
    Column::text("time_window_size", "timeWindow.windowSize", "Its length, such as `PT5M`."),
    Column::json("time_window", "timeWindow", "The whole timeWindow object."),
    Column::text("summary_dimension", "summary.primaryDimension.dimension", "What an aggregated event counts by."),
    Column::text("summary_aggregation_type", "summary.primaryDimension.aggregationType", "How it aggregates: Count."),
    Column::json(
        "summary_statistics",
        "summary.primaryDimension.statistics",
        "What it counted: an array of name and value.",
    ),
    Column::json("summary_details", "summary.details", "The counts by other dimensions."),
    Column::json("summary", "summary", "The whole summary object."),
    // What has no column, and where the row came from.
    EXTRA,
    NULL_KEYS,
    ENVELOPE,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];
