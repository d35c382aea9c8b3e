//! The readers under any bytes, and the way back from the rows that they make of them.
//!
//! A [`Target`] takes bytes, makes an object of them, reads it in several ways and says what does not hold. It runs over a
//! committed corpus and what a small mutator makes of it in `cargo test`, and under libFuzzer in `make fuzz`. What the
//! readers are held against is the oracle of their own tests.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    reason = "most of it is shared with tests, and a target stops where it fails"
)]

#[path = "../../tests/cases/comeback.rs"]
mod comeback;
#[path = "../../tests/cases/columnar/forge.rs"]
mod forge;
#[path = "../../tests/cases/harness.rs"]
mod harness;
#[path = "../../tests/cases/invariants.rs"]
mod invariants;
#[path = "../../tests/oracle/mod.rs"]
mod oracle;
mod parquet;
#[path = "../../tests/cases/readback.rs"]
mod readback;
mod reading;
mod targets;

pub use targets::{TARGETS, Target};
