//! Inflated bytes to records: where each begins and ends, and which cannot be one.
//!
//! Outside the array of records [`envelope`] goes byte by byte; inside it [`elements`] asks the index. An element ends at
//! the first comma or closing bracket that strings and brackets do not hide, so a broken one never takes its neighbours
//! along. What is too long or too complex to be indexed is passed over by [`lexer`], and [`capture`] keeps its evidence.

pub(crate) mod capture;
pub(crate) mod documents;
pub(crate) mod elements;
pub(crate) mod envelope;
mod lexer;

use capture::Capture;
use lexer::Lexer;

use crate::reason::Reason;

/// The deepest nesting of brackets in `text`.
pub(crate) fn depth(text: &[u8]) -> u64 {
    let mut lexer = Lexer::default();
    text.iter().fold(0, |deepest, byte| {
        lexer.ends_at(*byte);
        deepest.max(lexer.depth())
    })
}

/// An element that is passed over without being indexed.
#[derive(Debug)]
pub(crate) struct Skipped {
    pub(crate) text: Capture,
    pub(crate) reason: Reason,
    lexer: Lexer,
}

impl Skipped {
    /// The element at `offset`, to be rejected for `reason`.
    pub(crate) fn new(offset: u64, reason: Reason) -> Self {
        Self { text: Capture::new(offset), reason, lexer: Lexer::default() }
    }

    /// Takes bytes; how many, and whether the element has ended.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> (usize, bool) {
        let end = self.lexer.find_end(bytes);
        let taken = end.unwrap_or(bytes.len());
        self.text.push(&bytes[..taken]);
        (taken, end.is_some())
    }
}
