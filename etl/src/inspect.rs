//! The planner's look at one object: is it a log, and what is its content.

use std::io;

use trailhouse_core::classify::{Class, classify, needs_head, written};
use trailhouse_core::{Day, Format, KeyFacts, KeyKind};
use trailhouse_lake::plan::USUAL_FORMAT;
use trailhouse_lake::{Content, ContentHash, PlannedObject, StoreFault};

use crate::checksum::{Checksum, ChecksumKey};
use crate::halt::Halt;
use crate::limits::HASH_BYTES;
use crate::source::{Listed, Reader, SkipReason, Source};

/// What an object turns out to be.
pub(crate) enum Verdict {
    /// A log; with what a plan says of it, and what this run knows it by, if it was read.
    Log(PlannedObject, Option<Checksum>),
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
        let class = |head: &[u8]| self.class(&listed, &key, head);
        match self.hash(&mut reader, buffer, class) {
            Ok(Hashed::All(format, sha256, checksum, bytes)) => {
                Verdict::Log(planned(listed, format, Content::Sha256 { sha256 }, bytes), Some(checksum))
            }
            Ok(Hashed::NoLog) => Verdict::Skip(listed, SkipReason::NoLog),
            Ok(Hashed::Halted) => Verdict::Halted,
            Err(error) => Verdict::Unreadable(listed, error),
        }
    }

    /// The same of an object in S3, whose store knows its content: no more is read than tells what it is.
    pub(crate) async fn inspect_far(&self, listed: Listed) -> Verdict {
        if self.halt.is_set() {
            return Verdict::Halted;
        }
        let key = KeyFacts::of(listed.address());
        let class = match (self.format, key.kind) {
            (None, KeyKind::Foreign(folder)) => return Verdict::Skip(listed, SkipReason::OtherLog(folder)),
            (Some(format), _) | (None, KeyKind::Log(format)) if !needs_head(format) => Class::Log(format),
            _ => match self.source.head(&listed, HASH_BYTES as u64).await {
                Ok(head) => self.class(&listed, &key, &head),
                Err(error) => return unlooked(listed, error),
            },
        };
        let etag = listed.e_tag.clone();
        match (class, etag) {
            (Class::Log(format), Some(etag)) => {
                let (modified, bytes) = (listed.modified.timestamp(), listed.bytes);
                Verdict::Log(planned(listed, format, Content::ETag { etag, modified }, bytes), None)
            }
            (Class::Log(_), None) => Verdict::Unreadable(listed, io::Error::other("the store tells no ETag")),
            (Class::Foreign(_) | Class::Unknown, _) => Verdict::Skip(listed, SkipReason::NoLog),
        }
    }

    fn class(&self, listed: &Listed, key: &KeyFacts, head: &[u8]) -> Class {
        match self.format {
            Some(format) => Class::Log(written(format, head)),
            None => classify(listed.address(), key, head),
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

fn planned(listed: Listed, format: Format, content: Content, stored_bytes: u64) -> PlannedObject {
    let source_id = content.source_id(listed.address());
    let modified_day = Day::of_millis(listed.modified.timestamp_millis()).0;
    let Listed { location, address, .. } = listed;
    let format = (format.name() != USUAL_FORMAT).then(|| format.name().to_owned());
    PlannedObject { location, address, source_id, content, stored_bytes, modified_day, format }
}

/// An object whose first bytes could not be had.
fn unlooked(listed: Listed, error: object_store::Error) -> Verdict {
    let fault = StoreFault::from(error);
    match fault.code() {
        Some("InvalidObjectState") => Verdict::Skip(listed, SkipReason::Archived),
        _ => Verdict::Unreadable(listed, io::Error::other(fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_names_no_format_means_the_default() {
        assert_eq!(Format::default().name(), USUAL_FORMAT);
    }
}
