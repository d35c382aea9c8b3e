//! Stored bytes to inflated bytes.
//!
//! Where a whole object is at hand and its trailer promises a small one, libdeflate inflates it in one step; what it does
//! not accept in full (several members, a trailer that lies, damage) is read again by [`gunzip`], which is always the
//! judge.

mod gunzip;
mod layer;
mod libdeflate;

use std::io::{self, BufRead, BufReader, ErrorKind};
use std::rc::Rc;

use crate::error::Error;
use crate::halt::Halt;
use crate::object::{Body, ReadAt};
use crate::reason::Reason;
use gunzip::Gunzip;
use layer::{Layer, LayerDamage};

pub(crate) use libdeflate::Libdeflate;

/// The first two bytes of a gzip member.
pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// What may stand before an inflated text, which is UTF-8.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Stored bytes that are read, and inflated, at a time.
const READ_BYTES: usize = 256 << 10;
/// The flag of a gzip header that has a checksum of its own, which libdeflate does not look at.
const HEADER_CHECKSUM: u8 = 0b10;

/// The inflated size that a whole gzip object's trailer promises, modulo 4 GiB; `None` when it is no gzip for
/// [`Libdeflate`].
pub(crate) fn promised_bytes(stored: &[u8]) -> Option<usize> {
    let trailer = stored.last_chunk::<4>()?;
    let is_plain = stored.starts_with(&GZIP_MAGIC) && stored.get(3)? & HEADER_CHECKSUM == 0;
    is_plain.then_some(u32::from_le_bytes(*trailer) as usize)
}

/// Reads the inflated bytes of one object, a piece at a time.
pub(crate) struct Inflate<'a> {
    source: Source<'a>,
    decoder: Decoder,
    left: u64,
    /// The first inflated bytes, where they are read already, and what is wrong behind them.
    head: Vec<u8>,
    head_damage: Option<Damage>,
    /// What is wrong with the gzip stream that this one stands in.
    layer: LayerDamage,
}

enum Decoder {
    Unknown,
    Gzip(Box<Gunzip>),
    Plain,
    Ended,
}

/// How a piece ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filled {
    /// The piece is full; more may follow.
    Full,
    /// The object ended.
    Ended,
    /// The object cannot be read further.
    Damaged(Damage),
}

/// Why an object cannot be read further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) reason: Reason,
    /// Where in the stored object, when every inflated byte is sound.
    pub(crate) stored: Option<u64>,
}

impl From<Reason> for Damage {
    fn from(reason: Reason) -> Self {
        Self { reason, stored: None }
    }
}

impl<'a> Inflate<'a> {
    /// Inflates at most `bytes_max` bytes of `body`, until halted.
    pub(crate) fn new(body: Body<'a>, bytes_max: u64, halt: Halt) -> Self {
        let reader: Box<dyn BufRead + 'a> = match body {
            Body::Whole(bytes) => Box::new(bytes),
            Body::Stream(reader) => Box::new(BufReader::with_capacity(READ_BYTES, reader)),
            Body::At(file) => Box::new(BufReader::with_capacity(READ_BYTES, InOrder { file, at: 0 })),
        };
        let source = Source { reader, halt, taken: 0 };
        let (decoder, layer) = (Decoder::Unknown, LayerDamage::default());
        Self { source, decoder, left: bytes_max, head: Vec::new(), head_damage: None, layer }
    }

    /// Fills `piece` as far as the object goes; says how many bytes it took and why it stopped.
    pub(crate) fn fill(&mut self, piece: &mut [u8]) -> Result<(usize, Filled), Error> {
        let mut filled = 0;
        while filled < piece.len() {
            let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len() - filled);
            if room == 0 {
                return Ok((filled, self.at_limit()?));
            }
            match self.read(&mut piece[filled..filled + room])? {
                Ok(0) => return Ok((filled, Filled::Ended)),
                Ok(count) => {
                    filled += count;
                    self.left -= count as u64;
                }
                Err(damage) => return Ok((filled, Filled::Damaged(damage))),
            }
        }
        Ok((filled, Filled::Full))
    }

    /// The limit is reached: whether the object goes on.
    fn at_limit(&mut self) -> Result<Filled, Error> {
        let probe = self.read(&mut [0])?;
        self.decoder = Decoder::Ended;
        Ok(match probe {
            Ok(0) => Filled::Ended,
            Ok(_) => Filled::Damaged(Reason::TooLarge.into()),
            Err(damage) => Filled::Damaged(damage),
        })
    }

    /// Reads some bytes. The outer error is the source's, the inner one the object's.
    fn read(&mut self, out: &mut [u8]) -> Result<Result<usize, Damage>, Error> {
        if matches!(self.decoder, Decoder::Unknown) {
            // A source may hand out single bytes; no JSON begins with this one.
            let is_gzip = self.source.available()?.first() == Some(&GZIP_MAGIC[0]);
            self.decoder = if is_gzip { self.open()? } else { Decoder::Plain };
        }
        if !self.head.is_empty() {
            let count = self.head.len().min(out.len());
            out[..count].copy_from_slice(&self.head[..count]);
            self.head.drain(..count);
            return Ok(Ok(count));
        }
        if let Some(damage) = self.head_damage.take() {
            self.decoder = Decoder::Ended;
            return Ok(Err(damage));
        }
        let read = self.read_on(out)?;
        // A stream that ends too early ends where the one around it is broken.
        Ok(match (read, self.layer.take()) {
            (Ok(0) | Err(_), Some(damage)) => Err(damage),
            (read, damage) => {
                self.layer.set(damage);
                read
            }
        })
    }

    /// Begins to read a gzip stream: its first bytes tell whether it holds another.
    fn open(&mut self) -> Result<Decoder, Error> {
        let mut gunzip = Box::<Gunzip>::default();
        let mut head = Vec::new();
        while head.len() < GZIP_MAGIC.len() {
            let mut byte = [0];
            match gunzip.read(&mut self.source, &mut byte)? {
                Ok(0) => break,
                Ok(_) => head.push(byte[0]),
                Err(damage) => {
                    self.head_damage = Some(damage);
                    break;
                }
            }
        }
        if head != GZIP_MAGIC {
            self.head = head;
            return Ok(Decoder::Gzip(gunzip));
        }
        let halt = self.source.halt.clone();
        let nothing = Source { reader: Box::new(io::empty()), halt: halt.clone(), taken: 0 };
        let source = std::mem::replace(&mut self.source, nothing);
        let layer = Layer::new(&head, gunzip, source, self.left, Rc::clone(&self.layer));
        self.source = Source { reader: Box::new(layer), halt, taken: 0 };
        Ok(Decoder::Gzip(Box::default()))
    }

    fn read_on(&mut self, out: &mut [u8]) -> Result<Result<usize, Damage>, Error> {
        match &mut self.decoder {
            Decoder::Gzip(gunzip) => gunzip.read(&mut self.source, out),
            Decoder::Plain => {
                let bytes = self.source.available()?;
                let count = bytes.len().min(out.len());
                out[..count].copy_from_slice(&bytes[..count]);
                self.source.consume(count);
                Ok(Ok(count))
            }
            Decoder::Unknown | Decoder::Ended => Ok(Ok(0)),
        }
    }
}

/// Bytes that could be read at any place, from the first on.
struct InOrder<'a> {
    file: &'a dyn ReadAt,
    at: u64,
}

impl io::Read for InOrder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.file.length() - self.at).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        self.file.read_at(self.at, &mut buffer[..count])?;
        self.at += count as u64;
        Ok(count)
    }
}

/// The stored bytes of an object.
struct Source<'a> {
    reader: Box<dyn BufRead + 'a>,
    halt: Halt,
    /// How many bytes were consumed.
    taken: u64,
}

impl Source<'_> {
    /// Some of the bytes, however often reading is interrupted; none at their end. There may be any number of them that
    /// inflate to nothing, so this is where to look whether to go on.
    fn available(&mut self) -> Result<&[u8], Error> {
        self.halt.look()?;
        loop {
            match self.reader.fill_buf() {
                Ok([]) => return Ok(&[]),
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.halt.look()?;
                    return Err(Error::Source(error));
                }
            }
        }
        // There is something, so this reads nothing.
        let bytes = self.reader.fill_buf().map_err(Error::Source)?;
        Ok(&bytes[..bytes.len().min(READ_BYTES)])
    }

    fn consume(&mut self, count: usize) {
        self.reader.consume(count);
        self.taken += count as u64;
    }
}
