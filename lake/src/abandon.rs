//! Groups that cannot be read as they were planned.
//!
//! An object that is gone, or has changed, since it was planned must not keep the others of its group waiting for ever.
//! So the group is abandoned, in an order that any of its runners may die in:
//!
//! 1. A mark says that the group may have been abandoned: that its receipt is worth a look.
//! 2. A receipt names the objects that are lost. As every receipt it is put only if none stands: the first one counts, be
//!    it of a run that had read all objects while they were there.
//! 3. Files of the group that others had put are removed: now by whoever abandoned it, and at its beginning by every
//!    later run, since one that lost may have died before it could remove its own.
//!
//! The objects are free then, and planned again as others are.

use std::collections::HashSet;

use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use trailhouse_schemas::TABLES;

use crate::error::LakeError;
use crate::ids::GroupId;
use crate::lake::{Lake, Put};
use crate::names;
use crate::receipt::{self, LostObject, Receipt};

/// How a group ended that was to be abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is abandoned.
    Abandoned,
    /// Another run had read it before.
    Read,
}

impl Lake {
    /// Abandons a group of a plan because of the objects `lost`, of which there must be some. Behind it,
    /// [`Lake::remove_files_of`] it: once for many groups, since that looks through all tables.
    pub async fn abandon(&self, plan: u32, group: GroupId, lost: Vec<LostObject>) -> Result<Ended, LakeError> {
        self.put_if_absent(&names::abandoned(plan, group)?, bytes::Bytes::new()).await?;
        let receipt = Receipt { version: receipt::VERSION, plan, group, objects: Vec::new(), files: Vec::new(), lost };
        if self.put_receipt(&receipt).await? == Put::Exists && !self.receipt(plan, group).await?.is_abandoned() {
            return Ok(Ended::Read);
        }
        Ok(Ended::Abandoned)
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
