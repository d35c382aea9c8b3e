//! Text that is only kept as evidence: its beginning, its length and its hash.

use sha2::{Digest, Sha256};

use crate::limits::REJECT_BYTES_MAX;

/// Text that is read in pieces and kept in part.
#[derive(Debug, Clone)]
pub(crate) struct Capture {
    /// Where it begins in the inflated object.
    pub(crate) offset: u64,
    /// The first [`REJECT_BYTES_MAX`] bytes.
    pub(crate) kept: Vec<u8>,
    /// How many bytes there are.
    pub(crate) length: u64,
    hash: Sha256,
}

impl Capture {
    /// Nothing yet, at `offset`.
    pub(crate) fn new(offset: u64) -> Self {
        Self { offset, kept: Vec::new(), length: 0, hash: Sha256::new() }
    }

    /// All of `bytes`, which stand at `offset`.
    pub(crate) fn of(offset: u64, bytes: &[u8]) -> Self {
        let mut capture = Self::new(offset);
        capture.push(bytes);
        capture
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let room = REJECT_BYTES_MAX - self.kept.len();
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.length += bytes.len() as u64;
        self.hash.update(bytes);
    }

    /// SHA-256 of all bytes, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
