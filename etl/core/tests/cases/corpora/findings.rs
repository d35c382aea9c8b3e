//! Findings of every type, in every carrier.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use serde_json::{Deserializer, from_str};
use trailhouse_core::Format;
use trailhouse_schemas::{GUARDDUTY, PartitionColumn, REJECTS};
use trailhouse_testdata::{Carrier, FINDING_TYPES, FindingCorpus, FindingCounts, FindingOptions};

use super::super::flows::rows;
use super::super::harness::{Input, Outcome};
use super::super::invariants::judge_finding;
use super::super::readback::ReadRow;
use super::{input, is_on_another_day, partition, read};
use crate::oracle::Value;
use crate::oracle::finding::case;
use crate::oracle::json::{elements, members};
use crate::oracle::record::Case;

/// An object with its text, and how its findings are wrapped.
struct Made {
    input: Input,
    text: String,
    carrier: Carrier,
}

fn made(options: FindingOptions) -> (Vec<Made>, FindingCounts) {
    let corpus = FindingCorpus::new(options).unwrap();
    let mut counts = FindingCounts::default();
    let mut make = |(number, planned)| {
        let (mut stored, mut text) = (Vec::new(), Vec::new());
        counts += corpus.write_gzip(planned, &mut stored).unwrap();
        corpus.write_json(planned, &mut text).unwrap();
        let input = input(number, corpus.key(planned), stored);
        Made { input, text: String::from_utf8_lossy(&text).into_owned(), carrier: planned.carrier }
    };
    let all = corpus.objects().iter().enumerate().map(&mut make).collect();
    (all, counts)
}

/// What the value of member `key` is written as.
fn get(text: &str, key: &str) -> String {
    members(text).unwrap().into_iter().find(|member| member.key.as_deref() == Some(key)).unwrap().value
}

/// The findings of an object with the case of their keys, and what stands around each; nothing where a line is no JSON.
fn findings(made: &Made) -> Vec<Option<(String, Case, Option<String>)>> {
    let list = |name: &str, case: Case| {
        let list = get(&made.text, name);
        let around = made.text.trim_end().replacen(&list, "null", 1);
        elements(&list).unwrap().into_iter().map(|text| Some((text.to_owned(), case, Some(around.clone())))).collect()
    };
    match made.carrier {
        Carrier::Export => {
            let line = |line: &str| from_str::<&RawValue>(line).ok().map(|_| (line.to_owned(), case(line), None));
            made.text.lines().map(line).collect()
        }
        Carrier::EventBridge => {
            let events = Deserializer::from_str(&made.text).into_iter::<Box<RawValue>>();
            let finding = |event: Box<RawValue>| {
                let finding = get(event.get(), "detail");
                let around = event.get().replacen(&finding, "null", 1);
                Some((finding, Case::Camel, Some(around)))
            };
            events.map(|event| finding(event.unwrap())).collect()
        }
        Carrier::GetFindings => list("findings", Case::Camel),
        Carrier::Cli => list("Findings", Case::Pascal),
    }
}

fn says<'a>(row: &'a ReadRow, column: &str) -> &'a str {
    match row.value(&GUARDDUTY, column) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// What the rows say is what the generator counted.
fn assert_counts(all: &[Made], outcome: &Outcome, counts: &FindingCounts) {
    let rows = rows(outcome, &GUARDDUTY);
    let objects: BTreeMap<&str, &Made> = all.iter().map(|made| (made.input.object.source_id.as_str(), made)).collect();
    let object = |row: &ReadRow| objects[row.source_id(&GUARDDUTY).as_str()];
    let count = |test: &dyn Fn(&ReadRow) -> bool| rows.values().filter(|row| test(row)).count() as u64;
    let distinct = |column: &str| rows.values().map(|row| says(row, column)).collect::<BTreeSet<_>>().len() as u64;
    let sum = |field: fn(&trailhouse_core::Tally) -> u64| outcome.tallies.iter().map(field).sum::<u64>();

    assert_eq!(sum(|tally| tally.records), counts.records);
    assert_eq!((sum(|tally| tally.rows), rows.len() as u64), (counts.rows, counts.rows));
    assert_eq!(sum(|tally| tally.rejects), counts.rejects);
    assert_eq!(sum(|tally| tally.inflated_bytes), counts.json_bytes);
    assert_eq!(distinct("id"), counts.findings);
    assert_eq!(rows.len() as u64 - distinct("id"), counts.revisions);
    let is_sample = Some(&Value::Bool(true));
    assert_eq!(count(&|row| row.value(&GUARDDUTY, "is_sample") == is_sample), counts.sample_rows);
    assert_eq!(count(&|row| is_on_another_day(row, &object(row).input.object)), counts.rows_on_another_day);
    for (resource, wanted) in counts.resources() {
        assert_eq!(count(&|row| says(row, "resource_type") == resource), wanted, "{resource}");
    }
    for (carrier, wanted) in Carrier::ALL.into_iter().zip(counts.carriers) {
        assert_eq!(count(&|row| object(row).carrier == carrier), wanted, "{carrier:?}");
    }
    // Events come under keys that name no account.
    let is_of_another = |row: &ReadRow| {
        let own = object(row).input.object.key.account.clone();
        own.is_some_and(|own| own != partition(row, PartitionColumn::AccountId))
    };
    if counts.carriers[1] == 0 {
        assert_eq!(count(&is_of_another), counts.rows_of_another_account);
    }
    // Signals of one custom rule share its name.
    let known: BTreeSet<&str> = FINDING_TYPES.iter().map(|kind| kind.name).collect();
    assert!(rows.values().all(|row| known.contains(says(row, "type"))));
    if counts.types() == FINDING_TYPES.len() as u64 {
        assert_eq!(distinct("type"), known.len() as u64);
    }
}

/// A corpus is read as its maker says.
fn assert_corpus(options: FindingOptions) -> FindingCounts {
    let (all, counts) = made(options);
    assert_eq!(counts.empty_objects, 0, "an object without anything would be damaged");
    let inputs: Vec<Input> = all.iter().map(|made| made.input.clone()).collect();
    let outcome = read(&inputs);
    assert_counts(&all, &outcome, &counts);
    let (rows, rejects) = (rows(&outcome, &GUARDDUTY), rows(&outcome, &REJECTS));
    for made in &all {
        let format = if made.carrier == Carrier::EventBridge { Format::Json } else { Format::GuardDuty };
        assert_eq!(made.input.object.format, format, "{}", made.input.object.address);
        for (record, finding) in findings(made).into_iter().enumerate() {
            let place = (made.input.object.source_id.clone(), record as u64);
            match finding {
                Some((text, case, around)) => {
                    let row = &rows[&place];
                    judge_finding(row, &text, case).unwrap();
                    assert_eq!(row.value(&GUARDDUTY, "envelope").cloned(), around.map(Value::Text));
                }
                None => {
                    let line = made.text.lines().nth(record).unwrap().as_bytes().to_vec();
                    assert_eq!(rejects[&place].value(&REJECTS, "bytes"), Some(&Value::Bytes(line)));
                }
            }
        }
    }
    counts
}

fn wide(carrier: Option<Carrier>) -> FindingOptions {
    let (days, accounts, regions) = (2, 2, 2);
    FindingOptions { findings: 320, objects: Some(12), days, accounts, regions, carrier, ..FindingOptions::default() }
}

#[test]
fn findings_of_every_type_are_read_as_they_were_made_in_every_carrier() {
    for carrier in Carrier::ALL {
        let counts = assert_corpus(wide(Some(carrier)));
        // One that is broken shows no type.
        assert!(counts.types() + counts.rejects >= FINDING_TYPES.len() as u64, "{carrier:?}");
    }
}

#[test]
fn carriers_may_lie_side_by_side() {
    for seed in [1, 2] {
        assert_corpus(FindingOptions { seed, ..wide(None) });
    }
}

#[test]
fn without_hazards_no_finding_is_rejected() {
    let counts = assert_corpus(FindingOptions { hazards: false, ..wide(None) });
    assert_eq!(counts.rejects, 0);
}
