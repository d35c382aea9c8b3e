//! A file that rows are written to: it appears when it is whole.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

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

/// A file that is removed unless it was renamed.
struct Unfinished(PathBuf);

impl Output {
    /// Prepares to write `path`. Through a link, what it leads to is written.
    pub(crate) fn create(path: &Path) -> io::Result<(Self, File)> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let Some(name) = path.file_name() else { return Err(io::ErrorKind::IsADirectory.into()) };
        match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new().write(true).open(&path)?;
                return Ok((Self { path, kind: Kind::Direct }, file));
            }
            _ => {}
        }
        let staged = format!(".{}.{}.unfinished", name.to_string_lossy(), std::process::id());
        let staged = path.with_file_name(staged);
        let file = File::create(&staged)?;
        Ok((Self { path, kind: Kind::Staged(Unfinished(staged)) }, file))
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

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is none of this name.
        let _ = std::fs::remove_file(&self.0);
    }
}
