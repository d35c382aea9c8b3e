//! Flow logs: lines of fields below a header that names them.
//!
//! A line whose words are names of fields is a header, wherever it stands: files that were joined have more than one. Any
//! other line is a record; a blank one is none.

mod fields;
mod fill;

use super::Reader;
use super::state::State;
use trailhouse_schemas::json::string;

use crate::columns::Slot;
use crate::cpu::with_features;
use crate::desk::Desk;
use crate::error::Error;
use crate::header::Header;
use crate::inflate::Filled;
use crate::key::is_account;
use crate::limits::{FLOW_BATCH_LINES, FLOW_WINDOW_BYTES, PIECE_BYTES, RECORD_BYTES_MAX};
use crate::lines::Lines;
use crate::part::{Emit, SheetId};
use crate::reading::{Piece, Reading};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::sheet::Sheet;
use crate::split::capture::Capture;
use crate::text::{Side, Texts};
use fields::Fields;
use fill::{Batch, Odd};

/// Reads flow logs.
#[derive(Debug, Default)]
pub(super) struct Flow {
    state: State,
    /// Whether anything but blank lines was met.
    has_text: bool,
    lines: Lines,
    /// The header that was met last, in this object or in one before it.
    fields: Option<(SheetId, Fields)>,
    /// Whether it is this object's.
    has_header: bool,
    /// For each row of the batch, the place before its line, and its number in the object.
    places: Vec<u32>,
    records: Vec<u64>,
    odd: Odd,
    unfit: Vec<Slot>,
    extra: Vec<u8>,
}

/// What a line is.
enum Line {
    Blank,
    Header,
    Row,
    Rejected(Reason, usize),
    /// It has no header, and without one nothing can be read.
    Unknown,
}

impl Reader for Flow {
    fn begin(&mut self, desk: &mut Desk, _: &Reading<'_>) {
        (self.state, self.has_text, self.has_header) = (State::Between, false, false);
        if let Some(header) = desk.settings.flow_header.clone() {
            self.enter(desk, header);
        }
    }

    fn read(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        emit: Emit<'_>,
    ) -> Result<usize, Error> {
        let (mut at, mut window) = (0, FLOW_WINDOW_BYTES);
        while at < piece.length {
            desk.halt.look()?;
            match &mut self.state {
                State::Between => {
                    let end = (at + window).min(piece.length);
                    let is_all = end == piece.length && piece.is_whole;
                    self.lines.find(&desk.arena[piece.start + at..piece.start + end], is_all);
                    if self.lines.count() > 0 {
                        at += self.read_lines(desk, reading, piece, at, emit)?;
                        window = FLOW_WINDOW_BYTES;
                    } else if end < piece.length {
                        window *= 2;
                    } else if at == 0 && piece.length == PIECE_BYTES {
                        self.state.skip(reading.offset);
                    } else {
                        return Ok(at);
                    }
                }
                State::Skipping { text, .. } => {
                    let bytes = &desk.arena[piece.range(at)];
                    let end = bytes.iter().position(|byte| *byte == b'\n');
                    text.push(&bytes[..end.unwrap_or(bytes.len())]);
                    at += end.map_or(bytes.len(), |end| end + 1);
                    if end.is_some() || piece.is_whole {
                        self.set_target(desk, reading);
                        self.state.end_skipping(desk, reading);
                    }
                }
                State::Lost { text, .. } => {
                    text.push(&desk.arena[piece.range(at)]);
                    at = piece.length;
                }
            }
        }
        Ok(at)
    }

    fn end(&mut self, _: &Reading<'_>, rest: &[u8], here: u64, filled: Filled) -> Option<(Fault, Capture)> {
        self.state.end((self.has_text, false), (rest, here), filled)
    }
}

impl Flow {
    /// Reads the lines that were found from `at` of the piece on: how many bytes they are.
    fn read_lines(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        at: usize,
        emit: Emit<'_>,
    ) -> Result<usize, Error> {
        let bytes = self.lines.bytes().min(piece.length - at);
        let text = &desk.arena[piece.start + at..piece.start + at + bytes];
        let is_utf8 = simdutf8::basic::from_utf8(text).is_ok();
        let mut line = 0;
        while line < self.lines.count() {
            desk.halt.look()?;
            desk.close_if_full(piece, emit)?;
            let until = self.lines.count().min(line + FLOW_BATCH_LINES.min(desk.room()));
            line = self.read_batch(desk, reading, (*piece, at), line..until, is_utf8);
            if let State::Lost { .. } = self.state {
                return Ok(if line < self.lines.count() { self.lines.line(line).0 } else { bytes });
            }
        }
        Ok(bytes)
    }

    /// Reads some of `lines`, up to a header or all of them. The line behind them, or the one where the object is lost.
    fn read_batch(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        (piece, at): (Piece, usize),
        lines: std::ops::Range<usize>,
        is_utf8: bool,
    ) -> usize {
        let base = piece.start + at;
        self.places.clear();
        self.records.clear();
        let mut end = lines.end;
        for line in lines {
            let (from, to) = self.lines.line(line);
            let text = &desk.arena[base + from..base + to];
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let kind = self.judge(line, text, is_utf8);
            self.has_text |= !matches!(kind, Line::Blank);
            match kind {
                Line::Blank => {}
                Line::Row => {
                    self.places.push(self.lines.first(line) as u32);
                    self.records.push(reading.tally.records);
                    reading.tally.records += 1;
                    reading.tally.rows += 1;
                    desk.part.records += 1;
                }
                Line::Header => {
                    let header = Header::parse(text);
                    self.fill(desk, reading, base);
                    self.places.clear();
                    if let Some(header) = header {
                        self.enter(desk, header);
                    }
                    self.set_target(desk, reading);
                    return line + 1;
                }
                Line::Rejected(..) if reading.is_full() => {
                    self.lose(reading, at + from, Reason::TooManyRejects);
                    end = line;
                    break;
                }
                Line::Rejected(reason, fault) => {
                    let text = Capture::of(reading.offset + (at + from) as u64, text);
                    self.set_target(desk, reading);
                    self.state.reject(desk, reading, (reason, fault), text);
                }
                Line::Unknown => {
                    self.lose(reading, at + from, Reason::NoHeader);
                    end = line;
                    break;
                }
            }
        }
        self.fill(desk, reading, base);
        end
    }

    /// Makes a row of a message that is one line of a flow log: below the declared header, or in AWS's default format, whose
    /// values tell it. Whether it is one.
    pub(super) fn message(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        text: &[u8],
        record: u64,
    ) -> bool {
        // Below a header of one field, nothing would be a line, too.
        if text.is_empty() {
            return false;
        }
        let declared = desk.settings.flow_header.clone();
        let is_default = declared.is_none() && is_default_line(text);
        let Some(header) = declared.or_else(|| is_default.then(|| Header::DEFAULT.parse().ok()).flatten()) else {
            return false;
        };
        if text.split(|byte| *byte == b' ').count() != header.names().count() || text.contains(&b'\n') {
            return false;
        }
        let Some(base) = desk.append(piece, text) else { return false };
        self.enter(desk, header);
        self.lines.find(text, true);
        self.places.clear();
        self.places.push(0);
        self.records.clear();
        self.records.push(record);
        self.fill(desk, reading, base);
        desk.part.records += 1;
        true
    }

    fn lose(&mut self, reading: &Reading<'_>, at: usize, reason: Reason) {
        self.state = State::Lost { text: Capture::new(reading.offset + at as u64), reason };
    }

    /// What line number `line`, which is `text`, is.
    #[inline(always)]
    fn judge(&self, line: usize, text: &[u8], is_utf8: bool) -> Line {
        if text.trim_ascii().is_empty() {
            return Line::Blank;
        }
        if text[0].is_ascii_lowercase() && Header::parse(text).is_some() {
            return Line::Header;
        }
        let Some((_, fields)) = self.fields.as_ref().filter(|_| self.has_header) else { return Line::Unknown };
        if text.len() > RECORD_BYTES_MAX {
            return Line::Rejected(Reason::TooLong, 0);
        }
        if !is_utf8 && let Err(error) = str::from_utf8(text) {
            return Line::Rejected(Reason::Utf8, error.valid_up_to());
        }
        let count = self.lines.last(line) - self.lines.first(line);
        match count == fields.targets.len() {
            true => Line::Row,
            false => Line::Rejected(Reason::FieldCount, 0),
        }
    }

    /// Reads lines below `header` from now on.
    fn enter(&mut self, desk: &mut Desk, header: Header) {
        self.has_header = true;
        if self.fields.as_ref().is_some_and(|(_, fields)| fields.header == header) {
            return;
        }
        let sheet = desk.open(header.table());
        let fields = Fields::new(header, desk.part.sheet(sheet).0);
        self.fields = Some((sheet, fields));
    }

    fn set_target(&self, desk: &mut Desk, reading: &mut Reading<'_>) {
        if let Some((sheet, _)) = self.fields.as_ref().filter(|_| self.has_header) {
            reading.target = desk.part.sheet(*sheet).0.table;
        }
    }

    /// Makes rows of the lines of the batch, which begin at `base` of the arena.
    fn fill(&mut self, desk: &mut Desk, reading: &mut Reading<'_>, base: usize) {
        let Some((id, fields)) = self.fields.as_ref().filter(|_| !self.places.is_empty()) else { return };
        let Desk { arena, part, .. } = desk;
        let (sheet, side) = part.sheet(*id);
        let first_row = sheet.columns.rows();
        sheet.columns.grow_only(self.places.len(), &fields.slots);
        let batch = Batch { arena, base, lines: &self.lines, places: &self.places, first_row };
        self.odd.clear();
        with_features(|| batch.fill(fields, sheet, side, &mut self.odd));
        sheet.fill_coded("fields", fields.header.text(), arena, side, first_row..first_row + self.places.len());
        if !self.odd.is_empty() {
            self.odd.sort_unstable();
            keep_odd(&batch, fields, &self.odd, (sheet, side), &mut self.extra);
        }
        let texts = Texts { arena, side: side.bytes() };
        for (row, record) in self.records.iter().enumerate() {
            self.unfit.clear();
            if !self.odd.is_empty() {
                batch.unfit(row as u32, &self.odd, fields, sheet, &mut self.unfit);
            }
            sheet.place(first_row + row, &self.unfit, texts, (reading.object, &mut reading.tally), *record);
        }
        sheet.note_source(arena, side, reading.object, first_row..first_row + self.places.len());
        self.records.clear();
    }
}

/// Puts what columns do not hold exactly into `extra`: an object of field names and texts.
fn keep_odd(
    batch: &Batch<'_>,
    fields: &Fields,
    odd: &[(u32, u16)],
    (sheet, side): (&mut Sheet, &mut Side),
    extra: &mut Vec<u8>,
) {
    let slot @ Slot::Json(at) = sheet.slot("extra") else { return };
    sheet.columns.grow_only(0, &[slot]);
    for odd in odd.chunk_by(|one, other| one.0 == other.0) {
        extra.clear();
        for (row, field) in odd {
            extra.push(if extra.is_empty() { b'{' } else { b',' });
            extra.extend_from_slice(fields.names[*field as usize].as_bytes());
            extra.push(b':');
            let text = batch.value(*row, *field as usize, fields.targets.len());
            // Lines that are not UTF-8 are no rows.
            extra.extend_from_slice(string(&String::from_utf8_lossy(text)).as_bytes());
        }
        extra.push(b'}');
        sheet.columns.spans[at][batch.first_row + odd[0].0 as usize] = side.push(extra);
    }
}

/// Whether `text` is a line of AWS's default format, told by what its fields can be.
fn is_default_line(text: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(text) else { return false };
    let fields: Vec<&str> = text.split(' ').collect();
    let &[version, account, interface, source, destination, .., action, status] = fields.as_slice() else {
        return false;
    };
    let is_address = |text: &str| text == "-" || text.parse::<std::net::IpAddr>().is_ok();
    let is_number = |text: &str| text == "-" || text.bytes().all(|byte| byte.is_ascii_digit());
    fields.len() == 14
        && version == "2"
        && (is_account(account) || account == "unknown")
        && (interface.starts_with("eni-") || interface == "-")
        && is_address(source)
        && is_address(destination)
        && fields[5..12].iter().all(|field| is_number(field))
        && ["ACCEPT", "REJECT", "-"].contains(&action)
        && ["OK", "NODATA", "SKIPDATA"].contains(&status)
}
