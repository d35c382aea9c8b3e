//! Rows back to the records that they were made of.
//!
//! A record comes back as the same JSON value, its members in table order with those of `extra` behind them (equal keys
//! keep their order, nulls and odd types are there); what a column holds as JSON comes back byte for byte. A line of a
//! flow log comes back as it was. Records stand in objects of the kind that their source was of: read again, they give
//! the same rows, but for the columns that say which object and record a row came from.

mod cells;
mod envelope;
mod framing;
mod json;
mod key;
mod line;
mod object;

use arrow_array::RecordBatch;
use trailhouse_schemas::{
    CLOUDTRAIL, CLOUDTRAIL_DIGESTS, CLOUDTRAIL_INSIGHTS, CLOUDWATCH_LOGS, GUARDDUTY, INCIDENTS, TGW_FLOW, Table,
    VPC_FLOW,
};

use crate::format::Format;
use crate::time::write_with_millis;
use cells::{Batch, Row};
use json::Members;
use line::Line;

pub use framing::Framing;
pub use key::{Place, object_key};

/// What a row was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'r> {
    /// The folders of the object that it belongs to.
    pub place: &'r Place,
    /// How it stands there.
    pub framing: &'r Framing,
    /// The record itself.
    pub text: &'r str,
    /// The line that must stand somewhere before it, and no other such line between.
    pub header: &'r str,
}

/// Why a row cannot be turned back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// The rows lack a column, or it is of another type.
    #[error("the rows have no column `{0}` as the table has it")]
    Column(&'static str),
    /// A row holds something that no record gives.
    #[error("record {record} of `{object}` cannot be rebuilt: {why}")]
    Row {
        /// Its source object.
        object: String,
        /// Its number there.
        record: i64,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Turns rows of one table back into records.
pub struct Rebuilder {
    source: Source,
    members: Members,
    line: Line,
    place: Place,
    framing: Framing,
    text: String,
    record: String,
}

/// What the rows of a table were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Records of CloudTrail's; those of other objects have an envelope.
    Trail(Format),
    /// JSON documents.
    Documents(Format),
    /// Documents that a column holds whole.
    Whole(Format, &'static str),
    /// Lines of flow logs.
    Lines,
    /// Log events, of payloads where there is an envelope, else of export tasks.
    Events,
}

impl Rebuilder {
    /// One for `table`; `None` when its rows are not made of records alone, as those of `rejects` are not.
    pub fn new(table: &'static Table) -> Option<Self> {
        let source = match table.name {
            name if name == CLOUDTRAIL.name => Source::Trail(Format::CloudTrail),
            name if name == CLOUDTRAIL_INSIGHTS.name => Source::Trail(Format::Insights),
            name if name == CLOUDTRAIL_DIGESTS.name => Source::Whole(Format::Digest, "digest"),
            name if name == GUARDDUTY.name => Source::Documents(Format::GuardDuty),
            name if name == INCIDENTS.name => Source::Documents(Format::Incidents),
            name if name == CLOUDWATCH_LOGS.name => Source::Events,
            name if name == VPC_FLOW.name || name == TGW_FLOW.name => Source::Lines,
            _ => return None,
        };
        Some(Self {
            source,
            members: Members::new(table),
            line: Line::new(table),
            place: Place::default(),
            framing: Framing::new(Format::default()),
            text: String::new(),
            record: String::new(),
        })
    }

    /// Turns back the rows of `batch`: all columns of the table, and the partition columns that its lake has.
    ///
    /// # Errors
    ///
    /// When a column is missing or a row holds what no record gives: [`RebuildError`]; or what `emit` says.
    pub fn rebuild<E: From<RebuildError>>(
        &mut self,
        batch: &RecordBatch,
        emit: &mut dyn FnMut(Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let batch = Batch::new(batch);
        self.members.bind(&batch)?;
        self.line.bind(&batch)?;
        for row in batch.rows() {
            self.place.read(row)?;
            self.row(row).map_err(|why| row.error(why))?;
            let header = if self.source == Source::Lines { self.line.header() } else { "" };
            emit(Record { place: &self.place, framing: &self.framing, text: &self.text, header })?;
        }
        Ok(())
    }

    /// Writes the record of a row to `text`, and notes how it stands in its object.
    fn row(&mut self, row: Row<'_>) -> Result<(), &'static str> {
        self.text.clear();
        self.framing.stream.clear();
        let envelope = row.text("envelope");
        self.framing.format = match self.source {
            // CloudTrail's own objects have room for records alone.
            Source::Trail(_) if envelope.is_some() => Format::Json,
            Source::Trail(format) | Source::Documents(format) | Source::Whole(format, _) => format,
            Source::Lines => Format::Flow,
            Source::Events if envelope.is_some() => Format::CloudWatchLogs,
            Source::Events => Format::CloudWatchExport,
        };
        match (self.source, envelope) {
            (Source::Lines, _) => self.line.write(row, &mut self.text),
            (Source::Whole(_, column), _) => {
                self.text.push_str(row.text(column).ok_or("the column that holds it whole is null")?);
                Ok(())
            }
            (Source::Events, None) => self.export_event(row),
            (_, None) => self.members.write(row, &mut self.text),
            (_, Some(envelope)) => {
                self.record.clear();
                self.members.write(row, &mut self.record)?;
                let case = row.text("key_case").unwrap_or_default();
                envelope::fill(envelope, case, &self.record, &mut self.text)
            }
        }
    }

    fn export_event(&mut self, row: Row<'_>) -> Result<(), &'static str> {
        write_with_millis(&mut self.text, row.int("event_time").ok_or("it has no time")?);
        self.text.push(' ');
        self.text.push_str(row.text("message").unwrap_or_default());
        self.framing.stream.push_str(row.text("log_stream").unwrap_or_default());
        Ok(())
    }
}
