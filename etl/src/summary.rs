//! What came of a run.

use serde::Serialize;
use trailhouse_lake::{Group, ObjectReceipt, Receipt};

use crate::error::{GroupError, IngestError};

/// What a run did. Its counts are of groups that have their receipts, and nothing else.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Source objects that were read; in a dry run, those that would be.
    pub objects: u64,
    /// Records in them: `records == rows + rejects + skipped`.
    pub records: u64,
    /// Records that became rows of their table.
    pub rows: u64,
    /// Records that became rows of `rejects`.
    pub rejects: u64,
    /// Records left out on purpose.
    pub skipped: u64,
    /// Stored bytes of the objects.
    pub bytes_in: u64,
    /// Their bytes when inflated.
    pub bytes_inflated: u64,
    /// Bytes of the files in the lake.
    pub bytes_out: u64,
    /// Files in the lake.
    pub files: u64,
    /// How long it took.
    pub seconds: f64,
    /// Objects that are no logs of a kind that is read yet, or whose name cannot be read.
    pub objects_skipped: u64,
    /// Objects that the lake had already, or that another run brought in meanwhile.
    pub objects_known: u64,
    /// Objects that could not be read to their end.
    pub objects_damaged: u64,
    /// Objects that are not in the lake because something about them, or about others of their group, failed.
    pub objects_stopped: u64,
    /// Log messages that also became rows of another table, beside their own.
    pub unwrapped: u64,
    /// Rows whose account gave way to the key's.
    pub account_fallbacks: u64,
    /// Rows whose day gave way to the key's.
    pub date_fallbacks: u64,
    /// What failed.
    #[serde(skip)]
    pub stopped: Vec<Stopped>,
    /// What ended the run before it was done: the lake failed.
    #[serde(skip)]
    pub failure: Option<IngestError>,
    /// Whether the run was asked to stop before it was done.
    #[serde(skip)]
    pub is_interrupted: bool,
}

/// Objects that a run could not bring in. Nothing of them is lost: the next run tries again.
#[derive(Debug)]
pub struct Stopped {
    /// How many objects.
    pub objects: u64,
    /// Why.
    pub error: GroupError,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every record is a row.
    Complete,
    /// Everything is in the lake, but some input was rejected or damaged.
    WithRejects,
    /// Some objects are not in the lake; run again to continue.
    Stopped,
    /// The run was asked to stop; run again to continue.
    Interrupted,
}

impl Summary {
    /// How the run ended.
    pub fn outcome(&self) -> Outcome {
        if self.failure.is_some() {
            Outcome::Stopped
        } else if self.is_interrupted {
            Outcome::Interrupted
        } else if !self.stopped.is_empty() {
            Outcome::Stopped
        } else if self.rejects > 0 || self.objects_damaged > 0 {
            Outcome::WithRejects
        } else {
            Outcome::Complete
        }
    }

    /// Counts a group whose receipt is put.
    pub(crate) fn add(&mut self, receipt: &Receipt) {
        receipt.objects.iter().for_each(|object| self.add_object(object));
        self.files += receipt.files.len() as u64;
        self.bytes_out += receipt.files.iter().map(|file| file.bytes).sum::<u64>();
    }

    fn add_object(&mut self, object: &ObjectReceipt) {
        self.objects += 1;
        self.records += object.records;
        self.rows += object.rows;
        self.rejects += object.rejects;
        self.skipped += object.skipped;
        self.bytes_in += object.stored_bytes;
        self.bytes_inflated += object.inflated_bytes;
        self.objects_damaged += u64::from(object.damage.is_some());
        self.unwrapped += object.unwrapped;
        self.account_fallbacks += object.account_fallbacks;
        self.date_fallbacks += object.date_fallbacks;
    }

    /// Counts an object that was read as streaming would.
    pub(crate) fn add_streamed(&mut self, object: &ObjectReceipt, files: u64, bytes: u64) {
        self.add_object(object);
        self.files += files;
        self.bytes_out += bytes;
    }

    /// Counts a group that another run has finished.
    pub(crate) fn add_known(&mut self, group: &Group) {
        self.objects_known += group.objects.len() as u64;
    }

    /// Counts objects that failed.
    pub(crate) fn stop(&mut self, objects: usize, error: GroupError) {
        let objects = objects as u64;
        self.objects_stopped += objects;
        self.stopped.push(Stopped { objects, error });
    }
}
