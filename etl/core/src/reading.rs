//! One object while it is read: where in its JSON the next byte stands.

use std::ops::Range;

use crate::inflate::{Damage, Filled};
use crate::limits::{OBJECT_REJECTS_MAX, PIECE_BYTES, WINDOW_BYTES_MIN, WINDOW_BYTES_USUAL};
use crate::object::{Object, Tally};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::split::Skipped;
use crate::split::capture::Capture;
use crate::split::envelope::Envelope;

/// An object that is being read.
pub(crate) struct Reading<'o> {
    pub(crate) object: &'o Object,
    pub(crate) tally: Tally,
    pub(crate) envelope: Envelope,
    pub(crate) state: State,
    /// Where the piece at hand begins in the inflated object.
    pub(crate) offset: u64,
    /// Bytes that are indexed next.
    pub(crate) window: usize,
}

pub(crate) enum State {
    Outside,
    Inside { is_behind_comma: bool },
    Skipping(Skipped),
    Lost { text: Capture, reason: Reason },
}

/// Inflated bytes of an object that lie in the arena.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub(crate) start: usize,
    pub(crate) length: usize,
    pub(crate) is_last: bool,
}

impl Piece {
    pub(crate) fn range(self, from: usize) -> Range<usize> {
        self.start + from..self.start + self.length
    }
}

impl<'o> Reading<'o> {
    pub(crate) fn new(object: &'o Object) -> Self {
        Self {
            object,
            tally: Tally::default(),
            envelope: Envelope::default(),
            state: State::Outside,
            offset: 0,
            window: WINDOW_BYTES_MIN,
        }
    }

    /// An array of records has opened.
    pub(crate) fn enter_records(&mut self) {
        self.state = State::Inside { is_behind_comma: false };
        self.window = WINDOW_BYTES_MIN;
    }

    /// The next window takes twice as much; behind one in which something ended, no more than usual.
    pub(crate) fn widen(&mut self, has_progress: bool) {
        let most = if has_progress { WINDOW_BYTES_USUAL } else { usize::MAX };
        self.window = self.window.saturating_mul(2).min(most);
    }

    /// Whether one more reject would be one too many.
    pub(crate) fn is_full(&self) -> bool {
        self.tally.rejects >= OBJECT_REJECTS_MAX
    }

    /// Nothing behind `at` of the piece can be read.
    pub(crate) fn lose(&mut self, at: usize, reason: Reason) {
        self.state = State::Lost { text: Capture::new(self.offset + at as u64), reason };
    }

    /// Nothing from the member `text` on is read one by one: `taken` are the bytes that ended it, up to `at` of the piece.
    pub(crate) fn lose_member(&mut self, mut text: Capture, taken: &[u8], at: usize) {
        text.push(self.envelope.blanks());
        // The comma or bracket, unless it was left.
        let missing = (self.offset + at as u64).saturating_sub(text.offset + text.length) as usize;
        text.push(&taken[taken.len().saturating_sub(missing)..]);
        self.state = State::Lost { text, reason: Reason::TooManyRejects };
    }

    /// The element that was passed over has ended: what to reject, unless that is one too many.
    pub(crate) fn end_skipping(&mut self, is_behind_comma: bool) -> Option<(Fault, Capture)> {
        let is_full = self.is_full();
        match std::mem::replace(&mut self.state, State::Inside { is_behind_comma }) {
            State::Skipping(Skipped { text, .. }) if is_full => {
                self.state = State::Lost { text, reason: Reason::TooManyRejects };
                None
            }
            State::Skipping(Skipped { text, reason, .. }) => Some((Fault::new(reason, text.offset), text)),
            _ => None,
        }
    }

    /// What to do about an unfinished record at `at`: index again from there, pass it over, or wait for more bytes.
    pub(crate) fn unfinished(
        &mut self,
        at: usize,
        is_too_complex: bool,
        covers_all: bool,
        piece: Piece,
    ) -> Result<usize, usize> {
        let offset = self.offset + at as u64;
        if is_too_complex {
            self.state = State::Skipping(Skipped::new(offset, Reason::TooComplex));
        } else if covers_all && (piece.is_last || at > 0 || piece.length < PIECE_BYTES) {
            return Err(at);
        } else if covers_all {
            self.state = State::Skipping(Skipped::new(offset, Reason::TooLong));
        }
        Ok(at)
    }

    /// The object has ended, with `rest` of its last piece unread at `read`: what is damaged about it.
    pub(crate) fn end(&mut self, rest: &[u8], read: u64, filled: Filled) -> Option<(Fault, Capture)> {
        let here = self.offset + read;
        let state = std::mem::replace(&mut self.state, State::Outside);
        let envelope = std::mem::take(&mut self.envelope);
        let left = match state {
            State::Outside if !envelope.is_between_documents() => {
                let text = envelope.unfinished().filter(|text| text.length > 0);
                Some((Reason::Truncated, text.unwrap_or_else(|| Capture::new(here))))
            }
            State::Outside if !envelope.has_text => Some((Reason::Empty, Capture::new(here))),
            State::Outside if !envelope.has_records => Some((Reason::NoRecords, Capture::new(here))),
            State::Outside => None,
            State::Inside { .. } => Some((Reason::Truncated, Capture::of(here, rest))),
            State::Skipping(skipped) => Some((Reason::Truncated, skipped.text)),
            State::Lost { text, reason } => return Some((Fault::new(reason, text.offset), text)),
        };
        let (damage, text) = match (filled, left) {
            (Filled::Damaged(damage), left) => (damage, left.map_or_else(|| Capture::new(here), |(_, text)| text)),
            (_, Some((reason, text))) => (Damage::from(reason), text),
            (_, None) => return None,
        };
        // Until here all was well.
        let at = text.offset + text.length;
        Some((Fault { reason: damage.reason, at, stored: damage.stored }, text))
    }
}
