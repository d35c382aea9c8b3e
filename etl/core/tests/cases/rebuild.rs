//! Rows back to records: the same JSON values and lines, and read again the same rows.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use trailhouse_core::rebuild::{RebuildError, Rebuilder};
use trailhouse_core::{Format, Settings, Transform};
use trailhouse_schemas::{Partitioning, REJECTS};

use super::comeback::{self, Rebuilt, come_back, rebuild};
use super::generator;
use super::harness::{Input, gzip, settings, small_parts, transform};
use super::records::CASES;
use crate::oracle::json::{decode, members};

/// Generated groups of many objects.
const GROUPS: u64 = 12;
/// Objects of such a group.
const GROUP_OBJECTS: usize = 60;

/// Reads the inputs, rebuilds their records, and reads those again: the rows must be the same. Returns the objects.
fn assert_comes_back(inputs: &[Input], settings: &Settings) -> Vec<Rebuilt> {
    let first = transform(&mut Transform::new(settings.clone()), inputs);
    come_back(&first, &mut Transform::new(settings.clone())).unwrap()
}

fn input(format: Format, text: &str) -> Input {
    let mut input = Input::new(0, gzip(text.as_bytes()));
    input.object.format = format;
    input
}

/// The members of an object: those of one key in their order, strings decoded, and so on inside.
fn members_of(text: &str) -> Vec<(Option<String>, String)> {
    let value = |value: String| match members(&value) {
        Some(_) => format!("{:?}", members_of(&value)),
        None => decode(&value).unwrap_or(value),
    };
    let mut members: Vec<_> =
        members(text).unwrap().into_iter().map(|member| (member.key, value(member.value))).collect();
    members.sort_by(|one, other| one.0.cmp(&other.0));
    members
}

#[test]
fn every_case_of_a_record_comes_back() {
    for case in CASES {
        let text = format!(r#"{{"Records":[{}]}}"#, case.record);
        let objects = assert_comes_back(&[input(Format::CloudTrail, &text)], &small_parts());
        let record = &objects[0].records[0];
        assert_eq!(members_of(record), members_of(case.record), "{}: {record}", case.name);
        assert!(record.len() <= case.record.len(), "{}: it is longer than it was", case.name);
    }
}

#[test]
fn generated_objects_come_back() {
    for group in 0..GROUPS {
        let partitioning = Partitioning::ALL[group as usize % 3];
        let settings = Settings { partitioning, part_records: 50, ..small_parts() };
        assert_comes_back(&generator::inputs(0x2eb0_0000 + group, GROUP_OBJECTS), &settings);
    }
}

#[test]
fn documents_come_back() {
    let finding = r#"{"schemaVersion":"2.0","severity":8.0,"confidence":5,"id":"a","updatedAt":"2026-03-04T01:02:03.004Z","new":[1],"title":null,"resource":{ "resourceType" : "Instance",
"instanceDetails":{"instanceId":"i-1"}},"service":{"count":3},"severity":8}"#;
    let pascal = r#"{"SchemaVersion":"2.0","Id":"a","Title":null,"UpdatedAt":"2026-03-04T01:02:03Z","Service":{"Count":3},"id":"b"}"#;
    let event = |detail: &str| {
        format!(
            r#"{{"id":"e","detail-type":"GuardDuty Finding","source":"aws.guardduty", "detail" : {detail} ,"detail":null,"resources":[]}}"#
        )
    };
    let call = r#"{"eventVersion":"1.08","eventTime":"2026-03-04T01:02:03Z","eventID":"a","x":1}"#;
    let call_event =
        format!(r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.s3","account":"1","detail":{call}}}"#);
    let payload = r#"{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"g","logStream":"s","subscriptionFilters":["f"],"logEvents":[{"id":"1","timestamp":1772586000123,"message":"a\nb \"q\" \u0007"},{"id":"2","timestamp":1772586000124,"message":"","extractedFields":{"a":"1"},"new":2}],"more":{"logEvents":[]}}"#;
    let export = "2026-03-04T01:02:03.000Z one\ntwo\n\n2026-03-04T01:02:03.120Z \n2026-03-04T01:02:04.000Z last";
    let cases = [
        (Format::GuardDuty, finding.to_owned(), 1),
        (Format::GuardDuty, pascal.to_owned(), 1),
        (Format::GuardDuty, event(finding), 1),
        (Format::GuardDuty, format!(r#"{{"findings":[{finding},{finding}],"nextToken":"t"}}"#), 2),
        (Format::GuardDuty, format!(r#"{{"Findings":[{pascal}]}}"#), 1),
        (Format::GuardDuty, format!(r#"{{"detail":null,"findings":[{finding}],"findings":null}}"#), 1),
        (Format::Json, call_event, 1),
        (Format::Json, format!(r#"{{"Records":[{call},{call}],"by":"me"}}"#), 2),
        (Format::Json, call.to_owned(), 1),
        (Format::CloudWatchLogs, payload.to_owned(), 2),
        (Format::CloudWatchExport, export.to_owned(), 3),
        (
            Format::Incidents,
            r#"{"ledgerVersion":"1","entry":3,"time":"2026-01-31T23:55:01.250Z","before":{"a": 1}}"#.to_owned(),
            1,
        ),
        (Format::Digest, r#"{ "digestEndTime" : "2026-03-04T01:02:03Z", "awsAccountId":"1", "x":[1] }"#.to_owned(), 1),
        (Format::Insights, r#"{"Records":[{"eventVersion":"1.07","insightDetails":{"state":"Start"}}]}"#.to_owned(), 1),
    ];
    for (format, text, records) in cases {
        let mut input = input(format, &text);
        if format == Format::CloudWatchExport {
            input.object.address = "exports/0123/some-stream/000000.gz".to_owned();
        }
        let objects = assert_comes_back(&[input], &settings());
        let found: Vec<&String> = objects.iter().flat_map(|object| &object.records).collect();
        assert_eq!(found.len(), records, "{text}");
        if records == 1 && !text.contains("[{") {
            assert_eq!(members_of(found[0]), members_of(&text), "{format}");
        }
    }
}

#[test]
fn lines_come_back_as_they_were() {
    let text = "srcaddr end version new-field instance-tag log-status bytes\n\
                10.0.0.1 1772586000 2 a\"b\\ a%20b OK -\n\
                - 1772586000123 2 - 100%25 NODATA 0\n\
                ::1 -5 x - %ff SKIPDATA 99999999999999999999\n\
                ::2 1772586000 2 - - OK returned\r\r\n\
                version account_id tgw-id\n\
                6 111122223333 tgw-1\n\
                version account-id start\n\
                2 unknown 01\n";
    let objects = assert_comes_back(&[input(Format::Flow, text)], &small_parts());
    let mut found: Vec<&str> = objects.iter().flat_map(|object| object.text.lines()).collect();
    let mut wanted: Vec<&str> = text.lines().collect();
    found.sort_unstable();
    // Each day has an object of its own, with a header.
    found.dedup();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

#[test]
fn a_key_says_what_the_partition_says() {
    // A region may hold anything; what no key can have said is not said.
    for region in ["eu-west-1", "unknown", "", "..", "a/b-c", "-", "CloudTrail"] {
        let text = format!(
            r#"{{"Records":[{{"recipientAccountId":"444455556666","awsRegion":{region:?},"eventTime":"2026-03-05T00:00:00Z"}},{{}}]}}"#
        );
        let settings = Settings { partitioning: Partitioning::RegionAccountDate, ..small_parts() };
        for object in assert_comes_back(&[input(Format::CloudTrail, &text)], &settings) {
            assert!(!object.key.contains("..") && object.key.split('/').count() == 8, "{}", object.key);
        }
    }
    let event = "2026-03-04T01:02:03.000Z x\n";
    for stream in ["plain", "CloudTrail", "..", "", "GuardDuty"] {
        let mut input = input(Format::CloudWatchExport, event);
        input.object.address = format!("exports/{stream}/000000.gz");
        // A stream that no folder can be named after is not said.
        let object = &match stream {
            "" | ".." => rebuild(&transform(&mut Transform::new(settings()), &[input]).files).unwrap(),
            _ => assert_comes_back(&[input], &settings()),
        }[0];
        assert!(object.key.starts_with("AWSLogs/111122223333/Trailhouse-cloudwatch-export/unknown/"), "{}", object.key);
    }
}

#[test]
fn what_no_record_gives_is_refused() {
    assert!(Rebuilder::new(&REJECTS).is_none(), "it holds at most 64 KiB of each");
    let text = r#"{"Records":[{"eventTime":"2026-03-05T00:00:00+00:00"}]}"#;
    let outcome = transform(&mut Transform::new(settings()), &[input(Format::CloudTrail, text)]);
    let file = &outcome.files[0];
    let batch = &comeback::batches(file).unwrap()[0];
    let refusal = |batch: &RecordBatch| {
        let emit = &mut |_: trailhouse_core::rebuild::Record<'_>| Ok::<_, RebuildError>(());
        Rebuilder::new(file.table).unwrap().rebuild(batch, emit).unwrap_err().to_string()
    };
    let with = |name: &str, array: ArrayRef| {
        let mut columns = batch.columns().to_vec();
        let at = batch.schema_ref().index_of(name).unwrap();
        columns[at] = array;
        let mut fields: Vec<Field> = batch.schema_ref().fields().iter().map(|field| field.as_ref().clone()).collect();
        fields[at] = Field::new(name, columns[at].data_type().clone(), true);
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    };
    let text = |text: &str| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let address = &Input::new(0, Vec::new()).object.address;
    let rows = |why: &str| format!("record 0 of `{address}` cannot be rebuilt: {why}");
    for extra in ["", "1", "[]", "{", "{\"a\":}", "{} {}"] {
        assert_eq!(refusal(&with("extra", text(extra))), rows("its `extra` is no JSON object"), "{extra}");
    }
    assert_eq!(refusal(&with("envelope", text("{\"Records\":[]}"))), rows("its `envelope` has no place for it"));
    let wrong = refusal(&with("event_time", text("yesterday")));
    assert_eq!(wrong, "the rows have no column `event_time` as the table has it");
    let names: Vec<usize> = (1..batch.num_columns()).collect();
    assert!(refusal(&batch.project(&names).unwrap()).contains("`event_time`"));
}

/// The table, so that a new one is not forgotten.
#[test]
fn every_table_of_records_comes_back() {
    let tables = trailhouse_schemas::TABLES.iter();
    let others: Vec<_> = tables.filter(|table| Rebuilder::new(table).is_none()).map(|table| table.name).collect();
    assert_eq!(others, ["rejects"]);
}
