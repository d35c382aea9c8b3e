//! The planner's look at one object: is it a log, and what is its content.

use std::io;

use trailhouse_core::key::{inflate_head, looks_like_cloudtrail};
use trailhouse_core::{KeyFacts, KeyFormat};
use trailhouse_lake::{ContentHash, PlannedObject, SourceId};

use crate::checksum::{Checksum, ChecksumKey, Hasher};
use crate::halt::Halt;
use crate::limits::HASH_BYTES;
use crate::source::{Listed, Reader, SkipReason, Source};

/// What an object turns out to be.
pub(crate) enum Verdict {
    /// A log; with what a plan says of it, and what this run knows it by.
    Log(PlannedObject, Checksum),
    /// Something else.
    Skip(Listed, SkipReason),
    /// It could not be read.
    Unreadable(Listed, io::Error),
    /// Nobody looked: the run is to stop.
    Halted,
}

/// Opens `listed` if need be, reads enough to know what it is, and all of it if it is a log.
pub(crate) fn inspect(source: &Source, listed: Listed, key: ChecksumKey, buffer: &mut Vec<u8>, halt: &Halt) -> Verdict {
    let format = KeyFacts::of(listed.address()).format;
    if let KeyFormat::Other(folder) = format {
        return Verdict::Skip(listed, SkipReason::OtherLog(folder));
    }
    buffer.resize(HASH_BYTES, 0);
    let mut reader = match source.read(&listed.location) {
        Ok(reader) => reader,
        Err(error) => return Verdict::Unreadable(listed, io::Error::other(error)),
    };
    match hash(&mut reader, key.hasher(), buffer, format == KeyFormat::Unknown, halt) {
        Ok(Hashed::All(sha256, checksum, bytes)) => Verdict::Log(planned(listed, sha256, bytes), checksum),
        Ok(Hashed::NoLog) => Verdict::Skip(listed, SkipReason::NoLog),
        Ok(Hashed::Halted) => Verdict::Halted,
        Err(error) => Verdict::Unreadable(listed, error),
    }
}

enum Hashed {
    All(ContentHash, Checksum, u64),
    NoLog,
    Halted,
}

fn hash(
    reader: &mut Reader,
    mut hasher: Hasher,
    buffer: &mut [u8],
    mut must_look: bool,
    halt: &Halt,
) -> io::Result<Hashed> {
    let mut bytes = 0;
    loop {
        if halt.is_set() {
            return Ok(Hashed::Halted);
        }
        let filled = reader.fill(buffer)?;
        if must_look && !looks_like_cloudtrail(&inflate_head(&buffer[..filled])) {
            return Ok(Hashed::NoLog);
        }
        must_look = false;
        hasher.update(&buffer[..filled]);
        bytes += filled as u64;
        if filled < buffer.len() {
            let (sha256, checksum) = hasher.finish();
            return Ok(Hashed::All(sha256, checksum, bytes));
        }
    }
}

fn planned(listed: Listed, sha256: ContentHash, stored_bytes: u64) -> PlannedObject {
    let source_id = SourceId::of(listed.address(), &sha256.to_string());
    let Listed { location, address, modified, .. } = listed;
    PlannedObject { location, address, source_id, sha256, stored_bytes, modified_day: modified.0 }
}
