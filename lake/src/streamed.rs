//! Objects that are read as they come, one by one: see [`crate::feed`].
//!
//! Such an object implies its plan: one group with nothing but itself, and the settings of its feed. So nothing is written
//! but its files and then its receipt, which holds the plan as well and is found by the object's identity. Who reads the
//! object again, or at the same time, makes the same files of it.

use futures::{Stream, TryStreamExt};
use object_store::ObjectMeta;
use serde::{Deserialize, Serialize};

use crate::error::LakeError;
use crate::ids::SourceId;
use crate::lake::{Lake, Put};
use crate::names;
use crate::plan::{Group, PlanSettings};
use crate::receipt::{FileReceipt, ObjectReceipt};

/// The version of such receipts that this program writes.
pub const VERSION: u32 = 1;

/// The content of `_trailhouse/receipts/id/<source_id>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamReceipt {
    /// Version of the receipt's format.
    pub version: u32,
    /// The settings of the plan that the object implies.
    pub settings: PlanSettings,
    /// The only group of that plan.
    pub group: Group,
    /// What became of the object.
    pub object: ObjectReceipt,
    /// Its files, in the order they were made.
    pub files: Vec<FileReceipt>,
}

impl Lake {
    /// The receipt of an object that was read as it came, if it has one.
    pub async fn stream_receipt(&self, object: SourceId) -> Result<Option<StreamReceipt>, LakeError> {
        self.get_json_if_any(&names::streamed(object)?, VERSION).await
    }

    /// Puts the receipt of such an object, which ends it, unless another writer has.
    pub async fn put_stream_receipt(&self, receipt: &StreamReceipt) -> Result<Put, LakeError> {
        self.put_json(&names::streamed(receipt.object.source_id)?, receipt).await
    }

    /// The objects that have such receipts, as the store lists them.
    pub fn streamed(&self) -> Result<impl Stream<Item = Result<SourceId, LakeError>> + Send + use<>, LakeError> {
        let folder = names::path(names::STREAMED)?;
        let listed = self.store().list(Some(&folder));
        let id = |meta: ObjectMeta| names::json_stem(&meta.location).and_then(|id| id.parse().ok());
        let ids = listed.map_ok(id).map_err(move |source| LakeError::store("listing", &folder)(source));
        Ok(ids.try_filter_map(|id| futures::future::ready(Ok(id))))
    }
}
