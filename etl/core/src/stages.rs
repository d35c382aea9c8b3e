//! Single stages, for benchmarks to time: what [`crate::Transform`] does one behind the other.

use crate::index::Index;
use crate::inflate::{Libdeflate, promised_bytes};
use crate::reason::Reason;

/// Buffers that the stages use again.
#[derive(Debug, Default)]
pub struct Stages {
    libdeflate: Option<Libdeflate>,
    index: Index,
}

impl Stages {
    /// Inflates a whole gzip object of one member.
    ///
    /// # Errors
    ///
    /// [`Reason::Gzip`] when it is anything else.
    pub fn inflate(&mut self, stored: &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
        out.resize(promised_bytes(stored).ok_or(Reason::Gzip)?, 0);
        let libdeflate = self.libdeflate.get_or_insert_with(Libdeflate::new);
        if libdeflate.inflate(stored, out) { Ok(()) } else { Err(Reason::Gzip) }
    }

    /// Indexes the inside of an array, grammar included: the bytes covered, and whether they are without fault.
    pub fn index(&mut self, inside: &[u8]) -> (usize, bool) {
        self.index.build(inside);
        (self.index.covered(), !self.index.has_faults())
    }
}
