//! What can go wrong with an ingest: with all of it, or with one group.

use std::io;
use std::path::{Path, PathBuf};

use trailhouse_lake::{LakeError, StoreFault};

use crate::catalog::CatalogError;

/// Why a run could not go on. Nothing is lost: what was begun is done again by the next run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// There is nothing to read.
    #[error("no source is given")]
    NoSource,
    /// A source is not there.
    #[error("the source `{path}` cannot be read")]
    Source {
        /// The source.
        path: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A source's own path cannot be written down in a plan.
    #[error("the source `{path}` has a path that is not UTF-8")]
    SourceName {
        /// The source.
        path: PathBuf,
    },
    /// Sources of several kinds or buckets.
    #[error("the sources are not all files and folders, nor all of one bucket")]
    MixedSources,
    /// Sources whose only common folder is not one that can be opened.
    #[error("the folder `{path}` cannot be opened")]
    Root {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: object_store::Error,
    },
    /// The lake lies in a source, or a source in the lake: the run would read what it writes.
    #[error("the source `{source_path}` and the lake `{lake}` are inside one another")]
    LakeInSource {
        /// The source.
        source_path: String,
        /// The lake.
        lake: String,
    },
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The catalog that knows the lake failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Threads could not be had.
    #[error("starting the workers failed")]
    Workers(#[source] io::Error),
}

/// Why a group could not be finished. Others go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// The object is gone since it was planned.
    #[error("`{address}` is gone since it was planned")]
    Vanished {
        /// The object.
        address: String,
    },
    /// The object has other bytes than when it was planned.
    #[error("`{address}` has changed since it was planned")]
    Changed {
        /// The object.
        address: String,
    },
    /// The object is in an archive of S3.
    #[error("`{address}` is archived")]
    Archived {
        /// The object.
        address: String,
    },
    /// The object is not there as another run had planned it, as far as this one can see.
    #[error("`{address}` of plan {plan}, which another run made of other sources, is not there as it was planned")]
    NotOurs {
        /// The object.
        address: String,
        /// The plan.
        plan: u32,
    },
    /// Objects of groups that other runs gave up after this one had found them planned.
    #[error("other runs gave up what they had planned of these objects")]
    GivenUp,
    /// The object's bytes could not be had.
    #[error("reading `{address}` failed")]
    Unreadable {
        /// The object.
        address: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The object could not be kept in a temporary file, which one of its format is read from.
    #[error("keeping `{address}` in a temporary file failed")]
    Unkept {
        /// The object.
        address: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder could not be listed, or the entry not be looked at, so nobody knows what it holds.
    #[error("looking at `{folder}` failed")]
    Unlisted {
        /// The folder, or the prefix of keys.
        folder: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The source of an unfinished plan cannot be opened.
    #[error("the source `{folder}` of plan {plan}, which is not finished, cannot be opened")]
    Source {
        /// The folder.
        folder: String,
        /// The plan.
        plan: u32,
        /// Why.
        #[source]
        source: object_store::Error,
    },
    /// The transform failed.
    #[error("making files of `{address}` failed")]
    Transform {
        /// The object that was being read.
        address: String,
        /// Why.
        #[source]
        source: trailhouse_core::Error,
    },
    /// The plan names a format that this program does not know.
    #[error("reading `{address}` as its plan says failed")]
    Format {
        /// The object.
        address: String,
        /// Why.
        #[source]
        source: trailhouse_core::format::UnknownFormat,
    },
    /// The plan declares a header of flow logs that this program takes for none.
    #[error("plan {plan} cannot be run as it was made")]
    Header {
        /// The plan.
        plan: u32,
        /// Which header, and why not.
        #[source]
        source: trailhouse_core::header::NoHeader,
    },
    /// Records went missing, or came from nowhere.
    #[error("`{address}`: {records} records are not {rows} rows, {rejects} rejects and {skipped} skipped")]
    Unbalanced {
        /// The object.
        address: String,
        /// Records met.
        records: u64,
        /// Records that became rows.
        rows: u64,
        /// Records that were rejected.
        rejects: u64,
        /// Records left out on purpose.
        skipped: u64,
    },
    /// The files of a group hold another number of rows than its objects gave.
    #[error("the {objects} objects from `{address}` on gave {counted} {what}, and their files hold {held}")]
    Miscounted {
        /// The group's first object.
        address: String,
        /// How many objects the group has.
        objects: usize,
        /// What was counted: `rows` or `rejects`.
        what: &'static str,
        /// How many the objects gave.
        counted: u64,
        /// How many the files hold.
        held: u64,
    },
    /// A file stands under the name of one that was made now, with other rows.
    #[error("`{path}` stands with {standing} rows, and was made again with {made}")]
    OtherFile {
        /// The file.
        path: String,
        /// Its rows.
        standing: u64,
        /// The rows that it should have.
        made: u64,
    },
    /// A file stands under the name of one that was made now by the same version, with other bytes.
    #[error("`{path}` stands with other bytes than those it was made of again")]
    OtherBytes {
        /// The file.
        path: String,
    },
    /// The program failed over an object: a defect of its own.
    #[error("reading `{address}` met a defect of the program")]
    Defect {
        /// The object.
        address: String,
    },
    /// A file stands under the name of one that was made now, and is no Parquet file.
    #[error("`{path}` stands, and its footer cannot be read: {why}")]
    NoFooter {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// The run was told to stop, or has failed elsewhere.
    #[error("stopped before its end")]
    Halted,
}

impl IngestError {
    pub(crate) fn lake_in_source(source: &Path, lake: &Path) -> Self {
        Self::LakeInSource { source_path: source.display().to_string(), lake: lake.display().to_string() }
    }

    /// Whether another command line, and nothing else, would help.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Lake(error) => error.is_usage(),
            Self::NoSource
            | Self::MixedSources
            | Self::Source { .. }
            | Self::SourceName { .. }
            | Self::LakeInSource { .. } => true,
            Self::Root { .. } | Self::Workers(_) | Self::Catalog(_) => false,
        }
    }

    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lake(error) => error.hint(),
            Self::Catalog(error) => error.hint(),
            Self::LakeInSource { .. } => Some("name a place outside the source: the lake is the last argument"),
            Self::MixedSources => Some("ingest them one after the other, into the same lake"),
            _ => None,
        }
    }
}

impl GroupError {
    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Vanished { .. } => Some("nothing waits for it; put back, it is read by the next run"),
            Self::Changed { .. } => Some("run again to read it as it is now"),
            Self::Archived { .. } => Some("restore it (`aws s3api restore-object`), then run again"),
            Self::NotOurs { .. } => Some("run again with the sources of that run, or a day after it"),
            Self::GivenUp => Some("run again"),
            Self::Source { .. } => Some("make it readable, then run again"),
            Self::Header { .. } => Some("run again with the version that made the plan"),
            Self::Defect { .. } => Some("please report it with the message above"),
            Self::OtherFile { .. } | Self::OtherBytes { .. } | Self::NoFooter { .. } => {
                Some("the file has no receipt yet: remove it, then run again")
            }
            Self::Unkept { .. } => Some("make room in the folder of temporary files (TMPDIR), then run again"),
            Self::Unreadable { source, .. } | Self::Unlisted { source, .. } => {
                let fault = source.get_ref().and_then(|error| error.downcast_ref::<StoreFault>());
                let hint = fault.filter(|fault| fault.code().is_some()).map(StoreFault::hint);
                hint.unwrap_or(Some("make it readable, then run again"))
            }
            _ => None,
        }
    }
}

/// An error and what caused it, on one line. A cause that its error's text repeats is left out.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
