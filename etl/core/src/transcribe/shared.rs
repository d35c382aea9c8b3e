//! What all columns of a file share: its bytes, and the memory that reading it may take.

use std::borrow::Cow;
use std::io::{self, ErrorKind};

use super::trouble::{Read, Stop, damaged, too_large};
use crate::error::Error;
use crate::halt::Halt;
use crate::limits::{PARQUET_BYTES_MAX, PARQUET_COLLECTED_BYTES_MAX, PARQUET_READ_BYTES};
use crate::object::{Body, ReadAt};

/// The stored bytes of a file.
pub(super) enum Stored<'a> {
    Bytes(Cow<'a, [u8]>),
    At(&'a dyn ReadAt),
}

impl Stored<'_> {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::At(file) => file.length(),
        }
    }
}

/// What all columns share.
pub(super) struct Shared<'a> {
    pub(super) stored: Stored<'a>,
    pub(super) halt: Halt,
    pub(super) budget: Budget,
    /// Stored bytes that were read last, where they are not at hand anyway.
    buffer: Vec<u8>,
}

impl<'a> Shared<'a> {
    /// Makes the stored bytes of `body` readable at any place; those of a stream are collected first. Whether all of them
    /// are there.
    pub(super) fn new(body: Body<'a>, halt: Halt) -> Result<(Self, Read<()>), Error> {
        let (stored, collected) = match body {
            Body::Whole(bytes) => (Stored::Bytes(Cow::Borrowed(bytes)), Ok(())),
            Body::At(file) => (Stored::At(file), Ok(())),
            Body::Stream(reader) => match collect(reader, &halt) {
                Ok(bytes) => (Stored::Bytes(Cow::Owned(bytes)), Ok(())),
                Err(Stop::Error(error)) => return Err(error),
                Err(trouble) => (Stored::Bytes(Cow::default()), Err(trouble)),
            },
        };
        let shared = Self { stored, halt, budget: Budget { left: PARQUET_BYTES_MAX }, buffer: Vec::new() };
        Ok((shared, collected))
    }

    /// The `count` stored bytes from `offset` on.
    pub(super) fn read(&mut self, offset: u64, count: usize) -> Read<&[u8]> {
        self.halt.look()?;
        let end = offset.checked_add(count as u64).filter(|end| *end <= self.stored.length());
        let end = end.ok_or_else(|| damaged("it ends too early").at(offset))?;
        match &self.stored {
            // It is no longer than the slice.
            Stored::Bytes(bytes) => Ok(&bytes[offset as usize..end as usize]),
            Stored::At(file) => {
                self.budget.grow(&mut self.buffer, count)?;
                self.buffer.resize(count, 0);
                file.read_at(offset, &mut self.buffer).map_err(Error::Source)?;
                Ok(&self.buffer)
            }
        }
    }
}

/// The memory that reading one file may take.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// Takes `bytes` of it.
    pub(super) fn take(&mut self, bytes: usize) -> Read<()> {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(too_large(format!("to go on with another {bytes} bytes"))),
        }
    }

    /// Empties `buffer` and makes room for `count` bytes in it.
    pub(super) fn grow(&mut self, buffer: &mut Vec<u8>, count: usize) -> Read<()> {
        buffer.clear();
        self.extend(buffer, count)
    }

    /// Makes room for `count` more elements in `buffer`.
    pub(super) fn extend<T>(&mut self, buffer: &mut Vec<T>, count: usize) -> Read<()> {
        let room = buffer.capacity() - buffer.len();
        if room >= count {
            return Ok(());
        }
        // Half as many again, so that a buffer that grows bit by bit is seldom moved.
        let more = (count - room).max(buffer.capacity() / 2);
        self.take(more.saturating_mul(size_of::<T>()))?;
        buffer.reserve_exact(room + more);
        Ok(())
    }
}

fn collect(reader: &mut dyn io::Read, halt: &Halt) -> Read<Vec<u8>> {
    // Of a buffer that grows, each read would have to clear the room for it again, however little comes.
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PARQUET_READ_BYTES]);
    loop {
        halt.look()?;
        if bytes.len() > PARQUET_COLLECTED_BYTES_MAX {
            return Err(too_large("to have all of it at hand").at(bytes.len() as u64));
        }
        match reader.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                halt.look()?;
                return Err(Error::Source(error).into());
            }
        }
    }
}
