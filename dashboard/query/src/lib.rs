//! SQL over a lake with DataFusion: the one crate that names it.
//!
//! A [`Session`] has every table of the lake under its own name, with the lake's partition columns typed, whether or not
//! it has files yet. It reads and never writes.

mod error;
mod json;
mod path;
mod session;

pub use error::QueryError;
pub use session::{Answer, Options, Session, TableFiles};
