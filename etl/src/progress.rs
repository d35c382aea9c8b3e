//! What a run says while it is at work, and how it is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::source::SkipReason;

/// Listens to a run. Calls come from several threads.
pub trait Progress: Sync {
    /// So many objects and stored bytes are to be looked at in all. Comes again when more become known.
    fn total(&self, objects: u64, bytes: u64) {
        let _ = (objects, bytes);
    }

    /// So many more objects and stored bytes are done with. Advice for a progress bar: what counts is the
    /// [`Summary`](crate::Summary).
    fn done(&self, objects: u64, bytes: u64) {
        let _ = (objects, bytes);
    }

    /// An object is left out. Where it is, below the folder that all sources have in common: two objects may have one
    /// address.
    fn skipped(&self, location: &str, reason: &SkipReason) {
        let _ = (location, reason);
    }

    /// An object could not be read to its end; what could be is in the lake.
    fn damaged(&self, location: &str, why: &str) {
        let _ = (location, why);
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}

/// Asks a run to stop. Clones are one flag.
///
/// A run looks at it between objects. What it has begun and not finished is done again by the next run.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// A flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to stop.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether someone asked.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
