//! The whole way: objects in, files out.

use crate::desk::Desk;
use crate::error::Error;
use crate::format::Format;
use crate::halt::Halt;
use crate::inflate::{BYTE_ORDER_MARK, Filled, GZIP_MAGIC, Inflate, Libdeflate, promised_bytes};
use crate::limits::PIECE_BYTES;
use crate::object::{Body, Object, Settings, Tally};
use crate::part::Emit;
use crate::read::{Reader, Readers};
use crate::reading::{Piece, Reading};
use crate::transcribe::Transcriber;

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
        let whole = self.inflate_whole(object.format, &body);
        let Self { desk, readers, .. } = self;
        let reader = readers.of(object.format);
        reader.begin(desk, &reading);
        if let Some(length) = whole {
            read_piece(desk, reader, &mut reading, length, (Filled::Ended, None), emit)?;
            return Ok(reading.tally);
        }
        let mut content = Content::open(object.format, body, desk)?;
        let mut carried = 0;
        loop {
            desk.make_room(carried, emit)?;
            let room = desk.used + carried..desk.used + PIECE_BYTES;
            let (count, filled) = content.fill(&mut desk.arena[room])?;
            let end = (filled, content.detail());
            carried = read_piece(desk, reader, &mut reading, carried + count, end, emit)?;
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
    fn inflate_whole(&mut self, format: Format, body: &Body<'_>) -> Option<usize> {
        let Body::Whole(stored) = body else { return None };
        if format == Format::FlowParquet {
            return None;
        }
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

/// What an object's stored bytes become before its records are read.
enum Content<'a> {
    Inflated(Inflate<'a>),
    Transcribed(Box<Transcriber<'a>>),
}

impl<'a> Content<'a> {
    fn open(format: Format, body: Body<'a>, desk: &Desk) -> Result<Self, Error> {
        let (bytes_max, halt) = (desk.settings.inflated_bytes_max, desk.halt.clone());
        Ok(match format {
            Format::FlowParquet => Self::Transcribed(Box::new(Transcriber::open(body, bytes_max, halt)?)),
            _ => Self::Inflated(Inflate::new(body, bytes_max, halt)),
        })
    }

    /// Fills `piece` as far as the object goes; says how many bytes it took and why it stopped.
    fn fill(&mut self, piece: &mut [u8]) -> Result<(usize, Filled), Error> {
        match self {
            Self::Inflated(inflate) => inflate.fill(piece),
            Self::Transcribed(transcriber) => transcriber.fill(piece),
        }
    }

    /// What is known of a damage beside its reason.
    fn detail(&self) -> Option<&str> {
        match self {
            Self::Inflated(_) => None,
            Self::Transcribed(transcriber) => transcriber.detail(),
        }
    }
}

/// Reads the `length` bytes behind the used ones, which end as `filled` says, with what is known of a damage beside that.
/// Returns how many of them the next piece begins with.
fn read_piece(
    desk: &mut Desk,
    reader: &mut dyn Reader,
    reading: &mut Reading<'_>,
    length: usize,
    (filled, detail): (Filled, Option<&str>),
    emit: Emit<'_>,
) -> Result<usize, Error> {
    let mut piece = desk.take_piece(length, filled, emit)?;
    pass_mark(desk, reading, &mut piece);
    let read = reader.read(desk, reading, &mut piece, emit)?;
    if piece.is_last {
        reading.tally.inflated_bytes = reading.offset + piece.length as u64;
        let rest = &desk.arena[piece.range(read)];
        let end = reader.end(reading, rest, reading.offset + read as u64, filled);
        if let Some((mut fault, text)) = end {
            // What a reader found wrong itself has no such words.
            if let Filled::Damaged(damage) = filled
                && damage.reason == fault.reason
            {
                fault.detail = detail.map(Box::from);
            }
            reading.tally.damage = Some(fault.to_string());
            desk.reject(reading, fault, text);
        }
    }
    reading.offset += read as u64;
    desk.leave_piece(piece, read);
    Ok(piece.length - read)
}

/// Passes over the mark that some editors and pipelines put before a text; it belongs to no record.
fn pass_mark(desk: &Desk, reading: &mut Reading<'_>, piece: &mut Piece) {
    let is_text = reading.object.format != Format::FlowParquet;
    if is_text && reading.offset == 0 && desk.arena[piece.range(0)].starts_with(BYTE_ORDER_MARK) {
        piece.start += BYTE_ORDER_MARK.len();
        piece.length -= BYTE_ORDER_MARK.len();
        reading.offset += BYTE_ORDER_MARK.len() as u64;
    }
}
