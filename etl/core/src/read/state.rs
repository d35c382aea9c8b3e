//! Where a reader stands that takes one text behind the other: lines, documents or events.

use crate::desk::Desk;
use crate::inflate::{Damage, Filled};
use crate::reading::{Reading, damage};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::split::capture::Capture;

/// Where a reader stands; `L` is what finds the end of a text that is passed over.
#[derive(Debug, Default)]
pub(super) enum State<L = ()> {
    /// Before a text.
    #[default]
    Between,
    /// In a text that is too long.
    Skipping { text: Capture, lexer: L },
    /// Where nothing more can be read.
    Lost { text: Capture, reason: Reason },
}

impl<L: Default> State<L> {
    /// Passes over the text that begins at `offset`.
    pub(super) fn skip(&mut self, offset: u64) {
        *self = Self::Skipping { text: Capture::new(offset), lexer: L::default() };
    }

    /// Rejects `text`, with the fault at `fault` in it; or loses the object, where that is one reject too many.
    pub(super) fn reject(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        (reason, fault): (Reason, usize),
        text: Capture,
    ) {
        if reading.is_full() {
            *self = Self::Lost { text, reason: Reason::TooManyRejects };
            return;
        }
        let fault = Fault::new(reason, text.offset + fault as u64);
        desk.reject(reading, fault, text);
    }

    /// The text that was passed over has ended.
    pub(super) fn end_skipping(&mut self, desk: &mut Desk, reading: &mut Reading<'_>) {
        match std::mem::take(self) {
            Self::Skipping { text, .. } => self.reject(desk, reading, (Reason::TooLong, 0), text),
            other => *self = other,
        }
    }

    /// What is damaged about an object that has ended with `rest` unread at `here`; `has_text` where there was anything in
    /// it, `is_open` where something in it has not closed.
    pub(super) fn end(
        &mut self,
        (has_text, is_open): (bool, bool),
        (rest, here): (&[u8], u64),
        filled: Filled,
    ) -> Option<(Fault, Capture)> {
        let left = match std::mem::take(self) {
            Self::Lost { text, reason } => return Some((Fault::new(reason, text.offset), text)),
            Self::Skipping { text, .. } => Some((Reason::Truncated, text)),
            Self::Between if !rest.is_empty() || is_open => Some((Reason::Truncated, Capture::of(here, rest))),
            Self::Between if !has_text => Some((Reason::Empty, Capture::new(here))),
            Self::Between => None,
        };
        damage(filled, left.map(|(reason, text)| (Damage::from(reason), text)), here)
    }
}
