//! Sources: files and folders whose objects are to be brought in.
//!
//! All sources of a run are read through one store, rooted at the folder that holds them all; a plan records that
//! folder, so that a later run finds the objects again.

mod listing;
mod reader;
mod roots;

pub(crate) use listing::{Listed, Listing, list, place_of};
pub(crate) use reader::Reader;
pub(crate) use roots::{Roots, are_nested};

use std::fmt;
use std::path::Path as FolderPath;

use futures::executor::block_on;
use object_store::ObjectStoreExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

/// Why an object is left out. It is named and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its key is that of another kind of log.
    OtherLog(&'static str),
    /// Its key says nothing, and it does not begin as any log that is known.
    NoLog,
    /// Its name cannot be written down in a plan.
    NotUtf8,
    /// Its name has characters that no object store takes.
    OddName,
    /// It is a pipe, a socket or a device.
    NotAFile,
    /// It is a link that leads nowhere.
    BrokenLink,
    /// It is a link to what is read already.
    ReadAlready,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherLog(folder) => write!(f, "`{folder}` objects are not read yet"),
            Self::NoLog => f.write_str(
                "neither its key nor its first bytes are those of a log that is known; `--as` says what it is",
            ),
            Self::NotUtf8 => f.write_str("its name is not UTF-8"),
            Self::OddName => f.write_str("its name has control characters or ends in `#` and digits"),
            Self::NotAFile => f.write_str("it is not a file"),
            Self::BrokenLink => f.write_str("it is a link that leads nowhere"),
            Self::ReadAlready => f.write_str("it is a link to what is read already"),
        }
    }
}

/// A folder whose objects can be read.
///
/// Only to be used outside of a runtime: there, a local file is read by the thread that asks, without a detour that costs
/// more than a small object's own bytes.
#[derive(Debug)]
pub(crate) struct Source {
    store: LocalFileSystem,
}

impl Source {
    pub(crate) fn open(folder: &FolderPath) -> object_store::Result<Self> {
        Ok(Self { store: LocalFileSystem::new_with_prefix(folder)? })
    }

    /// Begins to read an object.
    pub(crate) fn read(&self, location: &str) -> object_store::Result<Reader> {
        let path = Path::parse(location)?;
        Ok(Reader::new(block_on(self.store.get(&path))?))
    }
}
