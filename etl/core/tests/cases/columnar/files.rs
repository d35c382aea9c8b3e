//! Files as others write them, by the parquet crate.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::{WriterProperties, WriterVersion};
use trailhouse_core::{Format, Object};
use trailhouse_schemas::{Kind, Origin, TGW_FLOW, VPC_FLOW};

use super::super::harness::Input;

/// The fields of AWS's default format, as its Parquet files spell them.
pub(crate) const DEFAULT: &str = "version account_id interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status";

/// Rows of a flow log: a line with the names, then one for each.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) header: String,
    pub(crate) lines: Vec<String>,
}

impl Log {
    /// So many rows below `header`, of usual values and of none.
    pub(crate) fn drawn(header: &str, rows: usize, seed: u64) -> Self {
        let mut draw = Draw(seed);
        let line = |_| {
            let values: Vec<String> = header.split(' ').map(|name| value(&mut draw, &name.replace('_', "-"))).collect();
            values.join(" ")
        };
        Self { header: header.to_owned(), lines: (0..rows).map(line).collect() }
    }

    /// As AWS would deliver it as text.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(String::as_str).collect();
        format!("{}\n{}\n", self.header, lines.join("\n"))
    }

    /// As AWS would deliver it as Parquet: a number where it has numbers, text elsewhere.
    pub(crate) fn batch(&self) -> RecordBatch {
        let columns = self.header.split(' ').enumerate().map(|(place, name)| {
            let values = self.lines.iter().map(|line| line.split(' ').nth(place).filter(|value| *value != "-"));
            let column: ArrayRef = match kind(&name.replace('_', "-")) {
                Kind::Int32 => Arc::new(values.map(|value| value.map(|n| n.parse().unwrap())).collect::<Int32Array>()),
                Kind::Int | Kind::Instant => {
                    Arc::new(values.map(|value| value.map(|n| n.parse().unwrap())).collect::<Int64Array>())
                }
                _ => Arc::new(values.collect::<StringArray>()),
            };
            (name, column, true)
        });
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }
}

fn known(field: &str) -> Option<(Kind, Origin)> {
    let columns = VPC_FLOW.columns.iter().chain(TGW_FLOW.columns);
    { columns }.find(|column| column.origin.field() == Some(field)).map(|column| (column.kind, column.origin))
}

fn kind(field: &str) -> Kind {
    known(field).map_or(Kind::Text, |(kind, _)| kind)
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

fn value(draw: &mut Draw, field: &str) -> String {
    const WORDS: [&str; 7] = ["ACCEPT", "OK", "eni-0123456789abcdef0", "ünïcode", "a\"b\\c", "%FF", "x"];
    if draw.below(6) == 0 {
        return "-".to_owned();
    }
    match (known(field), field) {
        (Some((_, Origin::Seconds(_))), _) => (1_616_729_292 + draw.below(300_000)).to_string(),
        (Some((Kind::Int32, _)), _) => [0, 6, 443, -1, i32::MAX, i32::MIN][draw.below(6)].to_string(),
        (Some((Kind::Int, _)), _) => [0, 40, i64::MAX, i64::MIN, 5_000_000_000][draw.below(5)].to_string(),
        (_, "account-id") => "111122223333".to_owned(),
        (Some((_, Origin::Percent(_))), _) => ["web", "caf%C3%A9", "100%"][draw.below(3)].to_owned(),
        _ if draw.below(2) == 0 => format!("10.{}.{}.{}", draw.below(3), draw.below(256), draw.below(256)),
        _ => WORDS[draw.below(WORDS.len())].to_owned(),
    }
}

/// How a file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) version: WriterVersion,
    pub(crate) codec: Compression,
    pub(crate) has_dictionary: bool,
    /// Whether numbers, and lengths of texts, are written as differences where there is no dictionary.
    pub(crate) is_delta: bool,
    pub(crate) group_rows: usize,
    pub(crate) page_rows: usize,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            version: WriterVersion::PARQUET_1_0,
            codec: Compression::UNCOMPRESSED,
            has_dictionary: true,
            is_delta: false,
            group_rows: 1 << 20,
            page_rows: 20_000,
        }
    }
}

/// The file that holds `batch`.
pub(crate) fn file(batch: &RecordBatch, form: Form) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_writer_version(form.version)
        .set_compression(form.codec)
        .set_dictionary_enabled(form.has_dictionary)
        .set_max_row_group_row_count(Some(form.group_rows))
        .set_data_page_row_count_limit(form.page_rows)
        .set_write_batch_size(form.page_rows.min(1024))
        .set_write_page_header_statistics(true);
    let properties = batch.schema().fields().iter().fold(properties, |properties, field| {
        let encoding = match field.data_type() {
            DataType::Utf8 if form.is_delta => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            DataType::Int32 | DataType::Int64 | DataType::UInt32 if form.is_delta => Encoding::DELTA_BINARY_PACKED,
            _ => Encoding::PLAIN,
        };
        properties.set_column_encoding(field.name().as_str().into(), encoding)
    });
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties.build())).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Object number `number` of a plan, which is a Parquet file.
pub(crate) fn object(number: usize, stored: Vec<u8>) -> Input {
    let input = Input::new(number, stored);
    Input { object: Object { format: Format::FlowParquet, ..input.object }, ..input }
}
