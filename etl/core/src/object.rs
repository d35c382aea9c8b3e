//! What goes into the transform and what comes out of it.

use std::io;

use bytes::Bytes;
use trailhouse_schemas::{Partition, Partitioning, Table};

use crate::format::Format;
use crate::header::Header;
use crate::key::KeyFacts;
use crate::time::Day;

/// Everything that decides where rows go. A plan records it, so that a later program makes the same files of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The lake's partition columns.
    pub partitioning: Partitioning,
    /// The most bytes that one object may inflate to.
    pub inflated_bytes_max: u64,
    /// Where a part is cut: the inflated bytes that it holds at most, and the memory that what is made of them takes.
    pub part_bytes: usize,
    /// Where a part is cut: the records that it holds at most.
    pub part_records: usize,
    /// Whether log messages that are CloudTrail events or flow log lines are also read into the tables of those.
    pub unwrap: bool,
    /// The header of flow log lines that have none, in objects and in messages.
    pub flow_header: Option<Header>,
}

impl Settings {
    /// The defaults of [`crate::limits`].
    pub fn new(partitioning: Partitioning) -> Self {
        use crate::limits::{INFLATED_BYTES_MAX, PART_BYTES, PART_RECORDS};
        Self {
            partitioning,
            inflated_bytes_max: INFLATED_BYTES_MAX,
            part_bytes: PART_BYTES,
            part_records: PART_RECORDS,
            unwrap: false,
            flow_header: None,
        }
    }
}

/// What is known of a source object before its bytes are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its address, as the column `source_object` shows it.
    pub address: String,
    /// Its identity, as the column `source_id` shows it: 32 hexadecimal digits.
    pub source_id: String,
    /// How its content is written.
    pub format: Format,
    /// What its key says.
    pub key: KeyFacts,
    /// The day it was last modified: the date of rows that have no other.
    pub modified: Day,
}

/// The stored bytes of an object.
pub enum Body<'a> {
    /// All of them.
    Whole(&'a [u8]),
    /// As they arrive; an error of the reader stops the transform with [`crate::Error::Source`]. Those of a Parquet object
    /// are collected first, up to [`crate::limits::PARQUET_COLLECTED_BYTES_MAX`].
    Stream(&'a mut dyn io::Read),
    /// At any place that is asked for; an error stops the transform as that of a stream does.
    At(&'a dyn ReadAt),
}

/// Stored bytes that can be read at any place.
pub trait ReadAt {
    /// How many there are.
    fn length(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on. Not asked for more than there are.
    ///
    /// # Errors
    ///
    /// When they cannot be had: the transform stops, and nothing is said about the object.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// One finished Parquet file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartFile {
    /// The table it belongs to.
    pub table: &'static Table,
    /// The partition it belongs to.
    pub partition: Partition,
    /// The part of the group that it was cut from, from 0. A part has at most one file for each table and partition.
    pub part: u32,
    /// Its rows.
    pub rows: u64,
    /// The file.
    pub bytes: Bytes,
}

/// What became of one object's records: `records == rows + rejects + skipped`.
///
/// Rows that were unwrapped from a log message stand beside the message's own row, and count apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records met; the unreadable rest of a damaged object counts as one.
    pub records: u64,
    /// Records that became rows of their table.
    pub rows: u64,
    /// Records that became rows of `rejects`.
    pub rejects: u64,
    /// Records left out on purpose.
    pub skipped: u64,
    /// Log messages that also became rows of another table.
    pub unwrapped: u64,
    /// Bytes after inflation.
    pub inflated_bytes: u64,
    /// Rows that have an account which is not 12 digits, and that went to another's partition.
    pub account_fallbacks: u64,
    /// Rows that have a time which is none or whose day is out of bounds, and that went to another day's partition.
    pub date_fallbacks: u64,
    /// Why the object could not be read to its end.
    pub damage: Option<String>,
}
