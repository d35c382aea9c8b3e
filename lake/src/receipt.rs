//! Receipts: what became of the objects of one group, written when all its files are durable.

use serde::{Deserialize, Serialize};

use crate::ids::{ContentHash, GroupId, SourceId};

/// The version of receipts that this program writes.
pub const VERSION: u32 = 1;

/// The content of `_trailhouse/receipts/<n>/<group>.json`.
///
/// It has no clock in it: whoever runs the group writes the same receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Version of the receipt's format.
    pub version: u32,
    /// The plan that the group belongs to.
    pub plan: u32,
    /// The group.
    pub group: GroupId,
    /// Its objects, in order; none when the group is abandoned.
    pub objects: Vec<ObjectReceipt>,
    /// Its files, in the order they were made.
    pub files: Vec<FileReceipt>,
    /// Why the group is abandoned, if it is: the objects that are not there as they were planned. See
    /// [`crate::abandon`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostObject>,
}

/// An object that cannot be read as it was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostObject {
    /// Its identity; the plan has its address.
    pub source_id: SourceId,
    /// What became of it.
    pub loss: Loss,
}

/// What became of an object between its plan and its reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loss {
    /// It is not there.
    Gone,
    /// It has other bytes, or was put again.
    Changed,
    /// It was moved to an archive of S3, and not restored from it.
    Archived,
}

impl Receipt {
    /// Whether the group was given up: it has no rows, and its objects are free to be planned again.
    pub fn is_abandoned(&self) -> bool {
        !self.lost.is_empty()
    }
}

/// What became of one object: `records == rows + rejects + skipped`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectReceipt {
    /// Its identity; the plan has its address.
    pub source_id: SourceId,
    /// The SHA-256 of the bytes that were read.
    pub sha256: ContentHash,
    /// How many bytes were read.
    pub stored_bytes: u64,
    /// How many they were when inflated.
    pub inflated_bytes: u64,
    /// Records met.
    pub records: u64,
    /// Records that became rows of their table.
    pub rows: u64,
    /// Records that became rows of `rejects`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rejects: u64,
    /// Records left out on purpose.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped: u64,
    /// Log messages that also became rows of another table, beside their own.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unwrapped: u64,
    /// Rows whose account gave way to the key's.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub account_fallbacks: u64,
    /// Rows whose day gave way to the key's.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub date_fallbacks: u64,
    /// Why the object could not be read to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damage: Option<String>,
}

/// One file, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReceipt {
    /// Its table.
    pub table: String,
    /// Its path below the lake.
    pub path: String,
    /// The part of the group that it was made of.
    pub part: u32,
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub bytes: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
