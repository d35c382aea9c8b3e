//! SQL over a lake with DataFusion: the one crate that names it.
//!
//! A [`Session`] has every table of the lake under its own name, with the lake's partition columns typed, whether or not
//! it has files yet, and beside them `receipts`, which is folded from the lake's plans and receipts. It reads and never
//! writes. An [`Answer`] gives its rows as they come, and says afterwards what was read for them ([`Reading`]).
//!
//! Beside DataFusion's own functions there are those of `datafusion-functions-json` (`->>`, `json_get` and so on), and
//! `json_extract`, `json_extract_scalar` and `date_format` as Athena has them, so that one statement runs in both.

mod answer;
mod balance;
mod bounds;
mod context;
mod damage;
mod date_format;
mod engine;
mod error;
mod json;
pub mod limits;
pub mod memory;
mod naming;
mod path;
mod reading;
mod receipts;
mod session;
mod statement;
mod suggest;
mod tables;

pub use answer::Answer;
pub use context::Options;
pub use error::QueryError;
pub use reading::{Pruned, Reading};
pub use session::{Session, TableFiles};
