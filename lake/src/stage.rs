//! Files on their way into a table: made first, seen later.
//!
//! Nobody sees a file of a group before all of the group has been read and found to be what was planned. So no bytes that
//! nobody planned ever stand under a planned name. Only files of a group that another run has given up are taken back: see
//! [`crate::abandon`].

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use object_store::ObjectStoreExt;
use object_store::path::Path;

use crate::error::LakeError;
use crate::folder::{self, FolderStore};
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
    Memory { bytes: Bytes, _share: Arc<Share> },
    /// The same, in a temporary file of this machine, since much is held already.
    Spilled(Arc<File>),
}

/// Bytes of staged files that one lake's writers hold in memory; what is more goes to temporary files.
const HELD_BYTES_MAX: u64 = 64 << 20;

/// How many bytes of staged files are in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held(Arc<AtomicU64>);

/// Bytes that count as held until this is dropped.
#[derive(Debug)]
struct Share {
    held: Held,
    bytes: u64,
}

impl Held {
    /// Counts `bytes` as held, if they may be.
    fn take(&self, bytes: u64) -> Option<Share> {
        let fits = |held: u64| held.checked_add(bytes).filter(|sum| *sum <= HELD_BYTES_MAX);
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        taken.is_ok().then(|| Share { held: self.clone(), bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
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
        match self.folder_store() {
            Some(folder) => in_folder(folder, bytes, folder.stage(content).await),
            None => self.hold(content),
        }
    }

    /// The same, where the thread may wait for a disk.
    pub fn stage_here(&self, content: Bytes) -> Result<Staged, LakeError> {
        let bytes = content.len() as u64;
        match self.folder_store() {
            Some(folder) => in_folder(folder, bytes, folder.stage_here(content)),
            None => self.hold(content),
        }
    }

    fn hold(&self, content: Bytes) -> Result<Staged, LakeError> {
        let bytes = content.len() as u64;
        let content = match self.held.take(bytes) {
            Some(share) => Content::Memory { bytes: content, _share: Arc::new(share) },
            None => Content::Spilled(Arc::new(spill(&content).map_err(unspilled)?)),
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
            (Content::Memory { bytes, .. }, _) => Ok(bytes.clone()),
            (Content::Spilled(file), _) => read_back(file, staged.bytes).map_err(unspilled),
            (Content::File(file), Some(folder)) => {
                folder.read_staged(Arc::clone(file)).await.map_err(LakeError::store("reading", &folder))
            }
            // A file is staged in a folder only.
            (Content::File(_), None) => Err(LakeError::Contradiction { path: crate::names::STAGING.to_owned() }),
        }
    }
}

fn in_folder(
    folder: &FolderStore,
    bytes: u64,
    staged: object_store::Result<folder::Staged>,
) -> Result<Staged, LakeError> {
    let staged = staged.map_err(LakeError::store("writing to", folder))?;
    Ok(Staged { bytes, content: Content::File(Arc::new(staged)) })
}

/// Puts `content` into a file without a name, which ends with its handle.
fn spill(content: &Bytes) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(content)?;
    Ok(file)
}

fn read_back(mut file: &File, bytes: u64) -> std::io::Result<Bytes> {
    let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    file.seek(SeekFrom::Start(0))?;
    file.take(bytes).read_to_end(&mut content)?;
    Ok(content.into())
}

fn unspilled(source: std::io::Error) -> LakeError {
    LakeError::Folder { action: "keeping a finished file in", folder: std::env::temp_dir(), source }
}
