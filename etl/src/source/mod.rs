//! Sources: files and folders whose objects are to be brought in.
//!
//! All sources of a run are read through one store, rooted at the folder that holds them all; a plan records that
//! folder, so that a later run finds the objects again.

pub(crate) mod bucket;
pub(crate) mod folder;
mod reader;
mod roots;

pub(crate) use reader::Reader;
pub(crate) use roots::{Roots, are_nested};

use std::fmt;
use std::io;
use std::path::Path as FolderPath;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::executor::block_on;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::runtime::Handle;
use trailhouse_core::KeyFacts;
use trailhouse_lake::{Place, PlannedObject};

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
    /// It is an object of S3 without a byte, as consoles make in place of folders.
    Empty,
    /// It is in an archive of S3, from which it must be restored first.
    Archived,
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
            Self::Empty => f.write_str("it is empty"),
            Self::Archived => f.write_str("it is archived: restore it, then run again"),
        }
    }
}

/// What is met while sources are listed.
#[derive(Debug)]
pub(crate) enum Found {
    /// An object.
    Object(Listed),
    /// Something that is left out.
    Skipped(String, SkipReason),
    /// A folder, a prefix or an entry that nobody could look at: nobody knows what it holds.
    Unlisted(String, io::Error),
}

/// One object, not yet opened.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Where it is, below the common folder of all sources.
    pub(crate) location: String,
    /// Its address, where that is not its location.
    pub(crate) address: Option<String>,
    /// Where its key puts it.
    pub(crate) place: Place,
    /// Its stored bytes.
    pub(crate) bytes: u64,
    /// When it was last modified.
    pub(crate) modified: DateTime<Utc>,
    /// Its ETag without quotes, where it is in S3.
    pub(crate) e_tag: Option<String>,
}

impl Listed {
    pub(crate) fn address(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.location)
    }
}

/// Where an address puts an object in a plan.
pub(crate) fn place_of(address: &str) -> Place {
    let facts = KeyFacts::of(address);
    let account = facts.account.and_then(|digits| digits.parse().ok());
    Place { account, day: facts.day.map(|day| day.0) }
}

/// A folder, or a part of a bucket, whose objects can be read.
#[derive(Debug)]
pub(crate) struct Source {
    store: Arc<dyn ObjectStore>,
    /// What stands before the store's own names in a location.
    root: String,
    reach: Reach,
}

/// How a store is waited for. Only outside of a runtime: who waits is a thread.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// By the thread that asks, without a detour that costs more than a small object's own bytes: a file.
    Here,
    /// By a runtime, which drives the connections.
    Through(Handle),
}

impl Reach {
    pub(crate) fn wait<F: Future>(&self, future: F) -> F::Output {
        match self {
            Self::Here => block_on(future),
            Self::Through(runtime) => runtime.block_on(future),
        }
    }
}

/// All of an object, and what the store said of it.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) meta: ObjectMeta,
    pub(crate) bytes: Bytes,
}

impl Source {
    pub(crate) fn folder(folder: &FolderPath) -> object_store::Result<Self> {
        let store = Arc::new(LocalFileSystem::new_with_prefix(folder)?);
        Ok(Self { store, root: String::new(), reach: Reach::Here })
    }

    /// All objects of a bucket, which are told by their addresses.
    pub(crate) fn bucket(name: &str, store: Arc<dyn ObjectStore>, runtime: &Handle) -> Self {
        Self { store, root: format!("s3://{name}/"), reach: Reach::Through(runtime.clone()) }
    }

    /// Whether reading takes so long to begin that it pays to ask ahead.
    pub(crate) fn is_far(&self) -> bool {
        matches!(self.reach, Reach::Through(_))
    }

    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Begins to read an object.
    pub(crate) fn read(&self, location: &str) -> object_store::Result<Reader> {
        self.reach.wait(async {
            let found = self.store.get(&self.path(location)?).await?;
            Ok(Reader::new(found, self.reach.clone()))
        })
    }

    /// All of a planned object; it may be another by now.
    pub(crate) fn whole(&self, object: &PlannedObject) -> impl Future<Output = object_store::Result<Whole>> + use<> {
        let (path, store) = (self.path(&object.location), Arc::clone(&self.store));
        async move {
            let found = store.get(&path?).await?;
            Ok(Whole { meta: found.meta.clone(), bytes: found.bytes().await? })
        }
    }

    /// The first bytes of an object that was listed, at most `most`.
    pub(crate) async fn head(&self, listed: &Listed, most: u64) -> object_store::Result<Bytes> {
        self.store.get_range(&self.path(&listed.location)?, 0..most.min(listed.bytes)).await
    }

    fn path(&self, location: &str) -> object_store::Result<Path> {
        Ok(Path::parse(location.strip_prefix(&self.root).unwrap_or(location))?)
    }
}
