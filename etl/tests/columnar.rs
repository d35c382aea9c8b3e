//! Flow logs that come as Parquet: whole, by way of a temporary file, and under names that say nothing.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::process::Command;
use std::sync::Arc;

use common::{Bench, gzip, rejects, rows, run};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::RowAccessor;
use parquet::schema::parser::parse_message_type;
use trailhouse_etl::limits::WHOLE_BYTES_MAX;
use trailhouse_etl::{Format, GroupError, IngestOptions, Outcome};
use trailhouse_lake::plan::GroupLimits;

const SCHEMA: &str = "message flow {
    required binary account_id (string);
    required binary srcaddr (string);
    required int64 bytes;
    required int64 end;
}";

/// The key of a delivered object, but for its number and the end of its name.
fn key(number: usize, end: &str) -> String {
    let name = format!("111122223333_vpcflowlogs_us-east-1_fl-0123_20260131T2355Z_{number:08x}.log.{end}");
    format!("AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/01/31/{name}")
}

/// A file of such rows: `bytes` counts from 0.
fn file(count: usize) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    for first in (0..count).step_by(50_000) {
        let rows = first..count.min(first + 50_000);
        let mut group = writer.next_row_group().unwrap();
        for column in 0..4 {
            let mut writer = group.next_column().unwrap().unwrap();
            let texts = |text: &dyn Fn(usize) -> String| -> Vec<ByteArray> {
                rows.clone().map(|row| text(row).into_bytes().into()).collect()
            };
            let numbers = |number: &dyn Fn(usize) -> usize| -> Vec<i64> {
                rows.clone().map(|row| i64::try_from(number(row)).unwrap()).collect()
            };
            match column {
                0 => writer.typed::<ByteArrayType>().write_batch(&texts(&|_| "111122223333".to_owned()), None, None),
                1 => writer.typed::<ByteArrayType>().write_batch(&texts(&address), None, None),
                2 => writer.typed::<Int64Type>().write_batch(&numbers(&|row| row), None, None),
                _ => writer.typed::<Int64Type>().write_batch(&numbers(&|row| END + row % 60), None, None),
            }
            .unwrap();
            writer.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

/// 2026-01-31, a minute before midnight.
const END: usize = 1_769_903_940;

fn address(row: usize) -> String {
    format!("10.{}.{}.{}", row >> 16 & 0xff, row >> 8 & 0xff, row & 0xff)
}

/// The sum of `bytes`, each of which stands beside its address.
fn sum(bench: &Bench, lake: &str) -> i64 {
    let mut sum = 0;
    for (_, content) in bench.tables(lake).iter().filter(|(name, _)| name.starts_with("vpc_flow/")) {
        let reader = SerializedFileReader::new(bytes::Bytes::from(content.clone())).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let place = |name: &str| schema.columns().iter().position(|column| column.name() == name).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let bytes = row.get_long(place("bytes")).unwrap();
            assert_eq!(*row.get_string(place("srcaddr")).unwrap(), address(usize::try_from(bytes).unwrap()));
            sum += bytes;
        }
    }
    sum
}

fn options(bench: &Bench, lake: &str) -> IngestOptions {
    let mut options = bench.options(lake);
    options.limits.part_records = 50_000;
    options.limits.part_bytes = 32 << 20;
    options.limits.group = GroupLimits { bytes_soft: 64 << 20, bytes_max: 128 << 20, ..options.limits.group };
    options
}

#[test]
fn objects_of_every_size_and_both_kinds_are_read() {
    const ROWS: usize = 150_000;
    let bench = Bench::new();
    let large = file(ROWS);
    assert!(large.len() as u64 > WHOLE_BYTES_MAX, "{} bytes", large.len());
    bench.write(&key(0, "parquet"), &large);
    bench.write(&key(1, "parquet"), &file(100));
    bench.write(&key(2, "gz"), &gzip("account-id srcaddr bytes end\n111122223333 10.0.0.7 7 1769903940\n"));
    // One that is cut has no footer.
    bench.write(&key(3, "parquet"), &large[..large.len() - 9]);
    let summary = run(&options(&bench, "lake")).unwrap();
    assert_eq!((summary.objects, summary.rows, summary.rejects), (4, ROWS as u64 + 101, 1), "{summary:?}");
    assert_eq!((summary.outcome(), summary.objects_damaged), (Outcome::WithRejects, 1));
    assert_eq!(rows(&bench.tables("lake"), "vpc_flow"), ROWS as u64 + 101);
    let expected = ROWS * (ROWS - 1) / 2 + 100 * 99 / 2 + 7;
    assert_eq!(sum(&bench, "lake"), i64::try_from(expected).unwrap());
    let name = key(3, "parquet").rsplit('/').next().unwrap().to_owned();
    assert_eq!(rejects(&bench.tables("lake")), [(name, 0, "parquet".to_owned())]);
    let again = run(&options(&bench, "lake")).unwrap();
    assert_eq!((again.objects, again.objects_known), (0, 4));
}

#[test]
fn what_was_said_covers_both_kinds() {
    let bench = Bench::new();
    bench.write("one", &file(100));
    bench.write("two", b"bytes srcaddr end\n0 10.0.0.0 1769903940\n");
    let told = run(&options(&bench, "told")).unwrap();
    assert_eq!((told.objects, told.objects_skipped, told.rows), (1, 1, 1), "what nobody knows is left alone");
    let mut options = options(&bench, "lake");
    options.format = Some(Format::Flow);
    let summary = run(&options).unwrap();
    assert_eq!(
        (summary.objects, summary.rows, summary.rejects, summary.objects_damaged),
        (2, 101, 0, 0),
        "{summary:?}"
    );
    assert_eq!(sum(&bench, "lake"), 100 * 99 / 2);
}

/// Tells a child of the test below its source and lake.
const CHILD: &str = "TRAILHOUSE_TEST_PATHS";

#[test]
fn without_room_for_temporary_files_nothing_is_damaged() {
    if let Ok(paths) = std::env::var(CHILD) {
        let (source, lake) = paths.split_once(':').unwrap();
        let summary = run(&IngestOptions::new(vec![source.to_owned()], lake.to_owned())).unwrap();
        assert_eq!((summary.outcome(), summary.objects, summary.rejects), (Outcome::Stopped, 0, 0), "{summary:?}");
        let is_unkept = |error: &GroupError| matches!(error, GroupError::Unkept { .. }) && error.hint().is_some();
        assert!(summary.stopped.iter().all(|stopped| is_unkept(&stopped.error)), "{summary:?}");
        return;
    }
    let bench = Bench::new();
    bench.write(&key(0, "parquet"), &file(150_000));
    let paths = ["source", "lake"].map(|name| bench.path(name).to_str().unwrap().to_owned()).join(":");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "without_room_for_temporary_files_nothing_is_damaged"]);
    child.env(CHILD, paths).env("TMPDIR", bench.path("missing"));
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let summary = run(&options(&bench, "lake")).unwrap();
    assert_eq!((summary.outcome(), summary.rows), (Outcome::Complete, 150_000), "{summary:?}");
}
