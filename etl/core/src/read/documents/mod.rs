//! JSON documents one behind the other: findings, EventBridge events, payloads of log events, digests and ledger entries.
//!
//! Each document is told by its keys. It is a record, or it holds some: then what stands around them goes to `envelope`.
//! Documents may be elements of a bare array. One that is cut off at a line's end, and any other text, is rejected with
//! its line; what is behind it is read.

mod copies;
mod finding;
mod payload;
mod shape;

use std::ops::Range;

use super::Reader;
use super::unwrap::Unwrap;
use crate::columns::Slot;
use crate::desk::Desk;
use crate::error::Error;
use crate::format::Format;
use crate::index::Index;
use crate::inflate::{Damage, Filled};
use crate::keys::KeyCase;
use crate::limits::{DEPTH_MAX, PIECE_BYTES, RECORD_BYTES_MAX};
use crate::part::{Emit, SheetId};
use crate::reading::{Piece, Reading, damage};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::split::capture::Capture;
use crate::split::depth;
use crate::split::documents::{DocumentEnd, DocumentLexer};
use crate::text::Span;
use crate::window::Window;
use finding::Findings;
use shape::{Document, Kind, Shape};

/// How often the end of an object that is missing in a document is taken for one line's damage.
const REPAIRS_MAX: u32 = 16;

/// Reads JSON documents.
#[derive(Default)]
pub(super) struct Documents {
    state: State,
    format: Format,
    /// Whether documents stand in a bare array.
    in_array: bool,
    /// Whether anything but blanks was met.
    has_text: bool,
    repairs: u32,
    findings: Option<Findings>,
    unwrap: Unwrap,
    scratch: Vec<u8>,
}

#[derive(Default)]
enum State {
    #[default]
    Between,
    /// In a document that is too long.
    Skipping { lexer: DocumentLexer, text: Capture },
    /// Nothing more can be read.
    Lost { text: Capture, reason: Reason },
}

/// What stands next in a piece; lengths in bytes.
enum Next {
    /// Something that is passed over.
    Nothing(usize),
    Document(usize),
    /// What is no document, for this reason.
    Fault(usize, Reason),
    /// A document that goes on behind the piece.
    Unfinished,
}

impl Reader for Documents {
    fn begin(&mut self, _: &mut Desk, reading: &Reading<'_>) {
        (self.state, self.format) = (State::Between, reading.object.format);
        (self.in_array, self.has_text, self.repairs) = (false, false, 0);
    }

    fn read(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        emit: Emit<'_>,
    ) -> Result<usize, Error> {
        let mut at = 0;
        while at < piece.length {
            desk.halt.look()?;
            desk.close_if_full(piece, emit)?;
            let bytes = &desk.arena[piece.range(at)];
            match &mut self.state {
                State::Lost { text, .. } => {
                    text.push(bytes);
                    return Ok(piece.length);
                }
                State::Skipping { lexer, text } => {
                    let before = text.length;
                    let end = lexer.find_end(bytes);
                    let taken = match end {
                        Some(DocumentEnd::Whole(end) | DocumentEnd::CutOff(end)) => end.saturating_sub(before) as usize,
                        None => bytes.len(),
                    };
                    text.push(&bytes[..taken]);
                    at += taken;
                    if end.is_some() {
                        let State::Skipping { text, .. } = std::mem::take(&mut self.state) else { continue };
                        self.reject(desk, reading, Reason::TooLong, 0, text);
                    }
                }
                State::Between => match self.next(bytes, *piece) {
                    Next::Nothing(length) => at += length,
                    Next::Document(length) => {
                        self.read_document(desk, reading, piece, at..at + length, emit)?;
                        at += length;
                    }
                    Next::Fault(length, reason) => {
                        let text = Capture::of(reading.offset + at as u64, bytes[..length].trim_ascii_end());
                        self.reject(desk, reading, reason, 0, text);
                        at += length;
                    }
                    Next::Unfinished if at == 0 && piece.length == PIECE_BYTES => {
                        let text = Capture::new(reading.offset);
                        self.state = State::Skipping { lexer: DocumentLexer::default(), text };
                    }
                    Next::Unfinished => return Ok(at),
                },
            }
        }
        Ok(at)
    }

    fn end(&mut self, _: &Reading<'_>, rest: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)> {
        let left = match std::mem::take(&mut self.state) {
            State::Lost { text, reason } => return Some((Fault::new(reason, text.offset), text)),
            State::Skipping { text, .. } => Some((Reason::Truncated, text)),
            State::Between if !rest.is_empty() || self.in_array => Some((Reason::Truncated, Capture::of(here, rest))),
            State::Between if !self.has_text => Some((Reason::Empty, Capture::new(here))),
            State::Between => None,
        };
        damage(filled, left.map(|(reason, text)| (Damage::from(reason), text)), here)
    }
}

impl Documents {
    /// What stands at the beginning of `bytes`, the rest of `piece`.
    fn next(&mut self, bytes: &[u8], piece: Piece) -> Next {
        let blanks = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if blanks > 0 {
            return Next::Nothing(blanks);
        }
        self.has_text = true;
        let line = bytes.iter().position(|byte| *byte == b'\n');
        match bytes[0] {
            b'[' if !self.in_array => {
                self.in_array = true;
                Next::Nothing(1)
            }
            b']' if self.in_array => {
                self.in_array = false;
                Next::Nothing(1)
            }
            b',' if self.in_array => Next::Nothing(1),
            b'{' => match DocumentLexer::default().find_end(bytes) {
                Some(DocumentEnd::Whole(length)) => Next::Document(length as usize),
                Some(DocumentEnd::CutOff(length)) => Next::Fault(length as usize, Reason::Syntax),
                None => self.unfinished(line, piece),
            },
            _ => match line {
                Some(line) => Next::Fault(line, Reason::NotObject),
                None if piece.is_whole => Next::Fault(bytes.len(), Reason::NotObject),
                None => Next::Unfinished,
            },
        }
    }

    /// A document does not end in the piece. Where the object ends with it, its first line may have been cut off alone.
    fn unfinished(&mut self, line: Option<usize>, piece: Piece) -> Next {
        match line {
            Some(line) if piece.is_whole && self.repairs < REPAIRS_MAX => {
                self.repairs += 1;
                Next::Fault(line, Reason::Syntax)
            }
            _ => Next::Unfinished,
        }
    }

    /// Rejects `text`, with the fault at `fault` in it; or loses the object, where that is one reject too many.
    fn reject(&mut self, desk: &mut Desk, reading: &mut Reading<'_>, reason: Reason, fault: usize, text: Capture) {
        if reading.is_full() {
            self.state = State::Lost { text, reason: Reason::TooManyRejects };
            return;
        }
        reading.target = self.format.table();
        let fault = Fault::new(reason, text.offset + fault as u64);
        desk.reject(reading, fault, text);
    }

    /// Reads the document that stands at `range` of the piece.
    fn read_document(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        range: Range<usize>,
        emit: Emit<'_>,
    ) -> Result<(), Error> {
        let start = piece.start + range.start;
        let text = &desk.arena[start..start + range.len()];
        if let Err((reason, fault)) = check(text, &mut desk.index) {
            let text = Capture::of(reading.offset + range.start as u64, text);
            self.reject(desk, reading, reason, fault, text);
            return Ok(());
        }
        let document = Document::new(Window { arena: &desk.arena, start, index: &desk.index });
        match document.shape(self.format) {
            Shape::Record(kind) => {
                let record = Record { range: start..start + range.len(), bracket: 0, envelope: None };
                self.read_record(desk, reading, start, (kind, &record));
            }
            Shape::Event(kind, detail) => {
                let envelope = Some(around(&mut self.scratch, text, start, &detail.value));
                let record = Record { range: detail.value, bracket: detail.bracket, envelope };
                self.read_record(desk, reading, start, (kind, &record));
            }
            Shape::List(kind, list) => {
                let envelope = Some(around(&mut self.scratch, text, start, &list.value));
                let elements = document.window.elements(list.bracket);
                let list = List { document: range, kind, elements, envelope };
                return self.read_list(desk, reading, piece, list, emit);
            }
            Shape::Payload => return self.read_payload(desk, reading, piece, range, emit),
            Shape::Unknown => {
                let text = Capture::of(reading.offset + range.start as u64, text);
                self.reject(desk, reading, Reason::UnknownDocument, 0, text);
            }
        }
        Ok(())
    }

    fn read_list(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        list: List,
        emit: Emit<'_>,
    ) -> Result<(), Error> {
        for (range, bracket) in list.elements {
            desk.close_if_full(piece, emit)?;
            let start = piece.start + list.document.start;
            let record = start + range.start..start + range.end;
            if desk.arena[record.start] == b'{' {
                let record = Record { range: record, bracket, envelope: list.envelope.clone() };
                self.read_record(desk, reading, start, (list.kind, &record));
            } else {
                let offset = reading.offset + (list.document.start + range.start) as u64;
                let text = Capture::of(offset, &desk.arena[record]);
                self.reject(desk, reading, Reason::NotObject, 0, text);
            }
        }
        Ok(())
    }

    /// Makes a row of a record in the document that begins at `start`.
    fn read_record(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        start: usize,
        (kind, record): (Kind, &Record),
    ) {
        let (id, case) = open(desk, kind);
        let Desk { arena, part, index, .. } = desk;
        let (sheet, side) = part.sheet(id);
        let row = sheet.columns.rows();
        sheet.columns.grow(1);
        let window = Window { arena, start, index };
        sheet.decode(case, (window, record.bracket), row, side, (reading.object, &mut reading.tally));
        if let Some(envelope) = &record.envelope {
            sheet.fill_coded("envelope", envelope, arena, side, row..row + 1);
        }
        match kind {
            Kind::Finding(_) => {
                let findings = self.findings.get_or_insert_with(|| Findings::new(sheet));
                findings.fill((&arena[record.range.clone()], case), row, sheet, (arena, side));
            }
            Kind::Digest => {
                if let Slot::Json(column) = sheet.slot("digest") {
                    sheet.columns.spans[column][row] = Span::arena(record.range.start, record.range.len());
                }
            }
            Kind::CloudTrail | Kind::Incident => {}
        }
        sheet.note_source(arena, side, reading.object, row..row + 1);
        part.records += 1;
        reading.tally.records += 1;
        reading.tally.rows += 1;
    }
}

/// The records that a document lists.
struct List {
    /// Where in the piece the document stands.
    document: Range<usize>,
    kind: Kind,
    /// Where in the document each record stands, and the number of its own bracket.
    elements: Vec<(Range<usize>, usize)>,
    envelope: Option<String>,
}

/// A record within a document. Places are the arena's.
struct Record {
    range: Range<usize>,
    /// The number of its own bracket.
    bracket: usize,
    envelope: Option<String>,
}

/// The sheet of records of `kind`, ready for them, and how they write their keys.
fn open(desk: &mut Desk, kind: Kind) -> (SheetId, KeyCase) {
    let case = match kind {
        Kind::Finding(case) => case,
        _ => KeyCase::Camel,
    };
    let id = desk.open(kind.table());
    desk.part.sheet(id).0.prepare(case);
    (id, case)
}

/// Indexes a document; or why it cannot be read, and where in it that shows.
pub(super) fn check(text: &[u8], index: &mut Index) -> Result<(), (Reason, usize)> {
    if text.len() > RECORD_BYTES_MAX {
        return Err((Reason::TooLong, 0));
    }
    simdutf8::compat::from_utf8(text).map_err(|error| (Reason::Utf8, error.valid_up_to()))?;
    index.build(text);
    if index.covered() < text.len() {
        return Err((Reason::TooComplex, 0));
    }
    match index.fault_in(0, text.len()) {
        Some(fault) if depth(text) > DEPTH_MAX as u64 => Err((Reason::Depth, fault)),
        Some(fault) => Err((Reason::Syntax, fault)),
        None => Ok(()),
    }
}

/// The document `text`, which stands at `start`, with `null` for the value at `hole`.
fn around(scratch: &mut Vec<u8>, text: &[u8], start: usize, hole: &Range<usize>) -> String {
    scratch.clear();
    scratch.extend_from_slice(&text[..hole.start - start]);
    scratch.extend_from_slice(b"null");
    scratch.extend_from_slice(&text[hole.end - start..]);
    // It was checked to be UTF-8, and is cut at brackets.
    String::from_utf8_lossy(scratch).into_owned()
}
