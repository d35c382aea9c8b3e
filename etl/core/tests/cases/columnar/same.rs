//! The same rows as Parquet and as text are the same rows of the lake.

use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterVersion;
use trailhouse_core::transcribe::text_of;
use trailhouse_core::{Format, Object, Transform};
use trailhouse_schemas::{TGW_FLOW, Table, VPC_FLOW};

use super::super::harness::{Input, Outcome, gzip, settings, small_parts, transform};
use super::super::readback::{self, ReadRow};
use super::files::{DEFAULT, Form, Log, file, object};
use crate::oracle::Value;

/// All rows of a table but for where they come from, in the order of the files.
fn rows(outcome: &Outcome, table: &Table) -> Vec<ReadRow> {
    let files = outcome.files.iter().filter(|file| file.table == table);
    let mut rows: Vec<ReadRow> = files.flat_map(|file| readback::rows(file).unwrap()).collect();
    for row in &mut rows {
        for name in ["source_object", "source_id"] {
            row.values[table.position(name).unwrap()] = None;
        }
    }
    rows
}

/// What the text of `log` gives, and what `stored` does, which holds the same.
fn assert_same(log: &Log, stored: Vec<u8>, table: &Table) -> Vec<ReadRow> {
    let mut text = Input::new(0, gzip(log.text().as_bytes()));
    text.object.format = Format::Flow;
    let expected = transform(&mut Transform::new(settings()), &[text]);
    let found = transform(&mut Transform::new(settings()), &[object(0, stored)]);
    assert_eq!(found.tallies, expected.tallies);
    assert_eq!((found.tallies[0].rows, &found.tallies[0].damage), (log.lines.len() as u64, &None));
    let (found, expected) = (rows(&found, table), rows(&expected, table));
    assert_eq!(found.len(), log.lines.len());
    assert!(found == expected, "{}", log.header);
    found
}

/// Every way of writing that is read.
fn forms() -> Vec<Form> {
    let gzip = Compression::GZIP(GzipLevel::default());
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let mut forms = Vec::new();
    for codec in [Compression::UNCOMPRESSED, Compression::SNAPPY, gzip, zstd] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for (has_dictionary, is_delta) in [(true, false), (false, false), (false, true)] {
                for (group_rows, page_rows) in [(1 << 20, 20_000), (1000, 300), (77, 10), (1 << 20, 1)] {
                    forms.push(Form { version, codec, has_dictionary, is_delta, group_rows, page_rows });
                }
            }
        }
    }
    forms
}

#[test]
fn every_form_gives_the_same_text() {
    for rows in [1, 2, 250, 2500] {
        let log = Log::drawn(DEFAULT, rows, rows as u64);
        let batch = log.batch();
        // A page for each row takes its time.
        for form in forms().into_iter().filter(|form| form.page_rows > 1 || rows < 1000) {
            let (text, damage) = text_of(&file(&batch, form), u64::MAX);
            assert_eq!(damage, None, "{form:?}");
            assert!(text == log.text().as_bytes(), "{rows} rows, {form:?}");
        }
    }
}

#[test]
fn the_default_format_gives_the_rows_of_its_text() {
    let log = Log::drawn(DEFAULT, 5000, 1);
    let gzip = Compression::GZIP(GzipLevel::default());
    let rows = assert_same(&log, file(&log.batch(), Form { codec: gzip, ..Form::default() }), &VPC_FLOW);
    let fields = VPC_FLOW.position("fields").unwrap();
    assert!(rows.iter().all(|row| row.values[fields] == Some(Value::Text(DEFAULT.to_owned()))));
    let ports = VPC_FLOW.position("srcport").unwrap();
    assert!(rows.iter().any(|row| row.values[ports] == Some(Value::Int(443))), "numbers are numbers");
}

fn names(table: &Table, skipped: usize) -> String {
    let fields = table.columns.iter().filter_map(|column| column.origin.field());
    let mut names: Vec<String> = fields.map(|name| name.replace('-', "_")).collect();
    names.sort_unstable();
    names.into_iter().skip(skipped).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_field_in_any_order_and_some_of_them() {
    for skipped in [0, 3, 20] {
        let log = Log::drawn(&names(&VPC_FLOW, skipped), 500, 2);
        assert!(log.header.split(' ').is_sorted(), "as the console offers them");
        assert_same(&log, file(&log.batch(), Form::default()), &VPC_FLOW);
    }
    for header in ["srcaddr", "end", "version some_new_field srcaddr", "bytes vpc_id"] {
        let log = Log::drawn(header, 300, 3);
        assert_same(&log, file(&log.batch(), Form::default()), &VPC_FLOW);
    }
}

#[test]
fn columns_of_a_transit_gateway_go_to_its_table() {
    let log = Log::drawn(&names(&TGW_FLOW, 0), 500, 4);
    assert!(log.header.contains("tgw_id") && log.header.contains("packets_lost_no_route"));
    assert_same(&log, file(&log.batch(), Form::default()), &TGW_FLOW);
}

#[test]
fn an_unknown_column_is_kept_beside_the_others() {
    let log = Log {
        header: format!("{DEFAULT} some_new_field"),
        lines: vec!["5 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1616729292 1616729349 ACCEPT OK x\"y".to_owned()],
    };
    let rows = assert_same(&log, file(&log.batch(), Form::default()), &VPC_FLOW);
    let extra = rows[0].value(&VPC_FLOW, "extra").cloned();
    assert_eq!(extra, Some(Value::Text("{\"some_new_field\":\"x\\\"y\"}".to_owned())));
}

#[test]
fn a_file_without_rows_has_none() {
    let log = Log::drawn(DEFAULT, 1, 5);
    let outcome =
        transform(&mut Transform::new(small_parts()), &[object(0, file(&log.batch().slice(0, 0), Form::default()))]);
    let tally = &outcome.tallies[0];
    assert_eq!((tally.records, &tally.damage, outcome.files.len()), (0, &None, 0));
}

#[test]
fn a_group_mixes_both_kinds_of_objects() {
    let log = Log::drawn(DEFAULT, 800, 6);
    let mut text = Input::new(1, gzip(log.text().as_bytes()));
    text.object = Object { format: Format::Flow, ..text.object };
    let inputs = [object(0, file(&log.batch(), Form::default())), text, object(2, file(&log.batch(), Form::default()))];
    let outcome = transform(&mut Transform::new(small_parts()), &inputs);
    assert!(outcome.tallies.iter().all(|tally| *tally == outcome.tallies[1]), "{:?}", outcome.tallies);
    assert_eq!(outcome.files.iter().map(|file| file.rows).sum::<u64>(), 2400);
}
