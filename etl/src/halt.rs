//! One place that says whether to go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use trailhouse_lake::LakeError;

use crate::error::GroupError;
use crate::progress::StopFlag;

/// Whether a run goes on: until someone asks it to stop, or the lake fails.
///
/// A lake that fails once, for want of space or rights, would fail for every group.
#[derive(Debug, Clone)]
pub(crate) struct Halt {
    stop: StopFlag,
    failed: Arc<AtomicBool>,
    error: Arc<Mutex<Option<LakeError>>>,
}

impl Halt {
    pub(crate) fn new(stop: &StopFlag) -> Self {
        Self { stop: stop.clone(), failed: Arc::default(), error: Arc::default() }
    }

    /// Whether to go no further.
    pub(crate) fn is_set(&self) -> bool {
        self.stop.is_set() || self.is_failed()
    }

    /// Whether the lake has failed.
    pub(crate) fn is_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Ends the run; the first error is the one that is told.
    pub(crate) fn fail(&self, error: LakeError) -> GroupError {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.failed.store(true, Ordering::Relaxed);
        GroupError::Halted
    }

    /// The error that ended the run.
    pub(crate) fn take_error(&self) -> Option<LakeError> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
