//! The planner's look at one object: is it a log, and what is its content.

use std::io;

use trailhouse_core::classify::{Class, classify, written};
use trailhouse_core::{Format, KeyFacts, KeyKind};
use trailhouse_lake::plan::USUAL_FORMAT;
use trailhouse_lake::{ContentHash, PlannedObject, SourceId};

use crate::checksum::{Checksum, ChecksumKey};
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

/// How objects are looked at.
pub(crate) struct Look<'l> {
    pub(crate) source: &'l Source,
    /// The format of all of them, if it was said; how each is written, its first bytes tell.
    pub(crate) format: Option<Format>,
    pub(crate) key: ChecksumKey,
    pub(crate) halt: &'l Halt,
}

impl Look<'_> {
    /// Reads as much of an object as it takes to know what it is, and all of it if it is a log.
    pub(crate) fn inspect(&self, listed: Listed, buffer: &mut Vec<u8>) -> Verdict {
        let key = KeyFacts::of(listed.address());
        if let (KeyKind::Foreign(folder), None) = (key.kind, self.format) {
            return Verdict::Skip(listed, SkipReason::OtherLog(folder));
        }
        buffer.resize(HASH_BYTES, 0);
        let mut reader = match self.source.read(&listed.location) {
            Ok(reader) => reader,
            Err(error) => return Verdict::Unreadable(listed, io::Error::other(error)),
        };
        let class = |head: &[u8]| match self.format {
            Some(format) => Class::Log(written(format, head)),
            None => classify(listed.address(), &key, head),
        };
        match self.hash(&mut reader, buffer, class) {
            Ok(Hashed::All(format, sha256, checksum, bytes)) => {
                Verdict::Log(planned(listed, format, sha256, bytes), checksum)
            }
            Ok(Hashed::NoLog) => Verdict::Skip(listed, SkipReason::NoLog),
            Ok(Hashed::Halted) => Verdict::Halted,
            Err(error) => Verdict::Unreadable(listed, error),
        }
    }

    fn hash(&self, reader: &mut Reader, buffer: &mut [u8], class: impl Fn(&[u8]) -> Class) -> io::Result<Hashed> {
        let (mut bytes, mut hasher, mut known) = (0, self.key.hasher(), None);
        loop {
            if self.halt.is_set() {
                return Ok(Hashed::Halted);
            }
            let filled = reader.fill(buffer)?;
            let format = match known.map_or_else(|| class(&buffer[..filled]), Class::Log) {
                Class::Log(format) => *known.insert(format),
                Class::Foreign(_) | Class::Unknown => return Ok(Hashed::NoLog),
            };
            hasher.update(&buffer[..filled]);
            bytes += filled as u64;
            if filled < buffer.len() {
                let (sha256, checksum) = hasher.finish();
                return Ok(Hashed::All(format, sha256, checksum, bytes));
            }
        }
    }
}

enum Hashed {
    All(Format, ContentHash, Checksum, u64),
    NoLog,
    Halted,
}

fn planned(listed: Listed, format: Format, sha256: ContentHash, stored_bytes: u64) -> PlannedObject {
    let source_id = SourceId::of(listed.address(), &sha256.to_string());
    let Listed { location, address, modified, .. } = listed;
    let format = (format.name() != USUAL_FORMAT).then(|| format.name().to_owned());
    PlannedObject { location, address, source_id, sha256, stored_bytes, modified_day: modified.0, format }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_names_no_format_means_the_default() {
        assert_eq!(Format::default().name(), USUAL_FORMAT);
    }
}
