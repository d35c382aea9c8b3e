//! Folders whose names survive a power cut.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The folders below a root, and which of them are known to be durable.
#[derive(Debug)]
pub(super) struct DurableFolders {
    root: PathBuf,
    known: Mutex<HashSet<PathBuf>>,
}

impl DurableFolders {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, known: Mutex::default() }
    }

    /// Makes `folder`, which is the root or below it, and its name durable.
    ///
    /// A folder that is there already may be another writer's of this moment, so each is synced once by each process.
    pub(super) fn make(&self, folder: &Path) -> io::Result<()> {
        if self.is_known(folder) {
            return Ok(());
        }
        std::fs::create_dir_all(folder)?;
        let chain = folder.ancestors().take_while(|ancestor| *ancestor != self.root);
        for ancestor in chain {
            if self.is_known(ancestor) {
                break;
            }
            ancestor.parent().map_or(Ok(()), sync_folder)?;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(folder.ancestors().take_while(|ancestor| *ancestor != self.root).map(Path::to_owned));
        Ok(())
    }

    fn is_known(&self, folder: &Path) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(folder)
    }
}

/// Makes `folder` and those it is in, durable each.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    let folder = std::path::absolute(folder)?;
    let missing: Vec<&Path> = folder.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    std::fs::create_dir_all(&folder)?;
    missing.iter().filter_map(|made| made.parent()).try_for_each(sync_folder)
}

/// Makes the names in `folder` durable.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere folders cannot be opened, and their names are as durable as the system makes them.
#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
