//! The intrusion as a responder would check it: in order, by whom, from where, and with nothing that contradicts it.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeSet;

use serde_json::Value;
use trailhouse_testdata::{Corpus, Options};

/// Every record of a corpus, by time.
fn records(options: Options) -> Vec<Value> {
    let corpus = Corpus::new(options).unwrap();
    let mut all = Vec::new();
    for planned in corpus.objects() {
        let mut json = Vec::new();
        corpus.write_json(planned, &mut json).unwrap();
        let mut object: Value = serde_json::from_slice(&json).unwrap();
        // A bare array holds aggregated events, which are no calls.
        let found = object.get_mut("Records").and_then(Value::as_array_mut);
        all.extend(found.map(std::mem::take).unwrap_or_default());
    }
    all.sort_by_key(|record| text(record, "eventTime").to_owned());
    all
}

fn sample() -> Vec<Value> {
    records(Options {
        seed: 7,
        events: 1_600,
        objects: Some(40),
        days: 3,
        accounts: 2,
        regions: 3,
        ..Options::default()
    })
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_default()
}

fn is_intruders(record: &Value) -> bool {
    let address = text(record, "sourceIPAddress");
    address.starts_with("198.51.100.") || address.starts_with("2001:db8:bad:")
}

fn user(record: &Value) -> &str {
    text(&record["userIdentity"], "userName")
}

/// The place of the first record of `event` that was not refused, among the intruder's.
fn first(story: &[&Value], event: &str) -> usize {
    story.iter().position(|record| text(record, "eventName") == event && record.get("errorCode").is_none()).unwrap()
}

#[test]
fn acts_follow_one_another() {
    let all = sample();
    let story: Vec<&Value> = all.iter().filter(|record| is_intruders(record)).collect();
    let events = ["GetObject", "GetCallerIdentity", "CreateUser", "CreateAccessKey", "StopLogging"];
    let places = events.map(|event| first(&story, event));
    assert!(places.is_sorted(), "{places:?}");
    let gaps: BTreeSet<&str> = story.iter().map(|record| &text(record, "eventTime")[14..]).collect();
    assert!(gaps.len() > 90, "calls at an even pace: {gaps:?}");
}

#[test]
fn the_password_is_guessed_and_no_second_factor_asked() {
    let all = sample();
    let logins = all.iter().filter(|record| is_intruders(record) && text(record, "eventName") == "ConsoleLogin");
    let logins: Vec<&Value> = logins.collect();
    let answers: Vec<&str> = logins.iter().map(|login| text(&login["responseElements"], "ConsoleLogin")).collect();
    assert_eq!(answers, [vec!["Failure"; 14], vec!["Success"]].concat());
    for login in &logins {
        let has_failed = login["responseElements"]["ConsoleLogin"] == "Failure";
        assert_eq!(login["additionalEventData"]["MFAUsed"], "No");
        assert!(login.get("errorCode").is_none() && login.get("errorMessage").is_some() == has_failed);
        assert_eq!(login["userIdentity"].get("arn").is_none(), has_failed, "{login}");
    }
    let session = all.iter().find(|record| is_intruders(record) && text(record, "eventName") == "ListBuckets").unwrap();
    let context = &session["userIdentity"]["sessionContext"]["attributes"];
    assert_eq!((user(session), &context["mfaAuthenticated"]), ("mara.weiss", &Value::from("false")));
    assert_eq!(context["creationDate"], logins[14]["eventTime"]);
    let fetched = all.iter().find(|record| is_intruders(record) && text(record, "eventName") == "GetObject").unwrap();
    let key = text(&fetched["requestParameters"], "key");
    assert!(key.ends_with(".tfstate") && text(&fetched["resources"][0], "ARN").ends_with(key), "{fetched}");
}

#[test]
fn the_leaked_key_had_work_and_an_address_of_its_own() {
    let all = sample();
    let calls: Vec<&Value> = all.iter().filter(|record| user(record) == "ci-deploy").collect();
    let keys: BTreeSet<&str> = calls.iter().map(|call| text(&call["userIdentity"], "accessKeyId")).collect();
    let homes: BTreeSet<&str> =
        calls.iter().filter(|call| !is_intruders(call)).map(|call| text(call, "sourceIPAddress")).collect();
    assert_eq!((keys.len(), homes.len()), (1, 1), "{keys:?} {homes:?}");
    let days: BTreeSet<&str> = calls.iter().map(|call| &text(call, "eventTime")[..10]).collect();
    assert_eq!(days.len(), 2);
    let abused = calls.iter().position(|call| is_intruders(call)).unwrap();
    assert!(abused > 20 && calls[abused..].iter().all(|call| is_intruders(call)));
}

#[test]
fn the_made_user_is_new_and_its_key_is_used() {
    let all = sample();
    let made = all.iter().position(|record| {
        text(record, "eventName") == "CreateAccessKey" && record["requestParameters"]["userName"] == "svc-health"
    });
    let key = text(&all[made.unwrap()]["responseElements"]["accessKey"], "accessKeyId");
    let used = all.iter().position(|record| text(&record["userIdentity"], "accessKeyId") == key).unwrap();
    assert!(made.unwrap() < used);
    let named = all.iter().filter(|record| record.to_string().contains("svc-health"));
    assert!(named.clone().all(is_intruders), "somebody else knows the intruder's user");
    let calls = named.filter(|record| user(record) == "svc-health");
    assert!(calls.filter(|call| text(&call["userIdentity"], "accessKeyId") == key).count() > 50);
}

#[test]
fn a_stopped_trail_writes_nothing() {
    let wide = Options { events: 60_000, objects: Some(900), days: 3, accounts: 2, regions: 3, ..Options::default() };
    for all in [sample(), records(wide), records(Options { events: 1_000, ..Options::default() })] {
        let of = |event| {
            let found = |record: &&Value| text(record, "eventName") == event && record.get("errorCode").is_none();
            all.iter().find(found).unwrap()
        };
        let (stopped, started) = (of("StopLogging"), of("StartLogging"));
        assert!(text(stopped, "eventTime") < text(started, "eventTime") && !is_intruders(started));
        let silence = &text(stopped, "eventTime")..&text(started, "eventTime");
        let account = text(stopped, "recipientAccountId");
        let heard = all.iter().filter(|record| text(record, "recipientAccountId") == account);
        let heard = heard.filter(|record| *silence.start < text(record, "eventTime"));
        let heard: Vec<&Value> = heard.filter(|record| text(record, "eventTime") < *silence.end).collect();
        assert!(heard.is_empty(), "{heard:?}");
    }
}
