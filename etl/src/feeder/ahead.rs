//! Asking for objects ahead: one that is far takes longer to begin than to come.

use std::collections::VecDeque;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use trailhouse_lake::PlannedObject;

use crate::budget::{Budget, Lease};
use crate::limits::{ASKED_AHEAD_MAX, WHOLE_BYTES_MAX};
use crate::source::{Source, Whole};

/// Objects of one group, in order, some of them on their way.
pub(super) struct Ahead<'a> {
    source: &'a Source,
    runtime: Handle,
    budget: &'a Budget,
    /// Those that nobody has asked for.
    rest: std::slice::Iter<'a, PlannedObject>,
    coming: VecDeque<Option<Coming>>,
}

/// A whole object on its way.
pub(super) struct Coming {
    pub(super) task: JoinHandle<object_store::Result<Whole>>,
    pub(super) lease: Lease,
}

impl<'a> Ahead<'a> {
    /// Nothing is asked for ahead where nothing is far.
    pub(super) fn new(source: &'a Source, runtime: &Handle, budget: &'a Budget, objects: &'a [PlannedObject]) -> Self {
        let rest = if source.is_far() { objects.iter() } else { [].iter() };
        Self { source, runtime: runtime.clone(), budget, rest, coming: VecDeque::new() }
    }

    /// The next object of the group, if it was asked for; then asks for more.
    pub(super) fn next(&mut self) -> Option<Coming> {
        self.ask();
        let next = self.coming.pop_front().flatten();
        self.ask();
        next
    }

    /// Asks for as many as there is room for, the first of them in any case.
    fn ask(&mut self) {
        while self.coming.len() < ASKED_AHEAD_MAX {
            let Some(object) = self.rest.as_slice().first() else { return };
            let coming = match usize::try_from(object.stored_bytes) {
                Ok(bytes) if object.stored_bytes <= WHOLE_BYTES_MAX => {
                    let lease = if self.coming.is_empty() {
                        Some(self.budget.take(bytes))
                    } else {
                        self.budget.try_take(bytes)
                    };
                    let Some(lease) = lease else { return };
                    Some(Coming { task: self.runtime.spawn(self.source.whole(object)), lease })
                }
                // A long one comes in chunks, when it is its turn.
                _ => None,
            };
            self.rest.next();
            self.coming.push_back(coming);
        }
    }
}

impl Drop for Ahead<'_> {
    fn drop(&mut self) {
        self.coming.drain(..).flatten().for_each(|coming| coming.task.abort());
    }
}
