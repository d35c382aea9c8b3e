//! gzip's frame, after RFC 1952, around flate2's inflate: member behind member, each checked against its trailer.
//!
//! The frame is read here because what stands before damage is evidence: flate2's own readers drop what one call had
//! written before it failed, and how much that is depends on the steps that the bytes come in.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{Damage, GZIP_MAGIC, Source};
use crate::error::Error;
use crate::reason::Reason;

/// The one compression method that gzip knows.
const DEFLATE: u8 = 8;
// Flags of a header, and those that no version defines.
const HAS_CHECKSUM: u8 = 0b10;
const HAS_EXTRA: u8 = 0b100;
const HAS_NAME: u8 = 0b1000;
const HAS_COMMENT: u8 = 0b1_0000;
const RESERVED: u8 = 0b1110_0000;

/// Reads members one behind the other.
pub(super) struct Gunzip {
    at: At,
    inflater: Decompress,
    /// Of the open member's inflated bytes.
    checksum: Crc,
    /// Of the open header's bytes.
    header: Crc,
    /// Where the last whole member ends in the stored bytes.
    whole: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Header,
    Body,
    Trailer,
    BehindMember,
    Ended,
    Damaged(Damage),
}

/// Why a header or trailer could not be read: the source's error, or the object's.
enum Stop {
    Source(Error),
    Object(Damage),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Source(error)
    }
}

impl From<Reason> for Stop {
    fn from(reason: Reason) -> Self {
        Self::Object(reason.into())
    }
}

impl Default for Gunzip {
    fn default() -> Self {
        Self { at: At::Header, inflater: Decompress::new(false), checksum: Crc::new(), header: Crc::new(), whole: None }
    }
}

impl Gunzip {
    /// Inflates some bytes of `source` into `out`; none at the end. The outer error is the source's, the inner one the
    /// object's, which comes only after every byte that could be inflated.
    pub(super) fn read(&mut self, source: &mut Source<'_>, out: &mut [u8]) -> Result<Result<usize, Damage>, Error> {
        loop {
            let moved = match self.at {
                At::Header => self.header(source).map(|()| At::Body),
                At::Trailer => self.trailer(source).map(|()| At::BehindMember),
                At::BehindMember => self.behind_member(source),
                At::Ended => return Ok(Ok(0)),
                At::Damaged(damage) => return Ok(Err(damage)),
                At::Body => match self.body(source, out)? {
                    0 => continue,
                    count => return Ok(Ok(count)),
                },
            };
            self.at = match moved {
                Ok(at) => at,
                Err(Stop::Object(damage)) => At::Damaged(damage),
                Err(Stop::Source(error)) => return Err(error),
            };
        }
    }

    /// Inflates once, and notes where that led.
    fn body(&mut self, source: &mut Source<'_>, out: &mut [u8]) -> Result<usize, Error> {
        let stored = source.available()?;
        let is_at_end = stored.is_empty();
        let (read, written) = (self.inflater.total_in(), self.inflater.total_out());
        let status = self.inflater.decompress(stored, out, FlushDecompress::None);
        // What was written before a fault is there, although the call fails.
        let count = (self.inflater.total_out() - written) as usize;
        let taken = (self.inflater.total_in() - read) as usize;
        source.consume(taken);
        self.checksum.update(&out[..count]);
        self.at = match status {
            Err(_) => At::Damaged(Reason::Gzip.into()),
            Ok(Status::StreamEnd) => At::Trailer,
            Ok(_) if is_at_end && count == 0 => At::Damaged(Reason::Truncated.into()),
            Ok(_) => At::Body,
        };
        Ok(count)
    }

    fn trailer(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        let mut written = [0; 8];
        for byte in &mut written {
            *byte = next(source)?;
        }
        let (sum, amount) = (self.checksum.sum().to_le_bytes(), self.checksum.amount().to_le_bytes());
        if written[..4] != sum || written[4..] != amount {
            return Err(Reason::Gzip.into());
        }
        self.whole = Some(source.taken);
        Ok(())
    }

    /// Another member may follow, or zeros that fill a block up, which are nothing.
    fn behind_member(&mut self, source: &mut Source<'_>) -> Result<At, Stop> {
        if source.available()?.first() == Some(&GZIP_MAGIC[0]) {
            return Ok(At::Header);
        }
        loop {
            let bytes = source.available()?;
            if bytes.is_empty() {
                return Ok(At::Ended);
            }
            if bytes.iter().any(|byte| *byte != 0) {
                return Err(self.no_member());
            }
            let zeros = bytes.len();
            source.consume(zeros);
        }
    }

    /// What follows, be it the first thing in the object or behind a whole member, is no gzip.
    fn no_member(&self) -> Stop {
        let reason = if self.whole.is_some() { Reason::Trailing } else { Reason::Gzip };
        Stop::Object(Damage { reason, stored: self.whole })
    }

    fn header(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        self.header.reset();
        self.checksum.reset();
        self.inflater.reset(false);
        if [self.header_byte(source)?, self.header_byte(source)?] != GZIP_MAGIC {
            return Err(self.no_member());
        }
        let mut fixed = [0; 8];
        for byte in &mut fixed {
            *byte = self.header_byte(source)?;
        }
        let flags = fixed[1];
        if fixed[0] != DEFLATE || flags & RESERVED != 0 {
            return Err(Reason::Gzip.into());
        }
        if flags & HAS_EXTRA != 0 {
            let length = u16::from_le_bytes([self.header_byte(source)?, self.header_byte(source)?]);
            for _ in 0..length {
                self.header_byte(source)?;
            }
        }
        for text in [HAS_NAME, HAS_COMMENT] {
            while flags & text != 0 && self.header_byte(source)? != 0 {}
        }
        if flags & HAS_CHECKSUM != 0 {
            let expected = (self.header.sum() as u16).to_le_bytes();
            if [next(source)?, next(source)?] != expected {
                return Err(Reason::Gzip.into());
            }
        }
        Ok(())
    }

    fn header_byte(&mut self, source: &mut Source<'_>) -> Result<u8, Stop> {
        let byte = next(source)?;
        self.header.update(&[byte]);
        Ok(byte)
    }
}

fn next(source: &mut Source<'_>) -> Result<u8, Stop> {
    let byte = *source.available()?.first().ok_or(Reason::Truncated)?;
    source.consume(1);
    Ok(byte)
}
