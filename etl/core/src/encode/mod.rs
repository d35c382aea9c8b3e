//! Columns to Parquet files.
//!
//! Data and dictionary pages are made here, straight from codes and spans ([`chunk`]); the parquet crate keeps what
//! stands around them: schema, footer, page indexes and bloom filters ([`file`]). The table of rejects takes the crate's own
//! writer instead ([`cold`]).

mod bounds;
pub(crate) mod chunk;
pub(crate) mod cold;
mod delta;
pub(crate) mod file;
mod fixed;
mod levels;
mod number;
mod page;
