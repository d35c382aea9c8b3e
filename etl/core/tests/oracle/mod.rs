//! What should come out: the rules of the crate's documentation, as slowly and plainly as they can be written.
//!
//! Nothing here is shared with the reader that it judges but plain types and the table itself. JSON's grammar is
//! serde_json's, inflation flate2's; everything else is written out.

mod calendar;
mod elements;
pub(crate) mod export;
pub(crate) mod finding;
pub(crate) mod flow;
mod inflate;
pub(crate) mod json;
mod partition;
pub(crate) mod record;

use sha2::{Digest, Sha256};
use trailhouse_core::limits::OBJECT_REJECTS_MAX;
use trailhouse_core::{Object, Reason, Settings};
use trailhouse_schemas::Partition;

use Reason::{NotJson, TooManyRejects};
use elements::Found;
use partition::Partitions;
use record::Judgement;

/// How many bytes of `text` are a byte order mark, which belongs to no record.
pub(crate) fn mark_bytes(text: &[u8]) -> usize {
    if text.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 }
}

/// Bytes of a reject that are kept.
pub(crate) const KEPT_BYTES: usize = 64 << 10;

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Value {
    Text(String),
    Bool(bool),
    /// Also a time, in milliseconds since 1970-01-01 UTC.
    Int(i64),
    Bytes(Vec<u8>),
}

/// A row's values, in the order of the table's columns.
pub(crate) type Values = Vec<Option<Value>>;

/// A row of `cloudtrail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) partition: Partition,
    pub(crate) record: u64,
    pub(crate) values: Values,
}

/// A row of `rejects`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reject {
    pub(crate) partition: Partition,
    pub(crate) record: u64,
    /// Every reason that is true; the rules do not say which of several is named.
    pub(crate) reasons: Vec<Reason>,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    /// Where it went wrong, for the rest of a damaged object.
    pub(crate) fault: Option<u64>,
    pub(crate) sha256: String,
    pub(crate) kept: Vec<u8>,
}

/// All that should come of one object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Expected {
    pub(crate) rows: Vec<Row>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) records: u64,
    pub(crate) inflated_bytes: u64,
    pub(crate) account_fallbacks: u64,
    pub(crate) date_fallbacks: u64,
    /// Rows that went to the key's partition because the object had opened too many.
    pub(crate) partition_overflows: u64,
    pub(crate) damage: Option<Reason>,
}

/// Judges one object.
pub(crate) fn expect(object: &Object, stored: &[u8], settings: &Settings) -> Expected {
    let (bytes, broken) = inflate::inflate(stored, settings.inflated_bytes_max);
    let mut expected = Expected { inflated_bytes: bytes.len() as u64, ..Expected::default() };
    let mut partitions = Partitions::new(object, settings.partitioning);
    for found in elements::split(&bytes, broken) {
        let record = expected.records;
        expected.records += 1;
        let (range, reasons) = match found {
            Found::Element(range) => match record::judge(&bytes[range.clone()], object, record) {
                Judgement::Row(values, unfit) => {
                    let partition = partitions.of_row(&values, &unfit, &mut expected);
                    expected.rows.push(Row { partition, record, values });
                    continue;
                }
                Judgement::Rejected(reasons) => (range, reasons),
            },
            Found::Member(range) => (range, vec![Reason::Envelope]),
            Found::Rest(start, reason) => {
                expected.damage = Some(reason);
                (start..bytes.len(), vec![reason])
            }
        };
        let is_rest = expected.damage.is_some();
        let is_beyond = !is_rest && expected.rejects.len() as u64 == OBJECT_REJECTS_MAX;
        let (range, reasons) =
            if is_beyond { (range.start..bytes.len(), vec![TooManyRejects]) } else { (range, reasons) };
        // What is broken off is at fault where it ends; what is there and must not be, where it begins.
        let fault = if matches!(reasons[0], NotJson | TooManyRejects) { range.start } else { range.end };
        let text = &bytes[range.clone()];
        expected.rejects.push(Reject {
            partition: partitions.of_key(),
            record,
            reasons,
            offset: range.start as u64,
            length: text.len() as u64,
            fault: (is_rest || is_beyond).then_some(fault as u64),
            sha256: sha256(text),
            kept: text[..text.len().min(KEPT_BYTES)].to_vec(),
        });
        if is_beyond {
            expected.damage = Some(TooManyRejects);
            break;
        }
    }
    expected
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
