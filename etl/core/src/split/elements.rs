//! Where the elements of an array begin and end, by the index.

use std::ops::Range;

use super::lexer::{Lexer, is_blank, trim_end};
use crate::index::Index;
use crate::limits::{BRACKETS_MAX, RECORD_BYTES_MAX};
use crate::reason::Reason;

/// One element; positions count from where the index begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) shape: Shape,
}

/// Whether an element can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A whole object that begins with bracket number `0`.
    Object(usize),
    /// Not to be read.
    Rejected(Reason),
}

/// Why no more elements follow in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// As many elements as were wanted have been found.
    Enough,
    /// The element at this position, or what comes before one, goes on behind the indexed bytes.
    Unfinished(usize),
    /// The array has closed; the position behind its bracket.
    Closed(usize),
    /// The array is closed by the bracket of an object, here.
    Mismatched(usize),
}

/// The place between two elements.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Elements {
    at: usize,
    bracket: usize,
    /// Whether an element must follow.
    is_behind_comma: bool,
}

impl Elements {
    /// At the first byte of the index. `is_behind_comma` is what [`Elements::is_behind_comma`] was when the bytes before ended.
    pub(crate) fn new(is_behind_comma: bool) -> Self {
        Self { at: 0, bracket: 0, is_behind_comma }
    }

    /// Whether the next thing must be an element.
    pub(crate) fn is_behind_comma(&self) -> bool {
        self.is_behind_comma
    }

    /// Appends elements to `found` until it holds `wanted`. `is_last` where nothing follows the indexed bytes.
    pub(crate) fn split(
        &mut self,
        index: &Index,
        bytes: &[u8],
        is_last: bool,
        wanted: usize,
        found: &mut Vec<Element>,
    ) -> Stop {
        let bytes = &bytes[..index.covered()];
        while found.len() < wanted {
            let start = skip_blanks(bytes, self.at);
            match bytes.get(start) {
                None => return Stop::Unfinished(start),
                Some(b']') if !self.is_behind_comma => return Stop::Closed(start + 1),
                Some(b'}') if !self.is_behind_comma => return Stop::Mismatched(start),
                Some(_) => {}
            }
            let Some(element) = self.element(index, bytes, is_last, start) else { return Stop::Unfinished(start) };
            found.push(element);
            let delimiter = skip_blanks(bytes, element.end);
            self.is_behind_comma = bytes.get(delimiter) == Some(&b',');
            self.at = delimiter + usize::from(self.is_behind_comma);
        }
        Stop::Enough
    }

    /// The element that begins at `start`, if it ends.
    #[inline(always)]
    fn element(&mut self, index: &Index, bytes: &[u8], is_last: bool, start: usize) -> Option<Element> {
        if bytes[start] == b'{' {
            let bracket = self.bracket_at(index, start);
            let partner = index.partner(bracket)?;
            let end = index.bracket_at(partner) + 1;
            let is_ended = match bytes.get(skip_blanks(bytes, end)) {
                Some(b',' | b']' | b'}') => true,
                Some(_) => false,
                None if is_last => true,
                None => return None,
            };
            if is_ended {
                self.bracket = partner + 1;
                return Some(Element { start, end, shape: shape(index, start, end, bracket..partner + 1) });
            }
        }
        self.odd_element(bytes, start)
    }

    /// The number of the bracket at `start`; rejected elements were passed without counting theirs.
    #[inline(always)]
    fn bracket_at(&mut self, index: &Index, start: usize) -> usize {
        while index.bracket_at(self.bracket) < start {
            self.bracket += 1;
        }
        self.bracket
    }

    /// An element that is no object, or not only one.
    #[cold]
    fn odd_element(&mut self, bytes: &[u8], start: usize) -> Option<Element> {
        let length = Lexer::default().find_end(&bytes[start..])?;
        let text = trim_end(&bytes[start..start + length]);
        let reason = if text.first() == Some(&b'{') || text.is_empty() { Reason::Syntax } else { Reason::NotObject };
        Some(Element { start, end: start + text.len(), shape: Shape::Rejected(reason) })
    }
}

#[inline(always)]
fn shape(index: &Index, start: usize, end: usize, brackets: Range<usize>) -> Shape {
    if end - start > RECORD_BYTES_MAX {
        Shape::Rejected(Reason::TooLong)
    } else if brackets.len() > BRACKETS_MAX {
        Shape::Rejected(Reason::TooComplex)
    } else if index.has_faults() && index.fault_in(start, end).is_some() {
        Shape::Rejected(Reason::Syntax)
    } else {
        Shape::Object(brackets.start)
    }
}

#[inline(always)]
fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| is_blank(*byte)) {
        at += 1;
    }
    at
}
