//! What all readers work on: the inflated bytes, the part under construction, and the tools.

use std::ops::Range;

use trailhouse_schemas::{Partitioning, Table};

use crate::error::Error;
use crate::halt::Halt;
use crate::index::Index;
use crate::inflate::Filled;
use crate::keys::KeyCase;
use crate::limits::{PART_SOFT_SHARE, PIECE_BYTES};
use crate::memory::zeroed;
use crate::object::{Object, Settings};
use crate::order::key_partition;
use crate::part::{Emit, Part, SheetId};
use crate::reading::{Piece, Reading};
use crate::rejects::Fault;
use crate::split::capture::Capture;
use crate::text::SLACK;
use crate::window::Window;

/// Where an arena's text begins: offset 0 is the null value.
const ARENA_START: usize = 64;

/// What all readers work on.
pub(crate) struct Desk {
    pub(crate) settings: Settings,
    /// The inflated bytes of the part's objects, one behind the other.
    pub(crate) arena: Vec<u8>,
    /// How far the arena is in use.
    pub(crate) used: usize,
    pub(crate) part: Part,
    pub(crate) index: Index,
    pub(crate) halt: Halt,
}

impl Desk {
    pub(crate) fn new(settings: Settings) -> Self {
        // Only long objects reach its end.
        let arena = zeroed(ARENA_START + settings.part_bytes.max(PIECE_BYTES) + PIECE_BYTES + 2 * SLACK);
        Self { settings, arena, used: ARENA_START, part: Part::new(), index: Index::default(), halt: Halt::default() }
    }

    /// A part that is a quarter full ends where account or day of the key change, so that days are seldom cut in two.
    pub(crate) fn begin_object(&mut self, object: &Object, emit: Emit<'_>) -> Result<(), Error> {
        let key = key_partition(Partitioning::AccountDate, object);
        let is_other = self.part.key.as_ref() != Some(&key);
        if is_other && !self.part.is_empty() && self.used >= self.settings.part_bytes / PART_SOFT_SHARE {
            self.close_part(self.used..self.used, emit)?;
        }
        self.part.key = Some(key);
        self.part.begin_object();
        Ok(())
    }

    /// Ends the group.
    pub(crate) fn finish(&mut self, emit: Emit<'_>) -> Result<(), Error> {
        if !self.part.is_empty() {
            self.close_part(self.used..self.used, emit)?;
        }
        self.abandon();
        Ok(())
    }

    /// Forgets an unfinished group.
    pub(crate) fn abandon(&mut self) {
        self.part.clear(&self.settings);
        self.part.number = 0;
        self.part.key = None;
        self.used = ARENA_START;
    }

    /// Sees to it that the next piece fits behind the `carried` bytes at the end of the used ones.
    pub(crate) fn make_room(&mut self, carried: usize, emit: Emit<'_>) -> Result<(), Error> {
        if self.used + PIECE_BYTES + SLACK > self.arena.len() {
            self.close_part(self.used..self.used + carried, emit)?;
        }
        Ok(())
    }

    /// Takes the `length` bytes behind the used ones as the next piece of an object.
    pub(crate) fn take_piece(&mut self, length: usize, filled: Filled, emit: Emit<'_>) -> Result<Piece, Error> {
        let (is_last, is_whole) = (filled != Filled::Full, filled == Filled::Ended);
        let mut piece = Piece { start: self.used, length, is_last, is_whole, end: self.used + length + SLACK };
        let is_over = self.used + self.part.side.len() + length > ARENA_START + self.settings.part_bytes;
        if is_over && !self.part.is_empty() {
            self.close_piece(&mut piece, emit)?;
        }
        self.arena[piece.start + length..][..SLACK].fill(b' ');
        Ok(piece)
    }

    /// Keeps what was `read` of a piece, and moves the rest of it to where the next piece begins.
    pub(crate) fn leave_piece(&mut self, piece: Piece, read: usize) {
        // What holds no record yet needs no room.
        self.used = if self.part.is_empty() { ARENA_START } else { piece.end };
        self.arena.copy_within(piece.range(read), self.used);
    }

    /// Ends the part if it holds as much as it may.
    pub(crate) fn close_if_full(&mut self, piece: &mut Piece, emit: Emit<'_>) -> Result<(), Error> {
        if self.part.is_full(&self.settings) {
            self.close_piece(piece, emit)?;
        }
        Ok(())
    }

    /// How many more records the part may hold.
    pub(crate) fn room(&self) -> usize {
        self.settings.part_records.saturating_sub(self.part.records)
    }

    /// Closes the part and keeps the piece.
    fn close_piece(&mut self, piece: &mut Piece, emit: Emit<'_>) -> Result<(), Error> {
        self.close_part(piece.start..piece.start + piece.length + SLACK, emit)?;
        piece.start = self.used;
        piece.end = piece.start + piece.length + SLACK;
        Ok(())
    }

    /// Writes the files of the part, and begins another whose arena holds the bytes `keep`.
    fn close_part(&mut self, keep: Range<usize>, emit: Emit<'_>) -> Result<(), Error> {
        self.part.write(&self.arena, &self.halt, emit)?;
        self.part.clear(&self.settings);
        self.part.number += 1;
        self.arena.copy_within(keep, ARENA_START);
        self.used = ARENA_START;
        Ok(())
    }

    /// Opens the sheet of `table`.
    pub(crate) fn open(&mut self, table: &'static Table) -> SheetId {
        self.part.open(table, &self.settings)
    }

    /// Begins a row of `table`, whose record writes its keys in this case: its sheet and its number.
    pub(crate) fn begin_row(&mut self, table: &'static Table, case: KeyCase) -> (SheetId, usize) {
        let id = self.open(table);
        let (sheet, _) = self.part.sheet(id);
        sheet.prepare(case);
        let row = sheet.columns.rows();
        sheet.columns.grow(1);
        (id, row)
    }

    /// Fills a row from the object whose `{` is bracket number `bracket` of the index, which begins at `start`.
    pub(crate) fn fill_row(
        &mut self,
        reading: &mut Reading<'_>,
        (id, row): (SheetId, usize),
        case: KeyCase,
        (start, bracket): (usize, usize),
    ) {
        let Self { arena, part, index, .. } = self;
        let (sheet, side) = part.sheet(id);
        let window = Window { arena, start, index };
        sheet.decode(case, (window, bracket), row, side, (reading.object, &mut reading.tally));
        sheet.note_source(arena, side, reading.object, row..row + 1);
        self.count_row(reading);
    }

    /// Counts a record that became a row.
    pub(crate) fn count_row(&mut self, reading: &mut Reading<'_>) {
        self.part.records += 1;
        reading.tally.records += 1;
        reading.tally.rows += 1;
    }

    pub(crate) fn reject(&mut self, reading: &mut Reading<'_>, fault: Fault, text: Capture) {
        self.part.reject(reading, fault, text, &self.settings);
    }

    /// Puts `text` behind the piece, where it can be read as if it stood in the object: where it begins.
    pub(crate) fn append(&mut self, piece: &mut Piece, text: &[u8]) -> Option<usize> {
        let start = piece.end;
        self.arena.get_mut(start..start + text.len() + SLACK)?[..text.len()].copy_from_slice(text);
        self.arena[start + text.len()..][..SLACK].fill(b' ');
        // What is behind it need not stay.
        piece.end = start + text.len();
        Some(start)
    }
}
