//! What a corpus of findings promises: the same bytes whatever the threads, every type, counts that a plain JSON reader
//! confirms, and a committed sample that the generator still makes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

#[path = "shared/gzip.rs"]
mod gzip;
#[path = "shared/findings.rs"]
mod reading;
mod shared;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use gzip::members;
use reading::{carrier_of, findings, get, info, made_on, rows, text, wide};
use serde_json::Value;
use shared::{files, inflate};
use trailhouse_testdata::{
    Carrier, FINDING_HAZARDS, FINDING_SHAPES, FINDING_TYPES, FindingCorpus, FindingCounts, FindingOptions,
};

/// The arguments that README.md names for the committed sample.
fn sample() -> FindingOptions {
    FindingOptions {
        seed: 7,
        findings: 64,
        objects: Some(8),
        days: 2,
        accounts: 2,
        carrier: None,
        ..FindingOptions::default()
    }
}

/// The day that a key names, and its account where it names one.
fn place(key: &str) -> (String, Option<&str>) {
    let folders: Vec<&str> = key.split('/').collect();
    match carrier_of(key) {
        Carrier::EventBridge => (folders[1..4].join("-"), None),
        _ => (folders[4..7].join("-"), Some(folders[1])),
    }
}

fn resource_type(finding: &Value) -> &str {
    text(get(finding, "resource"), "resourceType")
}

/// The type, and what a custom detection rule saw: its only signal.
fn type_of(finding: &Value) -> (String, Option<String>) {
    let sequence = get(get(get(finding, "service"), "detection"), "sequence");
    let signals = get(sequence, "signals").as_array().filter(|signals| signals.len() == 1);
    (text(finding, "type").to_owned(), signals.map(|signals| text(&signals[0], "name").to_owned()))
}

/// What a plain reader counts, which is not all; and the rows of each type of resource.
fn counted(objects: &BTreeMap<String, Vec<u8>>) -> (FindingCounts, BTreeMap<String, u64>) {
    let (mut found, mut ids, mut resources) = (FindingCounts::default(), HashSet::new(), BTreeMap::new());
    for (key, stored) in objects {
        let records = findings(key, stored);
        found.objects += 1;
        found.empty_objects += u64::from(records.is_empty());
        found.records += records.len() as u64;
        found.json_bytes += inflate(stored).len() as u64;
        found.stored_bytes += stored.len() as u64;
        found.members += members(stored);
        let ((day, account), carrier) = (place(key), carrier_of(key));
        for finding in &records {
            let Some(finding) = finding else {
                found.rejects += 1;
                continue;
            };
            found.rows += 1;
            found.carriers[Carrier::ALL.iter().position(|known| *known == carrier).unwrap()] += 1;
            found.sample_rows += u64::from(info(finding)["sample"] == true);
            found.rows_on_another_day += u64::from(!text(finding, "updatedAt").starts_with(&day));
            let account = account.unwrap_or_else(|| text(finding, "arn").split(':').nth(4).unwrap());
            found.rows_of_another_account += u64::from(text(finding, "accountId") != account);
            *resources.entry(resource_type(finding).to_owned()).or_default() += 1;
            ids.insert(text(finding, "id").to_owned());
        }
    }
    found.findings = ids.len() as u64;
    found.revisions = found.rows - found.findings;
    (found, resources)
}

#[test]
fn threads_do_not_show() {
    for carrier in [Some(Carrier::Export), None] {
        let (one, counts) = made_on(1, wide(carrier));
        let (many, same_counts) = made_on(3, wide(carrier));
        assert_eq!(counts, same_counts);
        assert!(one == many, "the bytes differ");
        let (other, _) = made_on(1, FindingOptions { seed: 4, ..wide(carrier) });
        assert!(one != other, "the seed does not show");
    }
}

#[test]
fn a_plain_reader_counts_what_the_manifest_says() {
    let mut some = vec![sample(), wide(None), FindingOptions { hazards: false, ..wide(None) }];
    some.extend(Carrier::ALL.map(|carrier| wide(Some(carrier))));
    some.push(FindingOptions { findings: 3, ..wide(None) });
    for options in some {
        let asked = options.findings;
        let (objects, counts) = made_on(2, options);
        let (found, resources) = counted(&objects);
        let sizes = |of: &FindingCounts| [of.objects, of.empty_objects, of.json_bytes, of.stored_bytes, of.members];
        let kinds = |of: &FindingCounts| [of.records, of.rows, of.rejects, of.findings, of.revisions, of.sample_rows];
        let places = |of: &FindingCounts| [of.rows_on_another_day, of.rows_of_another_account];
        assert_eq!(sizes(&found), sizes(&counts));
        assert_eq!(kinds(&found), kinds(&counts));
        assert_eq!((places(&found), found.carriers), (places(&counts), counts.carriers));
        let told = counts.resources().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_owned(), count));
        assert_eq!(resources, told.collect());
        let types: HashSet<_> = rows(&objects).iter().map(|(_, finding)| type_of(finding)).collect();
        assert_eq!(types.len() as u64, counts.types());
        assert_eq!((counts.records, counts.rows + counts.rejects), (asked, asked));
    }
}

#[test]
fn every_type_of_the_table_occurs() {
    let known: BTreeSet<&str> = FINDING_TYPES.iter().map(|kind| kind.name).collect();
    let signals: BTreeSet<&str> = FINDING_TYPES.iter().filter_map(|kind| kind.signal).collect();
    for carrier in Carrier::ALL {
        let (objects, counts) = made_on(2, wide(Some(carrier)));
        let all: BTreeSet<_> = rows(&objects).iter().map(|(_, finding)| type_of(finding)).collect();
        assert_eq!(all.iter().map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>(), known);
        assert_eq!(all.iter().filter_map(|(_, signal)| signal.as_deref()).collect::<BTreeSet<_>>(), signals);
        assert_eq!(counts.types(), FINDING_TYPES.len() as u64);
        assert!(counts.resources().all(|(_, count)| count > 0), "{:?}", counts.resources().collect::<Vec<_>>());
    }
}

#[test]
fn revisions_count_on_and_come_later() {
    let (objects, counts) = made_on(2, wide(None));
    let mut all: HashMap<String, Vec<Value>> = HashMap::new();
    for (_, finding) in rows(&objects) {
        all.entry(text(&finding, "id").to_owned()).or_default().push(finding);
    }
    let count = |finding: &Value| get(get(finding, "service"), "count").as_u64().unwrap();
    for revisions in all.values_mut() {
        revisions.sort_by_key(|finding| text(finding, "updatedAt").to_owned());
        for pair in revisions.windows(2) {
            let [before, after] = [&pair[0], &pair[1]];
            assert!(text(before, "updatedAt") < text(after, "updatedAt") && count(before) < count(after), "{before}");
            for same in ["type", "createdAt", "accountId", "arn"] {
                assert_eq!(text(before, same), text(after, same));
            }
            assert_eq!(resource_type(before), resource_type(after));
        }
    }
    let repeated = all.values().filter(|revisions| revisions.len() > 1).count() as u64;
    assert!(repeated > counts.findings / 4 && all.values().any(|revisions| revisions.len() > 2), "{repeated}");
}

#[test]
fn carriers_carry_the_same_findings() {
    let [exported, sent, answered, printed] = Carrier::ALL.map(|carrier| {
        let (objects, _) = made_on(2, FindingOptions { hazards: false, ..wide(Some(carrier)) });
        let named = rows(&objects)
            .into_iter()
            .map(|(_, finding)| ((text(&finding, "id").to_owned(), text(&finding, "updatedAt").to_owned()), finding));
        named.collect::<BTreeMap<_, _>>()
    });
    assert!(exported == sent, "an event's `detail` is the finding as it is exported");
    assert!(exported.keys().eq(answered.keys()) && exported.keys().eq(printed.keys()));
    for (id, finding) in &exported {
        for other in [&answered[id], &printed[id]] {
            assert_eq!((info(finding), get(finding, "severity")), (info(other), get(other, "severity")));
            assert_eq!(type_of(finding), type_of(other));
        }
    }
}

#[test]
fn every_hazard_is_in_every_corpus_that_has_room() {
    for options in [sample(), wide(Some(Carrier::Export)), wide(None)] {
        let (_, counts) = made_on(2, options);
        assert!(counts.hazards.iter().all(|count| *count > 0), "{:?}", FINDING_HAZARDS.iter().zip(counts.hazards));
        assert!(counts.shapes.iter().all(|count| *count > 0), "{:?}", FINDING_SHAPES.iter().zip(counts.shapes));
        assert!(counts.sample_rows > 0 && counts.revisions > 0);
    }
}

#[test]
fn shapes_are_what_they_are_called() {
    let (objects, counts) = made_on(2, wide(None));
    let open = objects.iter().filter(|(key, stored)| {
        let json = inflate(stored);
        carrier_of(key) == Carrier::Export && !json.is_empty() && !json.ends_with(b"\n")
    });
    let many = objects.values().filter(|stored| members(stored) > 1);
    assert_eq!([open.count() as u64, many.count() as u64], counts.shapes, "{FINDING_SHAPES:?}");
}

#[test]
fn without_hazards_every_object_is_plain() {
    let (objects, counts) = made_on(2, FindingOptions { hazards: false, ..wide(Some(Carrier::Export)) });
    assert_eq!((counts.hazards, counts.shapes), ([0; FINDING_HAZARDS.len()], [0; FINDING_SHAPES.len()]));
    assert_eq!((counts.rejects, counts.rows_on_another_day, counts.rows_of_another_account), (0, 0, 0));
    assert_eq!(counts.members, counts.objects);
    for (key, finding) in rows(&objects) {
        let folders: Vec<&str> = key.split('/').collect();
        assert_eq!((folders[0], folders[2], folders.len()), ("AWSLogs", "GuardDuty", 8));
        assert_eq!((folders[1], folders[3]), (text(&finding, "accountId"), text(&finding, "region")));
        assert!(key.ends_with(".jsonl.gz") && text(&finding, "schemaVersion") == "2.0");
    }
}

/// Every string of a value.
fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(elements) => elements.iter().for_each(|element| strings(element, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        _ => {}
    }
}

#[test]
fn accounts_and_addresses_are_those_of_documentation() {
    let (objects, _) = made_on(2, wide(None));
    let known = ["111122223333", "444455556666", "999999999999"];
    for (_, finding) in rows(&objects) {
        let mut found = Vec::new();
        strings(&finding, &mut found);
        for text in found {
            let kept = ["10.", "192.0.2.", "198.18.", "198.19.", "198.51.100.", "203.0.113.", "2001:db8:"];
            let is_address = text.parse::<IpAddr>().is_ok();
            assert!(!is_address || kept.iter().any(|range| text.starts_with(range)), "{text}");
            let account = text.strip_prefix("arn:aws:").and_then(|rest| rest.split(':').nth(2)).unwrap_or_default();
            assert!(account.is_empty() || known.contains(&account), "{text}");
        }
    }
}

#[test]
fn the_committed_sample_is_what_the_generator_makes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let committed = files(&folder.join("guardduty"));
    let corpus = FindingCorpus::new(sample()).unwrap();
    assert_eq!(committed.len(), corpus.objects().len());
    let mut counts = FindingCounts::default();
    for planned in corpus.objects() {
        let key = corpus.key(planned);
        let mut json = Vec::new();
        counts += corpus.write_json(planned, &mut json).unwrap();
        // Gzip bytes may differ between versions of the library; what they hold must not.
        assert!(inflate(&committed[&key]) == json, "`{key}` differs");
    }
    counts.stored_bytes = committed.values().map(|stored| stored.len() as u64).sum();
    counts.members = committed.values().map(|stored| members(stored)).sum();
    assert!(counts.stored_bytes < 60_000, "{}", counts.stored_bytes);
    let manifest = fs::read_to_string(folder.join("guardduty.manifest.json")).unwrap();
    assert_eq!(manifest, counts.to_json());
}

#[test]
fn wrong_arguments_are_refused() {
    let fault = |options| FindingCorpus::new(options).unwrap_err().to_string();
    assert_eq!(fault(FindingOptions { days: 0, ..wide(None) }), "`--days` is not between 1 and 10000");
    assert_eq!(fault(FindingOptions { accounts: 901, ..wide(None) }), "`--accounts` is not between 1 and 900");
    assert_eq!(fault(FindingOptions { objects: Some(0), ..wide(None) }), "`--objects` is not between 1 and 50000000");
}
