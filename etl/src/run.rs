//! Running one plan: feeders and workers in pairs, and one end for all of them.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::mpsc::sync_channel;
use std::thread;

use tokio::runtime::Handle;
use trailhouse_core::Settings;
use trailhouse_lake::{Group, Lake, Plan, Receipt};

use crate::catalog::Catalog;
use crate::checksum::Checksums;
use crate::error::{GroupError, IngestError};
use crate::feeder::{Feeder, Queue};
use crate::finish::{Abandoned, finish};
use crate::halt::Halt;
use crate::limits::{FEED_MESSAGES_MAX, FINISHING_GROUPS_MAX};
use crate::progress::Progress;
use crate::source::Source;
use crate::summary::Summary;
use crate::work::work;
use crate::write::Writer;

/// A plan that is being run, as all its threads see it.
pub(crate) struct Job<'r> {
    pub(crate) lake: &'r Lake,
    pub(crate) catalog: &'r dyn Catalog,
    pub(crate) runtime: &'r Handle,
    pub(crate) source: &'r Source,
    pub(crate) number: u32,
    pub(crate) plan: &'r Plan,
    /// Those of the plan.
    pub(crate) settings: Settings,
    pub(crate) checksums: &'r Checksums,
    /// Whether this run may say that objects of the plan are lost.
    pub(crate) may_abandon: bool,
    pub(crate) progress: &'r dyn Progress,
    pub(crate) halt: &'r Halt,
    pub(crate) writer: Writer,
    given_up: Mutex<Vec<usize>>,
    abandoned: Mutex<Vec<Abandoned>>,
}

impl<'r> Job<'r> {
    pub(crate) fn new(
        (lake, catalog, runtime): (&'r Lake, &'r dyn Catalog, &'r Handle),
        source: &'r Source,
        (number, plan, checksums): (u32, &'r Plan, &'r Checksums),
        settings: Settings,
        may_abandon: bool,
        progress: &'r dyn Progress,
        halt: &'r Halt,
    ) -> Self {
        let writer = Writer::new(lake, runtime, halt);
        let (given_up, abandoned) = (Mutex::default(), Mutex::default());
        Self {
            lake,
            catalog,
            runtime,
            source,
            number,
            plan,
            settings,
            checksums,
            may_abandon,
            progress,
            halt,
            writer,
            given_up,
            abandoned,
        }
    }

    /// Runs the groups at these places in the plan.
    pub(crate) fn run(
        &self,
        groups: Vec<usize>,
        workers: NonZeroUsize,
        summary: &mut Summary,
    ) -> Result<(), IngestError> {
        let workers = workers.get().min(groups.len());
        let queue = Queue::new(groups);
        let (reports, reported) = sync_channel(FINISHING_GROUPS_MAX);
        thread::scope(|scope| {
            for _ in 0..workers {
                let (feed, fed) = sync_channel(FEED_MESSAGES_MAX);
                let feeder = Feeder::new(self, &queue, feed, reports.clone());
                let reports = reports.clone();
                thread::Builder::new().spawn_scoped(scope, move || feeder.run())?;
                thread::Builder::new().spawn_scoped(scope, move || work(self, &fed, &reports))?;
            }
            drop(reports);
            for report in reported {
                finish(self, report, summary);
            }
            Ok(())
        })
        .map_err(IngestError::Workers)?;
        summary.is_interrupted |= queue.has_rest();
        self.halt.take_error().map_or(Ok(()), Err)
    }

    /// The groups that were abandoned.
    pub(crate) fn into_abandoned(self) -> Vec<Abandoned> {
        self.abandoned.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note_abandoned(&self, abandoned: Abandoned) {
        self.abandoned.lock().unwrap_or_else(PoisonError::into_inner).push(abandoned);
    }

    /// The receipt of a group, if it has one. That the lake cannot say ends the run.
    pub(crate) fn receipt(&self, group: &Group) -> Result<Option<Receipt>, GroupError> {
        let found = self.runtime.block_on(self.lake.receipt_if_any(self.number, group.id));
        found.map_err(|error| self.halt.fail(error))
    }

    /// Notes that nothing more of a group is wanted.
    pub(crate) fn give_up(&self, index: usize) {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).push(index);
    }

    /// Whether nothing more of a group is wanted.
    pub(crate) fn is_given_up(&self, index: usize) -> bool {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).contains(&index)
    }
}
