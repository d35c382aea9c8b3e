//! Stored bytes to inflated bytes.
//!
//! Where a whole object is at hand and its trailer promises a small one, libdeflate inflates it in one step; what it does
//! not accept in full (several members, a trailer that lies, damage) is read again by flate2, which is always the judge.

mod libdeflate;

use std::io::{BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;

use crate::error::Error;
use crate::key::GZIP_MAGIC;
use crate::object::Body;
use crate::reason::Reason;

pub(crate) use libdeflate::Libdeflate;

/// Bytes of a stream that are read at a time.
const READ_BYTES: usize = 256 << 10;

/// The inflated size that a whole gzip object's trailer promises, modulo 4 GiB; `None` when it is no gzip.
pub(crate) fn promised_bytes(stored: &[u8]) -> Option<usize> {
    let trailer = stored.last_chunk::<4>()?;
    stored.starts_with(&GZIP_MAGIC).then_some(u32::from_le_bytes(*trailer) as usize)
}

/// Reads the inflated bytes of one object, a piece at a time.
pub(crate) struct Inflate<'a> {
    reader: Reader<'a>,
    left: u64,
}

enum Reader<'a> {
    Unknown(Source<'a>),
    Gzip(Box<MultiGzDecoder<Source<'a>>>),
    Plain(Source<'a>),
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
    Damaged(Reason),
}

impl<'a> Inflate<'a> {
    /// Inflates at most `bytes_max` bytes of `body`.
    pub(crate) fn new(body: Body<'a>, bytes_max: u64) -> Self {
        let source = match body {
            Body::Whole(bytes) => Source::Whole(bytes),
            Body::Stream(reader) => {
                Source::Stream { reader: BufReader::with_capacity(READ_BYTES, reader), failed: None }
            }
        };
        Self { reader: Reader::Unknown(source), left: bytes_max }
    }

    /// Fills `piece` as far as the object goes; says how many bytes it took and why it stopped.
    pub(crate) fn fill(&mut self, piece: &mut [u8]) -> Result<(usize, Filled), Error> {
        let mut filled = 0;
        while filled < piece.len() {
            let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len() - filled);
            if room == 0 {
                return Ok((filled, self.at_limit()?));
            }
            match self.reader.read(&mut piece[filled..filled + room])? {
                Ok(0) => return Ok((filled, Filled::Ended)),
                Ok(count) => {
                    filled += count;
                    self.left -= count as u64;
                }
                Err(reason) => return Ok((filled, Filled::Damaged(reason))),
            }
        }
        Ok((filled, Filled::Full))
    }

    /// The limit is reached: whether the object goes on.
    fn at_limit(&mut self) -> Result<Filled, Error> {
        let probe = self.reader.read(&mut [0])?;
        self.reader = Reader::Ended;
        Ok(match probe {
            Ok(0) => Filled::Ended,
            Ok(_) => Filled::Damaged(Reason::TooLarge),
            Err(reason) => Filled::Damaged(reason),
        })
    }
}

impl Reader<'_> {
    /// Reads some bytes. The outer error is the source's, the inner one the object's.
    fn read(&mut self, out: &mut [u8]) -> Result<Result<usize, Reason>, Error> {
        if let Self::Unknown(source) = self {
            if let Err(error) = source.fill_buf() {
                return Err(Error::Source(source.take_error().unwrap_or(error)));
            }
            let head = source.fill_buf().map_err(Error::Source)?;
            // The first byte alone must tell where a source hands out single bytes.
            let is_gzip = !head.is_empty() && GZIP_MAGIC.starts_with(&head[..head.len().min(2)]);
            let Self::Unknown(source) = std::mem::replace(self, Self::Ended) else { return Ok(Ok(0)) };
            *self = if is_gzip { Self::Gzip(Box::new(MultiGzDecoder::new(source))) } else { Self::Plain(source) };
        }
        match self {
            Self::Plain(source) => match source.read(out) {
                Ok(count) => Ok(Ok(count)),
                Err(error) => Err(Error::Source(source.take_error().unwrap_or(error))),
            },
            Self::Gzip(decoder) => match decoder.read(out) {
                Ok(count) => Ok(Ok(count)),
                Err(error) => match decoder.get_mut().take_error() {
                    Some(error) => Err(Error::Source(error)),
                    None => {
                        *self = Self::Ended;
                        Ok(Err(reason(error.kind())))
                    }
                },
            },
            Self::Unknown(_) | Self::Ended => Ok(Ok(0)),
        }
    }
}

fn reason(kind: ErrorKind) -> Reason {
    if kind == ErrorKind::UnexpectedEof { Reason::Truncated } else { Reason::Gzip }
}

/// Stored bytes; keeps an error of the reader apart from errors that the decoder makes.
enum Source<'a> {
    Whole(&'a [u8]),
    Stream { reader: BufReader<&'a mut dyn Read>, failed: Option<std::io::Error> },
}

impl Source<'_> {
    fn take_error(&mut self) -> Option<std::io::Error> {
        match self {
            Self::Whole(_) => None,
            Self::Stream { failed, .. } => failed.take(),
        }
    }
}

impl Read for Source<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        match self {
            Self::Whole(bytes) => Ok(bytes),
            Self::Stream { reader, failed } => {
                // The error stays here, and the decoder is told of it by one of the same kind.
                if let Err(error) = fill(reader) {
                    let told = std::io::Error::from(error.kind());
                    *failed = Some(error);
                    return Err(told);
                }
                Ok(reader.buffer())
            }
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Self::Whole(bytes) => *bytes = &bytes[count..],
            Self::Stream { reader, .. } => reader.consume(count),
        }
    }
}

/// Fills an empty buffer, however often the reader is interrupted.
fn fill(reader: &mut BufReader<&mut dyn Read>) -> std::io::Result<()> {
    loop {
        match reader.fill_buf() {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
