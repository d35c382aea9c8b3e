//! The sources of a run, as typed and then understood.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use trailhouse_lake::{Bucket, LakeError, Location};

use crate::error::IngestError;

/// Everything that a run reads: of this machine, or of one bucket.
#[derive(Debug)]
pub(crate) enum Roots {
    /// Files and folders.
    Folders(Folders),
    /// Parts of one bucket, outermost ones; there is at least one.
    Bucket(Vec<Bucket>),
}

/// Files and folders, which are read through one store at the folder that holds them all.
#[derive(Debug)]
pub(crate) struct Folders {
    /// Each of them, canonical.
    pub(super) roots: Vec<Root>,
    /// The folder that holds them all.
    pub(super) common: PathBuf,
    /// A folder that nothing may be read from: the lake's, if it is one.
    pub(super) lake: Option<PathBuf>,
}

#[derive(Debug)]
pub(super) struct Root {
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
}

impl Roots {
    /// Finds `sources`, which must be apart from the lake; those of this machine must be there.
    pub(crate) fn resolve(sources: &[String], lake: &str) -> Result<Self, IngestError> {
        let lake = Location::parse(lake)?;
        let (mut folders, mut buckets) = (Vec::new(), Vec::new());
        for source in sources {
            match Location::parse(source)? {
                Location::Folder(path) => folders.push((source, path)),
                Location::Bucket(bucket) => buckets.push(bucket),
            }
        }
        match (folders.is_empty(), buckets.is_empty()) {
            (true, true) => Err(IngestError::NoSource),
            (false, false) => Err(IngestError::MixedSources),
            (false, true) => Folders::resolve(&folders, lake).map(Self::Folders),
            (true, false) => parts_of_one(buckets, &lake).map(Self::Bucket),
        }
    }

    /// The place that all of them are read below, as a plan records it.
    pub(crate) fn common(&self) -> String {
        match self {
            Self::Folders(folders) => folders.common.to_string_lossy().into_owned(),
            Self::Bucket(parts) => parts.first().map_or_else(String::new, |part| format!("s3://{}", part.name)),
        }
    }
}

/// Parts of one bucket, apart from the lake, without those that lie in another.
fn parts_of_one(mut parts: Vec<Bucket>, lake: &Location) -> Result<Vec<Bucket>, IngestError> {
    if let Location::Bucket(lake) = lake
        && let Some(part) = parts.iter().find(|part| part.overlaps(lake))
    {
        return Err(IngestError::LakeInSource { source_path: part.to_string(), lake: lake.to_string() });
    }
    parts.sort_unstable();
    parts.dedup_by(|inner, outer| inner.name == outer.name && outer.holds(&inner.prefix));
    match parts.windows(2).any(|pair| pair[0].name != pair[1].name) {
        true => Err(IngestError::MixedSources),
        false => Ok(parts),
    }
}

impl Folders {
    fn resolve(sources: &[(&String, PathBuf)], lake: Location) -> Result<Self, IngestError> {
        let lake = match lake {
            Location::Folder(lake) => Some(resolve_lake(&lake)?),
            Location::Bucket(_) => None,
        };
        let roots = sources.iter().map(|(text, path)| resolve(text, path)).collect::<Result<Vec<Root>, _>>()?;
        for (root, lake) in roots.iter().zip(lake.iter().cycle()) {
            if are_nested(&root.path, lake) {
                return Err(IngestError::lake_in_source(&root.path, lake));
            }
        }
        let common = common_folder(&roots).ok_or(IngestError::NoSource)?;
        Ok(Self { roots: outermost(roots), common, lake })
    }
}

fn resolve_lake(lake: &Path) -> Result<PathBuf, IngestError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotADirectory => LakeError::NotAFolder { location: lake.to_owned() },
        _ => LakeError::Folder { action: "finding", folder: lake.to_owned(), source },
    };
    Ok(canonical_at_last(lake).map_err(failed)?)
}

/// Whether one of two canonical paths leads through the other.
pub(crate) fn are_nested(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn resolve(source: &str, typed: &Path) -> Result<Root, IngestError> {
    let failed = |error| IngestError::Source { path: source.to_owned(), source: error };
    let path = std::fs::canonicalize(typed).map_err(failed)?;
    if path.to_str().is_none() {
        return Err(IngestError::SourceName { path });
    }
    let kind = std::fs::metadata(&path).map_err(failed)?.file_type();
    if !kind.is_dir() && !kind.is_file() {
        // Reading a pipe or a device could last for ever.
        return Err(failed(io::Error::other("it is neither a file nor a folder")));
    }
    Ok(Root { path, is_folder: kind.is_dir() })
}

/// Leaves out what lies in another root: a file is read once, and has its address from the outermost.
fn outermost(mut roots: Vec<Root>) -> Vec<Root> {
    roots.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    roots.dedup_by(|inner, outer| inner.path.starts_with(&outer.path));
    roots
}

fn common_folder(roots: &[Root]) -> Option<PathBuf> {
    let mut folders =
        roots.iter().map(|root| if root.is_folder { Some(root.path.as_path()) } else { root.path.parent() });
    let mut common = folders.next()??;
    for folder in folders {
        let folder = folder?;
        while !folder.starts_with(common) {
            common = common.parent()?;
        }
    }
    Some(common.to_owned())
}

/// The canonical form of a path whose last components may not exist yet.
fn canonical_at_last(path: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(path)?;
    let mut missing: Vec<OsString> = Vec::new();
    let mut standing = absolute.as_path();
    loop {
        match std::fs::canonicalize(standing) {
            Ok(canonical) => return Ok(missing.iter().rev().fold(canonical, |path, name| path.join(name))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (Some(parent), Some(name)) = (standing.parent(), standing.file_name()) else { return Err(error) };
                missing.push(name.to_owned());
                standing = parent;
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve_in(folder: &Path, sources: &[&str], lake: &str) -> Result<Folders, IngestError> {
        let full = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let sources: Vec<String> = sources.iter().map(|source| full(source)).collect();
        match Roots::resolve(&sources, &full(lake))? {
            Roots::Folders(folders) => Ok(folders),
            Roots::Bucket(parts) => panic!("{parts:?}"),
        }
    }

    #[test]
    fn a_lake_and_a_source_inside_one_another_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("logs/deep")).unwrap();
        std::fs::create_dir_all(folder.path().join("lake/cloudtrail")).unwrap();
        std::fs::write(folder.path().join("logs/file"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("logs"), folder.path().join("link")).unwrap();
        let refused = [
            (&["logs"][..], "logs/lake"),
            (&["logs"], "logs"),
            (&["logs"], "logs/not/yet/there"),
            (&["logs/deep"], "logs"),
            (&["logs/file"], "logs/file"),
            (&["lake/cloudtrail"], "lake"),
            (&["lake/../logs"], "logs/new"),
            (&["lake", "logs"], "logs/deep/new"),
            #[cfg(unix)]
            (&["logs"], "link/new"),
            #[cfg(unix)]
            (&["link"], "logs/new"),
        ];
        for (sources, lake) in refused {
            let error = resolve_in(folder.path(), sources, lake).unwrap_err();
            assert!(
                matches!(error, IngestError::LakeInSource { .. }) && error.is_usage(),
                "{sources:?} {lake}: {error}"
            );
        }
        for (sources, lake) in [(&["logs"][..], "lake"), (&["logs/deep"], "logs/deeper"), (&["logs/file"], "logs/new")]
        {
            assert!(resolve_in(folder.path(), sources, lake).is_ok(), "{sources:?} {lake}");
        }
    }

    #[test]
    fn one_folder_holds_all_sources() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::create_dir_all(root.join("ab")).unwrap();
        std::fs::write(root.join("a/file"), "").unwrap();
        let common = |sources: &[&str]| resolve_in(&root, sources, "lake").unwrap().common;
        assert_eq!(common(&["a/b"]), root.join("a/b"));
        assert_eq!(common(&["a/file"]), root.join("a"));
        assert_eq!(common(&["a/b", "a/file"]), root.join("a"));
        assert_eq!(common(&["a", "ab"]), root);
    }

    #[test]
    fn what_cannot_be_a_source_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = resolve_in(folder.path(), &["missing"], "lake").unwrap_err();
        assert!(matches!(missing, IngestError::Source { .. }), "{missing}");
        #[cfg(unix)]
        assert!(Roots::resolve(&["/dev/null".to_owned()], "lake").unwrap_err().is_usage());
        assert!(matches!(Roots::resolve(&[".".to_owned()], ""), Err(IngestError::Lake(_))));
        assert!(matches!(resolve_in(folder.path(), &[], "lake"), Err(IngestError::NoSource)));
        let far = Roots::resolve(&["gs://bucket/logs".to_owned()], "lake").unwrap_err();
        assert!(matches!(far, IngestError::Lake(LakeError::Scheme { .. })) && far.is_usage());
    }

    #[test]
    fn parts_of_one_bucket_are_read_apart_from_the_lake() {
        let resolve = |sources: &[&str], lake| {
            let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
            match Roots::resolve(&sources, lake)? {
                Roots::Bucket(parts) => Ok(parts.iter().map(Bucket::to_string).collect::<Vec<_>>()),
                Roots::Folders(folders) => panic!("{folders:?}"),
            }
        };
        let parts = resolve(&["s3://logs/b", "s3://logs/a/x", "s3://logs/a/", "s3://logs/ab"], "lake").unwrap();
        assert_eq!(parts, ["s3://logs/a", "s3://logs/ab", "s3://logs/b"]);
        assert_eq!(resolve(&["s3://logs/a"], "s3://logs/lake").unwrap(), ["s3://logs/a"]);
        for lake in ["s3://logs", "s3://logs/a", "s3://logs/a/lake"] {
            let error = resolve(&["s3://logs/a"], lake).unwrap_err();
            assert!(matches!(error, IngestError::LakeInSource { .. }) && error.is_usage(), "{lake}");
        }
        for sources in [&["s3://logs/a", "s3://other/a"][..], &["s3://logs/a", "."]] {
            let error = resolve(sources, "s3://lake").unwrap_err();
            assert!(matches!(error, IngestError::MixedSources) && error.is_usage(), "{sources:?}");
        }
    }
}
