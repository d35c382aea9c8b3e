//! The whole way: objects in, files out.

use std::ops::Range;

use trailhouse_schemas::{CLOUDTRAIL, Partitioning};

use crate::columns::Columns;
use crate::cpu::with_features;
use crate::decode::{Decoder, Window};
use crate::encode::file::FileEncoder;
use crate::error::Error;
use crate::halt::Halt;
use crate::index::Index;
use crate::inflate::{Filled, Inflate, Libdeflate, promised_bytes};
use crate::limits::{BATCH_RECORDS, DEPTH_MAX, PART_SOFT_SHARE, PIECE_BYTES};
use crate::memory::zeroed;
use crate::object::{Body, Object, Settings, Tally};
use crate::order::key_partition;
use crate::part::{Emit, Part};
use crate::reading::{Piece, Reading, State};
use crate::reason::Reason;
use crate::rejects::Fault;
use crate::route::{Router, Row};
use crate::split::capture::Capture;
use crate::split::depth;
use crate::split::elements::{Element, Elements, Shape, Stop};
use crate::split::envelope::Outside;
use crate::text::{SLACK, Texts};

/// Where an arena's text begins: offset 0 is the null value.
const ARENA_START: usize = 64;

/// Turns the objects of one group after another into files. Keeps its buffers; what it writes does not depend on what it
/// wrote before.
pub struct Transform {
    settings: Settings,
    arena: Vec<u8>,
    used: usize,
    part: Part,
    libdeflate: Libdeflate,
    index: Index,
    elements: Vec<Element>,
    decoder: Decoder,
    router: Router,
    files: Option<FileEncoder>,
    halt: Halt,
}

impl Transform {
    /// A transform of `settings`, with no group open.
    pub fn new(settings: Settings) -> Self {
        let columns = Columns::new(&CLOUDTRAIL);
        let decoder = Decoder::new(&CLOUDTRAIL, columns.slots());
        let router = Router::new(&CLOUDTRAIL, columns.slots());
        // Only long objects reach its end.
        let arena = zeroed(ARENA_START + settings.part_bytes.max(PIECE_BYTES) + PIECE_BYTES + 2 * SLACK);
        Self {
            part: Part::new(&CLOUDTRAIL, columns, &settings),
            settings,
            arena,
            used: ARENA_START,
            libdeflate: Libdeflate::new(),
            index: Index::default(),
            elements: Vec::new(),
            decoder,
            router,
            files: None,
            halt: Halt::default(),
        }
    }

    /// Stops with [`Error::Halted`] soon after `is_halted` has begun to say so, whatever the object at hand holds. It is
    /// asked often, and should be quick.
    pub fn halt_when(&mut self, is_halted: impl Fn() -> bool + Send + Sync + 'static) {
        self.halt = Halt::when(is_halted);
    }

    /// Reads one object of the open group. Finished files leave through `emit`.
    ///
    /// # Errors
    ///
    /// When the body's reader or `emit` fails, a library refuses, or the transform is halted: the group must be begun
    /// again, after [`Transform::abandon`]. Damaged input is no error; the [`Tally`] and the table `rejects` tell of it.
    pub fn read(&mut self, object: &Object, body: Body<'_>, emit: Emit<'_>) -> Result<Tally, Error> {
        self.begin_object(object, emit)?;
        let mut reading = Reading::new(object);
        if let Some(length) = self.inflate_whole(&body) {
            self.read_piece(&mut reading, length, Filled::Ended, emit)?;
            return Ok(reading.tally);
        }
        let mut inflate = Inflate::new(body, self.settings.inflated_bytes_max, self.halt.clone());
        let mut carried = 0;
        loop {
            let room = self.used + carried..self.used + PIECE_BYTES;
            let (count, filled) = inflate.fill(&mut self.arena[room])?;
            carried = self.read_piece(&mut reading, carried + count, filled, emit)?;
            if filled != Filled::Full {
                return Ok(reading.tally);
            }
        }
    }

    /// Ends the group: its last part is closed, and the next object begins part 0 of another group.
    ///
    /// # Errors
    ///
    /// As [`Transform::read`].
    pub fn finish(&mut self, emit: Emit<'_>) -> Result<(), Error> {
        if !self.part.is_empty() {
            self.close_part(self.used..self.used, emit)?;
        }
        self.abandon();
        Ok(())
    }

    /// Forgets an unfinished group.
    pub fn abandon(&mut self) {
        self.clear_part();
        self.part.number = 0;
        self.part.key = None;
        self.used = ARENA_START;
    }

    /// A part that is a quarter full ends where account or day of the key change, so that days are seldom cut in two.
    fn begin_object(&mut self, object: &Object, emit: Emit<'_>) -> Result<(), Error> {
        let key = key_partition(Partitioning::AccountDate, object);
        let is_other = self.part.key.as_ref() != Some(&key);
        if is_other && !self.part.is_empty() && self.used >= self.settings.part_bytes / PART_SOFT_SHARE {
            self.close_part(self.used..self.used, emit)?;
        }
        self.part.key = Some(key);
        self.part.order.begin_object();
        self.router.clear();
        Ok(())
    }

    /// The fast way for a whole object of one member that is as small as its trailer says: its length in the arena.
    fn inflate_whole(&mut self, body: &Body<'_>) -> Option<usize> {
        let Body::Whole(stored) = body else { return None };
        let length = promised_bytes(stored)?;
        if length >= PIECE_BYTES || length as u64 > self.settings.inflated_bytes_max {
            return None;
        }
        self.libdeflate.inflate(stored, &mut self.arena[self.used..self.used + length]).then_some(length)
    }

    /// Reads the `length` bytes behind the used ones. Returns how many of them the next piece begins with.
    fn read_piece(
        &mut self,
        reading: &mut Reading<'_>,
        length: usize,
        filled: Filled,
        emit: Emit<'_>,
    ) -> Result<usize, Error> {
        let mut piece = Piece { start: self.used, length, is_last: filled != Filled::Full };
        if self.used + self.part.side.len() + length > ARENA_START + self.settings.part_bytes && !self.part.is_empty() {
            self.close_piece(&mut piece, emit)?;
        }
        self.arena[piece.start + length..][..SLACK].fill(b' ');
        let read = self.read_states(reading, &mut piece, emit)?;
        if piece.is_last {
            let rest = &self.arena[piece.range(read)];
            reading.tally.inflated_bytes = reading.offset + length as u64;
            let end = reading.end(rest, read as u64, filled);
            if let Some((fault, text)) = end {
                reading.tally.damage = Some(fault.to_string());
                self.part.reject(reading, fault, text, &self.settings);
            }
        }
        reading.offset += read as u64;
        // What holds no record yet needs no room.
        self.used = if self.part.is_empty() { ARENA_START } else { piece.start + length + SLACK };
        self.arena.copy_within(piece.range(read), self.used);
        Ok(length - read)
    }

    /// Reads on until the piece is used up, or an unfinished record is met: returns where that begins.
    fn read_states(&mut self, reading: &mut Reading<'_>, piece: &mut Piece, emit: Emit<'_>) -> Result<usize, Error> {
        let mut at = 0;
        loop {
            self.halt.look()?;
            if self.part.records >= self.settings.part_records {
                self.close_piece(piece, emit)?;
            }
            let bytes = &self.arena[piece.range(at)];
            match &mut reading.state {
                State::Outside => {
                    let (taken, said) = reading.envelope.feed(bytes, reading.offset + at as u64);
                    at += taken;
                    match said {
                        Outside::Exhausted => return Ok(at),
                        Outside::Records => reading.enter_records(),
                        Outside::Member(text) if reading.is_full() => {
                            reading.lose_member(text, &bytes[..taken], at);
                        }
                        Outside::Member(text) => {
                            let fault = Fault::new(Reason::Envelope, text.offset);
                            self.part.reject(reading, fault, text, &self.settings);
                        }
                        Outside::NotJson => reading.lose(at, Reason::NotJson),
                    }
                }
                State::Lost { text, .. } => {
                    text.push(bytes);
                    return Ok(piece.length);
                }
                State::Skipping(skipped) => {
                    let (taken, is_ended) = skipped.feed(bytes);
                    at += taken;
                    if !is_ended {
                        return Ok(at);
                    }
                    let is_behind_comma = bytes.get(taken) == Some(&b',');
                    if let Some((fault, text)) = reading.end_skipping(is_behind_comma) {
                        at += usize::from(is_behind_comma);
                        self.part.reject(reading, fault, text, &self.settings);
                    }
                }
                State::Inside { is_behind_comma } => {
                    let is_behind_comma = *is_behind_comma;
                    match self.read_records(reading, piece, at, is_behind_comma, emit)? {
                        Ok(behind) => at = behind,
                        Err(unfinished) => return Ok(unfinished),
                    }
                }
            }
        }
    }

    /// Indexes the piece from `at` on and reads its records. Says where to go on in it, or where an unfinished record
    /// begins.
    fn read_records(
        &mut self,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        at: usize,
        is_behind_comma: bool,
        emit: Emit<'_>,
    ) -> Result<Result<usize, usize>, Error> {
        let window = reading.window.min(piece.length - at);
        self.index.build(&self.arena[piece.start + at..piece.start + at + window]);
        let is_capped = self.index.covered() < window;
        let covers_all = at + self.index.covered() == piece.length;
        let mut elements = Elements::new(is_behind_comma);
        let stop = loop {
            self.halt.look()?;
            if self.part.records >= self.settings.part_records {
                self.close_piece(piece, emit)?;
            }
            let wanted = BATCH_RECORDS.min(self.settings.part_records - self.part.records);
            self.elements.clear();
            let bytes = &self.arena[piece.range(at)];
            let is_last = piece.is_last && covers_all;
            let stop = elements.split(&self.index, bytes, is_last, wanted, &mut self.elements);
            if let Some(start) = self.read_batch(reading, *piece, at) {
                reading.lose(at + start, Reason::TooManyRejects);
                return Ok(Ok(at + start));
            }
            if stop != Stop::Enough {
                break stop;
            }
        };
        match stop {
            Stop::Enough => Ok(Ok(at)),
            Stop::Closed(behind) => {
                reading.state = State::Outside;
                reading.envelope.records_closed();
                Ok(Ok(at + behind))
            }
            Stop::Mismatched(place) => {
                reading.lose(at + place, Reason::NotJson);
                Ok(Ok(at + place))
            }
            Stop::Unfinished(place) => {
                reading.widen(place > 0);
                reading.state = State::Inside { is_behind_comma: elements.is_behind_comma() };
                Ok(reading.unfinished(at + place, place == 0 && is_capped, covers_all, *piece))
            }
        }
    }

    /// Decodes or rejects the elements that were split off. `at` is where the index begins in the piece. Where the one
    /// begins, if any, that would be one reject too many; those behind it are not read.
    fn read_batch(&mut self, reading: &mut Reading<'_>, piece: Piece, at: usize) -> Option<usize> {
        let (first, last) = (self.elements.first()?, self.elements.last()?);
        let start = piece.start + at;
        let is_utf8 = simdutf8::basic::from_utf8(&self.arena[start + first.start..start + last.end]).is_ok();
        let mut row = self.part.columns.rows();
        self.part.columns.grow(self.elements.len());
        let first_row = row;
        let beyond = with_features(|| {
            for number in 0..self.elements.len() {
                match self.read_element(reading, (piece, at), number, row, is_utf8) {
                    Some(rows) => row += rows,
                    None => return Some(self.elements[number].start),
                }
            }
            None
        });
        self.part.columns.truncate(row);
        self.part.note_source(&self.arena, reading.object, first_row..row);
        beyond
    }

    /// Decodes or rejects one element: the rows it made, or nothing where it would be one reject too many.
    #[inline(always)]
    fn read_element(
        &mut self,
        reading: &mut Reading<'_>,
        (piece, at): (Piece, usize),
        number: usize,
        row: usize,
        is_utf8: bool,
    ) -> Option<usize> {
        let element = self.elements[number];
        let start = piece.start + at;
        let text = &self.arena[start + element.start..start + element.end];
        let (reason, fault) = match element.shape {
            Shape::Object(bracket) => match if is_utf8 { Ok("") } else { str::from_utf8(text) } {
                Ok(_) => {
                    self.read_record(reading, start, bracket, row);
                    return Some(1);
                }
                Err(error) => (Reason::Utf8, error.valid_up_to()),
            },
            Shape::Rejected(reason) => self.judge(reason, element, text),
        };
        if reading.is_full() {
            return None;
        }
        let offset = reading.offset + (at + element.start) as u64;
        let fault = Fault::new(reason, offset + fault as u64);
        self.part.reject(reading, fault, Capture::of(offset, text), &self.settings);
        Some(0)
    }

    /// The closer reason for a rejected element, and where in it the fault lies.
    fn judge(&self, reason: Reason, element: Element, text: &[u8]) -> (Reason, usize) {
        let fault = self.index.fault_in(element.start, element.end).map_or(0, |fault| fault - element.start);
        match reason {
            Reason::Syntax if depth(text) > DEPTH_MAX as u64 => (Reason::Depth, fault),
            Reason::Syntax => (Reason::Syntax, fault),
            other => (other, 0),
        }
    }

    #[inline(always)]
    fn read_record(&mut self, reading: &mut Reading<'_>, start: usize, bracket: usize, row: usize) {
        let window = Window { arena: &self.arena, start, index: &self.index };
        let part = &mut self.part;
        self.decoder.record(window, bracket, row, &mut part.columns, &mut part.side);
        let texts = Texts { arena: &self.arena, side: part.side.bytes() };
        let tally = &mut reading.tally;
        let decoded = Row { columns: &part.columns, texts, number: row, unfit: self.decoder.unfit() };
        self.router.route(decoded, reading.object, tally, &mut part.order);
        part.columns.numbers[part.source.record][row] = tally.records as i64;
        part.records += 1;
        tally.records += 1;
        tally.rows += 1;
    }

    /// Closes the part and keeps the piece.
    fn close_piece(&mut self, piece: &mut Piece, emit: Emit<'_>) -> Result<(), Error> {
        self.close_part(piece.start..piece.start + piece.length + SLACK, emit)?;
        piece.start = self.used;
        Ok(())
    }

    /// Writes the files of the part, and begins another whose arena holds the bytes `keep`.
    fn close_part(&mut self, keep: Range<usize>, emit: Emit<'_>) -> Result<(), Error> {
        let files = match &mut self.files {
            Some(files) => files,
            none => none.insert(FileEncoder::new(self.part.table)?),
        };
        self.part.write(files, &self.arena, &self.halt, emit)?;
        self.clear_part();
        self.part.number += 1;
        self.arena.copy_within(keep, ARENA_START);
        self.used = ARENA_START;
        Ok(())
    }

    fn clear_part(&mut self) {
        self.part.clear();
        self.decoder.clear();
        self.router.clear();
    }
}
