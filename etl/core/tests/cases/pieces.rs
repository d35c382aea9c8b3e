//! Wherever an object is cut, by its source, by its pieces or by its parts, the same rows come out. In every format.

use std::collections::BTreeMap;

use trailhouse_core::limits::PIECE_BYTES;
use trailhouse_core::{Format, Settings, Transform};
use trailhouse_schemas::{
    CLOUDTRAIL, CLOUDTRAIL_DIGESTS, CLOUDWATCH_LOGS, GUARDDUTY, INCIDENTS, REJECTS, TGW_FLOW, Table, VPC_FLOW,
};

use super::bodies::stream;
use super::generator::Random;
use super::harness::{Input, Outcome, gzip, small_parts, transform};
use super::invariants::judge_any;
use super::readback::{self, ReadRow};
use crate::oracle::Value;

/// One text of each kind: good, bad and half records, on lines and in lists; and bytes that may stand before it, of which
/// `~` is there as often as one likes.
const TEXTS: [(Format, &str, &str); 6] = [
    (
        Format::GuardDuty,
        "~",
        "{\"schemaVersion\":\"2.0\",\"id\":\"a\\u00e9\",\"severity\":8.5,\"service\":{\"count\":3}}\n{\"id\":\"cut\n\
         {\"id\":\"b\"}{\"findings\":[{\"id\":\"c\"},7,{\"id\":\"d\",\"accountId\":\"111122223333\"}]} no json\n\
         {\"detail-type\":\"GuardDuty Finding\",\"source\":\"aws.guardduty\",\"detail\":{\"id\":\"e\"}}\n\
         {\n  \"Findings\": [\n {\n \"Id\": \"f\", \"Title\": \"\\ud83d\\ude80\" }\n]}\n{\"id\": nul}\n{\"id\":\"g\"}",
    ),
    (
        Format::CloudWatchLogs,
        "~",
        "{\"messageType\":\"CONTROL_MESSAGE\",\"logEvents\":[{\"id\":\"\"}]}{\"owner\":\"111122223333\",\"logGroup\":\"g\",\
         \"logEvents\":[{\"id\":\"1\",\"timestamp\":1772586123456,\"message\":\"one\\n\"},3,{\"id\":\"2\",\"message\":\
         \"2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1772586000 1772586060 ACCEPT OK\"}],\"messageType\":\"D\"}\
         {\"logEvents\":7}\n{\"owner\":\"1\",\"logEvents\":[{\"message\":\"{\\\"eventVersion\\\":\\\"1.08\\\",\
         \\\"eventSource\\\":\\\"s\\\",\\\"eventName\\\":\\\"n\\\"}\"}]}",
    ),
    (
        Format::Digest,
        "~",
        "{\"awsAccountId\":\"111122223333\",\"digestStartTime\":\"2026-03-04T05:06:07Z\",\"logFiles\":[{\"s3Object\":\"x\"}]}\n\
         [{\"digestEndTime\":\"2026-03-04T06:06:07Z\"} , {\"digestS3Bucket\":null}]",
    ),
    (
        Format::Json,
        "~",
        "{\"eventVersion\":\"1.08\",\"eventName\":\"a\"}\n{\"ledgerVersion\":\"1\"}{\"schemaVersion\":\"2.0\",\"id\":\"x\"}\n\
         {\"what\":1}\n{\"Records\":[{\"eventID\":\"r\"},null]}{\"digestStartTime\":\"t\"}",
    ),
    (
        Format::Flow,
        "version srcaddr end action\n~\n",
        "2 10.0.0.1 1772586000 ACCEPT\n2 10.0.0.2 1772586060000 \u{fc}\r\n3 short\n\nend tgw-id srcaddr\n\
         1772586000 tgw-1 10.0.0.3\n- - -\nversion srcport\n2 x\n2 65535",
    ),
    (
        Format::CloudWatchExport,
        "2026-03-04T01:02:03.004Z ~\n2026-03-04T01:02:03.004Z ~\n",
        "2026-03-04T01:02:03.004Z one\n  two\n\n2026-03-04T01:02:04.000Z \n2026-03-04 no time\n\
         2026-03-04T01:02:05.000Z {\"eventVersion\":\"1.08\",\"eventSource\":\"s\",\"eventName\":\"n\"}\n\
         2026-03-04T01:02:06.789Z 2 111122223333 eni-1 - - - - - - - 1772586000 1772586060 - NODATA",
    ),
];

/// Every table that a row may be in.
const TABLES: [&Table; 8] =
    [&CLOUDTRAIL, &CLOUDTRAIL_DIGESTS, &CLOUDWATCH_LOGS, &GUARDDUTY, &INCIDENTS, &REJECTS, &TGW_FLOW, &VPC_FLOW];

fn unwrapping() -> Settings {
    Settings { unwrap: true, ..small_parts() }
}

fn input(format: Format, stored: Vec<u8>) -> Input {
    let mut input = Input::new(0, stored);
    input.object.format = format;
    input
}

fn read(format: Format, stored: &[u8], settings: Settings) -> Outcome {
    transform(&mut Transform::new(settings), &[input(format, stored.to_vec())])
}

/// A text of each format, with what must stand before it.
fn texts() -> impl Iterator<Item = (Format, String)> {
    TEXTS.into_iter().map(|(format, before, text)| (format, before.replace('~', " ") + text))
}

/// Every row of every table, by table and record, so that parts do not show.
fn rows(outcome: &Outcome) -> BTreeMap<(&'static str, u64), ReadRow> {
    let of = |table: &'static Table| {
        let rows = readback::table(&outcome.files, table).unwrap();
        rows.into_iter().map(|((_, record), row)| ((table.name, record), row))
    };
    TABLES.into_iter().flat_map(of).collect()
}

#[test]
fn the_texts_hold_rows_and_rejects() {
    for (format, text) in texts() {
        let outcome = read(format, text.as_bytes(), unwrapping());
        judge_any(text.as_bytes(), &outcome).unwrap();
        let tally = &outcome.tallies[0];
        let is_clean = matches!(format, Format::Digest | Format::CloudWatchExport);
        assert!(tally.rows >= 3 && (tally.rejects > 0) != is_clean, "{format}: {tally:?}");
    }
}

#[test]
fn any_source_gives_the_same_files() {
    let mut random = Random::new(0x9e1);
    for (format, text) in texts() {
        let at = random.within(1..text.len());
        let members = [gzip(&text.as_bytes()[..at]), gzip(&text.as_bytes()[at..])].concat();
        for stored in [text.as_bytes().to_vec(), gzip(text.as_bytes()), members, gzip(&gzip(text.as_bytes()))] {
            let whole = read(format, &stored, unwrapping());
            for read_bytes in [1, 2, 3, 7, 64, 1 + random.within(0..200)] {
                let mut transform = Transform::new(unwrapping());
                let streamed = stream(&mut transform, &[input(format, stored.clone())], read_bytes);
                assert!(whole == streamed, "{format} in reads of {read_bytes} bytes");
            }
        }
    }
}

#[test]
fn a_byte_order_mark_belongs_to_no_record() {
    const MARK: &str = "\u{feff}";
    for (format, text) in texts() {
        let marked = [MARK, &text].concat();
        let wanted = rows_behind(&read(format, text.as_bytes(), unwrapping()), 0, 0);
        for (stored, read_bytes) in [(marked.clone().into_bytes(), 1), (gzip(marked.as_bytes()), 1 << 20)] {
            let outcome = stream(&mut Transform::new(unwrapping()), &[input(format, stored)], read_bytes);
            assert!(rows_behind(&outcome, 0, MARK.len()) == wanted, "{format}");
            judge_any(marked.as_bytes(), &outcome).unwrap();
        }
        let outcome = read(format, MARK.as_bytes(), unwrapping());
        assert!(outcome.tallies[0].damage.as_ref().is_some_and(|damage| damage.ends_with("at byte 3")), "{format}");
    }
}

#[test]
fn any_part_gives_the_same_rows() {
    for (format, text) in texts() {
        let text = text.repeat(5);
        let whole = rows(&read(format, text.as_bytes(), unwrapping()));
        for (part_bytes, part_records) in
            [(1, 1 << 17), (100, 1 << 17), (500, 3), (1 << 20, 1), (1 << 20, 2), (1 << 20, 7)]
        {
            let outcome = read(format, text.as_bytes(), Settings { part_bytes, part_records, ..unwrapping() });
            assert!(rows(&outcome) == whole, "{format} in parts of {part_bytes} bytes or {part_records} records");
            judge_any(text.as_bytes(), &outcome).unwrap();
            let parts = outcome.files.iter().map(|file| file.part).max();
            assert!(parts > Some(0) || part_records > 2, "{format}: {parts:?}");
        }
    }
}

/// `before` in so many bytes that the first piece ends `inside` bytes into the text behind it.
fn stretched(before: &str, inside: usize) -> String {
    let wanted = PIECE_BYTES - inside - (before.len() - before.matches('~').count());
    let (first, rest) = before.split_once('~').unwrap();
    match rest.split_once('~') {
        None => [first, &" ".repeat(wanted), rest].concat(),
        Some((between, last)) => {
            [first, &" ".repeat(wanted / 2), between, &" ".repeat(wanted.div_ceil(2)), last].concat()
        }
    }
}

/// The rows of what stands behind `before`, counted as though nothing did.
fn rows_behind(outcome: &Outcome, records: u64, bytes: usize) -> BTreeMap<(&'static str, u64), ReadRow> {
    let mut found = BTreeMap::new();
    for ((name, record), mut row) in rows(outcome) {
        let table = TABLES.into_iter().find(|table| table.name == name).unwrap();
        let Some(number) = record.checked_sub(records) else { continue };
        row.values[table.position("source_record").unwrap()] = Some(Value::Int(number as i64));
        if let Some(message) = table.position("message").filter(|_| *table == REJECTS) {
            // It names a place, too.
            row.values[message] = None;
        }
        for offset in ["byte_offset", "fault_offset"].into_iter().filter_map(|column| table.position(column)) {
            if let Some(Value::Int(at)) = &mut row.values[offset] {
                *at -= bytes as i64;
            }
        }
        found.insert((name, number), row);
    }
    found
}

#[test]
fn a_piece_may_end_anywhere() {
    let mut random = Random::new(0x9e2);
    for (format, before, text) in TEXTS {
        let short = before.replace('~', " ");
        let records = before.matches("Z ~").count() as u64;
        let wanted = rows_behind(&read(format, [&short, text].concat().as_bytes(), unwrapping()), records, short.len());
        let mut reader = Transform::new(unwrapping());
        let mut inside = 1;
        while inside < text.len() {
            let long = stretched(before, inside);
            let whole = [&long, text].concat();
            let outcome = transform(&mut reader, &[input(format, whole.into_bytes())]);
            let found = rows_behind(&outcome, records, long.len());
            let differs = wanted.iter().find(|(place, row)| found.get(place) != Some(row));
            let is = differs.map(|(place, _)| (place, found.get(place)));
            let at = String::from_utf8_lossy(&text.as_bytes()[..inside]);
            assert!(found == wanted, "{format} where a piece ends behind {at:?}: {is:?}, not {differs:?}");
            inside += random.within(1..text.len() / 8);
        }
    }
}
