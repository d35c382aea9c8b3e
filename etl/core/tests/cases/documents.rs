//! Findings, events, payloads and exports: what comes out of small objects that say one thing each.

use trailhouse_core::limits::OBJECT_REJECTS_MAX;
use trailhouse_core::{Format, Reason, Settings, Transform};
use trailhouse_schemas::{CLOUDTRAIL, CLOUDWATCH_LOGS, GUARDDUTY, REJECTS, Table, VPC_FLOW};

use super::generator::Random;
use super::harness::{Input, Outcome, gzip, small_parts, transform};
use super::readback::{self, ReadRow};
use crate::oracle::{Value, export};

const FINDING: &str = r#"{"schemaVersion":"2.0","accountId":"111122223333","region":"us-east-1","id":"a1","type":"Backdoor:EC2/C&CActivity.B!DNS","severity":8.5,"updatedAt":"2026-03-04T01:02:03.004Z","resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-1","launchTime":5}},"service":{"count":3,"action":{"networkConnectionAction":{"remoteIpDetails":{"ipAddressV4":"192.0.2.1","organization":{"asn":64496}}}},"additionalInfo":{"sample":true,"unusual":7}},"new":[1]}"#;

fn read(format: Format, text: &str, settings: Settings) -> Outcome {
    let mut input = Input::new(0, gzip(text.as_bytes()));
    input.object.format = format;
    let outcome = transform(&mut Transform::new(settings), &[input]);
    let tally = &outcome.tallies[0];
    assert_eq!(tally.records, tally.rows + tally.rejects + tally.skipped);
    let held = |is_reject: bool| {
        let files = outcome.files.iter().filter(|file| (file.table == &REJECTS) == is_reject);
        files.map(|file| file.rows).sum::<u64>()
    };
    assert_eq!((held(false), held(true)), (tally.rows + tally.unwrapped, tally.rejects));
    outcome
}

/// The rows of a table, by record.
fn rows(outcome: &Outcome, table: &Table) -> Vec<ReadRow> {
    let files = outcome.files.iter().filter(|file| file.table == table);
    let mut rows: Vec<ReadRow> = files.flat_map(|file| readback::rows(file).unwrap()).collect();
    rows.sort_by_key(|row| row.source_record(table));
    rows
}

fn said(row: &ReadRow, table: &Table, column: &str) -> String {
    match row.value(table, column) {
        None => "null".to_owned(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        Some(Value::Bytes(bytes)) => String::from_utf8(bytes.clone()).unwrap(),
    }
}

/// A finding as the AWS CLI prints it: every key with a capital.
fn pascal(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    while let Some(at) = rest.find('"') {
        let end = at + 1 + rest[at + 1..].find('"').unwrap();
        out.push_str(&rest[..=at]);
        let text = &rest[at + 1..end];
        let is_key = rest[end + 1..].starts_with(':');
        out.push_str(&if is_key { text[..1].to_uppercase() + &text[1..] } else { text.to_owned() });
        out.push('"');
        rest = &rest[end + 1..];
    }
    out + rest
}

#[test]
fn a_finding_is_the_same_in_every_carrier() {
    let envelope = |detail: &str| {
        format!(
            r#"{{"version":"0","detail-type":"GuardDuty Finding","source":"aws.guardduty","detail":{detail},"resources":[]}}"#
        )
    };
    let carriers = [
        (FINDING.to_owned(), "camel", "null".to_owned()),
        (envelope(FINDING), "camel", envelope("null")),
        (format!(r#"{{"findings":[{FINDING}]}}"#), "camel", r#"{"findings":null}"#.to_owned()),
        (format!(r#"{{"Findings":[{}]}}"#, pascal(FINDING)), "pascal", r#"{"Findings":null}"#.to_owned()),
        (format!("[{FINDING}]"), "camel", "null".to_owned()),
        (format!("[{}]", pascal(FINDING)), "pascal", "null".to_owned()),
    ];
    let expected = [
        ("id", "a1"),
        ("aws_account_id", "111122223333"),
        ("type_purpose", "Backdoor"),
        ("type_resource", "EC2"),
        ("type_family", "C&CActivity"),
        ("type_detail", "B!DNS"),
        ("severity", "8.5"),
        ("instance_id", "i-1"),
        ("resource_id", "i-1"),
        ("remote_ip", "192.0.2.1"),
        ("remote_asn", "64496"),
        ("event_count", "3"),
        ("is_sample", "true"),
    ];
    for (text, case, envelope) in carriers {
        for format in [Format::GuardDuty, Format::Json] {
            let outcome = read(format, &text.repeat(if text.starts_with('[') { 1 } else { 2 }), small_parts());
            for row in rows(&outcome, &GUARDDUTY) {
                for (column, value) in expected {
                    assert_eq!(said(&row, &GUARDDUTY, column), value, "{column} of {text}");
                }
                assert_eq!(said(&row, &GUARDDUTY, "key_case"), case);
                assert_eq!(said(&row, &GUARDDUTY, "envelope"), envelope);
                let new = if case == "camel" { r#"{"new":[1]}"# } else { r#"{"New":[1]}"# };
                assert_eq!(said(&row, &GUARDDUTY, "extra"), new);
                assert!(text.contains(&said(&row, &GUARDDUTY, "service")), "the object stands as it was written");
            }
            assert!(outcome.tallies[0].rows > 0 && outcome.tallies[0].rejects == 0, "{format} {text}");
        }
    }
}

/// Each member of a finding may be missing, null or of any type: it is a row all the same.
#[test]
fn no_shape_of_a_field_rejects_a_finding() {
    let finding: serde_json::Map<String, serde_json::Value> = serde_json::from_str(FINDING).unwrap();
    let values = ["null", "7", "-1.5e3", "\"text\"", "[]", "{}", "[{\"a\":null}]", "true", "99999999999999999999"];
    for subset in 0..1_u32 << finding.len() {
        let kept = finding.iter().enumerate().filter(|(place, _)| subset >> place & 1 == 1);
        let members: Vec<String> = kept
            .map(|(place, (key, value))| {
                let odd = (subset as usize * 31 + place) % (values.len() * 2);
                format!("\"{key}\":{}", values.get(odd).map_or_else(|| value.to_string(), |value| (*value).to_owned()))
            })
            .collect();
        let text = format!("{{{}}}", members.join(","));
        if subset % 64 == 0 || subset < 64 {
            let outcome = read(Format::GuardDuty, &text, small_parts());
            assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects), (1, 0), "{text}");
        }
    }
}

fn reasons(outcome: &Outcome) -> Vec<(String, String)> {
    let rejects = rows(outcome, &REJECTS);
    rejects.iter().map(|row| (said(row, &REJECTS, "reason"), said(row, &REJECTS, "bytes"))).collect()
}

#[test]
fn a_broken_line_takes_no_other_along() {
    for broken in [r#"{"id":"cut"#, r#"{"id":"#, r#"{"id":{"a":1,"#, "no json", r#"{"id":nul}"#, "{\"id\":\"a  "] {
        let text = format!("{FINDING}\n{broken}\n{FINDING}\n");
        let outcome = read(Format::GuardDuty, &text, small_parts());
        let tally = &outcome.tallies[0];
        assert_eq!((tally.records, tally.rows, &tally.damage), (3, 2, &None), "{broken}");
        assert_eq!(reasons(&outcome)[0].1, broken, "the evidence is whole");
    }
    let outcome = read(Format::GuardDuty, &format!("{FINDING}\n{{\"id\":"), small_parts());
    assert!(outcome.tallies[0].damage.is_some() && outcome.tallies[0].rows == 1);
    assert_eq!(reasons(&outcome), [(Reason::Truncated.code().to_owned(), "{\"id\":".to_owned())]);
}

#[test]
fn one_element_too_many_loses_the_rest_and_nothing_else() {
    let numbers = "1,".repeat(OBJECT_REJECTS_MAX as usize);
    let text = format!(r#"{{"findings":[{FINDING},{numbers}2,{FINDING}]}} {FINDING}"#);
    let outcome = read(Format::GuardDuty, &text, Settings { part_bytes: 64 << 20, ..small_parts() });
    let tally = &outcome.tallies[0];
    assert_eq!((tally.rows, tally.rejects), (1, OBJECT_REJECTS_MAX + 1));
    assert_eq!(
        *reasons(&outcome).last().unwrap(),
        (Reason::TooManyRejects.code().to_owned(), format!(r#"2,{FINDING}]}} {FINDING}"#))
    );
}

const EVENT: &str = r#"{"eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"e1","recipientAccountId":"444455556666"}"#;
const FLOW: &str = "2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1772586000 1772586060 ACCEPT OK";

fn payload(messages: &[&str]) -> String {
    let event = |message: &&str| {
        format!(r#"{{"id":"1","timestamp":1772586123456,"message":{}}}"#, serde_json::to_string(message).unwrap())
    };
    let events: Vec<String> = messages.iter().map(event).collect();
    format!(
        r#"{{"owner":"111122223333","logEvents":[{}],"messageType":"DATA_MESSAGE","logGroup":"a\u0041"}}"#,
        events.join(",")
    )
}

#[test]
fn payloads_are_rows_and_control_messages_are_skipped() {
    let control = r#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logEvents":[{"id":"","timestamp":1,"message":"x"}]}"#;
    let text = format!("{control}{}{}", payload(&["one\n", "two"]), payload(&[EVENT, FLOW, "{\"eventVersion\":1}"]));
    let outcome = read(Format::CloudWatchLogs, &text, small_parts());
    let tally = &outcome.tallies[0];
    assert_eq!((tally.records, tally.rows, tally.skipped, tally.unwrapped), (6, 5, 1, 0));
    let logs = rows(&outcome, &CLOUDWATCH_LOGS);
    let first = |column: &str| said(&logs[0], &CLOUDWATCH_LOGS, column);
    assert_eq!(
        (first("message"), first("log_group"), first("owner")),
        ("one\n".into(), "aA".into(), "111122223333".into())
    );
    assert_eq!(first("event_time"), "1772586123456");
    let envelope = r#"{"owner":"111122223333","logEvents":null,"messageType":"DATA_MESSAGE","logGroup":"a\u0041"}"#;
    assert_eq!(first("envelope"), envelope);

    let outcome = read(Format::CloudWatchLogs, &text, Settings { unwrap: true, ..small_parts() });
    assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].unwrapped), (5, 2));
    let (events, flows) = (rows(&outcome, &CLOUDTRAIL), rows(&outcome, &VPC_FLOW));
    assert_eq!(said(&events[0], &CLOUDTRAIL, "event_id"), "e1");
    assert_eq!(
        (said(&flows[0], &VPC_FLOW, "end_time"), said(&flows[0], &VPC_FLOW, "dstport")),
        ("1772586060000".into(), "2".into())
    );
    let number = |row: &ReadRow, table: &Table| row.source_record(table);
    assert_eq!((number(&events[0], &CLOUDTRAIL), number(&flows[0], &VPC_FLOW)), (3, 4), "beside their messages");
    assert_eq!(rows(&outcome, &CLOUDWATCH_LOGS).len(), 5);
}

#[test]
fn a_message_that_is_no_whole_event_stays_a_message() {
    let cuts = (1..EVENT.len()).map(|length| EVENT[..length].to_owned());
    let more = [format!("{EVENT},{EVENT}"), format!("{EVENT}{EVENT}"), format!("{EVENT} x"), format!("{EVENT}]")];
    for message in cuts.chain(more) {
        let unwrapping = Settings { unwrap: true, ..small_parts() };
        let outcome = read(Format::CloudWatchLogs, &payload(&[&message, EVENT]), unwrapping.clone());
        assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].unwrapped), (2, 1), "{message}");
        assert_eq!(said(&rows(&outcome, &CLOUDWATCH_LOGS)[0], &CLOUDWATCH_LOGS, "message"), message);
        let outcome = read(Format::CloudWatchExport, &format!("2026-03-04T01:02:03.004Z {message}"), unwrapping);
        assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].unwrapped), (1, 0), "{message}");
    }
}

#[test]
fn any_export_is_read_as_a_plain_reader_does() {
    const PIECES: [&str; 11] = [
        "2026-03-04T01:02:03.004Z ",
        "2026-03-04T01:02:03.004Z",
        "2026-02-30T01:02:03.004Z ",
        "9999-12-31T23:59:59.999Z ",
        "2026-03-04T01:02:03,004Z ",
        "2026-03-04T01:02:03.004z ",
        "\n",
        "\n",
        " ",
        "one",
        "é",
    ];
    let mut random = Random::new(0xe4);
    for _ in 0..300 {
        let text: String = (0..random.within(1..40)).map(|_| PIECES[random.within(0..PIECES.len())]).collect();
        let outcome = read(Format::CloudWatchExport, &text, small_parts());
        let wanted = export::events(text.as_bytes()).into_iter().enumerate().filter_map(|(record, event)| {
            let (time, message) = event?;
            Some((record as u64, time.to_string(), message))
        });
        let found = rows(&outcome, &CLOUDWATCH_LOGS);
        let found = found.iter().map(|row| {
            let said = |column| said(row, &CLOUDWATCH_LOGS, column);
            (row.source_record(&CLOUDWATCH_LOGS), said("event_time"), said("message"))
        });
        assert_eq!(found.collect::<Vec<_>>(), wanted.collect::<Vec<_>>(), "{text:?}");
    }
}

#[test]
fn events_of_cloudtrail_come_through_eventbridge_too() {
    let text = format!(
        r#"{{"detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":{EVENT}}}{EVENT}{{"detail-type":"Scheduled Event","source":"aws.events","detail":{{}}}}"#
    );
    let outcome = read(Format::Json, &text, small_parts());
    assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects), (2, 1));
    let events = rows(&outcome, &CLOUDTRAIL);
    assert_eq!(
        said(&events[0], &CLOUDTRAIL, "envelope"),
        r#"{"detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":null}"#
    );
    assert_eq!(said(&events[1], &CLOUDTRAIL, "envelope"), "null");
    assert_eq!(reasons(&outcome)[0].0, Reason::UnknownDocument.code());
}

#[test]
fn exports_join_the_lines_of_a_message() {
    let text = "stray\n2026-03-04T01:02:03.004Z one\n  two\n\n2026-03-04T01:02:04.000Z \n2026-03-04 no time\n2026-03-04T01:02:05.000Z last";
    let outcome = read(Format::CloudWatchExport, text, small_parts());
    let logs = rows(&outcome, &CLOUDWATCH_LOGS);
    let messages: Vec<String> = logs.iter().map(|row| said(row, &CLOUDWATCH_LOGS, "message")).collect();
    assert_eq!(messages, ["one\n  two\n", "\n2026-03-04 no time", "last"]);
    assert_eq!(said(&logs[0], &CLOUDWATCH_LOGS, "event_time"), "1772586123004");
    assert_eq!(reasons(&outcome), [(Reason::NoTime.code().to_owned(), "stray".to_owned())]);
}

/// Many documents on one line cost no more each when they are many.
#[test]
fn documents_of_one_line_cost_the_same_each() {
    let time = |count: usize| {
        let text = FINDING.repeat(count);
        let begun = std::time::Instant::now();
        let outcome = read(Format::GuardDuty, &text, small_parts());
        assert_eq!(outcome.tallies[0].rows, count as u64);
        begun.elapsed()
    };
    let (once, eightfold) = (time(1000), time(8000));
    assert!(eightfold < once * 24 + std::time::Duration::from_millis(200), "{once:?} for one, {eightfold:?} for eight");
}
