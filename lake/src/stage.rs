//! Files on their way into a table: made first, seen later.
//!
//! Nobody sees a file of a group before all of the group has been read and found to be what was planned. So no bytes that
//! nobody planned ever stand under a planned name. Only files of a group that another run has given up are taken back: see
//! [`crate::abandon`].

use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::error::LakeError;
use crate::folder;
use crate::lake::{Lake, Put};

/// A finished file without a name. Dropping it forgets it.
#[derive(Debug, Clone)]
pub struct Staged {
    bytes: u64,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    /// Durable in the lake's folder.
    File(Arc<folder::Staged>),
    /// Held here: a store has no second name for what it keeps.
    Memory(Bytes),
}

impl Staged {
    /// Its bytes.
    pub fn length(&self) -> u64 {
        self.bytes
    }
}

impl Lake {
    /// Takes over a finished file; in a folder it is durable then.
    pub async fn stage(&self, content: Bytes) -> Result<Staged, LakeError> {
        let bytes = content.len() as u64;
        let content = match self.folder_store() {
            Some(folder) => {
                let staged = folder.stage(content).await.map_err(LakeError::store("writing to", &folder))?;
                Content::File(Arc::new(staged))
            }
            None => Content::Memory(content),
        };
        Ok(Staged { bytes, content })
    }

    /// Puts a staged file under a name unless something stands there. Then it is durable, and everybody sees it.
    pub async fn publish(&self, staged: &Staged, path: &Path) -> Result<Put, LakeError> {
        match (&staged.content, self.folder_store()) {
            (Content::File(file), Some(folder)) => match folder.publish(Arc::clone(file), path).await {
                Ok(()) => Ok(Put::Created),
                Err(object_store::Error::AlreadyExists { .. }) => Ok(Put::Exists),
                Err(source) => Err(LakeError::store("writing", path)(source)),
            },
            _ => self.put_if_absent(path, self.staged_bytes(staged).await?).await,
        }
    }

    /// Whether what stands under a name has the bytes of a staged file.
    pub async fn is_same(&self, staged: &Staged, path: &Path) -> Result<bool, LakeError> {
        if self.size(path).await? != Some(staged.bytes) {
            return Ok(false);
        }
        let standing = async { self.store().get(path).await?.bytes().await };
        let standing = standing.await.map_err(LakeError::store("reading", path))?;
        Ok(standing == self.staged_bytes(staged).await?)
    }

    async fn staged_bytes(&self, staged: &Staged) -> Result<Bytes, LakeError> {
        match (&staged.content, self.folder_store()) {
            (Content::Memory(bytes), _) => Ok(bytes.clone()),
            (Content::File(file), Some(folder)) => {
                folder.read_staged(Arc::clone(file)).await.map_err(LakeError::store("reading", &folder))
            }
            // A file is staged in a folder only.
            (Content::File(_), None) => Err(LakeError::Contradiction { path: crate::names::STAGING.to_owned() }),
        }
    }
}
