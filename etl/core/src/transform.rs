//! The whole way: objects in, files out.

use crate::desk::Desk;
use crate::error::Error;
use crate::halt::Halt;
use crate::inflate::{Filled, GZIP_MAGIC, Inflate, Libdeflate, promised_bytes};
use crate::limits::PIECE_BYTES;
use crate::object::{Body, Object, Settings, Tally};
use crate::part::Emit;
use crate::read::{Reader, Readers};
use crate::reading::Reading;

/// Turns the objects of one group after another into files. Keeps its buffers; what it writes does not depend on what it
/// wrote before.
pub struct Transform {
    desk: Desk,
    readers: Readers,
    libdeflate: Libdeflate,
}

impl Transform {
    /// A transform of `settings`, with no group open.
    pub fn new(settings: Settings) -> Self {
        Self { desk: Desk::new(settings), readers: Readers::default(), libdeflate: Libdeflate::new() }
    }

    /// Stops with [`Error::Halted`] soon after `is_halted` has begun to say so, whatever the object at hand holds. It is
    /// asked often, and should be quick.
    pub fn halt_when(&mut self, is_halted: impl Fn() -> bool + Send + Sync + 'static) {
        self.desk.halt = Halt::when(is_halted);
    }

    /// Reads one object of the open group. Finished files leave through `emit`.
    ///
    /// # Errors
    ///
    /// When the body's reader or `emit` fails, a library refuses, or the transform is halted: the group must be begun
    /// again, after [`Transform::abandon`]. Damaged input is no error; the [`Tally`] and the table `rejects` tell of it.
    pub fn read(&mut self, object: &Object, body: Body<'_>, emit: Emit<'_>) -> Result<Tally, Error> {
        self.desk.begin_object(object, emit)?;
        let mut reading = Reading::new(object);
        let whole = self.inflate_whole(&body);
        let Self { desk, readers, .. } = self;
        let reader = readers.of(object.format);
        reader.begin(desk, &reading);
        if let Some(length) = whole {
            read_piece(desk, reader, &mut reading, length, Filled::Ended, emit)?;
            return Ok(reading.tally);
        }
        let mut inflate = Inflate::new(body, desk.settings.inflated_bytes_max, desk.halt.clone());
        let mut carried = 0;
        loop {
            desk.make_room(carried, emit)?;
            let room = desk.used + carried..desk.used + PIECE_BYTES;
            let (count, filled) = inflate.fill(&mut desk.arena[room])?;
            carried = read_piece(desk, reader, &mut reading, carried + count, filled, emit)?;
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
        self.desk.finish(emit)
    }

    /// Forgets an unfinished group.
    pub fn abandon(&mut self) {
        self.desk.abandon();
    }

    /// The fast way for a whole object of one member that is as small as its trailer says: its length in the arena.
    fn inflate_whole(&mut self, body: &Body<'_>) -> Option<usize> {
        let Body::Whole(stored) = body else { return None };
        let length = promised_bytes(stored)?;
        let Desk { settings, arena, used, .. } = &mut self.desk;
        if length >= PIECE_BYTES || length as u64 > settings.inflated_bytes_max {
            return None;
        }
        let out = &mut arena[*used..*used + length];
        let is_plain = self.libdeflate.inflate(stored, out) && !out.starts_with(&GZIP_MAGIC);
        is_plain.then_some(length)
    }
}

/// Reads the `length` bytes behind the used ones. Returns how many of them the next piece begins with.
fn read_piece(
    desk: &mut Desk,
    reader: &mut dyn Reader,
    reading: &mut Reading<'_>,
    length: usize,
    filled: Filled,
    emit: Emit<'_>,
) -> Result<usize, Error> {
    let mut piece = desk.take_piece(length, filled, emit)?;
    let read = reader.read(desk, reading, &mut piece, emit)?;
    if piece.is_last {
        reading.tally.inflated_bytes = reading.offset + length as u64;
        let rest = &desk.arena[piece.range(read)];
        let end = reader.end(reading, rest, reading.offset + read as u64, filled);
        if let Some((fault, text)) = end {
            reading.tally.damage = Some(fault.to_string());
            desk.reject(reading, fault, text);
        }
    }
    reading.offset += read as u64;
    desk.leave_piece(piece, read);
    Ok(length - read)
}
