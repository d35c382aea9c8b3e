//! What stops the transform. Damaged input does not: it becomes rejects.

/// Why the transform stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The object's bytes could not be had.
    #[error("reading the object failed")]
    Source(#[source] std::io::Error),
    /// A finished file could not be handed over.
    #[error("handing over a finished file failed")]
    Emit(#[source] std::io::Error),
    /// The transform was told to stop: nothing is wrong.
    #[error("stopped before the end")]
    Halted,
    /// A page could not be compressed.
    #[error("compressing a page failed")]
    Compress(#[source] std::io::Error),
    /// A table has a column that nobody fills: the program is at fault, and no input.
    #[error("nothing fills the column `{0}`")]
    Column(&'static str),
    /// The Parquet library refused.
    #[error("writing Parquet failed")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// The Arrow library refused.
    #[error("building columns failed")]
    Arrow(#[from] arrow_schema::ArrowError),
}
