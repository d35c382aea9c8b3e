//! The log of a lake: its plans and receipts, read once and then kept up to date.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::Utc;
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::abandon::Mark;
use crate::error::LakeError;
use crate::ids::{GroupId, PlannerId, SourceId};
use crate::lake::{Lake, Put};
use crate::names;
use crate::plan::{self, Group, Place, Plan, PlanSettings, PlannedObject};
use crate::receipt::{self, Receipt};

/// What the plans of a lake say.
#[derive(Debug, Default)]
pub struct Log {
    /// The last plan of each object; in the ones before it, its group was abandoned.
    planned: HashMap<SourceId, u32>,
    unfinished: Vec<u32>,
    /// Groups that were abandoned.
    abandoned: HashSet<GroupId>,
    next: u32,
}

/// A plan that is claimed.
#[derive(Debug)]
pub struct Claimed {
    /// Its number.
    pub number: u32,
    /// The plan.
    pub plan: Plan,
}

impl Log {
    /// Whether an object is in a plan, finished or not.
    pub fn is_planned(&self, object: SourceId) -> bool {
        self.planned.contains_key(&object)
    }

    /// The plans with groups that had no receipt when they were read, in order; each is told once.
    pub fn take_unfinished(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.unfinished)
    }

    /// Whether [`Log::take_unfinished`] would tell of plans.
    pub fn has_unfinished(&self) -> bool {
        !self.unfinished.is_empty()
    }

    /// How many objects are in plans.
    pub fn planned(&self) -> usize {
        self.planned.len()
    }

    /// Notes that a group of a plan is abandoned: its objects can be planned again, unless they are already.
    pub fn release(&mut self, plan: u32, group: &Group) {
        self.abandoned.insert(group.id);
        for object in &group.objects {
            if self.planned.get(&object.source_id) == Some(&plan) {
                self.planned.remove(&object.source_id);
            }
        }
    }

    fn add(&mut self, number: u32, plan: &Plan) {
        let objects = plan.groups.iter().flat_map(|group| &group.objects);
        self.planned.extend(objects.map(|object| (object.source_id, number)));
        self.next = self.next.max(number + 1);
    }
}

impl Lake {
    /// Reads all plans, and which of them have an end.
    pub async fn log(&self) -> Result<Log, LakeError> {
        let mut log = Log::default();
        self.catch_up(&mut log).await?;
        Ok(log)
    }

    /// Reads the plans that came after `log` was read, and what was abandoned since.
    ///
    /// Plans are asked for by number, one after the other: a listing that is made while others put plans may show a later
    /// one and not an earlier.
    pub async fn catch_up(&self, log: &mut Log) -> Result<(), LakeError> {
        while self.has_plan(log.next).await? {
            let number = log.next;
            let plan = self.plan(number).await?;
            log.add(number, &plan);
            let received = self.received(number).await?;
            if plan.groups.iter().any(|group| !received.contains(&group.id)) {
                log.unfinished.push(number);
            }
        }
        // Behind the receipts: a mark is put before its receipt, so none of a receipt that was seen is missed.
        for Mark { plan: number, group, .. } in self.marks().await? {
            if !log.abandoned.contains(&group) && self.is_abandoned(number, group).await? {
                let plan = self.plan(number).await?;
                plan.groups.iter().filter(|found| found.id == group).for_each(|group| log.release(number, group));
            }
        }
        Ok(())
    }

    /// Gives objects that are in no plan yet, in plan order, to a new plan; `None` when others had planned them all
    /// meanwhile.
    ///
    /// Several planners may do so at once. A number is claimed by putting the plan under it; who comes second reads the
    /// plan that stands there, leaves out its objects and tries the next number. So whoever claims a number has read
    /// all plans before it.
    pub async fn claim(
        &self,
        log: &mut Log,
        planner: PlannerId,
        settings: PlanSettings,
        source: &str,
        mut objects: Vec<(Place, PlannedObject)>,
    ) -> Result<Option<Claimed>, LakeError> {
        loop {
            objects.retain(|(_, object)| !log.is_planned(object.source_id));
            if objects.is_empty() {
                return Ok(None);
            }
            let places: Vec<Place> = objects.iter().map(|(place, _)| *place).collect();
            let number = log.next;
            let groups = plan::group(&settings, number, objects);
            let (settings, source) = (settings.clone(), source.to_owned());
            let plan = Plan { version: plan::VERSION, planner, settings, source, groups };
            if self.put_json(&names::plan(number)?, &plan).await? == Put::Exists {
                let standing = self.plan(number).await?;
                // A store may try again a request that had succeeded: then the plan that stands is this one.
                if standing.planner != planner {
                    log.add(number, &standing);
                    log.unfinished.push(number);
                    objects = places.into_iter().zip(plan.into_objects()).collect();
                    continue;
                }
            }
            log.add(number, &plan);
            return Ok(Some(Claimed { number, plan }));
        }
    }

    /// Whether there is a plan with a number. There is one for every number up to the last.
    pub async fn has_plan(&self, number: u32) -> Result<bool, LakeError> {
        Ok(self.size(&names::plan(number)?).await?.is_some())
    }

    /// The plan with a number.
    pub async fn plan(&self, number: u32) -> Result<Plan, LakeError> {
        let path = names::plan(number)?;
        let plan: Plan = self.get_json(&path, plan::VERSION).await?;
        if plan.settings.partitioning != self.partitioning() {
            let (lake, asked) = (self.partitioning(), plan.settings.partitioning);
            return Err(LakeError::OtherPartitioning { lake, asked });
        }
        Ok(plan)
    }

    /// How long ago a plan was put; nothing where clocks differ.
    pub async fn plan_age(&self, number: u32) -> Result<Duration, LakeError> {
        let path = names::plan(number)?;
        let meta = self.store().head(&path).await.map_err(LakeError::store("looking for", &path))?;
        Ok((Utc::now() - meta.last_modified).to_std().unwrap_or_default())
    }

    /// The groups of a plan that have receipts.
    pub async fn received(&self, plan: u32) -> Result<HashSet<GroupId>, LakeError> {
        let paths = self.list(&names::receipts(plan)?).await?;
        Ok(paths.iter().filter_map(|path| names::json_stem(path)?.parse().ok()).collect())
    }

    /// The receipt of a group, if it has one.
    pub async fn receipt_if_any(&self, plan: u32, group: GroupId) -> Result<Option<Receipt>, LakeError> {
        self.get_json_if_any(&names::receipt(plan, group)?, receipt::VERSION).await
    }

    /// The receipt of a group.
    pub async fn receipt(&self, plan: u32, group: GroupId) -> Result<Receipt, LakeError> {
        self.get_json(&names::receipt(plan, group)?, receipt::VERSION).await
    }

    /// Puts a receipt, which ends its group, unless another writer has.
    pub async fn put_receipt(&self, receipt: &Receipt) -> Result<Put, LakeError> {
        self.put_json(&names::receipt(receipt.plan, receipt.group)?, receipt).await
    }

    pub(crate) async fn list(&self, folder: &Path) -> Result<Vec<Path>, LakeError> {
        let found = self.store().list(Some(folder)).map_ok(|meta| meta.location).try_collect().await;
        found.map_err(LakeError::store("listing", folder))
    }
}
