//! Plans that nobody has finished: those of runs that died, of runs that are at work, and what becomes of objects that were
//! lost between plan and reading.

use std::io::ErrorKind;

use trailhouse_lake::{Lake, Loss, LostObject, Plan, PlanSettings};

use super::Ingest;
use crate::error::{GroupError, IngestError};
use crate::finish::Abandoned;
use crate::limits::PLAN_AGE_MAX;
use crate::places::is_bucket;
use crate::source::{Source, are_nested, place_of};

impl Ingest<'_> {
    /// Removes what runs that died late have put of groups that others had abandoned.
    pub(super) fn remove_late_files(&self) -> Result<(), IngestError> {
        let Some(lake) = self.lake.filter(|_| !self.options.dry_run) else { return Ok(()) };
        let groups = self.runtime.block_on(lake.lately_abandoned())?;
        Ok(self.runtime.block_on(lake.remove_files_of(&groups))?)
    }

    /// Finishes the plans that are known to be unfinished, whoever made them.
    pub(super) fn finish_plans(&mut self) -> Result<(), IngestError> {
        let Some(lake) = self.lake else { return Ok(()) };
        for number in self.log.take_unfinished() {
            if self.is_interrupted() {
                return Ok(());
            }
            let plan = self.runtime.block_on(lake.plan(number))?;
            let received = self.runtime.block_on(lake.received(number))?;
            let open = (0..plan.groups.len()).filter(|index| !received.contains(&plan.groups[*index].id));
            // The writer of the plan may be at work: coming from its end, the two meet in the middle.
            let groups: Vec<usize> = open.rev().collect();
            self.count_resumed(&plan, &groups);
            match self.places.source(&plan.source) {
                Ok(source) => self.run(&source, (number, &plan), groups)?,
                Err(IngestError::Root { source, .. }) => {
                    self.give_up_source(lake, (number, &plan), &groups, source)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether this run may say that objects of a plan are lost: when it made the plan, reads the same sources, or the plan
    /// is so old that nobody can be at work on it. Another run may see its own sources where this one sees none.
    pub(super) fn may_abandon(&self, lake: &Lake, number: u32, plan: &Plan) -> Result<bool, IngestError> {
        // What S3 says of an object, it says to everybody.
        let is_told = is_bucket(&plan.source) || are_nested(plan.source.as_ref(), self.root.as_ref());
        if plan.planner == self.planner || is_told {
            return Ok(true);
        }
        Ok(self.runtime.block_on(lake.plan_age(number))? > PLAN_AGE_MAX)
    }

    /// The source of a plan cannot be opened. When it is gone, all of its objects are.
    fn give_up_source(
        &mut self,
        lake: &Lake,
        (number, plan): (u32, &Plan),
        groups: &[usize],
        source: object_store::Error,
    ) -> Result<(), IngestError> {
        let objects = groups.iter().map(|index| plan.groups[*index].objects.len()).sum();
        let folder = plan.source.clone();
        self.summary.stop(objects, GroupError::Source { folder, plan: number, source });
        let is_gone = std::fs::metadata(&plan.source).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if self.options.dry_run || !is_gone || !self.may_abandon(lake, number, plan)? {
            return Ok(());
        }
        let mut abandoned = Vec::new();
        for index in groups.iter().copied() {
            let group = &plan.groups[index];
            let lost = group.objects.iter().map(|object| LostObject { source_id: object.source_id, loss: Loss::Gone });
            if self.runtime.block_on(lake.abandon(number, group.id, lost.collect()))?.is_abandoned() {
                abandoned.push(Abandoned { index, others: Vec::new() });
            }
        }
        self.release(lake, (number, plan), &abandoned)
    }

    /// Frees the objects of abandoned groups, and removes what others had made of them.
    fn release(
        &mut self,
        lake: &Lake,
        (number, plan): (u32, &Plan),
        abandoned: &[Abandoned],
    ) -> Result<(), IngestError> {
        let groups = || abandoned.iter().map(|abandoned| &plan.groups[abandoned.index]);
        for group in groups() {
            self.log.release(number, group);
        }
        let groups = groups().map(|group| group.id).collect();
        Ok(self.runtime.block_on(lake.remove_files_of(&groups))?)
    }

    /// Other runs may have planned objects of this one's sources meanwhile, and have died since.
    pub(super) fn finish_plans_of_others(&mut self) -> Result<(), IngestError> {
        let Some(lake) = self.lake.filter(|_| !self.options.dry_run) else { return Ok(()) };
        while !self.halt.is_set() {
            self.runtime.block_on(lake.catch_up(&mut self.log))?;
            if !self.log.has_unfinished() {
                return Ok(());
            }
            self.finish_plans()?;
        }
        // A stop that comes when all else is done leaves open only what others had planned.
        self.summary.is_interrupted |= !self.known.is_empty();
        Ok(())
    }

    /// Counts the objects that are in the lake by other runs, now that all plans are finished.
    pub(super) fn count_known(&mut self) {
        let given_up = self.known.iter().filter(|object| !self.log.is_planned(**object)).count();
        self.summary.objects_known += (self.known.len() - given_up) as u64;
        if given_up > 0 {
            self.summary.stop(given_up, GroupError::GivenUp);
        }
    }

    fn count_resumed(&mut self, plan: &Plan, groups: &[usize]) {
        for group in groups.iter().map(|index| &plan.groups[*index]) {
            for object in &group.objects {
                self.resumed.insert(object.source_id);
                self.known.remove(&object.source_id);
            }
            self.total.0 += group.objects.len() as u64;
            self.total.1 += group.stored_bytes();
        }
        self.progress.total(self.total.0, self.total.1);
    }

    /// Plans again what was in a group with objects that are lost, in much smaller groups: where objects go away while they
    /// are read, each takes fewer others with it, and soon none, which is the end of it.
    pub(super) fn plan_again(
        &mut self,
        lake: &Lake,
        source: &Source,
        (number, plan): (u32, &Plan),
        mut abandoned: Vec<Abandoned>,
    ) -> Result<(), IngestError> {
        if abandoned.is_empty() {
            return Ok(());
        }
        self.release(lake, (number, plan), &abandoned)?;
        abandoned.sort_unstable_by_key(|abandoned| abandoned.index);
        let others = abandoned.into_iter().flat_map(|abandoned| abandoned.others);
        let objects: Vec<_> = others.map(|object| (place_of(object.address()), object)).collect();
        if objects.is_empty() || self.is_interrupted() {
            return Ok(());
        }
        let settings = PlanSettings { group: plan.settings.group.smaller(), ..plan.settings.clone() };
        self.claim_and_run(lake, (source, &plan.source), settings, objects)
    }
}
