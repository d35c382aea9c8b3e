//! Rows on their way out.

mod table;

use std::io::{self, Write};

use arrow::csv;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::json::writer::{LineDelimited, WriterBuilder};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::args::RowFormat;
use table::TableWriter;

/// Writes the rows of one answer.
pub(crate) struct RowWriter<W: Write + Send> {
    kind: Kind<W>,
    rows: u64,
}

enum Kind<W: Write + Send> {
    Table(TableWriter<W>),
    Json(arrow::json::Writer<W, LineDelimited>),
    Csv(csv::Writer<W>),
    Parquet(Box<ArrowWriter<W>>),
}

/// What was written.
pub(crate) struct Wrote {
    /// Rows of the answer.
    pub(crate) rows: u64,
    /// Rows that were printed.
    pub(crate) shown: u64,
    /// Whether values were cut.
    pub(crate) is_cut: bool,
}

impl<W: Write + Send> RowWriter<W> {
    /// A writer of `format`; a table is cut to `width` columns where there is one.
    pub(crate) fn new(format: RowFormat, out: W, schema: &SchemaRef, width: Option<usize>) -> io::Result<Self> {
        let kind = match format {
            RowFormat::Table => Kind::Table(TableWriter::new(out, schema, width)),
            RowFormat::Json => Kind::Json(WriterBuilder::new().with_explicit_nulls(true).build(out)),
            RowFormat::Csv => {
                // A header also where no row follows.
                let mut writer = csv::WriterBuilder::new().with_header(true).build(out);
                writer.write(&RecordBatch::new_empty(SchemaRef::clone(schema))).map_err(arrow_error)?;
                Kind::Csv(writer)
            }
            RowFormat::Parquet => {
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
                let writer = ArrowWriter::try_new(out, SchemaRef::clone(schema), Some(properties));
                Kind::Parquet(Box::new(writer.map_err(parquet_error)?))
            }
        };
        Ok(Self { kind, rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        self.rows += batch.num_rows() as u64;
        match &mut self.kind {
            Kind::Table(writer) => writer.write(batch).map_err(arrow_error),
            Kind::Json(writer) => writer.write(batch).map_err(arrow_error),
            Kind::Csv(writer) => writer.write(batch).map_err(arrow_error),
            Kind::Parquet(writer) => writer.write(batch).map_err(parquet_error),
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
            Kind::Json(mut writer) => {
                writer.finish().map_err(arrow_error)?;
                (writer.into_inner(), all)
            }
            Kind::Csv(writer) => (writer.into_inner(), all),
            Kind::Parquet(writer) => (writer.into_inner().map_err(parquet_error)?, all),
        };
        out.flush()?;
        Ok((out, wrote))
    }
}

fn arrow_error(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}

fn parquet_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        other => io::Error::other(other),
    }
}
