//! What can go wrong with a lake.

use std::io::ErrorKind;
use std::path::PathBuf;

use trailhouse_schemas::Partitioning;

use crate::fault::StoreFault;

/// Why a lake could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The folder is not there or has no `_trailhouse/lake.json`.
    #[error("`{location}` is not a lake")]
    NotALake {
        /// The place that was given.
        location: String,
    },
    /// A file stands where the lake should be, or above it.
    #[error("`{location}` is not a folder")]
    NotAFolder {
        /// The place that was given.
        location: PathBuf,
    },
    /// A lake would be made among files of another purpose.
    #[error("`{folder}` is not empty and not a lake: it has `{found}`")]
    NotEmpty {
        /// The folder that was given.
        folder: PathBuf,
        /// Something in it.
        found: String,
    },
    /// A place that cannot be read or written.
    #[error("`{location}`: only folders and `s3://BUCKET/PREFIX` can be read and written")]
    Scheme {
        /// The place that was given.
        location: String,
    },
    /// A place in S3 without the name of a bucket.
    #[error("`{location}` does not name a bucket")]
    BucketName {
        /// The place that was given.
        location: String,
    },
    /// A place in S3, where only a folder will do.
    #[error("`{location}` is no folder of this machine")]
    Remote {
        /// The place that was given.
        location: String,
    },
    /// The lake has a partitioning that differs from the one asked for.
    #[error("the lake is partitioned by `{lake}`, not by `{asked}`")]
    OtherPartitioning {
        /// The lake's partitioning, which never changes.
        lake: Partitioning,
        /// The one that was asked for.
        asked: Partitioning,
    },
    /// A control object was written by a later version.
    #[error("`{path}` has format version {found}, and this program knows none later than {known}")]
    Version {
        /// The control object.
        path: String,
        /// The version that it has.
        found: u32,
        /// The last version that this program knows.
        known: u32,
    },
    /// A control object is not what this program writes.
    #[error("`{path}` cannot be understood")]
    Malformed {
        /// The control object.
        path: String,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A control object could not be written down.
    #[error("`{path}` cannot be written as JSON")]
    Unwritable {
        /// The control object.
        path: String,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
    /// A name that no store can hold.
    #[error("`{name}` cannot be the name of an object")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        #[source]
        source: object_store::path::Error,
    },
    /// The store said that something stands under a name, and then that nothing does.
    #[error("`{path}` was said to be there, and is not")]
    Contradiction {
        /// The name.
        path: String,
    },
    /// The store failed.
    #[error("{action} `{path}` failed")]
    Store {
        /// What was tried.
        action: &'static str,
        /// With which object.
        path: String,
        /// Why it failed.
        #[source]
        source: StoreFault,
    },
    /// The folder of the lake could not be used.
    #[error("{action} `{folder}` failed")]
    Folder {
        /// What was tried.
        action: &'static str,
        /// With which folder.
        folder: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
}

impl LakeError {
    /// Whether another command line, and nothing else, would help.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::NotALake { .. }
                | Self::NotAFolder { .. }
                | Self::NotEmpty { .. }
                | Self::Scheme { .. }
                | Self::BucketName { .. }
                | Self::Remote { .. }
                | Self::OtherPartitioning { .. }
        )
    }

    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotALake { .. } => Some("`trailhouse ingest SRC... LAKE` makes one"),
            Self::NotEmpty { .. } | Self::NotAFolder { .. } => {
                Some("the last argument is the lake: name a new or empty folder")
            }
            Self::Scheme { .. } => Some("copy the objects to a folder or to S3 first"),
            Self::BucketName { .. } => Some("a place in S3 is `s3://BUCKET` or `s3://BUCKET/PREFIX`"),
            Self::OtherPartitioning { .. } => {
                Some("leave out `--partitioning`, or name another lake: a lake never changes its own")
            }
            Self::Version { .. } => Some("use the version of Trailhouse that made the lake, or a later one"),
            Self::Store { source, .. } if source.code().is_some() => source.hint(),
            _ => self.io_kind().and_then(hint_of_kind),
        }
    }

    /// What the system said, when it was the system that failed.
    fn io_kind(&self) -> Option<ErrorKind> {
        if let Self::Folder { source, .. } = self {
            return Some(source.kind());
        }
        let mut source = std::error::Error::source(self);
        while let Some(error) = source {
            if let Some(error) = error.downcast_ref::<std::io::Error>() {
                return Some(error.kind());
            }
            source = error.source();
        }
        None
    }

    /// What is wrong when `action` on the object at `path` fails.
    pub fn store(action: &'static str, path: &impl ToString) -> impl FnOnce(object_store::Error) -> Self {
        let path = path.to_string();
        move |source| Self::Store { action, path, source: source.into() }
    }
}

fn hint_of_kind(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some("make room on the lake's disk, then run again"),
        ErrorKind::FileTooLarge => Some("allow larger files (`ulimit -f`), then run again"),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Some("run as someone who may write there, then run again")
        }
        ErrorKind::Unsupported | ErrorKind::CrossesDevices => {
            Some("the lake's filesystem must have hard links: name a folder on another")
        }
        _ => None,
    }
}
