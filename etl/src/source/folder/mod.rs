//! What folders hold, in plan order.

use std::collections::HashSet;
use std::fs::{DirEntry, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::roots::{Folders, Root, are_nested};
use super::{Found, Listed, SkipReason, place_of};
use crate::error::IngestError;
use crate::progress::StopFlag;

/// The folder that AWS puts logs under: a file's address begins there, wherever the folder itself was copied to.
const LOGS_FOLDER: &str = "AWSLogs";

/// The objects of folders, and what is none.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In plan order: account, day, address.
    pub(crate) objects: Vec<Listed>,
    /// What is left out already, with the path that names it.
    pub(crate) skipped: Vec<(String, SkipReason)>,
    /// Folders that could not be listed, and entries that could not be looked at.
    pub(crate) unlisted: Vec<(PathBuf, io::Error)>,
}

impl Listing {
    /// The stored bytes of all objects.
    pub(crate) fn bytes(&self) -> u64 {
        self.objects.iter().map(|object| object.bytes).sum()
    }

    /// All of it, one by one.
    pub(crate) fn into_found(self) -> impl Iterator<Item = Found> {
        let unlisted =
            self.unlisted.into_iter().map(|(path, error)| Found::Unlisted(path.display().to_string(), error));
        let skipped = self.skipped.into_iter().map(|(path, reason)| Found::Skipped(path, reason));
        unlisted.chain(skipped).chain(self.objects.into_iter().map(Found::Object))
    }
}

/// Lists all objects of `roots`; fewer when asked to stop.
pub(crate) fn list(roots: &Folders, stop: &StopFlag) -> Result<Listing, IngestError> {
    let mut walk = Walk { roots, seen: HashSet::new(), links: Vec::new(), found: Listing::default() };
    for root in &roots.roots {
        walk.root(root, stop)?;
    }
    walk.follow_links()?;
    let mut found = walk.found;
    found.objects.sort_unstable_by(|one, other| {
        let by_place = one.place.cmp(&other.place);
        by_place.then_with(|| one.address().cmp(other.address())).then_with(|| one.location.cmp(&other.location))
    });
    Ok(found)
}

/// A way through the folders of all roots.
struct Walk<'r> {
    roots: &'r Folders,
    /// The canonical paths of what links led to, and of all folders below.
    seen: HashSet<PathBuf>,
    /// Links to files: only when all folders are known can be told which of them are read already.
    links: Vec<FileLink<'r>>,
    found: Listing,
}

/// A link to a file.
struct FileLink<'r> {
    path: PathBuf,
    target: PathBuf,
    meta: Metadata,
    root: &'r Root,
}

/// A folder that is to be listed.
struct Folder {
    path: PathBuf,
    /// Its canonical path, where a link led to it or to one above it.
    linked: Option<PathBuf>,
}

impl<'r> Walk<'r> {
    fn root(&mut self, root: &'r Root, stop: &StopFlag) -> Result<(), IngestError> {
        if !root.is_folder {
            let meta = std::fs::metadata(&root.path);
            let meta = meta.map_err(|source| IngestError::Source { path: root.path.display().to_string(), source })?;
            self.file(&root.path, &root.path, root, &meta);
            return Ok(());
        }
        let mut folders = vec![Folder { path: root.path.clone(), linked: None }];
        while let Some(folder) = folders.pop() {
            if stop.is_set() {
                break;
            }
            match entries(&folder.path) {
                Ok(entries) => entries.iter().try_for_each(|entry| self.entry(entry, &folder, root, &mut folders))?,
                Err(error) => self.found.unlisted.push((folder.path, error)),
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        entry: &DirEntry,
        folder: &Folder,
        root: &'r Root,
        folders: &mut Vec<Folder>,
    ) -> Result<(), IngestError> {
        let path = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind: FileType| kind.is_symlink());
        // Of a link, what it leads to counts.
        let meta = match std::fs::metadata(&path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Without a link, it was there when its folder was listed and is gone now.
                if is_link {
                    self.skip(&path, SkipReason::BrokenLink);
                }
                return Ok(());
            }
            Err(error) => {
                self.found.unlisted.push((path, error));
                return Ok(());
            }
        };
        if !meta.is_file() && !meta.is_dir() {
            self.skip(&path, SkipReason::NotAFile);
            return Ok(());
        }
        let linked = match self.linked(entry, folder, is_link) {
            Ok(linked) => linked,
            Err(error) => {
                self.found.unlisted.push((path, error));
                return Ok(());
            }
        };
        match linked {
            Some(target) if meta.is_file() && is_link => self.links.push(FileLink { path, target, meta, root }),
            // Below a folder that was led to, a file is met once, as that folder is.
            linked if meta.is_file() => self.file(&path, linked.as_deref().unwrap_or(&path), root, &meta),
            Some(target) if !self.is_new(&path, &target)? => self.skip(&path, SkipReason::ReadAlready),
            linked => folders.push(Folder { path, linked }),
        }
        Ok(())
    }

    fn follow_links(&mut self) -> Result<(), IngestError> {
        for FileLink { path, target, meta, root } in std::mem::take(&mut self.links) {
            self.refuse_lake(&path, &target)?;
            let is_in_folder = target.parent().is_some_and(|folder| self.seen.contains(folder));
            if is_in_folder || self.is_in_source(&target) || !self.seen.insert(target.clone()) {
                self.skip(&path, SkipReason::ReadAlready);
            } else {
                self.file(&path, &target, root, &meta);
            }
        }
        Ok(())
    }

    fn refuse_lake(&self, path: &Path, target: &Path) -> Result<(), IngestError> {
        match &self.roots.lake {
            Some(lake) if are_nested(target, lake) => Err(IngestError::lake_in_source(path, lake)),
            _ => Ok(()),
        }
    }

    /// The canonical path of what a link led to, or of what lies below.
    fn linked(&self, entry: &DirEntry, folder: &Folder, is_link: bool) -> io::Result<Option<PathBuf>> {
        if is_link {
            return std::fs::canonicalize(entry.path()).map(Some);
        }
        Ok(folder.linked.as_ref().map(|folder| folder.join(entry.file_name())))
    }

    /// Whether the folder that a link led to is not read yet.
    fn is_new(&mut self, path: &Path, target: &Path) -> Result<bool, IngestError> {
        self.refuse_lake(path, target)?;
        Ok(!self.is_in_source(target) && self.seen.insert(target.to_owned()))
    }

    /// Whether something lies in a source: there it is read, by its own name.
    fn is_in_source(&self, target: &Path) -> bool {
        self.roots.roots.iter().any(|root| target.starts_with(&root.path))
    }

    /// Takes a file; `target` is where links led to it.
    fn file(&mut self, path: &Path, target: &Path, root: &Root, meta: &Metadata) {
        let Some((location, address)) = name_of(path, target, root, &self.roots.common) else {
            return self.skip(path, SkipReason::NotUtf8);
        };
        if !is_storable(&location) {
            return self.skip(path, SkipReason::OddName);
        }
        let place = place_of(&address);
        let address = (address != location).then_some(address);
        let (bytes, modified) = (meta.len(), modified(meta));
        self.found.objects.push(Listed { location, address, place, bytes, modified, e_tag: None });
    }

    fn skip(&mut self, path: &Path, reason: SkipReason) {
        self.found.skipped.push((path.display().to_string(), reason));
    }
}

/// What a folder holds, by name: where two links lead to one folder, it must not be chance which is followed.
fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<DirEntry>>>()?;
    entries.sort_by_cached_key(DirEntry::file_name);
    Ok(entries)
}

/// A file's location below the common folder, and its address: the path where it really is from the last `AWSLogs` on,
/// whatever links led to it, else its path below the source given, else its name.
fn name_of(path: &Path, target: &Path, root: &Root, common: &Path) -> Option<(String, String)> {
    let location = path.strip_prefix(common).ok()?.to_str()?.to_owned();
    let absolute = target.to_str()?;
    if let Some(at) = absolute.rfind(&format!("/{LOGS_FOLDER}/")) {
        return Some((location, absolute[at + 1..].to_owned()));
    }
    let below = if root.is_folder { path.strip_prefix(&root.path).ok()? } else { Path::new(path.file_name()?) };
    Some((location, below.to_str()?.to_owned()))
}

/// Whether the store takes such a name. The local one keeps names that end in `#` and digits for itself.
fn is_storable(location: &str) -> bool {
    let name = location.rsplit('/').next().unwrap_or(location);
    let is_reserved = name
        .split_once('#')
        .is_some_and(|(_, suffix)| !suffix.is_empty() && suffix.bytes().all(|byte| byte.is_ascii_digit()));
    !is_reserved && object_store::path::Path::parse(location).is_ok_and(|path| path.as_ref() == location)
}

fn modified(meta: &Metadata) -> DateTime<Utc> {
    meta.modified().unwrap_or(SystemTime::UNIX_EPOCH).into()
}

#[cfg(test)]
mod tests;
