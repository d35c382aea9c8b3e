//! What stands around the records: `{"Records":[` and `]}`, byte by byte, in pieces of any size.

use super::capture::Capture;
use super::lexer::{Lexer, is_blank, trim_end};
use crate::limits::REJECT_BYTES_MAX;
use crate::unescape::unescape;

/// The longest member that is looked at for being the opening of `Records`, blanks included.
const OPENING_BYTES_MAX: usize = 4096;

/// Where in the envelope the next byte stands.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    at: At,
    /// Whether an array of records was met.
    pub(crate) has_records: bool,
    /// Whether anything but blanks was met.
    pub(crate) has_text: bool,
    /// Whether the open array stands alone, with no object around it.
    is_bare: bool,
    /// Blanks of the open member that may be its last.
    blanks: Vec<u8>,
}

#[derive(Debug, Default)]
enum At {
    /// Before a document.
    #[default]
    Start,
    /// In a member of the envelope, or before it.
    Member { text: Capture, lexer: Lexer, is_behind_comma: bool },
    /// Behind a `Records` array.
    BehindRecords,
    /// Before a bracket that closes what is not open.
    Mismatched,
}

/// What the envelope says of the bytes it took.
#[derive(Debug)]
pub(crate) enum Outside {
    /// They are used up.
    Exhausted,
    /// An array of records opened: the next byte is the first inside it.
    Records,
    /// A member that is no array of records ended.
    Member(Capture),
    /// The next byte is no JSON document's first.
    NotJson,
}

impl Envelope {
    /// Whether the object may end here.
    pub(crate) fn is_between_documents(&self) -> bool {
        matches!(self.at, At::Start)
    }

    /// What was read of an unfinished member.
    pub(crate) fn unfinished(self) -> Option<Capture> {
        match self.at {
            At::Member { mut text, .. } => {
                text.push(&self.blanks);
                Some(text)
            }
            _ => None,
        }
    }

    /// The blanks between the member that ended last and what ended it.
    pub(crate) fn blanks(&self) -> &[u8] {
        &self.blanks
    }

    /// The array of records has closed.
    pub(crate) fn records_closed(&mut self) {
        self.at = if self.is_bare { At::Start } else { At::BehindRecords };
    }

    /// Takes bytes until something is to be said; returns how many. `offset` is the place of `bytes` in the object.
    pub(crate) fn feed(&mut self, bytes: &[u8], offset: u64) -> (usize, Outside) {
        for (taken, byte) in bytes.iter().copied().enumerate() {
            self.has_text |= !is_blank(byte);
            let at = offset + taken as u64;
            if is_blank(byte) && !self.is_in_text() {
                continue;
            }
            if byte == b']' && self.is_between_members() {
                return (taken, self.mismatch(at));
            }
            let said = match self.at {
                At::Mismatched => return (taken, Outside::NotJson),
                At::Start => match byte {
                    b'{' => self.enter(at + 1, false),
                    b'[' => self.enter_records(),
                    _ => return (taken, Outside::NotJson),
                },
                At::BehindRecords if byte == b'}' => self.leave(),
                At::BehindRecords if byte == b',' => self.enter(at + 1, true),
                At::BehindRecords => {
                    self.enter(at, true);
                    self.member(byte, at)
                }
                At::Member { .. } => self.member(byte, at),
            };
            if let Some(said) = said {
                return (taken + 1, said);
            }
        }
        (bytes.len(), Outside::Exhausted)
    }

    /// Whether a closing bracket would close the envelope.
    fn is_between_members(&self) -> bool {
        match &self.at {
            At::Member { lexer, .. } => lexer.is_outermost(),
            at => matches!(at, At::BehindRecords),
        }
    }

    /// The envelope is closed as an array: its last member, then nothing that can be read.
    fn mismatch(&mut self, at: u64) -> Outside {
        match std::mem::replace(&mut self.at, At::Mismatched) {
            At::Member { text, .. } if text.length > 0 => Outside::Member(text),
            At::Member { is_behind_comma: true, .. } => Outside::Member(Capture::new(at)),
            _ => Outside::NotJson,
        }
    }

    fn is_in_text(&self) -> bool {
        matches!(&self.at, At::Member { text, .. } if text.length > 0)
    }

    fn enter(&mut self, offset: u64, is_behind_comma: bool) -> Option<Outside> {
        self.at = At::Member { text: Capture::new(offset), lexer: Lexer::default(), is_behind_comma };
        None
    }

    fn leave(&mut self) -> Option<Outside> {
        self.at = At::Start;
        None
    }

    fn enter_records(&mut self) -> Option<Outside> {
        self.has_records = true;
        self.is_bare = matches!(self.at, At::Start);
        self.at = At::BehindRecords;
        Some(Outside::Records)
    }

    fn member(&mut self, byte: u8, at: u64) -> Option<Outside> {
        let At::Member { text, lexer, is_behind_comma } = &mut self.at else { return None };
        if text.length == 0 {
            text.offset = at;
            self.blanks.clear();
        }
        if lexer.ends_at(byte) {
            let is_missing = text.length == 0 && byte != b',' && !*is_behind_comma;
            let text = std::mem::replace(text, Capture::new(at + 1));
            if byte == b',' {
                self.enter(at + 1, true);
            } else {
                self.leave();
            }
            return (!is_missing).then_some(Outside::Member(text));
        }
        // Blanks before the member's end are not part of it.
        if is_blank(byte) && !lexer.is_in_string() && self.blanks.len() < REJECT_BYTES_MAX {
            self.blanks.push(byte);
            return None;
        }
        text.push(&self.blanks);
        self.blanks.clear();
        text.push(&[byte]);
        if byte == b'[' && lexer.is_at_depth_one() && opens_records(&text.kept) {
            return self.enter_records();
        }
        None
    }
}

/// Whether `text` is `"Records":[`, blanks and escapes aside.
fn opens_records(text: &[u8]) -> bool {
    if text.len() > OPENING_BYTES_MAX {
        return false;
    }
    let Some(rest) = text.strip_prefix(b"\"") else { return false };
    let Some(rest) = rest.strip_suffix(b"[") else { return false };
    let Some(rest) = trim_end(rest).strip_suffix(b":") else { return false };
    let Some(key) = trim_end(rest).strip_suffix(b"\"") else { return false };
    let mut decoded = Vec::new();
    unescape(key, &mut decoded).is_some() && decoded == b"Records"
}
