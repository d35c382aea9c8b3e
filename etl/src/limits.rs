//! Every bound of the ingest job, with its unit. Those of a plan and its groups stand in [`trailhouse_lake::plan`],
//! those of what is made of an object in [`trailhouse_core::limits`].

use std::time::Duration;

/// Stored bytes up to which an object is handed to the transform whole; a longer one comes in chunks.
pub const WHOLE_BYTES_MAX: u64 = 4 << 20;
/// The same for an object that is read as it comes; a longer one is kept in a temporary file first.
pub const STREAMED_WHOLE_MAX: u64 = 32 << 20;
/// Bytes of one chunk.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Stored bytes that wait for one worker at most.
pub const FEED_BYTES_MAX: usize = 8 << 20;
/// A feeder begins its next group when so few bytes of the one before are left: earlier, and an idle worker might have
/// taken it.
pub const FEED_BYTES_LOW: usize = 1 << 20;
/// Objects and chunks that wait for one worker at most.
pub const FEED_MESSAGES_MAX: usize = 1024;
/// Objects of a group that are asked for ahead, where they are far.
pub const ASKED_AHEAD_MAX: usize = 32;
/// Objects whose first bytes are looked at at once, where they are far.
pub const LOOKS_AT_ONCE: usize = 64;
/// Objects of a feed that a batch reads at once.
pub const STREAMED_AT_ONCE: usize = 16;
/// Bytes of finished files that wait for the store at most; a larger file waits alone.
pub const WRITE_BYTES_MAX: usize = 16 << 20;
/// Files that are put at once at most.
pub const WRITES_MAX: usize = 16;
/// Groups whose files are all handed over and whose receipts are not put yet, at most.
pub const FINISHING_GROUPS_MAX: usize = 16;
/// Bytes that are hashed at a time, and looked at to tell what an object is.
pub const HASH_BYTES: usize = 64 << 10;
/// How old a plan is when nobody can be at work on it any more.
pub const PLAN_AGE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Workers at most: each has its own buffers.
pub const WORKERS_MAX: usize = 256;
/// Objects that the planner hashes between two looks at what came of it.
pub const HASH_OBJECTS: usize = 1024;
/// Stored bytes that go into one plan at most: so much is hashed before the first row is made.
pub const PLAN_BYTES_MAX: u64 = 16 << 30;
/// Bytes of a standing file's footer that are believed.
pub const FOOTER_BYTES_MAX: u64 = 64 << 20;

const _: () = assert!(WHOLE_BYTES_MAX <= FEED_BYTES_MAX as u64 && CHUNK_BYTES <= FEED_BYTES_MAX, "one of them fits");
const _: () = assert!(FEED_BYTES_LOW < FEED_BYTES_MAX);
const _: () = assert!(WRITE_BYTES_MAX.is_multiple_of(WRITES_MAX), "shares of the budget are even");
