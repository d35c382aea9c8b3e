//! Flow logs: what the crate's documentation says of lines, held against a plain reading of the text.

use std::collections::BTreeMap;

use trailhouse_core::{Body, Format, Object, Reason, Settings, Transform};
use trailhouse_schemas::{Kind, Origin, REJECTS, TGW_FLOW, Table, VPC_FLOW};

use super::harness::{Input, Outcome, gzip, small_parts, transform};
use super::readback::{self, ReadRow};
use crate::oracle::Value;
use crate::oracle::flow::judge;

const DEFAULT: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

pub(crate) fn flow(number: usize, text: &str) -> Input {
    let mut input = Input::new(number, gzip(text.as_bytes()));
    input.object.format = Format::Flow;
    input
}

/// The rows of a table, by object and record.
pub(crate) fn rows(outcome: &Outcome, table: &'static Table) -> BTreeMap<(String, u64), ReadRow> {
    readback::table(&outcome.files, table).unwrap()
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

/// All rows of one object of `lines` below `header` are what the text says.
fn assert_read(header: &str, lines: &[String], settings: &Settings) {
    let table = if header.contains("tgw-") { &TGW_FLOW } else { &VPC_FLOW };
    let body = format!("{header}\n{}\n", lines.join("\n"));
    let outcome = transform(&mut Transform::new(settings.clone()), &[flow(0, &body)]);
    let tally = &outcome.tallies[0];
    let count = lines.len() as u64;
    assert_eq!((tally.records, tally.rows, tally.rejects, &tally.damage), (count, count, 0, &None), "{header}");
    let rows = rows(&outcome, table);
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.values().zip(lines) {
        judge(table, &row.values, header, line).unwrap();
    }
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    pub(crate) fn of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len())]
    }
}

/// Values of a field, usual and hostile.
pub(crate) fn value(draw: &mut Draw, field: &str) -> String {
    const TEXTS: [&str; 8] =
        ["-", "10.0.0.1", "2001:db8::1", "ACCEPT", "eni-0123456789abcdef0", "a\"b\\c", "ünïcode", ""];
    const NUMBERS: [&str; 12] = [
        "-",
        "0",
        "1",
        "65535",
        "007",
        "-5",
        "x",
        "2147483647",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "12345678901234567",
    ];
    const TIMES: [&str; 6] = ["-", "1616729292", "1616729349", "1544227313000", "99999999999999999", "soon"];
    const TAGS: [&str; 5] = ["web", "caf%C3%A9", "a%20b", "%FF", "100%"];
    let known = VPC_FLOW.columns.iter().chain(TGW_FLOW.columns).find(|column| column.origin.field() == Some(field));
    match known.map(|column| (column.kind, column.origin)) {
        Some((_, Origin::Seconds(_))) => draw.of(&TIMES).to_owned(),
        Some((Kind::Int | Kind::Int32, _)) => draw.of(&NUMBERS).to_owned(),
        Some((_, Origin::Percent(_))) => draw.of(&TAGS).to_owned(),
        _ => draw.of(&TEXTS).to_owned(),
    }
}

/// A header of some fields of a table in any order, with unknown ones among them now and then.
pub(crate) fn header(draw: &mut Draw, table: &Table) -> String {
    let fields: Vec<&str> = table.columns.iter().filter_map(|column| column.origin.field()).collect();
    let mut chosen: Vec<String> = Vec::new();
    for _ in 0..=draw.below(fields.len()) {
        let name = fields[draw.below(fields.len())].to_owned();
        if !chosen.contains(&name) {
            chosen.push(name);
        }
    }
    if table == &TGW_FLOW && !chosen.iter().any(|name| name.starts_with("tgw-")) {
        chosen.push("tgw-id".to_owned());
    }
    for unknown in 0..draw.below(3).min(chosen.len() - 1) {
        chosen.insert(draw.below(chosen.len()), format!("new-field-{unknown}"));
    }
    chosen.join(" ")
}

#[test]
fn any_header_over_any_values() {
    let mut draw = Draw(4);
    for round in 0..150 {
        let table = if round % 4 == 0 { &TGW_FLOW } else { &VPC_FLOW };
        let header = header(&mut draw, table);
        // A line of nothing but blanks is none.
        let line = |draw: &mut Draw| -> String {
            header.split(' ').map(|name| value(draw, name)).collect::<Vec<_>>().join(" ")
        };
        let count = 1 + draw.below(40);
        let lines: Vec<String> = (0..count).map(|_| line(&mut draw)).filter(|line| !line.trim().is_empty()).collect();
        if lines.iter().any(|line| line.ends_with(' ')) || lines.is_empty() {
            continue;
        }
        assert_read(&header, &lines, &small_parts());
    }
}

#[test]
fn any_cut_into_pieces_gives_the_same_rows() {
    let mut draw = Draw(5);
    let lines: Vec<String> = (0..3000)
        .map(|_| DEFAULT.split(' ').map(|name| value(&mut draw, name)).collect::<Vec<_>>().join(" "))
        .collect();
    let body = format!("{DEFAULT}\n{}", lines.join("\n"));
    let whole = transform(&mut Transform::new(small_parts()), &[flow(0, &body)]);
    for step in [1, 7, 4096] {
        struct Steps<'a>(&'a [u8], usize);
        impl std::io::Read for Steps<'_> {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let count = self.1.min(out.len()).min(self.0.len());
                out[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let (input, mut files) = (flow(0, &body), Vec::new());
        let mut emit = |file| {
            files.push(file);
            Ok(())
        };
        let mut transform = Transform::new(small_parts());
        let tally = transform.read(&input.object, Body::Stream(&mut Steps(&input.stored, step)), &mut emit).unwrap();
        transform.finish(&mut emit).unwrap();
        assert_eq!((&tally, &files), (&whole.tallies[0], &whole.files), "{step}");
    }
    let small = Settings { part_records: 100, ..small_parts() };
    let cut = transform(&mut Transform::new(small), &[flow(0, &body)]);
    assert_eq!(rows(&cut, &VPC_FLOW), rows(&whole, &VPC_FLOW));
    assert!(cut.files.len() > 30);
}

fn reasons(outcome: &Outcome) -> Vec<(u64, String, String)> {
    let rows = rows(outcome, &REJECTS).into_values();
    let field = |row: &ReadRow, name: &str| match row.value(&REJECTS, name) {
        Some(Value::Text(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    let mut found: Vec<_> =
        rows.map(|row| (row.source_record(&REJECTS), field(&row, "reason"), field(&row, "target_table"))).collect();
    found.sort();
    found
}

fn rejected(record: u64, reason: Reason, table: &str) -> (u64, String, String) {
    (record, reason.code().to_owned(), table.to_owned())
}

#[test]
fn headers_may_change_and_lines_may_break() {
    let body = "account-id action bytes\n111122223333 ACCEPT 7\r\n\nversion srcaddr dstaddr\n2 10.0.0.1\n2 10.0.0.1 10.0.0.2\n\
                version tgw-id srcaddr\n6 tgw-1 10.0.0.3\n6 tgw-1 10.0.0.3 x";
    let outcome = transform(&mut Transform::new(small_parts()), &[flow(0, body)]);
    let tally = &outcome.tallies[0];
    assert_eq!((tally.records, tally.rows, tally.rejects, &tally.damage), (5, 3, 2, &None));
    let (vpc, tgw) = (rows(&outcome, &VPC_FLOW), rows(&outcome, &TGW_FLOW));
    assert_eq!((vpc.len(), tgw.len()), (2, 1));
    let first = vpc.values().next().unwrap();
    assert_eq!(first.value(&VPC_FLOW, "bytes"), Some(&Value::Int(7)));
    assert_eq!(first.value(&VPC_FLOW, "action").cloned(), text("ACCEPT"));
    let expected = [rejected(1, Reason::FieldCount, "vpc_flow"), rejected(4, Reason::FieldCount, "tgw_flow")];
    assert_eq!(reasons(&outcome), expected);
}

#[test]
fn without_a_header_nothing_is_guessed() {
    let line = "2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1616729292 1616729349 ACCEPT OK\n";
    let input = flow(0, &line.repeat(3));
    let outcome = transform(&mut Transform::new(small_parts()), std::slice::from_ref(&input));
    assert_eq!((outcome.tallies[0].records, outcome.tallies[0].rejects), (1, 1));
    assert!(outcome.tallies[0].damage.is_some());
    assert_eq!(reasons(&outcome), [rejected(0, Reason::NoHeader, "vpc_flow")]);
    let declared = Settings { flow_header: Some(DEFAULT.parse().unwrap()), ..small_parts() };
    let outcome = transform(&mut Transform::new(declared), &[input]);
    assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects), (3, 0));
}

#[test]
fn a_header_of_one_object_is_not_that_of_the_next() {
    let objects = [flow(0, &format!("{DEFAULT}\n")), flow(1, "2 - - - - - - - - - 1 2 - NODATA\n")];
    let outcome = transform(&mut Transform::new(small_parts()), &objects);
    assert_eq!((outcome.tallies[0].records, &outcome.tallies[0].damage), (0, &None), "a header alone has no records");
    assert_eq!(reasons(&outcome), [rejected(0, Reason::NoHeader, "vpc_flow")]);
}

#[test]
fn a_line_that_is_cut_off_is_no_row() {
    let body = format!("{DEFAULT}\n2 123456789010 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1616729292 1616729349 ACCEPT OK\n");
    let stored = gzip(body.repeat(50).as_bytes());
    for cut in [stored.len() / 2, stored.len() - 9, stored.len() - 1] {
        let mut input = Input::new(0, stored[..cut].to_vec());
        input.object = Object { format: Format::Flow, ..input.object };
        let outcome = transform(&mut Transform::new(small_parts()), &[input]);
        let tally = &outcome.tallies[0];
        assert!(
            tally.damage.is_some() && tally.records == tally.rows + tally.rejects && tally.rejects == 1,
            "{tally:?}"
        );
        for row in rows(&outcome, &VPC_FLOW).values() {
            assert_eq!(row.value(&VPC_FLOW, "log_status").cloned(), text("OK"));
        }
    }
}
