//! One place that says whether to go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{GroupError, IngestError};
use crate::progress::StopFlag;

/// Whether a run goes on: until someone asks it to stop, or the lake or its catalog fails.
///
/// What fails once, for want of space or rights, would fail for every group.
#[derive(Debug, Clone)]
pub(crate) struct Halt {
    stop: StopFlag,
    failed: Arc<AtomicBool>,
    error: Arc<Mutex<Option<IngestError>>>,
}

impl Halt {
    pub(crate) fn new(stop: &StopFlag) -> Self {
        Self { stop: stop.clone(), failed: Arc::default(), error: Arc::default() }
    }

    /// Whether to go no further.
    pub(crate) fn is_set(&self) -> bool {
        self.stop.is_set() || self.is_failed()
    }

    /// Whether the lake or its catalog has failed.
    pub(crate) fn is_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Ends the run; the first error is the one that is told.
    pub(crate) fn fail(&self, error: impl Into<IngestError>) -> GroupError {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.into());
        self.failed.store(true, Ordering::Relaxed);
        GroupError::Halted
    }

    /// The error that ended the run.
    pub(crate) fn take_error(&self) -> Option<IngestError> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
