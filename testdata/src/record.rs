//! Writes one CloudTrail record of the catalog.

use crate::catalog::{Caller, Prepared};
use crate::civil::push_instant;
use crate::draft::Draft;
use crate::identity::{Identity, Setting};
use crate::random::Random;
use crate::story::{Step, Told};
use crate::template::{Scene, Template, host};

/// What goes wrong, by service; anything else is denied.
const EC2_ERROR: (&str, &str) = (
    "Client.UnauthorizedOperation",
    "You are not authorized to perform this operation. Encoded authorization failure message: EXAMPLE",
);
const S3_ERRORS: [(&str, &str); 3] = [
    ("AccessDenied", "Access Denied"),
    ("NoSuchKey", "The specified key does not exist."),
    ("NoSuchBucketPolicy", "The bucket policy does not exist"),
];
/// Of a hundred calls, so many fail.
const ERROR_PERCENT: u32 = 4;
/// Of a hundred sign-ins, so many fail by a slip of the hand.
const MISTYPED_PERCENT: u32 = 8;
/// Of a hundred calls, so many are about the same things as the others of their run.
const RUN_PERCENT: u32 = 60;
/// Event versions and how many of a hundred records have them.
const VERSIONS: [(&str, u32); 4] = [("1.08", 34), ("1.09", 22), ("1.10", 18), ("1.11", 26)];

/// Where and when a record happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) cast: &'a crate::cast::Cast,
    pub(crate) region: &'a str,
    pub(crate) second: i64,
    /// What the caller and the things of the call are drawn from: calls come in runs by the same few callers.
    pub(crate) run: u64,
}

/// Fills `draft` with one record of `prepared`, by anybody or as a step of the story.
pub(crate) fn compose(
    place: Place<'_>,
    prepared: &Prepared,
    told: Option<Told>,
    mut random: Random,
    draft: &mut Draft,
) {
    let Place { cast, region, second, run } = place;
    let event = &prepared.event;
    let setting = Setting { cast, region, second, event_name: event.name, service: event.service };
    let mut identity = match told {
        Some(told) => setting.told(told.step.actor, event.caller, told.signed_in),
        None => setting.draw(event.caller, &mut Random::new(run)),
    };
    let failure = match told {
        Some(told) => told.step.is_refused.then(|| refusal(&identity, prepared)),
        None => failure(&identity, prepared, &mut random),
    };
    if failure.is_some() && event.caller == Caller::SignIn {
        identity.forget_arn();
    }
    let step = told.map(|told| told.step);
    let props = if random.percent(RUN_PERCENT) { run } else { random.next() };
    let bucket = step.and_then(|step| step.bucket).map(|stem| cast.bucket(stem));
    let (object, user) = (step.and_then(|step| step.object), step.and_then(|step| step.target));
    let service = event.service;
    let mut scene = Scene { cast, region, service, second, random, props, bucket, object, user };
    head(&mut scene, prepared, &identity, draft);
    let has_failed = failure.is_some();
    if let Some((code, message)) = &failure {
        if !code.is_empty() {
            draft.string("errorCode", code);
        }
        draft.string("errorMessage", message);
    }
    body(&mut scene, prepared, step, has_failed, draft);
    tail(&mut scene, prepared, &identity, draft);
}

fn failure(identity: &Identity, prepared: &Prepared, random: &mut Random) -> Option<(&'static str, String)> {
    let event = &prepared.event;
    let percent = match event.name {
        // The delivery service asks for buckets that it may not see, over and over.
        "HeadBucket" => 60,
        "ConsoleLogin" => MISTYPED_PERCENT,
        _ if identity.is_service || event.event_type != "AwsApiCall" => 0,
        _ => ERROR_PERCENT,
    };
    if !random.percent(percent) {
        return None;
    }
    if event.service == "s3" {
        let (code, message) = S3_ERRORS[random.skewed(S3_ERRORS.len())];
        return Some((code, message.to_owned()));
    }
    Some(refusal(identity, prepared))
}

/// The code and the message of a call that is not allowed. A failed sign-in has no code.
fn refusal(identity: &Identity, prepared: &Prepared) -> (&'static str, String) {
    let (arn, service, name) = (&identity.arn, prepared.event.service, prepared.event.name);
    if prepared.event.event_type == "AwsConsoleSignIn" {
        return ("", "Failed authentication".to_owned());
    }
    if service == "ec2" {
        return (EC2_ERROR.0, EC2_ERROR.1.to_owned());
    }
    let message = format!(
        "User: {arn} is not authorized to perform: {service}:{name} on resource: * because no identity-based policy allows the {service}:{name} action"
    );
    ("AccessDenied", message)
}

/// From the version to the agent.
fn head(scene: &mut Scene<'_>, prepared: &Prepared, identity: &Identity, draft: &mut Draft) {
    let event = &prepared.event;
    draft.string("eventVersion", version(&mut scene.random));
    draft.raw("userIdentity", |out| out.extend_from_slice(&identity.json));
    draft.raw("eventTime", |out| {
        out.push(b'"');
        push_instant(scene.second, out);
        out.push(b'"');
    });
    draft.raw("eventSource", |out| {
        out.extend_from_slice(b"\"");
        out.extend_from_slice(event.service.as_bytes());
        out.extend_from_slice(b".amazonaws.com\"");
    });
    draft.string("eventName", event.name);
    draft.string("awsRegion", scene.region);
    draft.string("sourceIPAddress", &identity.address);
    // S3 writes agents in brackets.
    let is_bracketed = event.service == "s3" && !identity.is_service && !identity.agent.starts_with('[');
    match is_bracketed {
        true => draft.string("userAgent", &format!("[{}]", identity.agent)),
        false => draft.string("userAgent", &identity.agent),
    }
}

fn version(random: &mut Random) -> &'static str {
    let mut drawn = random.below(100);
    for (version, percent) in VERSIONS {
        if drawn < percent {
            return version;
        }
        drawn -= percent;
    }
    VERSIONS[0].0
}

/// From the request to the service's details.
fn body(scene: &mut Scene<'_>, prepared: &Prepared, step: Option<&'static Step>, has_failed: bool, draft: &mut Draft) {
    draft.raw("requestParameters", |out| prepared.request.fill(scene, out));
    match (has_failed, prepared.event.event_type) {
        (true, "AwsConsoleSignIn") => draft.raw("responseElements", |out| {
            out.extend_from_slice(br#"{"ConsoleLogin":"Failure"}"#);
        }),
        (true, _) => draft.raw("responseElements", |out| out.extend_from_slice(b"null")),
        (false, _) => draft.raw("responseElements", |out| prepared.response.fill(scene, out)),
    }
    if let Some(additional) = step.and_then(|step| step.additional) {
        draft.raw("additionalEventData", |out| Template::new(additional).fill(scene, out));
    } else if !prepared.additional.is_empty() {
        draft.raw("additionalEventData", |out| prepared.additional.fill(scene, out));
    }
    if prepared.event.event_type == "AwsApiCall" {
        request_id(scene, prepared, draft);
    }
    quoted(draft, "eventID", |out| scene.random.uuid(out));
    draft.bool("readOnly", prepared.event.is_read_only);
    if !prepared.resources.is_empty() {
        draft.raw("resources", |out| prepared.resources.fill(scene, out));
    }
}

fn request_id(scene: &mut Scene<'_>, prepared: &Prepared, draft: &mut Draft) {
    quoted(draft, "requestID", |out| match prepared.event.service {
        "s3" => scene.random.upper(16, out),
        "dynamodb" => scene.random.upper(52, out),
        _ => scene.random.uuid(out),
    });
}

fn quoted(draft: &mut Draft, key: &'static str, write: impl FnOnce(&mut Vec<u8>)) {
    draft.raw(key, |out| {
        out.push(b'"');
        write(out);
        out.push(b'"');
    });
}

/// From the event's type to the connection. AWS knows two orders here.
fn tail(scene: &mut Scene<'_>, prepared: &Prepared, identity: &Identity, draft: &mut Draft) {
    let event = &prepared.event;
    let category = if event.is_data { "Data" } else { "Management" };
    draft.string("eventType", event.event_type);
    if !event.api_version.is_empty() {
        draft.string("apiVersion", event.api_version);
    }
    draft.bool("managementEvent", !event.is_data);
    if event.service == "s3-outposts" {
        draft.raw("edgeDeviceDetails", |out| {
            out.extend_from_slice(br#"{"type":"outposts","deviceId":"op-01ac5d28a6a232904"}"#);
        });
    }
    let category_first = scene.random.percent(30);
    if category_first {
        draft.string("eventCategory", category);
    }
    draft.string("recipientAccountId", &scene.cast.account);
    if !prepared.details.is_empty() {
        draft.raw("serviceEventDetails", |out| prepared.details.fill(scene, out));
    }
    if identity.is_service {
        quoted(draft, "sharedEventID", |out| scene.random.uuid(out));
    }
    if event.is_data && scene.random.percent(45) {
        let endpoint = format!("vpce-{}", scene.cast.resource_ids[scene.random.skewed(4)]);
        draft.string("vpcEndpointId", &endpoint);
        draft.string("vpcEndpointAccountId", &scene.cast.account);
    }
    if !category_first {
        draft.string("eventCategory", category);
    }
    if !identity.is_service && event.event_type == "AwsApiCall" && scene.random.percent(75) {
        tls_details(scene, draft);
    }
    if identity.is_console {
        draft.string("sessionCredentialFromConsole", "true");
    }
    if event.event_type == "AwsApiCall" {
        seldom(scene, identity, draft);
    }
}

/// Members that few records have.
fn seldom(scene: &mut Scene<'_>, identity: &Identity, draft: &mut Draft) {
    match scene.random.below(1_000) {
        0..3 => draft.raw("addendum", |out| out.extend_from_slice(br#"{"reason":"DELIVERY_DELAY"}"#)),
        3..6 => draft.raw("addendum", |out| {
            const UPDATE: &str = r#"{"reason":"UPDATED_DATA","updatedFields":"responseElements.version","originalRequestID":"$uuid","originalEventID":"$uuid"}"#;
            Template::new(UPDATE).fill(scene, out);
        }),
        // Only event data stores have it, whose export looks like a trail's object.
        6..18 if draft.value("eventVersion") == Some(b"\"1.11\"") => draft.raw("eventContext", |out| {
            let arn = &identity.arn;
            let text = format!(
                r#"{{"requestContext":{{"aws:PrincipalArn":"{arn}"}},"tagContext":{{"principalTags":{{"team":"port"}}}}}}"#
            );
            out.extend_from_slice(text.as_bytes());
        }),
        _ => {}
    }
}

fn tls_details(scene: &mut Scene<'_>, draft: &mut Draft) {
    let is_modern = scene.random.percent(85);
    let has_exchange = is_modern && scene.random.percent(20);
    draft.raw("tlsDetails", |out| {
        let (version, suite) = match is_modern {
            true => ("TLSv1.3", "TLS_AES_128_GCM_SHA256"),
            false => ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"),
        };
        let head = format!(r#"{{"tlsVersion":"{version}","cipherSuite":"{suite}","clientProvidedHostHeader":""#);
        out.extend_from_slice(head.as_bytes());
        host(scene.service, scene.region, out);
        out.extend_from_slice(if has_exchange { br#"","keyExchange":"X25519MLKEM768"}"# } else { b"\"}" });
    });
}
