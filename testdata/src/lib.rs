//! A seeded generator of AWS logs of any size: real in shape, invented in content, the same bytes for the same
//! arguments.
//!
//! A [`Corpus`] is planned first (which objects, how many records in each) and then written object by object, each
//! from its own seed, so that threads never show. Records are filled templates, so that ten gigabytes take minutes.
//! Everything goes one way: `plan` -> `object` -> `record` -> `draft`; a [`Hazard`] then makes it hard to read.

mod agent;
mod cast;
mod catalog;
mod civil;
mod corpus;
mod draft;
mod hazard;
mod identity;
mod manifest;
mod object;
mod plan;
mod random;
mod record;
mod special;
mod story;
mod template;

pub use civil::Date;
pub use corpus::{Corpus, Error, Options};
pub use hazard::{HAZARDS, Hazard, SINCE};
pub use manifest::Counts;
pub use plan::{Kind, Planned};
