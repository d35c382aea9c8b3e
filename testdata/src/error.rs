//! Why something could not be made.

use std::io;
use std::path::PathBuf;

/// Why a corpus could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An option is out of its bounds.
    #[error("`{what}` is not between {least} and {most}")]
    OutOfBounds {
        /// The option.
        what: &'static str,
        /// Its least value.
        least: u64,
        /// Its greatest value.
        most: u64,
    },
    /// Days behind the last one that a key can name.
    #[error("the last day is after 9999-12-31")]
    TooLate,
    /// A flow log without a field.
    #[error("no field is named")]
    NoField,
    /// A name that is no field of this kind of flow log.
    #[error("`{0}` is no field of such a flow log")]
    UnknownField(String),
    /// A field that is named twice, which AWS refuses, too.
    #[error("the field `{0}` is named twice")]
    RepeatedField(String),
    /// The folder is not empty, so that its objects would be taken for the corpus's.
    #[error("`{}` is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("cannot write `{}`", .0.display())]
    Write(PathBuf, #[source] io::Error),
}
