//! `{"Records":[…]}`: CloudTrail's events, the hot path.

mod state;

use super::Reader;
use crate::cpu::with_features;
use crate::desk::Desk;
use crate::error::Error;
use crate::inflate::Filled;
use crate::keys::KeyCase;
use crate::limits::{BATCH_RECORDS, DEPTH_MAX};
use crate::part::{Emit, SheetId};
use crate::reading::{Piece, Reading};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::split::capture::Capture;
use crate::split::depth;
use crate::split::elements::{Element, Elements, Shape, Stop};
use crate::split::envelope::Outside;
use crate::window::Window;
use state::{Progress, State};

/// Reads arrays of records.
#[derive(Debug, Default)]
pub(super) struct Records {
    progress: Progress,
    /// The records that were split off and not read yet.
    elements: Vec<Element>,
    sheet: Option<SheetId>,
}

impl Reader for Records {
    fn begin(&mut self, desk: &mut Desk, reading: &Reading<'_>) {
        self.progress = Progress::default();
        let sheet = desk.open(reading.target);
        desk.part.sheet(sheet).0.prepare(KeyCase::Camel);
        self.sheet = Some(sheet);
    }

    fn read(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        emit: Emit<'_>,
    ) -> Result<usize, Error> {
        let mut at = 0;
        loop {
            desk.halt.look()?;
            desk.close_if_full(piece, emit)?;
            match &mut self.progress.state {
                State::Outside => {
                    if self.read_outside(desk, reading, *piece, &mut at) {
                        return Ok(at);
                    }
                }
                State::Lost { text, .. } => {
                    text.push(&desk.arena[piece.range(at)]);
                    return Ok(piece.length);
                }
                State::Skipping(skipped) => {
                    let bytes = &desk.arena[piece.range(at)];
                    let (taken, is_ended) = skipped.feed(bytes);
                    at += taken;
                    if !is_ended {
                        return Ok(at);
                    }
                    let is_behind_comma = bytes.get(taken) == Some(&b',');
                    if let Some((fault, text)) = self.progress.end_skipping(is_behind_comma, reading.is_full()) {
                        at += usize::from(is_behind_comma);
                        desk.reject(reading, fault, text);
                    }
                }
                State::Inside { is_behind_comma } => {
                    let is_behind_comma = *is_behind_comma;
                    match self.read_records(desk, reading, piece, at, is_behind_comma, emit)? {
                        Ok(behind) => at = behind,
                        Err(unfinished) => return Ok(unfinished),
                    }
                }
            }
        }
    }

    fn end(&mut self, _: &Reading<'_>, rest: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)> {
        self.progress.end(rest, here, filled)
    }
}

impl Records {
    /// Reads on around the records. Whether the piece is used up.
    fn read_outside(&mut self, desk: &mut Desk, reading: &mut Reading<'_>, piece: Piece, at: &mut usize) -> bool {
        let bytes = &desk.arena[piece.range(*at)];
        let (taken, said) = self.progress.envelope.feed(bytes, reading.offset + *at as u64);
        *at += taken;
        let here = reading.offset + *at as u64;
        match said {
            Outside::Exhausted => return true,
            Outside::Records => self.progress.enter_records(),
            Outside::Member(text) if reading.is_full() => self.progress.lose_member(text, &bytes[..taken], here),
            Outside::Member(text) => desk.reject(reading, Fault::new(Reason::Envelope, text.offset), text),
            Outside::NotJson => self.progress.lose(here, Reason::NotJson),
        }
        false
    }

    /// Indexes the piece from `at` on and reads its records. Says where to go on in it, or where an unfinished record
    /// begins.
    fn read_records(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        at: usize,
        is_behind_comma: bool,
        emit: Emit<'_>,
    ) -> Result<Result<usize, usize>, Error> {
        let window = self.progress.window.min(piece.length - at);
        desk.index.build(&desk.arena[piece.start + at..piece.start + at + window]);
        let is_capped = desk.index.covered() < window;
        let covers_all = at + desk.index.covered() == piece.length;
        let mut elements = Elements::new(is_behind_comma);
        let stop = loop {
            desk.halt.look()?;
            desk.close_if_full(piece, emit)?;
            let wanted = BATCH_RECORDS.min(desk.room());
            self.elements.clear();
            let is_last = piece.is_last && covers_all;
            let bytes = &desk.arena[piece.range(at)];
            let stop = elements.split(&desk.index, bytes, is_last, wanted, &mut self.elements);
            if let Some(start) = self.read_batch(desk, reading, *piece, at) {
                self.progress.lose(reading.offset + (at + start) as u64, Reason::TooManyRejects);
                return Ok(Ok(at + start));
            }
            if stop != Stop::Enough {
                break stop;
            }
        };
        match stop {
            Stop::Enough => Ok(Ok(at)),
            Stop::Closed(behind) => {
                self.progress.state = State::Outside;
                self.progress.envelope.records_closed();
                Ok(Ok(at + behind))
            }
            Stop::Mismatched(place) => {
                self.progress.lose(reading.offset + (at + place) as u64, Reason::NotJson);
                Ok(Ok(at + place))
            }
            Stop::Unfinished(place) => {
                self.progress.widen(place > 0);
                self.progress.state = State::Inside { is_behind_comma: elements.is_behind_comma() };
                Ok(self.progress.unfinished(reading, at + place, place == 0 && is_capped, covers_all, *piece))
            }
        }
    }

    /// Decodes or rejects the elements that were split off. `at` is where the index begins in the piece. Where the one
    /// begins, if any, that would be one reject too many; those behind it are not read.
    fn read_batch(&mut self, desk: &mut Desk, reading: &mut Reading<'_>, piece: Piece, at: usize) -> Option<usize> {
        let (first, last) = (self.elements.first()?, self.elements.last()?);
        let start = piece.start + at;
        let is_utf8 = simdutf8::basic::from_utf8(&desk.arena[start + first.start..start + last.end]).is_ok();
        let id = self.sheet?;
        let (sheet, _) = desk.part.sheet(id);
        let first_row = sheet.columns.rows();
        sheet.columns.grow(self.elements.len());
        let mut row = first_row;
        let beyond = with_features(|| {
            for element in &self.elements {
                match read_element(desk, id, reading, (piece, at), *element, row, is_utf8) {
                    Some(rows) => row += rows,
                    None => return Some(element.start),
                }
            }
            None
        });
        let (sheet, side) = desk.part.sheet(id);
        sheet.columns.truncate(row);
        sheet.note_source(&desk.arena, side, reading.object, first_row..row);
        beyond
    }
}

/// Decodes or rejects one element: the rows it made, or nothing where it would be one reject too many.
#[inline(always)]
fn read_element(
    desk: &mut Desk,
    sheet: SheetId,
    reading: &mut Reading<'_>,
    (piece, at): (Piece, usize),
    element: Element,
    row: usize,
    is_utf8: bool,
) -> Option<usize> {
    let start = piece.start + at;
    let text = &desk.arena[start + element.start..start + element.end];
    let (reason, fault) = match element.shape {
        Shape::Object(bracket) => match if is_utf8 { Ok("") } else { str::from_utf8(text) } {
            Ok(_) => {
                read_record(desk, sheet, reading, (start, bracket), row);
                return Some(1);
            }
            Err(error) => (Reason::Utf8, error.valid_up_to()),
        },
        Shape::Rejected(reason) => judge(desk, reason, element, text),
    };
    if reading.is_full() {
        return None;
    }
    let offset = reading.offset + (at + element.start) as u64;
    let text = Capture::of(offset, text);
    desk.reject(reading, Fault::new(reason, offset + fault as u64), text);
    Some(0)
}

/// The closer reason for a rejected element, and where in it the fault lies.
fn judge(desk: &Desk, reason: Reason, element: Element, text: &[u8]) -> (Reason, usize) {
    let fault = desk.index.fault_in(element.start, element.end).map_or(0, |fault| fault - element.start);
    match reason {
        Reason::Syntax if depth(text) > DEPTH_MAX as u64 => (Reason::Depth, fault),
        Reason::Syntax => (Reason::Syntax, fault),
        other => (other, 0),
    }
}

#[inline(always)]
fn read_record(
    desk: &mut Desk,
    sheet: SheetId,
    reading: &mut Reading<'_>,
    (start, bracket): (usize, usize),
    row: usize,
) {
    let window = Window { arena: &desk.arena, start, index: &desk.index };
    let (sheet, side) = desk.part.sheet(sheet);
    let tally = &mut reading.tally;
    sheet.decode(KeyCase::Camel, (window, bracket), row, side, (reading.object, tally));
    desk.part.records += 1;
    reading.tally.records += 1;
    reading.tally.rows += 1;
}
