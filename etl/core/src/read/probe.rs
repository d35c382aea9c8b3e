//! The object by which CloudWatch Logs tries whether it may write: one record, left out.

use super::Reader;
use crate::desk::Desk;
use crate::error::Error;
use crate::inflate::Filled;
use crate::part::Emit;
use crate::reading::{Piece, Reading, damage};
use crate::rejects::Fault;
use crate::split::capture::Capture;

/// Passes over an object.
#[derive(Debug, Default)]
pub(super) struct Probe;

impl Reader for Probe {
    fn begin(&mut self, _: &mut Desk, _: &Reading<'_>) {}

    fn read(
        &mut self,
        _: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        _: Emit<'_>,
    ) -> Result<usize, Error> {
        if piece.is_last {
            reading.tally.records += 1;
            reading.tally.skipped += 1;
        }
        Ok(piece.length)
    }

    fn end(&mut self, _: &Reading<'_>, _: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)> {
        damage(filled, None, here)
    }
}
