//! What rows are written to, a file or a folder of files: it appears when it is whole.

use std::collections::hash_map::RandomState;
use std::fs::{File, OpenOptions};
use std::hash::BuildHasher;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How often another name is tried for the unfinished file.
const NAMES_TRIED_MAX: usize = 8;

/// Where rows go.
pub(crate) struct Output {
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    /// A file beside it, which takes its place at the end.
    Staged(Unfinished),
    /// A pipe or a device, which nothing can take the place of.
    Direct,
}

/// A file or folder that is removed unless it was renamed.
struct Unfinished(PathBuf);

/// A folder of files.
pub(crate) struct Folder {
    path: PathBuf,
    unfinished: Unfinished,
}

impl Folder {
    /// Prepares to fill `target`, a path without links at which nothing stands but perhaps an empty folder.
    pub(crate) fn create(target: PathBuf) -> io::Result<Self> {
        let (unfinished, ()) = stage(&target, std::fs::create_dir)?;
        Ok(Self { path: target, unfinished })
    }

    /// Where to put its files until it is whole.
    pub(crate) fn path(&self) -> &Path {
        &self.unfinished.0
    }

    /// Shows it.
    pub(crate) fn finish(self) -> io::Result<()> {
        std::fs::rename(&self.unfinished.0, &self.path)
    }
}

/// Where `path` leads: through links, and whether or not something stands there.
pub(crate) fn target(path: &Path) -> io::Result<PathBuf> {
    if let Ok(target) = std::fs::canonicalize(path) {
        return Ok(target);
    }
    let Some(name) = path.file_name() else { return Err(ErrorKind::IsADirectory.into()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(std::fs::canonicalize(folder)?.join(name))
}

impl Output {
    /// Prepares to write `target`, a path without links.
    pub(crate) fn create(target: PathBuf) -> io::Result<(Self, File)> {
        match std::fs::metadata(&target) {
            Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new().write(true).open(&target)?;
                return Ok((Self { path: target, kind: Kind::Direct }, file));
            }
            _ => {}
        }
        let (unfinished, file) = stage(&target, File::create_new)?;
        Ok((Self { path: target, kind: Kind::Staged(unfinished) }, file))
    }

    /// Makes the file durable and shows it.
    pub(crate) fn finish(self, file: &File) -> io::Result<()> {
        match &self.kind {
            Kind::Direct => Ok(()),
            Kind::Staged(unfinished) => {
                file.sync_all()?;
                std::fs::rename(&unfinished.0, &self.path)
            }
        }
    }
}

/// Something new beside `target`, as `create` makes it. Its name cannot be guessed, and nothing that stands there is opened:
/// in a folder that others write to, a link of that name would lead anywhere.
fn stage<T>(target: &Path, create: impl Fn(PathBuf) -> io::Result<T>) -> io::Result<(Unfinished, T)> {
    let mut error = ErrorKind::AlreadyExists.into();
    for _ in 0..NAMES_TRIED_MAX {
        let random = RandomState::new().hash_one(std::process::id());
        let staged = target.with_file_name(format!(".trailhouse-{random:016x}.unfinished"));
        match create(staged.clone()) {
            Ok(made) => return Ok((Unfinished(staged), made)),
            Err(taken) if taken.kind() == ErrorKind::AlreadyExists => error = taken,
            Err(other) => return Err(other),
        }
    }
    Err(error)
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is none of this name.
        if std::fs::remove_file(&self.0).is_err() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_file_is_new_and_goes_with_its_name() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("x.csv");
        let new = || stage(&target, File::create_new).unwrap().0;
        let (one, other) = (new(), new());
        assert_ne!(one.0, other.0, "a name that one could guess could be a link of somebody's");
        assert!(one.0.is_file() && one.0.parent() == Some(home.path()));
        let folder = Folder::create(home.path().join("y")).unwrap();
        File::create(folder.path().join("z")).unwrap();
        drop((one, other, folder));
        assert_eq!(home.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn links_are_followed_to_their_ends() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("a")).unwrap();
        std::os::unix::fs::symlink(root.join("a"), root.join("b")).unwrap();
        assert_eq!(target(&root.join("b/x.csv")).unwrap(), root.join("a/x.csv"));
        assert_eq!(target(&root.join("a/../b/x.csv")).unwrap(), root.join("a/x.csv"));
        assert!(target(&root.join("none/x.csv")).is_err());
        assert!(target(Path::new("x.csv")).unwrap().is_absolute());
    }
}
