//! One file: a row group of chunks, and the footer.

use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{WriterProperties, WriterPropertiesPtr};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;
use trailhouse_schemas::{Column, Kind, Table};

use super::chunk::ChunkEncoder;
use crate::columns::{Columns, Slot};
use crate::error::Error;
use crate::halt::Halt;
use crate::text::Texts;

/// Who wrote a file, in the form that readers parse: the version is the layout's, the build the program's. The same build
/// makes the same bytes of the same objects.
pub const CREATED_BY: &str = concat!("trailhouse version 1 (build ", env!("CARGO_PKG_VERSION"), ")");

/// What all files of one table are written by.
pub(crate) struct FileEncoder {
    table: &'static Table,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
}

impl FileEncoder {
    pub(crate) fn new(table: &'static Table) -> Result<Self, Error> {
        let fields: String = table.columns.iter().map(field).collect();
        let schema = Arc::new(parse_message_type(&format!("message {} {{ {fields} }}", table.name))?);
        let properties = Arc::new(properties(table).build());
        Ok(Self { table, schema, properties })
    }

    /// The file of `rows`, in their order.
    pub(crate) fn encode(
        &self,
        chunks: &mut ChunkEncoder,
        (columns, texts): (&Columns, Texts<'_>),
        rows: &[u32],
        halt: &Halt,
    ) -> Result<Bytes, Error> {
        let mut writer = SerializedFileWriter::new(Vec::new(), Arc::clone(&self.schema), Arc::clone(&self.properties))?;
        let descriptors = writer.schema_descr().columns().to_vec();
        let mut group = writer.next_row_group()?;
        for ((column, slot), descriptor) in self.table.columns.iter().zip(columns.slots()).zip(descriptors) {
            halt.look()?;
            let closed = match *slot {
                Slot::Coded(at) => chunks.coded(&columns.coded[at], column.storage, texts, rows, descriptor),
                Slot::Text(at) | Slot::Json(at) => {
                    let spans = &columns.spans[at];
                    let span = |row: u32| spans.get(row as usize).copied().unwrap_or_default();
                    chunks.text(span, column.storage, texts, rows, descriptor)
                }
                Slot::Bool(at) => chunks.bools(&columns.bools[at], rows, descriptor),
                Slot::Instant(at) | Slot::Millis(at) | Slot::Int(at) => {
                    chunks.numbers(&columns.numbers[at], rows, descriptor)
                }
                Slot::Int32(at) => chunks.numbers(&columns.small[at], rows, descriptor),
                Slot::Double(at) => chunks.numbers(&columns.doubles[at], rows, descriptor),
            }?;
            group.append_column(&Pages(chunks.bytes()), closed)?;
        }
        group.close()?;
        Ok(writer.into_inner()?.into())
    }
}

/// What every file of `table` says of itself, whoever encodes it.
pub(super) fn properties(table: &Table) -> parquet::file::properties::WriterPropertiesBuilder {
    let sorting = table.order.iter().filter_map(|name| table.position(name)).map(|position| SortingColumn {
        column_idx: position as i32,
        descending: false,
        nulls_first: true,
    });
    let sorting: Vec<SortingColumn> = sorting.collect();
    WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new("trailhouse.table".to_owned(), table.name.to_owned())]))
        .set_sorting_columns((!sorting.is_empty()).then_some(sorting))
}

fn field(column: &Column) -> String {
    let (physical, logical) = match column.kind {
        Kind::Text | Kind::Json => ("binary", " (STRING)"),
        Kind::Bytes => ("binary", ""),
        Kind::Bool => ("boolean", ""),
        Kind::Int => ("int64", ""),
        Kind::Int32 => ("int32", ""),
        Kind::Double => ("double", ""),
        Kind::Instant => ("int64", " (TIMESTAMP(MILLIS,true))"),
    };
    format!("optional {physical} {}{logical};", column.name)
}

/// A chunk's bytes, as the row group's writer reads them.
struct Pages<'a>(&'a [u8]);

impl Length for Pages<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

impl<'a> ChunkReader for Pages<'a> {
    type T = &'a [u8];

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        self.slice(start, self.0.len())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        Ok(Bytes::copy_from_slice(self.slice(start, length)?))
    }
}

impl<'a> Pages<'a> {
    fn slice(&self, start: u64, length: usize) -> ParquetResult<&'a [u8]> {
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let end = start.saturating_add(length).min(self.0.len());
        self.0.get(start..end).ok_or_else(|| ParquetError::EOF("a page lies outside its chunk".to_owned()))
    }
}
