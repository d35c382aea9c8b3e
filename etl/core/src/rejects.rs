//! What could not be read, on its way to the `rejects` table.

use std::fmt;

use trailhouse_schemas::{Partition, Table};

use crate::memory::PARTITION_BYTES;
use crate::reason::Reason;
use crate::split::capture::Capture;

/// One row of `rejects`.
#[derive(Debug)]
pub(crate) struct Reject {
    /// The table that it was read for.
    pub(crate) target: &'static Table,
    pub(crate) partition: Partition,
    pub(crate) source_object: String,
    pub(crate) source_id: String,
    pub(crate) record: u64,
    pub(crate) fault: Fault,
    pub(crate) text: Capture,
}

impl Reject {
    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        let words = self.fault.detail.as_ref().map_or(0, |detail| detail.len());
        let source = self.source_object.len() + self.source_id.len();
        size_of::<Self>() + PARTITION_BYTES + source + self.text.kept.len() + words
    }
}

/// What went wrong, and where.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    /// Where in the inflated object.
    pub(crate) at: u64,
    /// Where in the stored one, when no inflated byte is at fault.
    pub(crate) stored: Option<u64>,
    /// What else is known of it, in words.
    pub(crate) detail: Option<Box<str>>,
}

impl Fault {
    pub(crate) fn new(reason: Reason, at: u64) -> Self {
        Self { reason, at, stored: None, detail: None }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        match self.stored {
            Some(at) => write!(f, ", from byte {at} of the stored object on"),
            None => write!(f, ", at byte {}", self.at),
        }
    }
}
