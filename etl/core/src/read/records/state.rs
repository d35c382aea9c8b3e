//! Where in a `{"Records":[…]}` object the next byte stands.

use crate::inflate::{Damage, Filled};
use crate::limits::{PIECE_BYTES, WINDOW_BYTES_MIN, WINDOW_BYTES_USUAL};
use crate::reading::{Piece, Reading, damage};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::split::Skipped;
use crate::split::capture::Capture;
use crate::split::envelope::Envelope;

/// An object of records while it is read.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) envelope: Envelope,
    pub(super) state: State,
    /// Bytes that are indexed next.
    pub(super) window: usize,
}

#[derive(Debug)]
pub(super) enum State {
    Outside,
    Inside { is_behind_comma: bool },
    Skipping(Skipped),
    Lost { text: Capture, reason: Reason },
}

impl Default for Progress {
    fn default() -> Self {
        Self { envelope: Envelope::default(), state: State::Outside, window: WINDOW_BYTES_MIN }
    }
}

impl Progress {
    /// An array of records has opened.
    pub(super) fn enter_records(&mut self) {
        self.state = State::Inside { is_behind_comma: false };
        self.window = WINDOW_BYTES_MIN;
    }

    /// The next window takes twice as much; behind one in which something ended, no more than usual.
    pub(super) fn widen(&mut self, has_progress: bool) {
        let most = if has_progress { WINDOW_BYTES_USUAL } else { usize::MAX };
        self.window = self.window.saturating_mul(2).min(most);
    }

    /// Nothing from `at` on can be read.
    pub(super) fn lose(&mut self, at: u64, reason: Reason) {
        self.state = State::Lost { text: Capture::new(at), reason };
    }

    /// Nothing from the member `text` on is read one by one: `taken` are the bytes that ended it, up to `at`.
    pub(super) fn lose_member(&mut self, mut text: Capture, taken: &[u8], at: u64) {
        text.push(self.envelope.blanks());
        // The comma or bracket, unless it was left.
        let missing = at.saturating_sub(text.offset + text.length) as usize;
        text.push(&taken[taken.len().saturating_sub(missing)..]);
        self.state = State::Lost { text, reason: Reason::TooManyRejects };
    }

    /// The element that was passed over has ended: what to reject, unless that is one too many.
    pub(super) fn end_skipping(&mut self, is_behind_comma: bool, is_full: bool) -> Option<(Fault, Capture)> {
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
    pub(super) fn unfinished(
        &mut self,
        reading: &Reading<'_>,
        at: usize,
        is_too_complex: bool,
        covers_all: bool,
        piece: Piece,
    ) -> Result<usize, usize> {
        let offset = reading.offset + at as u64;
        if is_too_complex {
            self.state = State::Skipping(Skipped::new(offset, Reason::TooComplex));
        } else if covers_all && (piece.is_last || at > 0 || piece.length < PIECE_BYTES) {
            return Err(at);
        } else if covers_all {
            self.state = State::Skipping(Skipped::new(offset, Reason::TooLong));
        }
        Ok(at)
    }

    /// The object has ended, with `rest` of its last piece unread at `here`: what is damaged about it.
    pub(super) fn end(&mut self, rest: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)> {
        let Self { envelope, state, .. } = std::mem::take(self);
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
        damage(filled, left.map(|(reason, text)| (Damage::from(reason), text)), here)
    }
}
