//! Export tasks of CloudWatch Logs: lines that begin with a time, and those that go on with a message.

use trailhouse_schemas::CLOUDWATCH_LOGS;

use super::Reader;
use super::state::State;
use super::unwrap::Unwrap;
use crate::columns::Slot;
use crate::desk::Desk;
use crate::error::Error;
use crate::inflate::Filled;
use crate::limits::{PIECE_BYTES, RECORD_BYTES_MAX};
use crate::part::Emit;
use crate::reading::{Piece, Reading};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::split::capture::Capture;
use crate::text::{Span, Texts};
use crate::time::InstantReader;

/// Bytes of the time that a line begins with, such as `2026-01-31T23:59:59.123Z`, and of the blank behind it.
const TIME_BYTES: usize = 25;

/// Reads exports.
#[derive(Default)]
pub(super) struct Export {
    state: State,
    /// Whether anything was met.
    has_text: bool,
    instants: InstantReader,
    /// The stream that the object's folder is named after.
    stream: Option<String>,
    unwrap: Unwrap,
}

impl Reader for Export {
    fn begin(&mut self, _: &mut Desk, reading: &Reading<'_>) {
        (self.state, self.has_text) = (State::Between, false);
        self.stream = stream(&reading.object.address);
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
            self.has_text = true;
            let bytes = &desk.arena[piece.range(at)];
            match &mut self.state {
                State::Lost { text, .. } => {
                    text.push(bytes);
                    return Ok(piece.length);
                }
                State::Between => match self.event_end(bytes) {
                    Some(end) => {
                        self.read_event(desk, reading, piece, at..at + end);
                        at += end;
                    }
                    None if piece.is_whole => {
                        self.read_event(desk, reading, piece, at..piece.length);
                        at = piece.length;
                    }
                    None if at == 0 && piece.length == PIECE_BYTES => {
                        self.state.skip(reading.offset);
                    }
                    None => return Ok(at),
                },
                State::Skipping { .. } => {
                    let end = self.event_end(bytes);
                    // Whether a line at the piece's end begins with a time may show in the next piece alone.
                    let taken = match end {
                        Some(end) => end,
                        None if piece.is_last => bytes.len(),
                        None => bytes.len().saturating_sub(TIME_BYTES + 1),
                    };
                    let State::Skipping { text, .. } = &mut self.state else { continue };
                    text.push(&bytes[..taken]);
                    at += taken;
                    if end.is_none() && !piece.is_whole {
                        return Ok(at);
                    }
                    self.state.end_skipping(desk, reading);
                }
            }
        }
        Ok(at)
    }

    fn end(&mut self, _: &Reading<'_>, rest: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)> {
        self.state.end((self.has_text, false), (rest, here), filled)
    }
}

impl Export {
    /// Where the next event begins behind the one that `bytes` begin with.
    fn event_end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut from = 0;
        while let Some(end) = bytes[from..].iter().position(|byte| *byte == b'\n') {
            from += end + 1;
            if self.time(&bytes[from..]).is_some() {
                return Some(from);
            }
        }
        None
    }

    /// The time that a line begins with, in milliseconds.
    fn time(&mut self, line: &[u8]) -> Option<i64> {
        let head = line.first_chunk::<TIME_BYTES>()?;
        let (time, blank) = head.split_at(TIME_BYTES - 1);
        // Most lines that are none tell by one of these.
        if blank != b" " || time[4] != b'-' || time[10] != b'T' || time[19] != b'.' || time[23] != b'Z' {
            return None;
        }
        self.instants.read(time).map(|instant| instant.millis)
    }

    /// Reads the event at `range` of the piece, the line feed at its end included.
    fn read_event(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        range: std::ops::Range<usize>,
    ) {
        let start = piece.start + range.start;
        let bytes = &desk.arena[start..start + range.len()];
        let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let offset = reading.offset + range.start as u64;
        let time = match (self.time(text), str::from_utf8(text)) {
            _ if text.len() > RECORD_BYTES_MAX => Err((Reason::TooLong, 0)),
            (_, Err(error)) => Err((Reason::Utf8, error.valid_up_to())),
            (None, Ok(_)) => Err((Reason::NoTime, 0)),
            (Some(time), Ok(_)) => Ok(time),
        };
        match time {
            Ok(time) => {
                let message = start + TIME_BYTES..start + text.len();
                self.keep(desk, reading, piece, time, message);
            }
            Err((reason, fault)) => {
                let text = Capture::of(offset, text);
                self.state.reject(desk, reading, (reason, fault), text);
            }
        }
    }

    /// Makes a row of the message at `message` of the arena.
    fn keep(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        time: i64,
        message: std::ops::Range<usize>,
    ) {
        let id = desk.open(&CLOUDWATCH_LOGS);
        let Desk { arena, part, .. } = desk;
        let (sheet, side) = part.sheet(id);
        let row = sheet.columns.rows();
        sheet.columns.grow(1);
        let (Slot::Millis(times), Slot::Text(messages)) = (sheet.slot("event_time"), sheet.slot("message")) else {
            return;
        };
        sheet.columns.numbers[times][row] = time;
        sheet.columns.spans[messages][row] = Span::arena(message.start, message.len());
        if let Some(stream) = &self.stream {
            sheet.fill_coded("log_stream", stream, arena, side, row..row + 1);
        }
        let record = reading.tally.records;
        let texts = Texts { arena, side: side.bytes() };
        sheet.place(row, &[], texts, (reading.object, &mut reading.tally), record);
        sheet.note_source(arena, side, reading.object, row..row + 1);
        desk.count_row(reading);
        if desk.settings.unwrap {
            self.unwrap.row(desk, reading, piece, (id, row), record);
        }
    }
}

/// The folder that an export's object stands in: its stream's name, with hyphens for slashes.
fn stream(address: &str) -> Option<String> {
    let (folders, _) = address.rsplit_once('/')?;
    let stream = folders.rsplit('/').next().unwrap_or_default();
    (!stream.is_empty()).then(|| stream.to_owned())
}
