//! How long a statement may be.
//!
//! The engine walks down a statement by calling itself, many times over while it plans and once more while it runs: as
//! deep as `a OR b OR c …` has terms. Nothing in it looks at how much of the stack is left.

/// The stack of a thread that plans or runs statements, in bytes: room for as many steps down as the limits below allow,
/// in a build without optimisations. Only what is used of it takes memory.
pub const STACK_BYTES: usize = 1 << 30;
/// A statement's length, in bytes. Lists of addresses and hashes are long.
pub const STATEMENT_BYTES_MAX: usize = 8 << 20;
/// What makes conditions of a statement (`OR`, `LIKE`, `=` and so on), in tokens: room for thousands of patterns.
pub const CONDITIONS_MAX: usize = 8_000;
/// Other operators and keywords of a statement, in tokens: each can lead one step further down.
pub const STEPS_MAX: usize = 2_000;
