//! Inflated bytes to elements, by strings and brackets alone.

use std::ops::Range;

use trailhouse_core::Reason;

use super::mark_bytes;

/// One thing that counts as a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// An element of an array of records.
    Element(Range<usize>),
    /// Another member of the envelope.
    Member(Range<usize>),
    /// What cannot be read any further, from here to the end.
    Rest(usize, Reason),
}

/// Everything in `bytes`; `broken` says why they are not the whole object.
pub(crate) fn split(bytes: &[u8], broken: Option<Reason>) -> Vec<Found> {
    let mut reader = Reader { bytes, at: mark_bytes(bytes), found: Vec::new(), has_records: false };
    let lost = reader.documents();
    let Reader { mut found, has_records, .. } = reader;
    let end = bytes.len();
    let is_blank = skip_blanks(bytes, mark_bytes(bytes)) == end;
    let rest = match (lost, broken) {
        (Some((start, Reason::Truncated)), Some(reason)) => Some((start, reason)),
        (Some(lost), _) => Some(lost),
        (None, Some(reason)) => Some((end, reason)),
        (None, None) if is_blank => Some((end, Reason::Empty)),
        (None, None) if !has_records => Some((end, Reason::NoRecords)),
        (None, None) => None,
    };
    found.extend(rest.map(|(start, reason)| Found::Rest(start, reason)));
    found
}

/// Where reading had to stop, and why.
type Lost = Option<(usize, Reason)>;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<Found>,
    has_records: bool,
}

impl Reader<'_> {
    fn documents(&mut self) -> Lost {
        loop {
            self.at = skip_blanks(self.bytes, self.at);
            let lost = match self.bytes.get(self.at) {
                None => return None,
                Some(b'{') => self.envelope(),
                Some(b'[') => self.records(),
                Some(_) => Some((self.at, Reason::NotJson)),
            };
            if lost.is_some() {
                return lost;
            }
        }
    }

    /// An array of records, at its opening bracket.
    fn records(&mut self) -> Lost {
        self.has_records = true;
        self.at += 1;
        let mut is_behind_comma = false;
        loop {
            let start = skip_blanks(self.bytes, self.at);
            let Some(end) = end_of(self.bytes, start) else {
                let Some(end) = closed_at_the_end(self.bytes, start) else { return Some((start, Reason::Truncated)) };
                self.found.push(Found::Element(start..end));
                return Some((self.bytes.len(), Reason::Truncated));
            };
            let text = start..trim(self.bytes, start, end);
            let closer = self.bytes[end];
            if closer == b',' || is_behind_comma || !text.is_empty() {
                self.found.push(Found::Element(text));
            }
            self.at = end + 1;
            match closer {
                b',' => is_behind_comma = true,
                b']' => return None,
                _ => return Some((end, Reason::NotJson)),
            }
        }
    }

    /// An envelope, at its opening bracket.
    fn envelope(&mut self) -> Lost {
        self.at += 1;
        let mut is_behind_comma = false;
        loop {
            let start = skip_blanks(self.bytes, self.at);
            if let Some(opening) = opening_of_records(self.bytes, start) {
                self.at = opening;
                if let Some(lost) = self.records() {
                    return Some(lost);
                }
                // What stands behind the array up to the comma is no part of it.
                let behind = skip_blanks(self.bytes, self.at);
                match self.bytes.get(behind) {
                    Some(b',') => {
                        self.at = behind + 1;
                        is_behind_comma = true;
                    }
                    _ => is_behind_comma = false,
                }
                continue;
            }
            let Some(end) = end_of(self.bytes, start) else { return Some((start, Reason::Truncated)) };
            let text = start..trim(self.bytes, start, end);
            let closer = self.bytes[end];
            if closer == b',' || is_behind_comma || !text.is_empty() {
                self.found.push(Found::Member(text));
            }
            self.at = end + 1;
            match closer {
                b',' => is_behind_comma = true,
                b'}' => return None,
                _ => return Some((end, Reason::NotJson)),
            }
        }
    }
}

/// The place of the bracket when a member `"Records":[` begins at `start`.
fn opening_of_records(bytes: &[u8], start: usize) -> Option<usize> {
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let mut quote = start + 1;
    while *bytes.get(quote)? != b'"' {
        quote += if bytes[quote] == b'\\' { 2 } else { 1 };
    }
    let key: String = serde_json::from_slice(&bytes[start..=quote]).ok()?;
    let colon = skip_blanks(bytes, quote + 1);
    let value = skip_blanks(bytes, colon + 1);
    (key == "Records" && bytes.get(colon) == Some(&b':') && bytes.get(value) == Some(&b'[')).then_some(value)
}

/// Strings and brackets, a byte at a time.
#[derive(Default)]
struct Lexer {
    depth: usize,
    deepest: usize,
    brackets: usize,
    is_string: bool,
    is_escaped: bool,
}

impl Lexer {
    /// Takes a byte; whether strings and brackets hide it.
    fn is_hidden(&mut self, byte: u8) -> bool {
        if self.is_escaped {
            self.is_escaped = false;
            return true;
        }
        match byte {
            b'\\' => self.is_escaped = true,
            b'"' => self.is_string = !self.is_string,
            _ if self.is_string => {}
            b'{' | b'[' => {
                self.brackets += 1;
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            b'}' | b']' if self.depth > 0 => {
                self.brackets += 1;
                self.depth -= 1;
            }
            _ => return self.depth > 0,
        }
        true
    }
}

/// The comma or closing bracket that ends what begins at `start`.
fn end_of(bytes: &[u8], start: usize) -> Option<usize> {
    let mut lexer = Lexer::default();
    (start..bytes.len()).find(|at| !lexer.is_hidden(bytes[*at]) && matches!(bytes[*at], b',' | b'}' | b']'))
}

/// The end of an object whose last bracket is the last byte that is not blank.
fn closed_at_the_end(bytes: &[u8], start: usize) -> Option<usize> {
    if bytes.get(start) != Some(&b'{') {
        return None;
    }
    let mut lexer = Lexer::default();
    let closed = (start..bytes.len()).find(|at| {
        lexer.is_hidden(bytes[*at]);
        lexer.depth == 0
    })?;
    (skip_blanks(bytes, closed + 1) == bytes.len()).then_some(closed + 1)
}

/// How deep the brackets of `text` go.
pub(crate) fn depth(text: &[u8]) -> usize {
    lex(text).deepest
}

/// How many brackets `text` has outside of its strings.
pub(crate) fn brackets(text: &[u8]) -> usize {
    lex(text).brackets
}

fn lex(text: &[u8]) -> Lexer {
    let mut lexer = Lexer::default();
    for byte in text {
        lexer.is_hidden(*byte);
    }
    lexer
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && is_blank(bytes[at]) {
        at += 1;
    }
    at
}

/// The end of `start..end` without the blanks before it.
fn trim(bytes: &[u8], start: usize, mut end: usize) -> usize {
    while end > start && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    end
}
