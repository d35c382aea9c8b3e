//! Files on their way into a lake.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use object_store::PutPayload;

use super::durable::DurableFolders;
use crate::ids::PlannerId;
use crate::names;

/// The age from which a staged file is a dead writer's: between staging and linking lies the reading of a group, which
/// takes minutes at most.
///
/// That the process which wrote it is gone would say less: the writers of a shared folder need not see each other's. And
/// their clocks may differ by some hours.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// The folder of staged files.
#[derive(Debug)]
pub(super) struct Staging {
    folder: PathBuf,
    /// No other writer's names begin so, on this machine or another.
    stem: String,
    count: AtomicU64,
}

/// A file that is written and durable. Dropping it removes it from the staging folder, and from nowhere else.
#[derive(Debug)]
pub(crate) struct Staged {
    path: PathBuf,
}

impl Staging {
    pub(super) fn in_lake(root: &Path) -> Self {
        let stem = format!("{}-{}", std::process::id(), PlannerId::random());
        Self { folder: root.join(names::STAGING), stem, count: AtomicU64::new(0) }
    }

    /// Writes `payload` to a new file and waits for the disk.
    pub(super) fn write(&self, folders: &DurableFolders, payload: &PutPayload) -> io::Result<Staged> {
        folders.make(&self.folder)?;
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{}-{count}", self.stem));
        let mut file = File::create_new(&path)?;
        let staged = Staged { path };
        payload.iter().try_for_each(|chunk| file.write_all(chunk))?;
        file.sync_all()?;
        Ok(staged)
    }

    /// Removes what dead writers left. Whatever cannot be removed does no harm.
    pub(super) fn remove_leftovers(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let age = entry.metadata().and_then(|meta| meta.modified()).map(|at| at.elapsed().unwrap_or_default());
            if age.is_ok_and(|age| age > LEFTOVER_AGE) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Staged {
    /// Gives the file its name, unless something has it.
    pub(super) fn link(&self, target: &Path) -> io::Result<()> {
        fs::hard_link(&self.path, target)
    }

    /// Its bytes.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }

    /// Gives the file its name, in place of what has it.
    pub(super) fn replace(self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After a rename it is gone; if it stays, it is a leftover.
        let _ = fs::remove_file(&self.path);
    }
}
