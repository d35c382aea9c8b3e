//! A bound on bytes that are on their way between threads.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// So many bytes may be under way. Clones share one bound.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    most: usize,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    used: Mutex<usize>,
    freed: Condvar,
}

/// Bytes under way; they are so until this is dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    bytes: usize,
    shared: Arc<Shared>,
}

impl Budget {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, shared: Arc::default() }
    }

    /// Waits until `bytes` more may be under way. What is past the bound by itself goes alone.
    pub(crate) fn take(&self, bytes: usize) -> Lease {
        self.wait_until(|used| used == 0 || used + bytes <= self.most, bytes);
        Lease { bytes, shared: Arc::clone(&self.shared) }
    }

    /// The same where nobody has to wait for it.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<Lease> {
        let mut used = self.shared.used.lock().unwrap_or_else(PoisonError::into_inner);
        if *used != 0 && *used + bytes > self.most {
            return None;
        }
        *used += bytes;
        Some(Lease { bytes, shared: Arc::clone(&self.shared) })
    }

    /// Waits until at most `bytes` are under way.
    pub(crate) fn wait_for_low(&self, bytes: usize) {
        self.wait_until(|used| used <= bytes, 0);
    }

    fn wait_until(&self, is_low: impl Fn(usize) -> bool, more: usize) {
        let mut used = self.shared.used.lock().unwrap_or_else(PoisonError::into_inner);
        while !is_low(*used) {
            used = self.shared.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        *used += more;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        *self.shared.used.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.shared.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn never_more_than_the_bound_is_under_way() {
        let (budget, under_way) = (Budget::new(10), AtomicUsize::new(0));
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let sender = sender;
                for round in 0..1000 {
                    let lease = budget.take(1 + round % 7);
                    let now = under_way.fetch_add(lease.bytes, Ordering::SeqCst) + lease.bytes;
                    assert!(now <= 10, "{now} under way");
                    sender.send(lease).unwrap();
                }
            });
            for lease in receiver {
                under_way.fetch_sub(lease.bytes, Ordering::SeqCst);
                drop(lease);
            }
        });
        budget.wait_for_low(0);
    }

    #[test]
    fn what_is_too_large_goes_alone() {
        let budget = Budget::new(10);
        drop(budget.take(100));
        let _small = budget.take(10);
    }
}
