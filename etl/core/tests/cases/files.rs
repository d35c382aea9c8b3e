//! What stands in the files beside the rows: types, statistics, bloom filters, page indexes, the order declared.

use bytes::Bytes;
use parquet::basic::{LogicalType, TimeUnit, Type};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader};
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};
use parquet::file::statistics::Statistics;
use trailhouse_core::limits::STATISTICS_BYTES_MAX;
use trailhouse_core::{PartFile, Settings};
use trailhouse_schemas::{Column, Kind, Storage};

use super::generator::inputs;
use super::harness::{Input, assert_agrees, settings};
use super::readback::{self, ReadRow};
use crate::oracle::Value;

/// Files with many values and few, long and short, of several pages, and with rejects.
fn files() -> Vec<PartFile> {
    let record = |number: usize| {
        format!(
            "{{\"eventTime\":\"2026-03-04T{:02}:{:02}:{:02}Z\",\"eventID\":\"{:x}\",\"requestID\":\"{}\",\"eventName\":\"n{}\",\
             \"readOnly\":{},\"sourceIPAddress\":\"10.0.{}.{}\",\"userAgent\":\"{}\",\"requestParameters\":{{\"a\":\"{}\"}},\
             \"userIdentity\":{{\"arn\":\"arn:{}\",\"accessKeyId\":\"AKIA{}\"}},\"sharedEventID\":{}}}",
            number / 3600 % 24,
            number / 60 % 60,
            number % 60,
            number * 0x9e37_79b9,
            number,
            number % 13,
            number.is_multiple_of(3),
            number / 250 % 250,
            number % 250,
            if number.is_multiple_of(5) { "é".repeat(number % 300) } else { "agent".to_owned() },
            "p".repeat(number % 700),
            number % 4000,
            number % 97,
            if number.is_multiple_of(1000) { format!("\"{number}\"") } else { "null".to_owned() },
        )
    };
    let records: Vec<String> = (0..30_000).map(|number| record(number * 7919 % 30_000)).collect();
    let large = Input::of_json(0, format!("[{},1,{{]]", records.join(",")).as_bytes());
    let mut files = assert_agrees(&[large], settings()).files;
    files.extend(assert_agrees(&inputs(0xf11e, 200), Settings { part_records: 300, ..settings() }).files);
    files
}

fn reader(file: &PartFile) -> SerializedFileReader<Bytes> {
    let properties = ReaderProperties::builder().set_read_bloom_filter(true).build();
    let options = ReadOptionsBuilder::new().with_page_index().with_reader_properties(properties).build();
    SerializedFileReader::new_with_options(file.bytes.clone(), options).unwrap()
}

fn column_values(rows: &[ReadRow], index: usize) -> Vec<Option<&Value>> {
    rows.iter().map(|row| row.values[index].as_ref()).collect()
}

#[test]
fn files_say_the_truth_about_their_rows() {
    let files = files();
    assert!(files.len() > 10 && files.iter().any(|file| file.rows > 20_000));
    for file in &files {
        let rows = readback::rows(file).unwrap();
        let reader = reader(file);
        assert_eq!(reader.metadata().file_metadata().num_rows(), rows.len() as i64);
        let mut start = 0;
        for group in 0..reader.num_row_groups() {
            let count = usize::try_from(reader.metadata().row_group(group).num_rows()).unwrap();
            for (index, column) in file.table.columns.iter().enumerate() {
                let values = column_values(&rows[start..start + count], index);
                check_types(&reader, group, index, column);
                check_statistics(&reader, group, index, column, &values);
                check_bloom_filter(&reader, group, index, column, &values, file.table.order.is_empty());
                check_pages(&reader, group, index, &values);
            }
            check_order_declared(&reader, group, file);
            start += count;
        }
        assert_eq!(start, rows.len());
    }
}

fn check_types(reader: &SerializedFileReader<Bytes>, group: usize, index: usize, column: &Column) {
    let chunk = reader.metadata().row_group(group).column(index);
    let descriptor = chunk.column_descr();
    assert_eq!(descriptor.name(), column.name);
    let (physical, logical) = (descriptor.physical_type(), descriptor.logical_type_ref());
    match column.kind {
        Kind::Text | Kind::Json => {
            assert_eq!((physical, logical), (Type::BYTE_ARRAY, Some(&LogicalType::String)), "{}", column.name);
        }
        Kind::Bytes => assert_eq!((physical, logical), (Type::BYTE_ARRAY, None), "{}", column.name),
        Kind::Bool => assert_eq!(physical, Type::BOOLEAN),
        Kind::Int => assert_eq!(physical, Type::INT64),
        Kind::Int32 => assert_eq!(physical, Type::INT32),
        Kind::Double => assert_eq!(physical, Type::DOUBLE),
        Kind::Instant => {
            assert_eq!(physical, Type::INT64);
            let is_utc_millis = matches!(logical, Some(LogicalType::Timestamp(timestamp))
                if timestamp.is_adjusted_to_u_t_c && timestamp.unit == TimeUnit::MILLIS);
            assert!(is_utc_millis, "{}: {logical:?}", column.name);
        }
    }
}

/// A value as statistics and bloom filters hold it.
fn stored(value: &Value) -> Vec<u8> {
    match value {
        Value::Text(text) => text.clone().into_bytes(),
        Value::Bytes(bytes) => bytes.clone(),
        Value::Bool(truth) => vec![u8::from(*truth)],
        Value::Int(number) => number.to_le_bytes().to_vec(),
    }
}

fn check_statistics(
    reader: &SerializedFileReader<Bytes>,
    group: usize,
    index: usize,
    column: &Column,
    values: &[Option<&Value>],
) {
    let place = format!("`{}` of row group {group}", column.name);
    let statistics = reader.metadata().row_group(group).column(index).statistics();
    let nulls = values.iter().filter(|value| value.is_none()).count() as u64;
    let (least, greatest) = (values.iter().flatten().min(), values.iter().flatten().max());
    let Some(statistics) = statistics else {
        assert!(!column.storage.has_bounds(), "{place} has no statistics");
        return;
    };
    if column.storage.has_bounds() {
        assert_eq!(statistics.null_count_opt(), Some(nulls), "{place}");
    }
    let (Some(least), Some(greatest)) = (least, greatest) else {
        assert!(statistics.min_bytes_opt().is_none() && statistics.max_bytes_opt().is_none(), "{place}");
        return;
    };
    let (Some(low), Some(high)) = (statistics.min_bytes_opt(), statistics.max_bytes_opt()) else {
        assert!(column.storage == Storage::Bulk, "{place} has no bounds");
        return;
    };
    let (least, greatest) = (stored(least), stored(greatest));
    if matches!(statistics, Statistics::ByteArray(_)) {
        assert!(low <= &least[..] && high >= &greatest[..], "{place} is not within its bounds");
        assert!(low.len() <= STATISTICS_BYTES_MAX && high.len() <= STATISTICS_BYTES_MAX, "{place}");
        assert_eq!(statistics.min_is_exact(), low == &least[..], "{place}");
        assert_eq!(statistics.max_is_exact(), high == &greatest[..], "{place}");
        assert!(least.len() > STATISTICS_BYTES_MAX || low == &least[..], "{place} could be exact");
        assert!(greatest.len() > STATISTICS_BYTES_MAX || high == &greatest[..], "{place} could be exact");
    } else {
        assert_eq!((low, high), (&least[..], &greatest[..]), "{place}");
    }
}

fn check_bloom_filter(
    reader: &SerializedFileReader<Bytes>,
    group: usize,
    index: usize,
    column: &Column,
    values: &[Option<&Value>],
    is_cold: bool,
) {
    let row_group = reader.get_row_group(group).unwrap();
    let place = format!("`{}` of row group {group}", column.name);
    let Some(filter) = row_group.get_column_bloom_filter(index) else {
        let has_values = values.iter().any(Option::is_some);
        assert!(is_cold || !column.storage.has_bloom_filter() || !has_values, "{place} has no bloom filter");
        return;
    };
    assert!(column.storage.has_bloom_filter(), "{place} has a bloom filter");
    for value in values.iter().flatten() {
        let Value::Text(text) = value else { panic!("{place} is no text") };
        assert!(filter.check(&text.as_str()), "{place} denies `{text}`");
    }
    // A filter that says yes to everything would be no help.
    let yes = (0..1000).filter(|number| filter.check(&format!("not there {number}").as_str())).count();
    assert!(yes < 100, "{place} says yes to {yes} of 1000 values that are not there");
}

/// Offset index: pages that cover all rows. Column index: bounds and null counts of each page.
fn check_pages(reader: &SerializedFileReader<Bytes>, group: usize, index: usize, values: &[Option<&Value>]) {
    let metadata = reader.metadata();
    let name = metadata.row_group(group).column(index).column_descr().name();
    let place = format!("`{name}` of row group {group}");
    let offsets = &metadata.offset_index().expect("an offset index")[group][index];
    let firsts: Vec<usize> = offsets.page_locations().iter().map(|page| page.first_row_index as usize).collect();
    assert_eq!(firsts.first(), Some(&0), "{place}");
    assert!(firsts.is_sorted_by(|a, b| a < b) && *firsts.last().unwrap() < values.len(), "{place}");
    let bounds = &metadata.column_index().expect("a column index")[group][index];
    for (page, first) in firsts.iter().enumerate() {
        let behind = firsts.get(page + 1).copied().unwrap_or(values.len());
        let present: Vec<Vec<u8>> = values[*first..behind].iter().flatten().map(|value| stored(value)).collect();
        let nulls = (behind - first - present.len()) as i64;
        if let Some(counts) = bounds.null_counts() {
            assert_eq!(counts[page], nulls, "{place}, page {page}");
        }
        let parquet::file::page_index::column_index::ColumnIndexMetaData::BYTE_ARRAY(bounds) = bounds else { continue };
        assert_eq!(bounds.is_null_page(page), present.is_empty(), "{place}, page {page}");
        if let Some((low, high)) = bounds.min_value(page).zip(bounds.max_value(page)) {
            let is_within = present.iter().all(|value| low <= &value[..] && &value[..] <= high);
            assert!(is_within, "{place}, page {page} is not within its bounds");
        }
    }
}

fn check_order_declared(reader: &SerializedFileReader<Bytes>, group: usize, file: &PartFile) {
    let declared = reader.metadata().row_group(group).sorting_columns();
    let expected: Vec<(i32, bool, bool)> =
        file.table.order.iter().map(|name| (file.table.position(name).unwrap() as i32, false, true)).collect();
    let found: Vec<(i32, bool, bool)> = declared
        .into_iter()
        .flatten()
        .map(|column| (column.column_idx, column.descending, column.nulls_first))
        .collect();
    assert_eq!(found, expected, "the order of `{}`", file.table.name);
}

#[test]
fn footers_are_read_without_the_rest() {
    for file in files() {
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Required)
            .parse_and_finish(&file.bytes)
            .unwrap();
        assert_eq!(metadata.file_metadata().num_rows(), i64::try_from(file.rows).unwrap());
        assert_eq!(metadata.file_metadata().schema_descr().num_columns(), file.table.columns.len());
    }
}
