//! The intrusion that is hidden in every corpus: what a responder looks for, in the order in which it happened.
//!
//! A deploy user's key leaks. Somebody guesses a person's console password, looks around with the key, makes a user of
//! their own, blinds the trail, and carries the customer exports away. Only the story's records come from
//! 198.51.100.0/24 and 2001:db8:bad::/48.

use crate::cast::{EMPTIED_BUCKET, GUESSED_USER, LEAKED_USER};
use crate::identity::Intruder;

/// One call of the story, made `times` times.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) event: &'static str,
    pub(crate) times: u32,
    pub(crate) intruder: Intruder,
    /// The error's code, when the call fails; empty for a failed sign-in.
    pub(crate) failure: Option<&'static str>,
    /// The bucket that is meant, by the beginning of its name.
    pub(crate) bucket: Option<&'static str>,
    /// The user that is meant.
    pub(crate) target: Option<&'static str>,
    /// `additionalEventData` in place of the event's own.
    pub(crate) additional: Option<&'static str>,
}

/// The acts, in order; each happens in one object.
pub(crate) const ACTS: [&[Step]; 5] = [SIGN_IN, LOOK_AROUND, STAY, HIDE, CARRY_AWAY];

const BROWSER: Intruder = Intruder {
    user: GUESSED_USER,
    address: "2001:db8:bad::66",
    agent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
};
const LEAKED_KEY: Intruder = Intruder {
    user: LEAKED_USER,
    address: "198.51.100.66",
    agent: "aws-cli/1.22.34 Python/3.10.12 Linux/5.15.0-kali3-amd64 botocore/1.27.84",
};
const NO_MFA: &str = r#"{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"}"#;
const LARGE_DOWNLOAD: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"$id2=","bytesTransferredOut":73400320.0}"#;

const fn call(event: &'static str, times: u32, intruder: Intruder) -> Step {
    Step { event, times, intruder, failure: None, bucket: None, target: None, additional: None }
}

const fn denied(event: &'static str, times: u32) -> Step {
    Step { failure: Some("AccessDenied"), ..call(event, times, LEAKED_KEY) }
}

const fn on_user(event: &'static str) -> Step {
    Step { target: Some("smtp-relay"), ..call(event, 1, LEAKED_KEY) }
}

const SIGN_IN: &[Step] = &[
    Step { failure: Some(""), additional: Some(NO_MFA), ..call("ConsoleLogin", 14, BROWSER) },
    Step { additional: Some(NO_MFA), ..call("ConsoleLogin", 1, BROWSER) },
];

const LOOK_AROUND: &[Step] = &[
    call("GetCallerIdentity", 1, LEAKED_KEY),
    denied("GetAccountAuthorizationDetails", 2),
    denied("ListSecrets", 6),
    denied("DescribeInstances", 8),
    denied("DescribeDBInstances", 6),
    denied("ListFunctions20150331", 6),
    denied("GetParametersByPath", 6),
    denied("ListAccounts", 6),
    call("ListUsers", 1, LEAKED_KEY),
    call("ListBuckets", 1, LEAKED_KEY),
];

const STAY: &[Step] = &[
    on_user("CreateUser"),
    on_user("CreateLoginProfile"),
    on_user("CreateAccessKey"),
    on_user("AttachUserPolicy"),
    call("UpdateAssumeRolePolicy", 1, LEAKED_KEY),
];

const HIDE: &[Step] = &[
    call("DescribeTrails", 1, LEAKED_KEY),
    call("StopLogging", 1, LEAKED_KEY),
    call("PutEventSelectors", 1, LEAKED_KEY),
    call("UpdateDetector", 1, LEAKED_KEY),
    call("DeleteFlowLogs", 1, LEAKED_KEY),
];

const CARRY_AWAY: &[Step] = &[
    Step { bucket: Some(EMPTIED_BUCKET), ..call("ListObjects", 3, LEAKED_KEY) },
    Step { bucket: Some(EMPTIED_BUCKET), additional: Some(LARGE_DOWNLOAD), ..call("GetObject", 40, LEAKED_KEY) },
    call("GetSecretValue", 4, LEAKED_KEY),
    call("ModifySnapshotAttribute", 2, LEAKED_KEY),
    call("RunInstances", 3, LEAKED_KEY),
    call("ScheduleKeyDeletion", 1, LEAKED_KEY),
];

/// The records of act `act`, from the first to the last.
pub(crate) fn records_of(act: usize) -> impl Iterator<Item = &'static Step> {
    ACTS[act].iter().flat_map(|step| std::iter::repeat_n(step, step.times as usize))
}

/// How many records an act has.
pub(crate) fn length_of(act: usize) -> u64 {
    ACTS[act].iter().map(|step| u64::from(step.times)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn the_story_is_told_in_events_that_exist() {
        let catalog = Catalog::new();
        for step in ACTS.iter().copied().flatten() {
            assert!(catalog.find(step.event).is_some(), "{}", step.event);
        }
        assert!((0..ACTS.len()).map(length_of).sum::<u64>() < crate::plan::STORY_EVENTS_MIN);
    }
}
