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
use super::state::State;
use super::unwrap::Unwrap;
use crate::columns::Slot;
use crate::desk::Desk;
use crate::error::Error;
use crate::format::Format;
use crate::index::Index;
use crate::inflate::Filled;
use crate::keys::KeyCase;
use crate::limits::{DEPTH_MAX, PIECE_BYTES, RECORD_BYTES_MAX};
use crate::part::Emit;
use crate::reading::{Piece, Reading};
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
    state: State<DocumentLexer>,
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
                        self.state.end_skipping(desk, reading);
                    }
                }
                State::Between => match self.next(bytes, *piece) {
                    Next::Nothing(length) => at += length,
                    Next::Document(length) => {
                        self.read_document(desk, reading, piece, at..at + length, emit)?;
                        at += length;
                    }
                    Next::Fault(length, reason) => {
                        let text = Capture::of(reading.offset + at as u64, &bytes[..length]);
                        self.reject(desk, reading, (reason, 0), text);
                        at += length;
                    }
                    Next::Unfinished if at == 0 && piece.length == PIECE_BYTES => self.state.skip(reading.offset),
                    Next::Unfinished => return Ok(at),
                },
            }
        }
        Ok(at)
    }

    fn end(&mut self, _: &Reading<'_>, rest: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)> {
        self.state.end((self.has_text, self.in_array), (rest, here), filled)
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
                None => self.unfinished(bytes, piece),
            },
            _ => match line_end(bytes) {
                Some(line) => Next::Fault(line, Reason::NotObject),
                None if piece.is_whole => Next::Fault(bytes.len(), Reason::NotObject),
                None => Next::Unfinished,
            },
        }
    }

    /// A document does not end in the piece. Where the object ends with it, its first line may have been cut off alone.
    fn unfinished(&mut self, bytes: &[u8], piece: Piece) -> Next {
        if !piece.is_whole || self.repairs >= REPAIRS_MAX {
            return Next::Unfinished;
        }
        self.repairs += 1;
        line_end(bytes).map_or(Next::Unfinished, |line| Next::Fault(line, Reason::Syntax))
    }

    fn reject(&mut self, desk: &mut Desk, reading: &mut Reading<'_>, why: (Reason, usize), text: Capture) {
        reading.target = self.format.table();
        self.state.reject(desk, reading, why, text);
    }

    /// Rejects the element at `element` of the document at `document` of the piece. Whether reading goes on: else the rest
    /// of the document is lost with it.
    fn reject_element(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: Piece,
        (document, element): (&Range<usize>, &Range<usize>),
    ) -> bool {
        let at = document.start + element.start;
        let bytes = &desk.arena[piece.range(at)];
        let text = Capture::of(reading.offset + at as u64, &bytes[..element.len()]);
        self.reject(desk, reading, (Reason::NotObject, 0), text);
        if let State::Lost { text, .. } = &mut self.state {
            text.push(&desk.arena[piece.range(at)][element.len()..document.end - at]);
            return false;
        }
        true
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
            self.reject(desk, reading, (reason, fault), text);
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
                self.reject(desk, reading, (Reason::UnknownDocument, 0), text);
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
            } else if !self.reject_element(desk, reading, *piece, (&list.document, &range)) {
                break;
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
        let case = match kind {
            Kind::Finding(case) => case,
            _ => KeyCase::Camel,
        };
        let (id, row) = desk.begin_row(kind.table(), case);
        desk.fill_row(reading, (id, row), case, (start, record.bracket));
        let Desk { arena, part, .. } = desk;
        let (sheet, side) = part.sheet(id);
        if let Some(envelope) = &record.envelope {
            sheet.fill_coded("envelope", envelope, arena, side, row..row + 1);
        }
        if let Kind::Finding(_) = kind {
            let findings = self.findings.get_or_insert_with(|| Findings::new(sheet));
            findings.fill((&arena[record.range.clone()], case), row, sheet, (arena, side));
        }
        if kind == Kind::Digest
            && let Slot::Json(column) = sheet.slot("digest")
        {
            sheet.columns.spans[column][row] = Span::arena(record.range.start, record.range.len());
        }
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

fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n')
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
