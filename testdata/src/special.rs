//! Records that are not API calls: network activity of VPC endpoints, and aggregated events.

use crate::civil::push_instant;
use crate::draft::Draft;
use crate::random::Random;
use crate::record::Place;

/// The window that an aggregated event counts in.
const WINDOW_SECONDS: i64 = 300;
const SERVICES: [&str; 4] = ["s3", "kms", "secretsmanager", "sqs"];
const ACTIONS: [&str; 4] = ["GetObject", "Decrypt", "GetSecretValue", "SendMessage"];

/// Fills `draft` with a call that a VPC endpoint let through or refused.
pub(crate) fn network_activity(place: Place<'_>, random: &mut Random, draft: &mut Draft) {
    let Place { cast, region, second, .. } = place;
    let account = &cast.account;
    let kind = random.below(4) as usize;
    let role = &cast.roles[random.skewed(cast.roles.len())];
    draft.string("eventVersion", "1.09");
    draft.raw("userIdentity", |out| {
        let text =
            format!(r#"{{"type":"AWSAccount","principalId":"{}:{}","accountId":"{account}"}}"#, role.id, role.name);
        out.extend_from_slice(text.as_bytes());
    });
    instant(draft, "eventTime", second);
    draft.string("eventSource", &format!("{}.amazonaws.com", SERVICES[kind]));
    draft.string("eventName", ACTIONS[kind]);
    draft.string("awsRegion", region);
    draft.string("sourceIPAddress", &cast.addresses[random.skewed(cast.addresses.len())]);
    if random.percent(30) {
        draft.string("errorCode", "VpceAccessDenied");
        draft.string("errorMessage", "The request was denied due to a VPC endpoint policy");
    }
    draft.raw("requestParameters", |out| out.extend_from_slice(b"null"));
    draft.raw("responseElements", |out| out.extend_from_slice(b"null"));
    uuid(draft, "requestID", random);
    uuid(draft, "eventID", random);
    draft.string("eventType", "AwsVpceEvent");
    draft.string("recipientAccountId", account);
    uuid(draft, "sharedEventID", random);
    draft.string("vpcEndpointId", &format!("vpce-{}", cast.resource_ids[random.skewed(4)]));
    draft.string("vpcEndpointAccountId", account);
    draft.string("eventCategory", "NetworkActivity");
}

/// Fills `draft` with the sum of five minutes.
pub(crate) fn aggregated(place: Place<'_>, random: &mut Random, draft: &mut Draft) {
    let Place { cast, region, second, .. } = place;
    let kind = random.below(4) as usize;
    let start = second.div_euclid(WINDOW_SECONDS) * WINDOW_SECONDS;
    draft.string("eventVersion", "1.0");
    draft.string("accountId", &cast.account);
    uuid(draft, "eventId", random);
    draft.string("eventCategory", "Aggregated");
    draft.string("eventType", "AwsAggregatedEvent");
    draft.string("awsRegion", region);
    draft.string("eventSource", &format!("{}.amazonaws.com", SERVICES[kind]));
    draft.raw("timeWindow", |out| {
        out.extend_from_slice(br#"{"windowStart":""#);
        push_instant(start, out);
        out.extend_from_slice(br#"","windowEnd":""#);
        push_instant(start + WINDOW_SECONDS, out);
        out.extend_from_slice(br#"","windowSize":"PT5M"}"#);
    });
    let (calls, action) = (random.between(1, 90_000), ACTIONS[kind]);
    let agent = &cast.roles[random.skewed(cast.roles.len())].name;
    draft.raw("summary", |out| {
        let text = format!(
            r#"{{"primaryDimension":{{"dimension":"eventName","statistics":[{{"name":"{action}","value":{calls}}}],"aggregationType":"Count"}},"details":[{{"dimension":"userIdentity","statistics":[{{"name":"{agent}","value":{calls}}}],"aggregationType":"Count"}}]}}"#
        );
        out.extend_from_slice(text.as_bytes());
    });
}

fn instant(draft: &mut Draft, key: &'static str, second: i64) {
    draft.raw(key, |out| {
        out.push(b'"');
        push_instant(second, out);
        out.push(b'"');
    });
}

fn uuid(draft: &mut Draft, key: &'static str, random: &mut Random) {
    draft.raw(key, |out| {
        out.push(b'"');
        random.uuid(out);
        out.push(b'"');
    });
}
