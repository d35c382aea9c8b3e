//! What ends the transcription before the file's end.

use std::borrow::Cow;

use crate::error::Error;
use crate::reason::Reason;

/// What was read, or why not.
pub(super) type Read<T> = Result<T, Stop>;

/// Why nothing more is read.
#[derive(Debug)]
pub(super) enum Stop {
    /// The file is at fault.
    Trouble(Box<Trouble>),
    /// Its bytes could not be had, or nobody wants them any more.
    Error(Error),
}

/// What is wrong with a file, and where.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) reason: Reason,
    /// In words, from the inside out.
    pub(super) what: String,
    /// Where in the stored object.
    pub(super) stored: Option<u64>,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Stop {
    fn new(reason: Reason, what: impl Into<Cow<'static, str>>) -> Self {
        Self::Trouble(Box::new(Trouble { reason, what: what.into().into_owned(), stored: None }))
    }

    /// The same, at `offset` of the stored object, unless the place is known better already.
    pub(super) fn at(mut self, offset: u64) -> Self {
        if let Self::Trouble(trouble) = &mut self {
            trouble.stored.get_or_insert(offset);
        }
        self
    }

    /// The same, in `place`.
    pub(super) fn of(mut self, place: impl FnOnce() -> String) -> Self {
        if let Self::Trouble(trouble) = &mut self {
            trouble.what = format!("{} {}", trouble.what, place());
        }
        self
    }
}

/// The file does not keep Parquet's rules.
pub(super) fn damaged(what: impl Into<Cow<'static, str>>) -> Stop {
    Stop::new(Reason::Parquet, what)
}

/// The file does, but this program does not read such files.
pub(super) fn unread(what: impl Into<Cow<'static, str>>) -> Stop {
    Stop::new(Reason::ParquetKind, what)
}

/// The file takes more memory than one may.
pub(super) fn too_large(what: impl Into<Cow<'static, str>>) -> Stop {
    Stop::new(Reason::ParquetSize, what)
}

/// The file's columns, whose names `line` has, are no fields of a flow log.
pub(super) fn no_fields(line: &str) -> Stop {
    const SHOWN: usize = 200;
    let names: String = line.escape_default().take(SHOWN).collect();
    Stop::new(Reason::NoFields, format!("`{names}`"))
}

/// A row is longer than a record may be.
pub(super) fn too_long() -> Stop {
    Stop::new(Reason::TooLong, "as text")
}
