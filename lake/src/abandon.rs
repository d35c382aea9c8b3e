//! Groups that cannot be read as they were planned.
//!
//! An object that is gone, or has changed, since it was planned must not keep the others of its group waiting for ever.
//! So the group is abandoned, in an order that any of its runners may die in:
//!
//! 1. A mark says that the group may have been abandoned: that its receipt is worth a look.
//! 2. A receipt names the objects that are lost. As every receipt it is put only if none stands: the first one counts, be
//!    it of a run that had read all objects while they were there.
//! 3. Files of the group that others had put are removed: by whoever abandoned it, by who put them and then met the
//!    receipt, and at its beginning by every run of the next days, since one that was late may have died before it could.
//!
//! The objects are free then, and planned again as others are. Until such files are removed their rows are doubled: the
//! one moment in which a table holds more than receipts name.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStoreExt};
use trailhouse_schemas::TABLES;

use crate::error::LakeError;
use crate::ids::GroupId;
use crate::lake::{Lake, Put};
use crate::names;
use crate::receipt::{self, LostObject, Receipt};

/// How long a run that was late may still put files of an abandoned group.
const LATE_DAYS: i64 = 7;

/// What says that a group may have been abandoned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) plan: u32,
    pub(crate) group: GroupId,
    put: DateTime<Utc>,
}

impl Lake {
    /// Abandons a group of a plan because of the objects `lost`, of which there must be some: the receipt that counts, which
    /// may be that of a run that had read them. If it is not, [`Lake::remove_files_of`] the group: once for many, since
    /// that looks through all tables.
    pub async fn abandon(&self, plan: u32, group: GroupId, lost: Vec<LostObject>) -> Result<Receipt, LakeError> {
        self.put_if_absent(&names::abandoned(plan, group)?, bytes::Bytes::new()).await?;
        let receipt = Receipt { version: receipt::VERSION, plan, group, objects: Vec::new(), files: Vec::new(), lost };
        match self.put_receipt(&receipt).await? {
            Put::Created => Ok(receipt),
            Put::Exists => self.receipt(plan, group).await,
        }
    }

    /// What says which groups may have been abandoned, in the order of plans.
    pub(crate) async fn marks(&self) -> Result<Vec<Mark>, LakeError> {
        let folder = names::path(names::ABANDONED)?;
        let mark = |meta: ObjectMeta| {
            let (plan, group) = names::abandoned_group(&meta.location)?;
            Some(Mark { plan, group, put: meta.last_modified })
        };
        let found: Vec<ObjectMeta> =
            self.store().list(Some(&folder)).try_collect().await.map_err(LakeError::store("listing", &folder))?;
        let mut marks: Vec<Mark> = found.into_iter().filter_map(mark).collect();
        marks.sort_unstable_by_key(|mark| (mark.plan, mark.group));
        Ok(marks)
    }

    pub(crate) async fn is_abandoned(&self, plan: u32, group: GroupId) -> Result<bool, LakeError> {
        Ok(self.receipt_if_any(plan, group).await?.is_some_and(|receipt| receipt.is_abandoned()))
    }

    /// The groups that were abandoned so lately that runs which had begun before may be at work on them.
    pub async fn lately_abandoned(&self) -> Result<HashSet<GroupId>, LakeError> {
        let begin = Utc::now() - TimeDelta::days(LATE_DAYS);
        let mut groups = HashSet::new();
        for mark in self.marks().await?.into_iter().filter(|mark| mark.put > begin) {
            if self.is_abandoned(mark.plan, mark.group).await? {
                groups.insert(mark.group);
            }
        }
        Ok(groups)
    }

    /// Removes the files of abandoned groups.
    pub async fn remove_files_of(&self, groups: &HashSet<GroupId>) -> Result<(), LakeError> {
        if groups.is_empty() {
            return Ok(());
        }
        for table in TABLES {
            let folder = names::table_folder(table)?;
            let mut files = self.store().list(Some(&folder));
            while let Some(file) = files.try_next().await.map_err(LakeError::store("listing", &folder))? {
                if names::group_of(&file.location).is_some_and(|group| groups.contains(&group)) {
                    self.remove(&file.location).await?;
                }
            }
        }
        Ok(())
    }

    async fn remove(&self, file: &object_store::path::Path) -> Result<(), LakeError> {
        match self.store().delete(file).await {
            // Another run was faster.
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(LakeError::store("removing", file)(source)),
        }
    }
}
