//! One object while it is read.

use std::ops::Range;

use trailhouse_schemas::Table;

use crate::inflate::{Damage, Filled};
use crate::limits::OBJECT_REJECTS_MAX;
use crate::object::{Object, Tally};
use crate::rejects::Fault;
use crate::split::capture::Capture;

/// An object that is being read.
pub(crate) struct Reading<'o> {
    pub(crate) object: &'o Object,
    pub(crate) tally: Tally,
    /// Where the piece at hand begins in the inflated object.
    pub(crate) offset: u64,
    /// The table that the record at hand is for.
    pub(crate) target: &'static Table,
}

/// Inflated bytes of an object that lie in the arena.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) start: usize,
    pub(crate) length: usize,
    pub(crate) is_last: bool,
    /// Whether the object ends with it as it should: it is the last, and nothing is missing behind it.
    pub(crate) is_whole: bool,
    /// Where in the arena nothing of the object stands any more.
    pub(crate) end: usize,
}

impl Piece {
    /// Its bytes from `from` on.
    pub(crate) fn range(self, from: usize) -> Range<usize> {
        self.start + from..self.start + self.length
    }
}

impl<'o> Reading<'o> {
    pub(crate) fn new(object: &'o Object) -> Self {
        Self { object, tally: Tally::default(), offset: 0, target: object.format.table() }
    }

    /// Whether one more reject would be one too many.
    pub(crate) fn is_full(&self) -> bool {
        self.tally.rejects >= OBJECT_REJECTS_MAX
    }
}

/// What is damaged about an object that has ended as `filled` says. `left` is what no record was made of, and why, as far
/// as its reader knows; what follows it could not even be had. `here` is where reading has come to.
pub(crate) fn damage(filled: Filled, left: Option<(Damage, Capture)>, here: u64) -> Option<(Fault, Capture)> {
    let (damage, text) = match (filled, left) {
        (Filled::Damaged(damage), left) => (damage, left.map_or_else(|| Capture::new(here), |(_, text)| text)),
        (_, Some(left)) => left,
        (_, None) => return None,
    };
    // Until here all was well.
    let at = text.offset + text.length;
    Some((Fault { stored: damage.stored, ..Fault::new(damage.reason, at) }, text))
}
