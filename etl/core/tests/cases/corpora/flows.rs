//! Flow logs of every version, in every order.

use std::collections::BTreeMap;

use trailhouse_core::{Format, Reason};
use trailhouse_schemas::{REJECTS, TGW_FLOW, Table, VPC_FLOW};
use trailhouse_testdata::{FlowCorpus, FlowCounts, FlowFields, FlowKind, FlowOptions, FlowOrder};

use super::super::flows::rows;
use super::super::harness::{Input, Outcome};
use super::super::readback::ReadRow;
use super::{input, is_on_another_day, read};
use crate::oracle::Value;
use crate::oracle::flow::judge;

/// What the generator makes of `options`, and what it says of it.
fn made(options: FlowOptions) -> (Vec<Input>, Vec<String>, FlowCounts) {
    let corpus = FlowCorpus::new(options).unwrap();
    let (mut inputs, mut texts, mut counts) = (Vec::new(), Vec::new(), FlowCounts::default());
    for (number, planned) in corpus.objects().iter().enumerate() {
        let (mut stored, mut text) = (Vec::new(), Vec::new());
        counts += corpus.write_gzip(planned, &mut stored).unwrap();
        corpus.write_text(planned, &mut text).unwrap();
        inputs.push(input(number, corpus.key(planned), stored));
        texts.push(String::from_utf8(text).unwrap());
    }
    (inputs, texts, counts)
}

/// The lines of an object, each with the header that it stands below. No value is called like these fields, one of which
/// every header here has.
fn lines(text: &str) -> Vec<(&str, &str)> {
    let (mut header, mut found) = ("", Vec::new());
    for line in text.lines() {
        if line.split(' ').any(|word| matches!(word, "srcaddr" | "protocol")) {
            header = line;
        } else {
            found.push((header, line));
        }
    }
    found
}

fn is(row: &ReadRow, table: &Table, column: &str, value: &str) -> u64 {
    let holds = |found: &Value| matches!(found, Value::Text(text) if text == value);
    u64::from(table.position(column).is_some() && row.value(table, column).is_some_and(holds))
}

/// What the rows say, counted as the generator counts. What only text has is taken from its own counts.
fn counted(table: &'static Table, inputs: &[Input], outcome: &Outcome, own: &FlowCounts) -> FlowCounts {
    let mut found = FlowCounts {
        records: outcome.tallies.iter().map(|tally| tally.records).sum(),
        rejects: outcome.tallies.iter().map(|tally| tally.rejects).sum(),
        text_bytes: outcome.tallies.iter().map(|tally| tally.inflated_bytes).sum(),
        objects: inputs.len() as u64,
        empty_objects: outcome.tallies.iter().filter(|tally| tally.records == 0).count() as u64,
        ..own.clone()
    };
    let objects: BTreeMap<&str, &Input> = inputs.iter().map(|input| (input.object.source_id.as_str(), input)).collect();
    let rows = rows(outcome, table);
    let sum = |test: &dyn Fn(&ReadRow) -> u64| rows.values().map(test).sum::<u64>();
    found.rows = rows.len() as u64;
    found.ok_rows = sum(&|row| is(row, table, "log_status", "OK"));
    found.no_data_rows = sum(&|row| is(row, table, "log_status", "NODATA"));
    found.skip_data_rows = sum(&|row| is(row, table, "log_status", "SKIPDATA"));
    found.accepted_rows = sum(&|row| is(row, table, "action", "ACCEPT"));
    found.rejected_rows = sum(&|row| is(row, table, "action", "REJECT"));
    found.v6_rows =
        sum(&|row| u64::from(matches!(row.value(table, "srcaddr"), Some(Value::Text(text)) if text.contains(':'))));
    found.rows_on_another_day =
        sum(&|row| u64::from(is_on_another_day(row, &objects[row.source_id(table).as_str()].object)));
    found
}

/// A corpus is read as its maker says.
fn assert_corpus(options: FlowOptions) {
    let table = if options.kind == FlowKind::Tgw { &TGW_FLOW } else { &VPC_FLOW };
    let (inputs, texts, counts) = made(options);
    let outcome = read(&inputs);
    assert!(inputs.iter().all(|input| input.object.format == Format::Flow));
    assert!(outcome.tallies.iter().all(|tally| tally.damage.is_none()));
    assert_eq!(counted(table, &inputs, &outcome, &counts), counts);

    let (rows, rejects) = (rows(&outcome, table), rows(&outcome, &REJECTS));
    for (input, text) in inputs.iter().zip(&texts) {
        for (record, (header, line)) in lines(text).into_iter().enumerate() {
            let place = (input.object.source_id.clone(), record as u64);
            let Some(row) = rows.get(&place) else {
                assert_reject(&rejects[&place], (header, line));
                continue;
            };
            judge(table, &row.values, header, line).unwrap();
        }
    }
}

/// Only a line with too few fields is rejected, and whole.
fn assert_reject(reject: &ReadRow, (header, line): (&str, &str)) {
    assert_ne!(header.split(' ').count(), line.split(' ').count(), "{line}");
    let value = |name: &str| reject.value(&REJECTS, name).cloned();
    assert_eq!(value("reason"), Some(Value::Text(Reason::FieldCount.code().to_owned())));
    assert_eq!(value("bytes"), Some(Value::Bytes(line.as_bytes().to_vec())));
}

fn wide(fields: FlowFields) -> FlowOptions {
    let (accounts, regions) = (2, 2);
    FlowOptions { rows: 900, objects: Some(40), days: 2, accounts, regions, fields, ..FlowOptions::default() }
}

#[test]
fn every_version_is_read_as_it_was_made() {
    for version in 2..=11 {
        assert_corpus(wide(FlowFields::UpTo(version)));
    }
}

#[test]
fn fields_may_stand_in_any_order() {
    for order in [FlowOrder::Alphabetical, FlowOrder::Shuffled] {
        assert_corpus(FlowOptions { order, ..wide(FlowFields::UpTo(5)) });
        assert_corpus(FlowOptions { order, seed: 5, ..wide(FlowFields::UpTo(11)) });
    }
    for names in ["end start protocol", "protocol", "start srcaddr bytes action", "log-status dstaddr srcaddr end"] {
        let names = names.split(' ').map(str::to_owned).collect();
        assert_corpus(wide(FlowFields::Named(names)));
    }
}

#[test]
fn transit_gateways_are_read_into_their_own_table() {
    for order in [FlowOrder::Default, FlowOrder::Alphabetical, FlowOrder::Shuffled] {
        assert_corpus(FlowOptions { order, kind: FlowKind::Tgw, ..wide(FlowFields::Usual) });
    }
}

#[test]
fn without_hazards_nothing_is_rejected() {
    let (inputs, _, counts) = made(FlowOptions { hazards: false, ..wide(FlowFields::UpTo(11)) });
    let rejects: u64 = read(&inputs).tallies.iter().map(|tally| tally.rejects).sum();
    assert_eq!((rejects, counts.rejects), (0, 0));
}
