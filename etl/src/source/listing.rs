//! What a source holds, in plan order.

use std::fs::{DirEntry, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use trailhouse_core::{Day, KeyFacts};
use trailhouse_lake::Place;

use super::SkipReason;
use super::roots::{Root, Roots, are_nested};
use crate::error::IngestError;
use crate::progress::StopFlag;

/// The folder that AWS puts logs under: a file's address begins there, wherever the folder itself was copied to.
const LOGS_FOLDER: &str = "AWSLogs";

/// The objects of a source, and what is none.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// In plan order: account, day, address.
    pub(crate) objects: Vec<Listed>,
    /// What is left out already, with the path that names it.
    pub(crate) skipped: Vec<(String, SkipReason)>,
    /// Folders that could not be listed.
    pub(crate) unlisted: Vec<(PathBuf, io::Error)>,
}

/// An object, before it was opened.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Where it is, below the common folder of all sources.
    pub(crate) location: String,
    /// Its address, where that is not its location.
    pub(crate) address: Option<String>,
    /// Where its key puts it.
    pub(crate) place: Place,
    /// Its stored bytes.
    pub(crate) bytes: u64,
    /// The day it was last modified.
    pub(crate) modified: Day,
}

impl Listed {
    pub(crate) fn address(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.location)
    }
}

impl Listing {
    /// The stored bytes of all objects.
    pub(crate) fn bytes(&self) -> u64 {
        self.objects.iter().map(|object| object.bytes).sum()
    }
}

/// Lists all objects of `roots`; fewer when asked to stop.
pub(crate) fn list(roots: &Roots, stop: &StopFlag) -> Result<Listing, IngestError> {
    let mut walk = Walk { roots, seen: Vec::new(), found: Listing::default() };
    for root in &roots.roots {
        walk.root(root, stop)?;
    }
    let mut found = walk.found;
    found.objects.sort_unstable_by(|one, other| {
        let by_place = one.place.cmp(&other.place);
        by_place.then_with(|| one.address().cmp(other.address())).then_with(|| one.location.cmp(&other.location))
    });
    Ok(found)
}

/// A way through the folders of all roots.
struct Walk<'r> {
    roots: &'r Roots,
    /// The canonical paths of the folders that links led to.
    seen: Vec<PathBuf>,
    found: Listing,
}

impl Walk<'_> {
    fn root(&mut self, root: &Root, stop: &StopFlag) -> Result<(), IngestError> {
        if !root.is_folder {
            let meta = std::fs::metadata(&root.path);
            let meta = meta.map_err(|source| IngestError::Source { path: root.path.display().to_string(), source })?;
            self.file(&root.path, root, &meta);
            return Ok(());
        }
        let mut folders = vec![root.path.clone()];
        while let Some(folder) = folders.pop() {
            if stop.is_set() {
                break;
            }
            match entries(&folder) {
                Ok(entries) => entries.iter().try_for_each(|entry| self.entry(entry, root, &mut folders))?,
                Err(error) => self.found.unlisted.push((folder, error)),
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, root: &Root, folders: &mut Vec<PathBuf>) -> Result<(), IngestError> {
        let path = entry.path();
        // Of a link, what it leads to counts.
        let Ok(meta) = std::fs::metadata(&path) else {
            self.skip(&path, SkipReason::BrokenLink);
            return Ok(());
        };
        if meta.is_file() {
            self.file(&path, root, &meta);
        } else if !meta.is_dir() {
            self.skip(&path, SkipReason::NotAFile);
        } else if self.is_new_folder(&path, entry.file_type().is_ok_and(|kind: FileType| kind.is_symlink()))? {
            folders.push(path);
        } else {
            self.skip(&path, SkipReason::LinkInCircle);
        }
        Ok(())
    }

    /// Whether a folder has not been read: only a link can lead to one that has.
    fn is_new_folder(&mut self, path: &Path, is_link: bool) -> Result<bool, IngestError> {
        if !is_link {
            return Ok(true);
        }
        let Ok(target) = std::fs::canonicalize(path) else { return Ok(false) };
        if are_nested(&target, &self.roots.lake) {
            return Err(IngestError::LakeInSource { source_path: path.to_owned(), lake: self.roots.lake.clone() });
        }
        let roots = self.roots.roots.iter().map(|root| root.path.as_path());
        let mut read = roots.chain(self.seen.iter().map(PathBuf::as_path));
        let is_new = !read.any(|folder| are_nested(folder, &target));
        if is_new {
            self.seen.push(target);
        }
        Ok(is_new)
    }

    fn file(&mut self, path: &Path, root: &Root, meta: &Metadata) {
        let Some((location, address)) = name_of(path, root, &self.roots.common) else {
            return self.skip(path, SkipReason::NotUtf8);
        };
        if !is_storable(&location) {
            return self.skip(path, SkipReason::OddName);
        }
        let place = place_of(&address);
        let address = (address != location).then_some(address);
        self.found.objects.push(Listed { location, address, place, bytes: meta.len(), modified: modified_day(meta) });
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

/// A file's location below the common folder, and its address: its path from the last `AWSLogs` on, else below the
/// source given, else its name.
fn name_of(path: &Path, root: &Root, common: &Path) -> Option<(String, String)> {
    let location = path.strip_prefix(common).ok()?.to_str()?.to_owned();
    let absolute = path.to_str()?;
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

/// Where an address puts an object in a plan.
pub(crate) fn place_of(address: &str) -> Place {
    let facts = KeyFacts::of(address);
    let account = facts.account.and_then(|digits| digits.parse().ok());
    Place { account, day: facts.day.map(|day| day.0) }
}

fn modified_day(meta: &Metadata) -> Day {
    let millis = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
    };
    Day::of_millis(meta.modified().map_or(0, millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_in(folder: &Path, sources: &[&str]) -> Listing {
        let full = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let sources: Vec<String> = sources.iter().map(|source| full(source)).collect();
        let lake = folder.with_extension("lake");
        let roots = Roots::resolve(&sources, lake.to_str().unwrap()).unwrap();
        list(&roots, &StopFlag::new()).unwrap()
    }

    fn write(folder: &Path, names: &[&str]) {
        for name in names {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
    }

    fn addresses(listing: &Listing) -> Vec<&str> {
        listing.objects.iter().map(Listed::address).collect()
    }

    fn key(account: u64, region: &str, day: u32, name: &str) -> String {
        format!("AWSLogs/{account}/CloudTrail/{region}/2026/01/{day:02}/{name}.json.gz")
    }

    #[test]
    fn all_regions_of_a_day_are_neighbours() {
        let folder = tempfile::tempdir().unwrap();
        let keys = [
            "unknown.gz".to_owned(),
            key(111_122_223_333, "eu-west-1", 1, "a"),
            key(111_122_223_333, "us-east-1", 1, "a"),
            key(111_122_223_333, "eu-west-1", 2, "a"),
            key(111_122_223_333, "us-east-1", 2, "b"),
            key(444_455_556_666, "eu-west-1", 1, "a"),
        ];
        let mut shuffled: Vec<&str> = keys.iter().map(String::as_str).collect();
        shuffled.sort_unstable_by_key(|key| key.len() % 7);
        write(folder.path(), &shuffled);
        assert_eq!(addresses(&list_in(folder.path(), &["."])), keys);
    }

    #[test]
    fn an_address_begins_at_the_last_logs_folder() {
        let folder = tempfile::tempdir().unwrap();
        let key = key(111_122_223_333, "eu-west-1", 1, "a");
        write(folder.path(), &[&format!("copy/AWSLogs/old/{key}"), "other/deep/file.gz", "MyAWSLogs/x"]);
        let parent = folder.path().join("copy/AWSLogs/old").join(&key);
        let (parent, file) = (parent.parent().unwrap(), parent.to_str().unwrap());
        for source in ["copy", "copy/AWSLogs/old", parent.to_str().unwrap(), file] {
            assert_eq!(addresses(&list_in(folder.path(), &[source])), [key.as_str()], "{source}");
        }
        assert_eq!(addresses(&list_in(folder.path(), &["other"])), ["deep/file.gz"]);
        assert_eq!(addresses(&list_in(folder.path(), &["other/deep/file.gz"])), ["file.gz"]);
        assert_eq!(addresses(&list_in(folder.path(), &["MyAWSLogs"])), ["x"]);
    }

    #[test]
    fn a_file_is_listed_once() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["AWSLogs/a", "AWSLogs/deep/b"]);
        let listing = list_in(folder.path(), &["AWSLogs/deep/b", ".", "AWSLogs", "."]);
        assert_eq!(addresses(&listing), ["AWSLogs/a", "AWSLogs/deep/b"]);
        assert_eq!(listing.bytes(), 2);
        write(folder.path(), &["plain/c"]);
        let listing = list_in(folder.path(), &["plain", "."]);
        assert_eq!(addresses(&listing), ["AWSLogs/a", "AWSLogs/deep/b", "plain/c"]);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_cannot_be_handled_are_named() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        write(&source, &["good", "with space", "50%", "a#b", "é?*", "new\nline", "x#12", "~", "a\\b"]);
        std::fs::write(source.join(OsStr::from_bytes(b"bad\xff")), "x").unwrap();
        symlink("nowhere", source.join("broken")).unwrap();
        symlink(".", source.join("circle")).unwrap();
        symlink("good", source.join("link")).unwrap();
        write(folder.path(), &["outside/c"]);
        symlink("../outside", source.join("out")).unwrap();
        symlink("../outside", source.join("out-again")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(source.join("socket")).unwrap();

        let listing = list_in(folder.path(), &["source"]);
        let objects = addresses(&listing);
        assert_eq!(objects.len(), 9, "{objects:?}");
        for name in ["good", "with space", "50%", "a#b", "é?*", "~", "link", "a\\b"] {
            assert!(objects.contains(&name), "{name}");
        }
        assert!(objects.contains(&"out/c"), "of two links to one folder, the first by name is followed");
        let mut reasons: Vec<String> = listing.skipped.iter().map(|(_, reason)| format!("{reason:?}")).collect();
        reasons.sort_unstable();
        let expected = ["BrokenLink", "LinkInCircle", "LinkInCircle", "NotAFile", "NotUtf8", "OddName", "OddName"];
        assert_eq!(reasons, expected);

        let store = super::super::Source::open(&source.canonicalize().unwrap()).unwrap();
        for object in &listing.objects {
            assert_eq!(store.read(&object.location).map(|reader| reader.length()).unwrap(), 1, "{}", object.location);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_into_the_lake_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["source/a", "lake/cloudtrail/x.parquet"]);
        std::os::unix::fs::symlink("../lake/cloudtrail", folder.path().join("source/link")).unwrap();
        let full = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let roots = Roots::resolve(&[full("source")], &full("lake")).unwrap();
        let error = list(&roots, &StopFlag::new()).unwrap_err();
        assert!(matches!(error, IngestError::LakeInSource { .. }), "{error}");
    }
}
