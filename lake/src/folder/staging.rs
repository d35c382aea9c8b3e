//! Files on their way into a lake.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use object_store::PutPayload;

use super::durable::DurableFolders;
use crate::ids::PlannerId;
use crate::names;

/// The age from which a staged file is a dead writer's where no lock tells: between staging and linking lies the reading of
/// a group, which takes minutes at most, and the clocks of the writers of a shared folder may differ by some hours.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How the name of a writer's lock ends.
const LOCK: &str = ".lock";

/// The folder of staged files.
#[derive(Debug)]
pub(super) struct Staging {
    folder: PathBuf,
    /// No other writer's names begin so, on this machine or another.
    stem: String,
    count: AtomicU64,
    /// Locked as long as this writer lives; none where the filesystem has no locks.
    lock: OnceLock<Option<File>>,
}

/// A file that is written and durable. Dropping it removes it from the staging folder, and from nowhere else.
#[derive(Debug)]
pub(crate) struct Staged {
    path: PathBuf,
}

impl Staging {
    pub(super) fn in_lake(root: &Path) -> Self {
        let stem = format!("{}-{}", std::process::id(), PlannerId::random());
        Self { folder: root.join(names::STAGING), stem, count: AtomicU64::new(0), lock: OnceLock::new() }
    }

    /// Writes `payload` to a new file and waits for the disk.
    pub(super) fn write(&self, folders: &DurableFolders, payload: &PutPayload) -> io::Result<Staged> {
        folders.make(&self.folder)?;
        self.lock.get_or_init(|| self.new_lock().ok());
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{}-{count}", self.stem));
        let mut file = File::create_new(&path)?;
        let staged = Staged { path };
        payload.iter().try_for_each(|chunk| file.write_all(chunk))?;
        file.sync_all()?;
        Ok(staged)
    }

    fn new_lock(&self) -> io::Result<File> {
        let lock = File::create_new(self.lock_path())?;
        lock.lock()?;
        Ok(lock)
    }

    fn lock_path(&self) -> PathBuf {
        self.folder.join(format!("{}{LOCK}", self.stem))
    }

    /// Removes what dead writers left: those whose lock is free, and where there is none, what is old. Whatever cannot be
    /// removed does no harm.
    pub(super) fn remove_leftovers(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        let (dead, alive): (Vec<&str>, Vec<&str>) = paths
            .iter()
            .filter_map(|path| path.file_name()?.to_str()?.strip_suffix(LOCK))
            .partition(|stem| is_free(&self.folder.join(format!("{stem}{LOCK}"))));
        for path in &paths {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_of = |stems: &[&str]| stems.iter().any(|stem| name.starts_with(stem));
            if is_of(&dead) || (!is_of(&alive) && is_old(path)) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.lock.get().is_some() {
            let _ = fs::remove_file(self.lock_path());
        }
    }
}

/// Whether nobody holds a lock.
fn is_free(lock: &Path) -> bool {
    File::options().write(true).open(lock).is_ok_and(|lock| lock.try_lock().is_ok())
}

fn is_old(path: &Path) -> bool {
    let age = fs::metadata(path).and_then(|meta| meta.modified()).map(|at| at.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age > LEFTOVER_AGE)
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
