//! The intrusion that is hidden in every corpus: what a responder looks for, in the order in which it happened.
//!
//! Somebody guesses a person's console password and finds a deploy user's key in a state file. The key looks around
//! and makes a user of its own, whose key blinds the trail and carries the customer exports away. Only the intruder's
//! records come from 198.51.100.0/24 and 2001:db8:bad::/48.

use std::ops::Range;

use crate::cast::{EMPTIED_BUCKET, GUESSED_USER, LEAKED_USER, MADE_USER, SPILT_BUCKET};
use crate::identity::Actor;
use crate::random::Random;

/// One call of the story, made `times` times.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) event: &'static str,
    pub(crate) times: u32,
    pub(crate) actor: Actor,
    /// The least and the most seconds before each of the calls.
    pub(crate) pause: (i64, i64),
    /// Whether the calls are refused.
    pub(crate) is_refused: bool,
    /// The bucket that is meant, by the beginning of its name.
    pub(crate) bucket: Option<&'static str>,
    /// The user that is meant.
    pub(crate) target: Option<&'static str>,
    /// The object's key that is meant.
    pub(crate) object: Option<&'static str>,
    /// `additionalEventData` in place of the event's own.
    pub(crate) additional: Option<&'static str>,
}

/// What happens in one object.
#[derive(Debug)]
pub(crate) struct Act {
    /// Whether it is of the day before the others'.
    pub(crate) is_day_before: bool,
    pub(crate) steps: &'static [Step],
}

/// The acts, in order.
pub(crate) const ACTS: [Act; 7] = [
    Act { is_day_before: true, steps: USUAL },
    act(USUAL),
    act(SIGN_IN),
    act(LOOK_AROUND),
    act(STAY),
    act(HIDE),
    act(CARRY_AWAY),
];

const fn act(steps: &'static [Step]) -> Act {
    Act { is_day_before: false, steps }
}

const BROWSER: Actor = Actor::Intruder {
    user: GUESSED_USER,
    address: "2001:db8:bad::66",
    agent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
};
const KALI: &str = "aws-cli/1.22.34 Python/3.10.12 Linux/5.15.0-kali3-amd64 botocore/1.27.84";
const LEAKED_KEY: Actor = Actor::Intruder { user: LEAKED_USER, address: "198.51.100.66", agent: KALI };
const MADE_KEY: Actor = Actor::Intruder { user: MADE_USER, address: "198.51.100.66", agent: KALI };

const NO_MFA: &str = r#"{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"}"#;
const LARGE_DOWNLOAD: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"$id2=","bytesTransferredOut":73400320.0}"#;
const STATE_FILE: &str = "port/ci/terraform.tfstate";

const fn call(event: &'static str, times: u32, actor: Actor, pause: (i64, i64)) -> Step {
    Step { event, times, actor, pause, is_refused: false, bucket: None, target: None, object: None, additional: None }
}

const fn usual(event: &'static str, times: u32) -> Step {
    call(event, times, Actor::Usual(LEAKED_USER), (1, 40))
}

const fn refused(event: &'static str, times: u32) -> Step {
    Step { is_refused: true, ..call(event, times, LEAKED_KEY, (1, 19)) }
}

const fn on_made_user(event: &'static str) -> Step {
    Step { target: Some(MADE_USER), ..call(event, 1, LEAKED_KEY, (4, 95)) }
}

/// What the deploy user does every day, from the address that it always has.
const USUAL: &[Step] = &[
    usual("GetCallerIdentity", 1),
    Step { bucket: Some("harbourline-artifacts"), ..usual("PutObject", 4) },
    usual("DescribeStacks", 3),
    usual("CreateChangeSet", 1),
    usual("UpdateFunctionCode20150331v2", 2),
    usual("DescribeStackEvents", 5),
];

const SIGN_IN: &[Step] = &[
    Step { is_refused: true, additional: Some(NO_MFA), ..call("ConsoleLogin", 14, BROWSER, (3, 75)) },
    Step { additional: Some(NO_MFA), ..call("ConsoleLogin", 1, BROWSER, (5, 60)) },
    call("ListBuckets", 1, BROWSER, (8, 40)),
    Step { bucket: Some(SPILT_BUCKET), ..call("ListObjects", 2, BROWSER, (20, 180)) },
    Step { bucket: Some(SPILT_BUCKET), object: Some(STATE_FILE), ..call("GetObject", 1, BROWSER, (30, 240)) },
];

const LOOK_AROUND: &[Step] = &[
    call("GetCallerIdentity", 1, LEAKED_KEY, (1_200, 3_000)),
    refused("GetAccountAuthorizationDetails", 2),
    refused("ListSecrets", 6),
    refused("DescribeInstances", 8),
    refused("DescribeDBInstances", 6),
    refused("ListFunctions20150331", 6),
    refused("GetParametersByPath", 6),
    refused("ListAccounts", 5),
    refused("StopLogging", 1),
    call("ListUsers", 1, LEAKED_KEY, (10, 90)),
];

const STAY: &[Step] = &[
    Step { pause: (400, 1_500), ..on_made_user("CreateUser") },
    on_made_user("CreateLoginProfile"),
    on_made_user("AttachUserPolicy"),
    on_made_user("CreateAccessKey"),
];

const HIDE: &[Step] = &[
    call("GetCallerIdentity", 1, MADE_KEY, (30, 300)),
    call("UpdateAssumeRolePolicy", 1, MADE_KEY, (60, 400)),
    call("DescribeTrails", 1, MADE_KEY, (20, 200)),
    call("UpdateDetector", 1, MADE_KEY, (15, 90)),
    call("DeleteFlowLogs", 1, MADE_KEY, (15, 90)),
    call(SILENCED_BY, 1, MADE_KEY, (15, 90)),
    call(HEARD_BY, 1, Actor::OnCall, (500, 900)),
];

const CARRY_AWAY: &[Step] = &[
    Step { bucket: Some(EMPTIED_BUCKET), ..call("ListObjects", 3, MADE_KEY, (200, 600)) },
    Step { bucket: Some(EMPTIED_BUCKET), additional: Some(LARGE_DOWNLOAD), ..call("GetObject", 40, MADE_KEY, (2, 31)) },
    call("GetSecretValue", 4, MADE_KEY, (3, 50)),
    call("ModifySnapshotAttribute", 2, MADE_KEY, (20, 150)),
    call("RunInstances", 3, MADE_KEY, (40, 200)),
    call("ScheduleKeyDeletion", 1, MADE_KEY, (60, 400)),
];

/// The call after which the trail writes nothing, and the one after which it writes again.
const SILENCED_BY: &str = "StopLogging";
const HEARD_BY: &str = "StartLogging";

/// A call of the story, with its time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    pub(crate) step: &'static Step,
    pub(crate) second: i64,
    /// When its caller last signed in to the console.
    pub(crate) signed_in: i64,
}

/// The calls of `acts`, each after a pause of its own; all pauses are shortened alike where `window` is too short.
pub(crate) fn tell(acts: Range<usize>, window: (i64, i64), seed: u64) -> Vec<Told> {
    let mut random = Random::new(seed ^ 0x5707);
    let steps = acts.flat_map(records_of);
    let mut length = 0;
    let offsets = steps.map(|step| {
        length += random.between(step.pause.0, step.pause.1);
        (step, length)
    });
    let offsets: Vec<(&Step, i64)> = offsets.collect();
    let width = (window.1 - window.0 - 1).max(1);
    let start = window.0 + (width - length).max(0) / 2;
    let mut signed_in = start;
    let told = offsets.into_iter().map(|(step, offset)| {
        let second = start + if length > width { offset * width / length } else { offset };
        let is_sign_in = step.event == "ConsoleLogin" && !step.is_refused;
        signed_in = if is_sign_in { second } else { signed_in };
        Told { step, second, signed_in }
    });
    told.collect()
}

/// From the second in which the trail is stopped to that in which it is started again, both without.
pub(crate) fn silence(told: &[Told]) -> Option<Range<i64>> {
    let of = |event| told.iter().find(|told| told.step.event == event && !told.step.is_refused);
    let (stopped, started) = (of(SILENCED_BY)?, of(HEARD_BY)?);
    Some(stopped.second + 1..started.second)
}

/// The records of act `act`, from the first to the last.
fn records_of(act: usize) -> impl Iterator<Item = &'static Step> {
    ACTS[act].steps.iter().flat_map(|step| std::iter::repeat_n(step, step.times as usize))
}

/// How many records an act has.
pub(crate) fn length_of(act: usize) -> u64 {
    ACTS[act].steps.iter().map(|step| u64::from(step.times)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn the_story_is_told_in_events_that_exist() {
        let catalog = Catalog::new();
        for step in ACTS.iter().flat_map(|act| act.steps) {
            assert!(catalog.find(step.event).is_some(), "{}", step.event);
        }
        assert!((0..ACTS.len()).map(length_of).sum::<u64>() < crate::plan::STORY_EVENTS_MIN);
    }

    #[test]
    fn calls_go_forward_at_no_even_pace_and_fit_their_window() {
        for width in [60, 3_000, 86_340] {
            let told = tell(1..ACTS.len(), (1_000, 1_000 + width), 9);
            assert!(told.is_sorted_by_key(|told| told.second), "{width}");
            assert!(told.iter().all(|told| (1_000..1_000 + width).contains(&told.second)), "{width}");
        }
        let told = tell(1..ACTS.len(), (0, 86_340), 9);
        let gaps: std::collections::HashSet<i64> = told.windows(2).map(|two| two[1].second - two[0].second).collect();
        assert!(gaps.len() > 40, "{gaps:?}");
        let silence = silence(&told).unwrap();
        assert!((490..900).contains(&(silence.end - silence.start)), "{silence:?}");
    }
}
