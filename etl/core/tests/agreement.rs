//! The transform against a slow, plain oracle: on named hazards, on generated and mutated and cut objects, on real logs.
//!
//! Everything that comes out is compared: each column of each row, its partition and place in its file, each reject with
//! its offset, length and hash, each count of the tally.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it left out"
)]

mod cases;
mod oracle;
