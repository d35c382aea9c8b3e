//! Rows on their way out.

mod csv;
mod names;
mod records;
mod table;

use std::io::{self, ErrorKind, Write};

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::json::writer::{LineDelimited, WriterBuilder};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::args::RowFormat;
use csv::CsvWriter;
use names::{renamed, unique};
use table::TableWriter;

/// Writes the rows of one answer.
pub(crate) struct RowWriter<W: Write + Send> {
    kind: Kind<W>,
    rows: u64,
}

enum Kind<W: Write + Send> {
    Table(TableWriter<W>),
    Json { writer: arrow::json::Writer<W, LineDelimited>, schema: SchemaRef },
    Csv(CsvWriter<W>),
    Parquet { writer: Box<ArrowWriter<W>>, schema: SchemaRef },
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wrote {
    /// Rows of the answer.
    pub(crate) rows: u64,
    /// Rows that were printed.
    pub(crate) shown: u64,
    /// Whether values were cut.
    pub(crate) is_cut: bool,
}

impl<W: Write + Send> RowWriter<W> {
    /// A writer of `format`; a table is fitted to the width of a terminal where there is one.
    ///
    /// # Errors
    ///
    /// `Unsupported` when the format has no such values.
    pub(crate) fn new(format: RowFormat, out: W, schema: &SchemaRef, width: Option<usize>) -> io::Result<Self> {
        let kind = match format {
            RowFormat::Table => Kind::Table(TableWriter::new(out, schema, width)),
            RowFormat::Json => {
                let writer = WriterBuilder::new().with_explicit_nulls(true).build(out);
                Kind::Json { writer, schema: unique(schema) }
            }
            RowFormat::Csv => Kind::Csv(CsvWriter::new(out, schema)?),
            RowFormat::Parquet => {
                let schema = unique(schema);
                let compression = Compression::ZSTD(ZstdLevel::default());
                let properties = WriterProperties::builder().set_compression(compression).build();
                let writer = ArrowWriter::try_new(out, SchemaRef::clone(&schema), Some(properties));
                Kind::Parquet { writer: Box::new(writer.map_err(parquet_error)?), schema }
            }
        };
        Ok(Self { kind, rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.rows += batch.num_rows() as u64;
        match &mut self.kind {
            Kind::Table(writer) => writer.write(batch).map_err(arrow_error),
            Kind::Json { writer, schema } => {
                renamed(batch, schema).and_then(|batch| writer.write(&batch)).map_err(arrow_error)
            }
            Kind::Csv(writer) => writer.write(batch).map_err(arrow_error),
            Kind::Parquet { writer, schema } => {
                writer.write(&renamed(batch, schema).map_err(arrow_error)?).map_err(parquet_error)
            }
        }
    }

    /// Ends the output.
    pub(crate) fn finish(self) -> io::Result<(W, Wrote)> {
        let rows = self.rows;
        let all = Wrote { rows, shown: rows, is_cut: false };
        let (mut out, wrote) = match self.kind {
            Kind::Table(writer) => {
                let (out, shown, is_cut) = writer.finish()?;
                (out, Wrote { rows, shown, is_cut })
            }
            Kind::Json { mut writer, .. } => {
                writer.finish().map_err(arrow_error)?;
                (writer.into_inner(), all)
            }
            Kind::Csv(writer) => (writer.into_inner(), all),
            Kind::Parquet { writer, .. } => (writer.into_inner().map_err(parquet_error)?, all),
        };
        out.flush()?;
        Ok((out, wrote))
    }
}

/// Finds the writer's own error again, so that a closed pipe is known as one.
fn arrow_error(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        ArrowError::ExternalError(error) => external(error),
        ArrowError::NotYetImplemented(why) => io::Error::new(ErrorKind::Unsupported, why),
        other => io::Error::other(other),
    }
}

fn parquet_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => external(error),
        ParquetError::NYI(why) => io::Error::new(ErrorKind::Unsupported, why),
        other => io::Error::other(other),
    }
}

fn external(error: Box<dyn std::error::Error + Send + Sync>) -> io::Error {
    match error.downcast::<io::Error>() {
        Ok(error) => *error,
        Err(error) => match error.downcast::<ArrowError>() {
            Ok(error) => arrow_error(*error),
            Err(error) => io::Error::other(error),
        },
    }
}
