//! The whole way: objects in, files out.

use std::collections::BTreeMap;
use std::ops::Range;

use trailhouse_schemas::{CLOUDTRAIL, Partition, REJECTS, Table};

use crate::columns::{Columns, Slot};
use crate::cpu::with_features;
use crate::decode::{Decoder, Window};
use crate::encode::cold;
use crate::encode::file::FileEncoder;
use crate::error::Error;
use crate::index::Index;
use crate::inflate::{Filled, Inflate, Libdeflate, promised_bytes};
use crate::limits::{BATCH_RECORDS, DEPTH_MAX, PIECE_BYTES};
use crate::object::{Body, Object, PartFile, Settings, Tally};
use crate::order::{Order, key_partition};
use crate::reason::Reason;
use crate::rejects::Reject;
use crate::route::Router;
use crate::split::capture::Capture;
use crate::split::elements::{Element, Elements, Shape, Stop};
use crate::split::envelope::{Envelope, Outside};
use crate::split::{Skipped, depth};
use crate::text::{SLACK, Side, Span, Texts};

/// Where an arena's text begins: offset 0 is the null value.
const ARENA_START: usize = 64;

/// Takes finished files.
type Emit<'e> = &'e mut dyn FnMut(PartFile) -> std::io::Result<()>;

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
}

/// What has been read since the last file.
struct Part {
    number: u32,
    table: &'static Table,
    columns: Columns,
    side: Side,
    order: Order,
    rejects: Vec<Reject>,
    records: usize,
    /// Account and day of the key of the objects read last.
    key: Option<Partition>,
    source: SourceColumns,
}

/// The columns that say where a row came from.
#[derive(Clone, Copy)]
struct SourceColumns {
    object: usize,
    id: usize,
    record: usize,
}

/// An object that is being read.
struct Reading<'o> {
    object: &'o Object,
    tally: Tally,
    envelope: Envelope,
    state: State,
    /// Where the piece at hand begins in the inflated object.
    offset: u64,
}

enum State {
    Outside,
    Inside { is_behind_comma: bool },
    Skipping(Skipped),
    Lost { text: Capture, reason: Reason },
}

/// Inflated bytes of an object that lie in the arena.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: usize,
    length: usize,
    is_last: bool,
}

impl Piece {
    fn range(self, from: usize) -> Range<usize> {
        self.start + from..self.start + self.length
    }
}

impl Transform {
    /// A transform of `settings`, with no group open.
    pub fn new(settings: Settings) -> Self {
        let columns = Columns::new(&CLOUDTRAIL);
        let decoder = Decoder::new(&CLOUDTRAIL, columns.slots());
        let router = Router::new(&CLOUDTRAIL, columns.slots());
        // Memory that is never written is never resident: only long objects reach the arena's end.
        let arena = vec![0; ARENA_START + settings.part_bytes.max(PIECE_BYTES) + PIECE_BYTES + 2 * SLACK];
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
        }
    }

    /// Reads one object of the open group. Finished files leave through `emit`.
    ///
    /// # Errors
    ///
    /// When the body's reader or `emit` fails, or a library refuses: the group must be begun again, after
    /// [`Transform::abandon`]. Damaged input is no error; the [`Tally`] and the table `rejects` tell of it.
    pub fn read(&mut self, object: &Object, body: Body<'_>, emit: Emit<'_>) -> Result<Tally, Error> {
        self.begin_object(object, emit)?;
        let mut reading = Reading::new(object);
        if let Some(length) = self.inflate_whole(&body) {
            self.read_piece(&mut reading, length, Filled::Ended, emit)?;
            return Ok(reading.tally);
        }
        let mut inflate = Inflate::new(body, self.settings.inflated_bytes_max);
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

    /// A part that is half full ends where account or day of the key change, so that days are seldom cut in two.
    fn begin_object(&mut self, object: &Object, emit: Emit<'_>) -> Result<(), Error> {
        let key = key_partition(trailhouse_schemas::Partitioning::AccountDate, object);
        let is_other = self.part.key.as_ref() != Some(&key);
        if is_other && !self.part.is_empty() && self.used >= self.settings.part_bytes / 2 {
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
            if let Some((reason, text)) = end {
                let fault = text.offset + text.length;
                reading.tally.damage = Some(format!("{reason}, at byte {fault}"));
                self.part.reject(reading, reason, fault, text, &self.settings);
            }
        }
        reading.offset += read as u64;
        self.used = piece.start + length + SLACK;
        self.arena.copy_within(piece.range(read), self.used);
        Ok(length - read)
    }

    /// Reads on until the piece is used up, or an unfinished record is met: returns where that begins.
    fn read_states(&mut self, reading: &mut Reading<'_>, piece: &mut Piece, emit: Emit<'_>) -> Result<usize, Error> {
        let mut at = 0;
        loop {
            let bytes = &self.arena[piece.range(at)];
            match &mut reading.state {
                State::Outside => {
                    let (taken, said) = reading.envelope.feed(bytes, reading.offset + at as u64);
                    at += taken;
                    match said {
                        Outside::Exhausted => return Ok(at),
                        Outside::Records => reading.state = State::Inside { is_behind_comma: false },
                        Outside::Member(text) => {
                            self.part.reject(reading, Reason::Envelope, text.offset, text, &self.settings);
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
                    at += usize::from(is_behind_comma);
                    let state = std::mem::replace(&mut reading.state, State::Inside { is_behind_comma });
                    if let State::Skipping(Skipped { text, reason, .. }) = state {
                        self.part.reject(reading, reason, text.offset, text, &self.settings);
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
        self.index.build(&self.arena[piece.range(at)]);
        let covers_all = at + self.index.covered() == piece.length;
        let mut elements = Elements::new(is_behind_comma);
        let stop = loop {
            if self.part.records >= self.settings.part_records {
                self.close_piece(piece, emit)?;
            }
            let wanted = BATCH_RECORDS.min(self.settings.part_records - self.part.records);
            self.elements.clear();
            let bytes = &self.arena[piece.range(at)];
            let is_last = piece.is_last && covers_all;
            let stop = elements.split(&self.index, bytes, is_last, wanted, &mut self.elements);
            self.read_batch(reading, *piece, at);
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
                reading.state = State::Inside { is_behind_comma: elements.is_behind_comma() };
                Ok(reading.unfinished(at + place, place == 0 && !covers_all, covers_all, *piece))
            }
        }
    }

    /// Decodes or rejects the elements that were split off. `at` is where the index begins in the piece.
    fn read_batch(&mut self, reading: &mut Reading<'_>, piece: Piece, at: usize) {
        let (Some(first), Some(last)) = (self.elements.first(), self.elements.last()) else { return };
        let start = piece.start + at;
        let is_utf8 = simdutf8::basic::from_utf8(&self.arena[start + first.start..start + last.end]).is_ok();
        let mut row = self.part.columns.rows();
        self.part.columns.grow(self.elements.len());
        let first_row = row;
        with_features(|| {
            for number in 0..self.elements.len() {
                row += self.read_element(reading, (piece, at), number, row, is_utf8);
            }
        });
        self.part.columns.truncate(row);
        self.part.note_source(&self.arena, reading.object, first_row..row);
    }

    /// Decodes or rejects one element; the rows it made.
    #[inline(always)]
    fn read_element(
        &mut self,
        reading: &mut Reading<'_>,
        (piece, at): (Piece, usize),
        number: usize,
        row: usize,
        is_utf8: bool,
    ) -> usize {
        let element = self.elements[number];
        let start = piece.start + at;
        let text = &self.arena[start + element.start..start + element.end];
        let (reason, fault) = match element.shape {
            Shape::Object(bracket) => match if is_utf8 { Ok("") } else { str::from_utf8(text) } {
                Ok(_) => {
                    self.read_record(reading, start, bracket, row);
                    return 1;
                }
                Err(error) => (Reason::Utf8, error.valid_up_to()),
            },
            Shape::Rejected(reason) => self.judge(reason, element, text),
        };
        let offset = reading.offset + (at + element.start) as u64;
        let text = Capture::of(offset, text);
        self.part.reject(reading, reason, offset + fault as u64, text, &self.settings);
        0
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
        self.router.route(&part.columns, texts, row, reading.object, tally, &mut part.order);
        part.columns.numbers[part.source.record][row] = tally.records as i64;
        part.records += 1;
        tally.records += 1;
        tally.rows += 1;
    }

    /// Closes the part and keeps the piece.
    fn close_piece(&mut self, piece: &mut Piece, emit: Emit<'_>) -> Result<(), Error> {
        self.close_part(piece.start..piece.start + piece.length + SLACK, emit)?;
        piece.start = self.used;
        self.part.order.begin_object();
        Ok(())
    }

    /// Writes the files of the part, and begins another whose arena holds the bytes `keep`.
    fn close_part(&mut self, keep: Range<usize>, emit: Emit<'_>) -> Result<(), Error> {
        let files = match &mut self.files {
            Some(files) => files,
            none => none.insert(FileEncoder::new(self.part.table)?),
        };
        self.part.write(files, &self.arena, emit)?;
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

impl Part {
    fn new(table: &'static Table, columns: Columns, settings: &Settings) -> Self {
        let slot = |name: &str| table.position(name).map(|position| columns.slots()[position]);
        let source = match (slot("source_object"), slot("source_id"), slot("source_record")) {
            (Some(Slot::Coded(object)), Some(Slot::Coded(id)), Some(Slot::Int(record))) => {
                SourceColumns { object, id, record }
            }
            _ => unreachable!("every table says where a row came from"),
        };
        Self {
            number: 0,
            table,
            columns,
            side: Side::default(),
            order: Order::new(settings.partitioning),
            rejects: Vec::new(),
            records: 0,
            key: None,
            source,
        }
    }

    fn is_empty(&self) -> bool {
        self.records == 0
    }

    fn clear(&mut self) {
        self.columns.clear();
        self.side.clear();
        self.order.clear();
        self.rejects.clear();
        self.records = 0;
    }

    fn reject(&mut self, reading: &mut Reading<'_>, reason: Reason, fault: u64, text: Capture, settings: &Settings) {
        self.rejects.push(Reject {
            partition: key_partition(settings.partitioning, reading.object),
            source_object: reading.object.address.clone(),
            source_id: reading.object.source_id.clone(),
            record: reading.tally.records,
            reason,
            message: format!("{reason}, at byte {fault}"),
            fault,
            text,
        });
        self.records += 1;
        reading.tally.records += 1;
        reading.tally.rejects += 1;
    }

    /// Notes the object that `rows` came from.
    fn note_source(&mut self, arena: &[u8], object: &Object, rows: Range<usize>) {
        for (column, text) in [(self.source.object, &object.address), (self.source.id, &object.source_id)] {
            let span: Span = self.side.push(text.as_bytes());
            let texts = Texts { arena, side: self.side.bytes() };
            let column = &mut self.columns.coded[column];
            let code = column.interner.intern(texts, span);
            column.codes[rows.clone()].fill(code);
        }
    }

    fn write(&mut self, files: &mut FileEncoder, arena: &[u8], emit: Emit<'_>) -> Result<(), Error> {
        let texts = Texts { arena, side: self.side.bytes() };
        for (partition, rows) in self.order.sorted() {
            let bytes = with_features(|| files.encode(&self.columns, texts, rows))?;
            let (table, partition, rows) = (self.table, partition.clone(), rows.len() as u64);
            emit(PartFile { table, partition, part: self.number, rows, bytes }).map_err(Error::Emit)?;
        }
        let mut rejects: BTreeMap<&Partition, Vec<&Reject>> = BTreeMap::new();
        for reject in &self.rejects {
            rejects.entry(&reject.partition).or_default().push(reject);
        }
        for (partition, rejects) in rejects {
            let bytes = cold::rejects(&rejects, self.table.name)?;
            let (partition, rows) = (partition.clone(), rejects.len() as u64);
            emit(PartFile { table: &REJECTS, partition, part: self.number, rows, bytes }).map_err(Error::Emit)?;
        }
        Ok(())
    }
}

impl<'o> Reading<'o> {
    fn new(object: &'o Object) -> Self {
        Self { object, tally: Tally::default(), envelope: Envelope::default(), state: State::Outside, offset: 0 }
    }

    /// Nothing behind `at` of the piece can be read.
    fn lose(&mut self, at: usize, reason: Reason) {
        self.state = State::Lost { text: Capture::new(self.offset + at as u64), reason };
    }

    /// What to do about an unfinished record at `at`: index again from there, pass it over, or wait for more bytes.
    fn unfinished(&mut self, at: usize, is_too_complex: bool, covers_all: bool, piece: Piece) -> Result<usize, usize> {
        let offset = self.offset + at as u64;
        if is_too_complex {
            self.state = State::Skipping(Skipped::new(offset, Reason::TooComplex));
        } else if covers_all && (piece.is_last || at > 0 || piece.length < PIECE_BYTES) {
            return Err(at);
        } else if covers_all {
            self.state = State::Skipping(Skipped::new(offset, Reason::TooLong));
        }
        Ok(at)
    }

    /// The object has ended, with `rest` of its last piece unread at `read`: what is damaged about it.
    fn end(&mut self, rest: &[u8], read: u64, filled: Filled) -> Option<(Reason, Capture)> {
        let here = self.offset + read;
        let state = std::mem::replace(&mut self.state, State::Outside);
        let envelope = std::mem::take(&mut self.envelope);
        let left = match state {
            State::Outside if !envelope.is_between_documents() => {
                Some((Reason::Truncated, envelope.unfinished().unwrap_or_else(|| Capture::new(here))))
            }
            State::Outside if !envelope.has_text => Some((Reason::Empty, Capture::new(here))),
            State::Outside if !envelope.has_records => Some((Reason::NoRecords, Capture::new(here))),
            State::Outside => None,
            State::Inside { .. } => Some((Reason::Truncated, Capture::of(here, rest))),
            State::Skipping(skipped) => Some((Reason::Truncated, skipped.text)),
            State::Lost { text, reason } => return Some((reason, text)),
        };
        match (filled, left) {
            (Filled::Damaged(reason), left) => {
                Some((reason, left.map_or_else(|| Capture::new(here), |(_, text)| text)))
            }
            (_, left) => left,
        }
    }
}
