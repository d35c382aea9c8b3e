//! Columns of every type, and values that someone chose to do harm.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int8Array, RecordBatch, StringArray, StructArray, TimestampMillisecondArray, UInt16Array,
    UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::basic::Encoding;
use parquet::file::properties::{WriterProperties, WriterVersion};
use trailhouse_core::transcribe::text_of;
use trailhouse_core::{Reason, Transform};
use trailhouse_schemas::{REJECTS, VPC_FLOW};

use super::super::harness::{small_parts, transform};
use super::super::readback;
use super::files::{DEFAULT, Form, Log, file, object};
use crate::oracle::Value;

fn batch(columns: &[(&str, ArrayRef)]) -> RecordBatch {
    let columns = columns.iter().map(|(name, column)| (*name, Arc::clone(column), column.null_count() > 0));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn text(columns: &[(&str, ArrayRef)]) -> String {
    let mut texts = Vec::new();
    for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
        for (has_dictionary, is_delta) in [(true, false), (false, false), (false, true)] {
            let (text, damage) = text_of(
                &file(&batch(columns), Form { version, has_dictionary, is_delta, ..Form::default() }),
                u64::MAX,
            );
            assert_eq!(damage, None);
            texts.push(String::from_utf8(text).unwrap());
        }
    }
    assert!(texts.windows(2).all(|pair| pair[0] == pair[1]), "{texts:?}");
    texts.remove(0)
}

fn damage(columns: &[(&str, ArrayRef)]) -> String {
    text_of(&file(&batch(columns), Form::default()), u64::MAX).1.unwrap_or_default()
}

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn values_of_every_type() {
    let fixed = FixedSizeBinaryArray::try_from_iter([b"ab", b"c\n"].into_iter()).unwrap();
    let columns: [(&str, ArrayRef); 10] = [
        ("version", Arc::new(Int8Array::from(vec![Some(-3), None]))),
        ("srcport", Arc::new(UInt16Array::from(vec![0, u16::MAX]))),
        ("dstport", Arc::new(UInt32Array::from(vec![u32::MAX, 7]))),
        ("packets", Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]))),
        ("bytes", Arc::new(Float32Array::from(vec![0.5, 40.0]))),
        ("protocol", Arc::new(Float64Array::from(vec![6.0, f64::NAN]))),
        ("start", Arc::new(TimestampMillisecondArray::from(vec![1_616_729_292_000, -1]))),
        ("action", Arc::new(BinaryArray::from(vec![&b"ACCEPT"[..], b"\xc3\xa9"]))),
        ("type", Arc::new(fixed)),
        ("a_truth", Arc::new(BooleanArray::from(vec![Some(true), None]))),
    ];
    let expected = "version srcport dstport packets bytes protocol start action type a_truth\n\
                    -3 0 4294967295 18446744073709551615 0.5 6 1616729292000 ACCEPT ab true\n\
                    - 65535 7 - 40 NaN -1 é c%0A -\n";
    assert_eq!(text(&columns), expected);
}

#[test]
fn truths_in_bits_and_runs() {
    let truths: Vec<Option<bool>> = (0..5000).map(|number| (number % 7 > 0).then_some(number % 3 == 0)).collect();
    let dense: Vec<bool> = (0..5000).map(|number| number % 5 == 0 || number > 3000).collect();
    let lines: Vec<String> = truths
        .iter()
        .zip(&dense)
        .map(|(truth, dense)| format!("{} x {dense}", truth.map_or_else(|| "-".to_owned(), |truth| truth.to_string())))
        .collect();
    let columns: [(&str, ArrayRef); 3] = [
        ("action", Arc::new(BooleanArray::from(truths))),
        ("srcaddr", texts(&["x"; 5000])),
        ("dstaddr", Arc::new(BooleanArray::from(dense))),
    ];
    assert_eq!(text(&columns), format!("action srcaddr dstaddr\n{}\n", lines.join("\n")));
}

#[test]
fn no_value_passes_for_a_field_or_a_row() {
    let hostile = ["a b", "a\n2 - - x", "\r", "", " ", "\t\u{b}\0", "\u{7f}", "-", "a%20b", "é\u{2028}x"];
    let columns = [("srcaddr", texts(&hostile)), ("dstaddr", texts(&["y"; 10]))];
    let expected = "srcaddr dstaddr\na%20b y\na%0A2%20-%20-%20x y\n%0D y\n- y\n%20 y\n%09%0B%00 y\n%7F y\n- y\n\
                    a%20b y\né\u{2028}x y\n";
    assert_eq!(text(&columns), expected);
    let stored = file(&batch(&columns), Form::default());
    let outcome = transform(&mut Transform::new(small_parts()), &[object(0, stored)]);
    assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects, &outcome.tallies[0].damage), (10, 0, &None));
}

#[test]
fn no_row_passes_for_a_header() {
    let columns =
        [("srcaddr", texts(&["10.0.0.1", "dstaddr", "10.0.0.2"])), ("dstaddr", texts(&["x", "srcaddr", "y"]))];
    assert_eq!(text(&columns), "srcaddr dstaddr\n10.0.0.1 x\n%64staddr srcaddr\n10.0.0.2 y\n");
    let outcome = transform(&mut Transform::new(small_parts()), &[object(0, file(&batch(&columns), Form::default()))]);
    assert_eq!(outcome.tallies[0].rows, 3);
    let rows: Vec<_> = outcome.files.iter().flat_map(|file| readback::rows(file).unwrap()).collect();
    let targets: Vec<_> = rows.iter().map(|row| row.value(&VPC_FLOW, "dstaddr").cloned()).collect();
    assert_eq!(targets, ["x", "srcaddr", "y"].map(|text| Some(Value::Text(text.to_owned()))));
}

#[test]
fn a_tag_is_decoded_as_that_of_a_text_is() {
    let columns = [("srcaddr", texts(&["x"])), ("instance_tag", texts(&["my web"]))];
    let outcome = transform(&mut Transform::new(small_parts()), &[object(0, file(&batch(&columns), Form::default()))]);
    let rows = readback::rows(&outcome.files[0]).unwrap();
    assert_eq!(rows[0].value(&VPC_FLOW, "instance_tag"), Some(&Value::Text("my web".to_owned())));
}

#[test]
fn a_row_that_is_not_utf8_is_rejected_alone() {
    let values: ArrayRef = Arc::new(BinaryArray::from(vec![&b"a"[..], b"\xff\xfe", b"c"]));
    let stored = file(&batch(&[("srcaddr", values)]), Form::default());
    let outcome = transform(&mut Transform::new(small_parts()), &[object(0, stored)]);
    let tally = &outcome.tallies[0];
    assert_eq!((tally.rows, tally.rejects, &tally.damage), (2, 1, &None));
    let rejects = outcome.files.iter().find(|file| *file.table == REJECTS).unwrap();
    let row = &readback::rows(rejects).unwrap()[0];
    assert_eq!(row.value(&REJECTS, "reason"), Some(&Value::Text(Reason::Utf8.code().to_owned())));
    assert_eq!(row.value(&REJECTS, "bytes"), Some(&Value::Bytes(b"\xff\xfe".to_vec())));
    assert_eq!(row.value(&REJECTS, "byte_offset"), Some(&Value::Int(10)), "in the text");
}

#[test]
fn columns_that_are_no_fields_are_refused_by_name() {
    let mut list = ListBuilder::new(Int32Builder::new());
    list.values().append_value(1);
    list.append(true);
    let inner: ArrayRef = texts(&["x"]);
    let inside = StructArray::from(vec![(Arc::new(Field::new("inside", DataType::Utf8, false)), inner)]);
    let odd: [(ArrayRef, &str); 4] = [
        (Arc::new(list.finish()), "has others inside"),
        (Arc::new(inside), "has others inside"),
        (Arc::new(Date32Array::from(vec![1])), "days, decimals or others that flow logs have not in the column `odd`"),
        (Arc::new(Decimal128Array::from(vec![1]).with_precision_and_scale(30, 2).unwrap()), "in the column `odd`"),
    ];
    for (column, complaint) in odd {
        let damage = damage(&[("srcaddr", texts(&["x"])), ("odd", column)]);
        assert!(damage.starts_with(Reason::ParquetKind.about()) && damage.contains(complaint), "{damage}");
        assert!(damage.contains("`odd`"), "{damage}");
    }
    let many: Vec<String> = (0..257).map(|number| format!("field_{number}")).collect();
    let columns: Vec<(&str, ArrayRef)> = many.iter().map(|name| (name.as_str(), texts(&["x"]))).collect();
    assert!(damage(&columns).contains("more than 256 columns"), "{}", damage(&columns));
    for unknown in ["srcaddress", "SRCADDR", "my srcaddr", ""] {
        let damage = damage(&[(unknown, texts(&["x"]))]);
        assert!(damage.starts_with(Reason::NoFields.about()) && damage.contains(unknown), "{damage}");
    }
}

#[test]
fn encodings_that_are_not_read_are_named() {
    let log = Log::drawn(DEFAULT, 50, 7);
    for (column, encoding) in [("bytes", Encoding::BYTE_STREAM_SPLIT), ("srcaddr", Encoding::DELTA_BYTE_ARRAY)] {
        let properties = WriterProperties::builder().set_dictionary_enabled(false);
        let properties = properties.set_column_encoding(column.into(), encoding).build();
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, log.batch().schema(), Some(properties)).unwrap();
        writer.write(&log.batch()).unwrap();
        writer.close().unwrap();
        let damage = text_of(&bytes, u64::MAX).1.unwrap();
        let complaint = format!("its values have encoding {encoding} in the column `{column}` in row group 0");
        assert!(damage.starts_with(Reason::ParquetKind.about()) && damage.contains(&complaint), "{damage}");
    }
}
