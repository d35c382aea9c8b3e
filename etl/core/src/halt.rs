//! Whether to go on: asked wherever work may take long, whatever the object holds.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;

/// What is asked; without one, work goes on to its end.
#[derive(Clone, Default)]
pub(crate) struct Halt(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Halt {
    /// Halts once `is_halted` says so.
    pub(crate) fn when(is_halted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(is_halted)))
    }

    /// An error when nobody wants the work any more.
    #[inline]
    pub(crate) fn look(&self) -> Result<(), Error> {
        match &self.0 {
            Some(is_halted) if is_halted() => Err(Error::Halted),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Halt").field(&self.0.is_some()).finish()
    }
}
