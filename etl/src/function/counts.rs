//! What an invocation did, in numbers.

use serde::{Deserialize, Serialize};

use crate::stream::{Streamed, Work};

/// Numbers that are added up over objects, messages and invocations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Messages that came.
    pub messages: u64,
    /// Messages that are to come again.
    pub messages_failed: u64,
    /// Objects that were read.
    pub objects: u64,
    /// Objects that had been read before.
    pub objects_known: u64,
    /// Objects that are for a batch to read.
    pub objects_left: u64,
    /// Objects that are no logs.
    pub objects_skipped: u64,
    /// Objects that are not there any more.
    pub objects_gone: u64,
    /// Objects that could not be read to their end.
    pub objects_damaged: u64,
    /// Objects that something failed over.
    pub objects_failed: u64,
    /// Records in the objects that were read: `records == rows + rejects + skipped`.
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
    /// Files that were put.
    pub files: u64,
    /// Their bytes.
    pub bytes_out: u64,
}

impl Counts {
    /// Each number with its name and unit, as CloudWatch calls it.
    pub fn fields(&self) -> [(&'static str, &'static str, u64); 17] {
        [
            ("Messages", "Count", self.messages),
            ("MessagesFailed", "Count", self.messages_failed),
            ("Objects", "Count", self.objects),
            ("ObjectsKnown", "Count", self.objects_known),
            ("ObjectsLeft", "Count", self.objects_left),
            ("ObjectsSkipped", "Count", self.objects_skipped),
            ("ObjectsGone", "Count", self.objects_gone),
            ("ObjectsDamaged", "Count", self.objects_damaged),
            ("ObjectsFailed", "Count", self.objects_failed),
            ("Records", "Count", self.records),
            ("Rows", "Count", self.rows),
            ("Rejects", "Count", self.rejects),
            ("Skipped", "Count", self.skipped),
            ("BytesIn", "Bytes", self.bytes_in),
            ("BytesInflated", "Bytes", self.bytes_inflated),
            ("Files", "Count", self.files),
            ("BytesOut", "Bytes", self.bytes_out),
        ]
    }

    /// Adds all numbers of `other`.
    pub fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.messages_failed += other.messages_failed;
        self.objects += other.objects;
        self.objects_known += other.objects_known;
        self.objects_left += other.objects_left;
        self.objects_skipped += other.objects_skipped;
        self.objects_gone += other.objects_gone;
        self.objects_damaged += other.objects_damaged;
        self.objects_failed += other.objects_failed;
        self.records += other.records;
        self.rows += other.rows;
        self.rejects += other.rejects;
        self.skipped += other.skipped;
        self.bytes_in += other.bytes_in;
        self.bytes_inflated += other.bytes_inflated;
        self.files += other.files;
        self.bytes_out += other.bytes_out;
    }

    /// Counts what became of an object, and says what somebody may want to know.
    pub(super) fn note(&mut self, work: &Work, streamed: Option<Streamed>) {
        let object = super::name(work);
        match streamed {
            None => tracing::info!(what = object, "nothing to do"),
            Some(Streamed::Known) => self.objects_known += 1,
            Some(Streamed::LeftToBatch) => {
                self.objects_left += 1;
                tracing::warn!(object, "older than the feed, or of none: left to `trailhouse ingest`");
            }
            Some(Streamed::Skipped(reason)) => {
                self.objects_skipped += 1;
                tracing::info!(object, reason = %reason, "skipped");
            }
            Some(Streamed::Gone) => {
                self.objects_gone += 1;
                tracing::warn!(object, "not there any more");
            }
            Some(Streamed::Read(receipt, (files, bytes))) => {
                self.objects += 1;
                self.records += receipt.records;
                self.rows += receipt.rows;
                self.rejects += receipt.rejects;
                self.skipped += receipt.skipped;
                self.bytes_in += receipt.stored_bytes;
                self.bytes_inflated += receipt.inflated_bytes;
                self.files += files;
                self.bytes_out += bytes;
                self.objects_damaged += u64::from(receipt.damage.is_some());
                if let Some(damage) = receipt.damage {
                    tracing::warn!(object, damage, "damaged");
                }
            }
        }
    }
}
