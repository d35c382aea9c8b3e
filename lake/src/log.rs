//! The log of a lake: its plans and receipts, read once and then kept up to date.

use std::collections::HashSet;

use futures::TryStreamExt;
use object_store::path::Path;

use crate::error::LakeError;
use crate::ids::{GroupId, PlannerId, SourceId};
use crate::lake::{Lake, Put};
use crate::names;
use crate::plan::{self, Place, Plan, PlanSettings, PlannedObject};
use crate::receipt::{self, Receipt};

/// What the plans of a lake say.
#[derive(Debug, Default)]
pub struct Log {
    planned: HashSet<SourceId>,
    unfinished: Vec<u32>,
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
        self.planned.contains(&object)
    }

    /// The plans with groups that had no receipt when the log was read, in order.
    pub fn unfinished(&self) -> &[u32] {
        &self.unfinished
    }

    /// How many objects are in plans.
    pub fn planned(&self) -> usize {
        self.planned.len()
    }

    fn add(&mut self, number: u32, plan: &Plan) {
        let objects = plan.groups.iter().flat_map(|group| &group.objects);
        self.planned.extend(objects.map(|object| object.source_id));
        self.next = self.next.max(number + 1);
    }
}

impl Lake {
    /// Reads all plans, and which of them have an end.
    pub async fn log(&self) -> Result<Log, LakeError> {
        let mut log = Log::default();
        for number in self.plan_numbers().await? {
            let plan = self.plan(number).await?;
            log.add(number, &plan);
            let received = self.received(number).await?;
            if plan.groups.iter().any(|group| !received.contains(&group.id)) {
                log.unfinished.push(number);
            }
        }
        Ok(log)
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
            let groups = plan::group(&settings, objects);
            let plan = Plan { version: plan::VERSION, planner, settings, source: source.to_owned(), groups };
            let number = log.next;
            if self.put_json(&names::plan(number)?, &plan).await? == Put::Exists {
                let standing = self.plan(number).await?;
                // A store may try again a request that had succeeded: then the plan that stands is this one.
                if standing.planner != planner {
                    log.add(number, &standing);
                    objects = places.into_iter().zip(plan.into_objects()).collect();
                    continue;
                }
            }
            log.add(number, &plan);
            return Ok(Some(Claimed { number, plan }));
        }
    }

    /// The numbers of all plans, in order.
    pub async fn plan_numbers(&self) -> Result<Vec<u32>, LakeError> {
        let paths = self.list(&names::path(names::PLANS)?).await?;
        let mut numbers: Vec<u32> = paths.iter().filter_map(|path| names::json_stem(path)?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The plan with a number.
    pub async fn plan(&self, number: u32) -> Result<Plan, LakeError> {
        let path = names::plan(number)?;
        let plan: Plan = self.get_json(&path).await?;
        check_version(&path, plan.version, plan::VERSION)?;
        if plan.settings.partitioning != self.partitioning() {
            let (lake, asked) = (self.partitioning(), plan.settings.partitioning);
            return Err(LakeError::OtherPartitioning { lake, asked });
        }
        Ok(plan)
    }

    /// The groups of a plan that have receipts.
    pub async fn received(&self, plan: u32) -> Result<HashSet<GroupId>, LakeError> {
        let paths = self.list(&names::receipts(plan)?).await?;
        Ok(paths.iter().filter_map(|path| names::json_stem(path)?.parse().ok()).collect())
    }

    /// Whether a group has its receipt.
    pub async fn has_receipt(&self, plan: u32, group: GroupId) -> Result<bool, LakeError> {
        Ok(self.size(&names::receipt(plan, group)?).await?.is_some())
    }

    /// The receipt of a group.
    pub async fn receipt(&self, plan: u32, group: GroupId) -> Result<Receipt, LakeError> {
        let path = names::receipt(plan, group)?;
        let receipt: Receipt = self.get_json(&path).await?;
        check_version(&path, receipt.version, receipt::VERSION)?;
        Ok(receipt)
    }

    /// Puts a receipt, which ends its group, unless another writer has.
    pub async fn put_receipt(&self, receipt: &Receipt) -> Result<Put, LakeError> {
        self.put_json(&names::receipt(receipt.plan, receipt.group)?, receipt).await
    }

    async fn list(&self, folder: &Path) -> Result<Vec<Path>, LakeError> {
        let found = self.store().list(Some(folder)).map_ok(|meta| meta.location).try_collect().await;
        found.map_err(LakeError::store("listing", folder))
    }
}

pub(crate) fn check_version(path: &Path, found: u32, known: u32) -> Result<(), LakeError> {
    if found > known {
        return Err(LakeError::Version { path: path.to_string(), found, known });
    }
    Ok(())
}
