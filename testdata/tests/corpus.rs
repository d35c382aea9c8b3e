//! What a corpus promises: the same bytes whatever the threads, counts that a plain JSON reader confirms, and a
//! committed sample that the generator still makes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod shared;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use shared::{files, inflate};
use trailhouse_testdata::{Corpus, Counts, Error, HAZARDS, Hazard, Options};

/// The arguments that README.md names for the committed sample.
fn sample() -> Options {
    Options { seed: 7, events: 1_600, objects: Some(40), days: 3, accounts: 2, regions: 3, ..Options::default() }
}

fn wide() -> Options {
    Options { seed: 3, events: 12_000, objects: Some(160), days: 4, accounts: 3, regions: 2, ..Options::default() }
}

fn made_on(threads: usize, options: Options) -> (BTreeMap<String, Vec<u8>>, Counts) {
    shared::made_on(threads, |folder| Corpus::new(options).unwrap().write_to(folder).unwrap())
}

/// The records of one object, read by serde_json.
fn records(json: &[u8]) -> Vec<Value> {
    match serde_json::from_slice(json).unwrap() {
        Value::Array(records) => records,
        Value::Object(mut envelope) => match envelope.remove("Records") {
            Some(Value::Array(records)) => records,
            other => panic!("`Records` is {other:?}"),
        },
        other => panic!("the object is {other}"),
    }
}

#[test]
fn threads_do_not_show() {
    let (one, counts) = made_on(1, wide());
    let (many, same_counts) = made_on(3, wide());
    assert_eq!(counts, same_counts);
    assert!(one == many, "the bytes differ");
    let (other, _) = made_on(1, Options { seed: 4, ..wide() });
    assert!(one != other, "the seed does not show");
}

#[test]
fn a_plain_reader_counts_what_the_manifest_says() {
    let (objects, counts) = made_on(2, wide());
    let mut found = Counts::default();
    let mut seen: HashMap<String, u64> = HashMap::new();
    for (key, stored) in &objects {
        let json = inflate(stored);
        found.objects += 1;
        found.stored_bytes += stored.len() as u64;
        found.json_bytes += json.len() as u64;
        let records = records(&json);
        found.empty_objects += u64::from(records.is_empty());
        let folders: Vec<&str> = key.split('/').collect();
        let day = folders[4..7].join("-");
        for record in &records {
            let time = record.get("eventTime").unwrap_or_else(|| &record["timeWindow"]["windowStart"]);
            found.records += 1;
            found.records_on_another_day += u64::from(!time.as_str().unwrap().starts_with(&day));
            *seen.entry(record.to_string()).or_default() += 1;
        }
    }
    found.doubled_records = seen.values().map(|times| times - 1).sum();
    assert_eq!((found.objects, found.empty_objects), (counts.objects, counts.empty_objects));
    assert_eq!((found.records, found.json_bytes), (counts.records, counts.json_bytes));
    assert_eq!(found.records_on_another_day, counts.records_on_another_day);
    assert_eq!((found.doubled_records, found.stored_bytes), (counts.doubled_records, counts.stored_bytes));
    assert_eq!(counts.records, wide().events);
}

#[test]
fn every_hazard_is_in_every_corpus_that_has_room() {
    let (_, counts) = made_on(2, sample());
    let missing: Vec<Hazard> =
        HAZARDS.iter().zip(counts.hazards).filter(|(_, count)| *count == 0).map(|((hazard, _), _)| *hazard).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let kinds = [counts.empty_objects, counts.network_activity_objects, counts.aggregated_objects];
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
    assert!(counts.doubled_records > 0 && counts.story_records > 100);
    let (_, counts) = made_on(2, wide());
    let doubled = 100 * counts.doubled_records / counts.records;
    assert!((17..=26).contains(&doubled), "{doubled} of a hundred records come twice; 21 in the real account");
}

#[test]
fn without_hazards_every_object_is_plain() {
    let (objects, counts) = made_on(2, Options { hazards: false, ..wide() });
    assert_eq!(counts.hazards, [0; HAZARDS.len()]);
    assert_eq!((counts.records_on_another_day, counts.doubled_records, counts.empty_objects), (0, 0, 0));
    assert!(objects.keys().all(|key| key.split('/').nth(2) == Some("CloudTrail")));
    for stored in objects.values() {
        for record in records(&inflate(stored)) {
            assert!(record["userIdentity"].is_object() && record["eventID"].is_string(), "{record}");
        }
    }
}

#[test]
fn accounts_and_addresses_are_those_of_documentation() {
    let (objects, _) = made_on(2, wide());
    for (key, stored) in &objects {
        assert!(["111122223333", "444455556666", "123456789012"].contains(&key.split('/').nth(1).unwrap()), "{key}");
        for record in records(&inflate(stored)) {
            let Some(address) = record["sourceIPAddress"].as_str() else { continue };
            let is_address = address.parse::<std::net::IpAddr>().is_ok();
            let ranges = ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"];
            assert!(!is_address || ranges.iter().any(|range| address.starts_with(range)), "{address}");
            assert!(is_address || address.ends_with(".amazonaws.com") || address == "AWS Internal", "{address}");
        }
    }
}

/// Members that few records have, so that a reader's mistakes in them could stay unseen.
const SELDOM: [&str; 21] = [
    "/addendum/reason",
    "/addendum/updatedFields",
    "/addendum/originalRequestID",
    "/addendum/originalEventID",
    "/edgeDeviceDetails/deviceId",
    "/eventContext/tagContext",
    "/serviceEventDetails",
    "/sessionCredentialFromConsole",
    "/tlsDetails/keyExchange",
    "/vpcEndpointAccountId",
    "/userIdentity/identityProvider",
    "/userIdentity/onBehalfOf/identityStoreArn",
    "/userIdentity/credentialId",
    "/userIdentity/inScopeOf/sourceArn",
    "/userIdentity/inScopeOf/sourceAccount",
    "/userIdentity/inScopeOf/issuerType",
    "/userIdentity/invokedByDelegate/accountId",
    "/userIdentity/sessionContext/sourceIdentity",
    "/userIdentity/sessionContext/assumedRoot",
    "/userIdentity/sessionContext/signInSessionArn",
    "/userIdentity/sessionContext/webIdFederationData/federatedProvider",
];

#[test]
fn what_is_seldom_is_there() {
    let (objects, _) = made_on(2, wide());
    let all: Vec<Value> = objects.values().flat_map(|stored| records(&inflate(stored))).collect();
    for path in SELDOM {
        let found = all.iter().filter(|record| record.pointer(path).is_some_and(|value| !value.is_null())).count();
        assert!(found > 0, "no record has `{path}`");
    }
}

#[test]
fn ids_have_the_length_that_aws_gives_them() {
    let (objects, _) = made_on(2, wide());
    for stored in objects.values() {
        let json = String::from_utf8(inflate(stored)).unwrap();
        for (mark, length) in [("snap-", 17), ("vol-", 17), ("fl-", 17), ("\"i-", 17), ("\"detectorId\":\"", 32)] {
            for (at, _) in json.match_indices(mark).filter(|(at, _)| !json[..*at].ends_with(char::is_alphanumeric)) {
                let id = json[at + mark.len()..].split(|letter: char| !letter.is_ascii_hexdigit()).next().unwrap();
                assert!(id.len() == length, "{}", &json[at..at + 60]);
            }
        }
    }
}

#[test]
fn the_committed_sample_is_what_the_generator_makes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let committed = files(&folder.join("cloudtrail"));
    let corpus = Corpus::new(sample()).unwrap();
    assert_eq!(committed.len(), corpus.objects().len());
    let mut counts = Counts::default();
    for planned in corpus.objects() {
        let key = corpus.key(planned);
        let mut json = Vec::new();
        counts += corpus.write_json(planned, &mut json).unwrap();
        // Gzip bytes may differ between versions of the library; what they hold must not.
        assert!(inflate(&committed[&key]) == json, "`{key}` differs");
    }
    counts.stored_bytes = committed.values().map(|stored| stored.len() as u64).sum();
    assert!(counts.stored_bytes < 450_000, "{}", counts.stored_bytes);
    let manifest = fs::read_to_string(folder.join("cloudtrail.manifest.json")).unwrap();
    assert_eq!(manifest, counts.to_json());
}

#[test]
fn wrong_arguments_are_refused() {
    let fault = |options| Corpus::new(options).unwrap_err().to_string();
    assert_eq!(fault(Options { days: 0, ..Options::default() }), "`--days` is not between 1 and 10000");
    assert_eq!(fault(Options { regions: 99, ..Options::default() }), "`--regions` is not between 1 and 17");
    assert_eq!(fault(Options { objects: Some(0), ..Options::default() }), "`--objects` is not between 1 and 50000000");
    let start = "9999-12-31".parse().unwrap();
    assert_eq!(fault(Options { start, days: 2, ..Options::default() }), "the last day is after 9999-12-31");
    assert!(Corpus::new(Options { start, days: 1, ..Options::default() }).is_ok());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "keep").unwrap();
    let refused = Corpus::new(Options::default()).unwrap().write_to(folder.path());
    assert!(matches!(refused, Err(Error::NotEmpty(_))), "{refused:?}");
}
