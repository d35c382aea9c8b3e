//! Where a lake, or the source of its objects, is.

use std::fmt;
use std::path::PathBuf;

use crate::error::LakeError;

/// A place, as typed and then understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder or file of this machine.
    Folder(PathBuf),
    /// Objects of S3.
    Bucket(Bucket),
}

/// Objects of one bucket of S3: those whose keys begin with a prefix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// Whole components of keys, without a slash at either end; empty for all of the bucket.
    pub prefix: String,
}

impl Location {
    /// Understands `text`: `s3://bucket/prefix`, and anything without a scheme is a path.
    ///
    /// # Errors
    ///
    /// [`LakeError::Scheme`] for any other scheme, [`LakeError::BucketName`] for what no bucket can be called.
    pub fn parse(text: &str) -> Result<Self, LakeError> {
        let is_scheme = |scheme: &str| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text.split_once("://") {
            Some(("file", path)) if path.starts_with('/') => Ok(Self::Folder(path.into())),
            Some(("s3", path)) => Bucket::parse(text, path).map(Self::Bucket),
            Some((scheme, _)) if is_scheme(scheme) => Err(LakeError::Scheme { location: text.to_owned() }),
            _ => Ok(Self::Folder(text.into())),
        }
    }
}

impl Bucket {
    fn parse(text: &str, path: &str) -> Result<Self, LakeError> {
        let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
        if !is_bucket_name(name) {
            return Err(LakeError::BucketName { location: text.to_owned() });
        }
        Ok(Self { name: name.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }

    /// Whether the object of this bucket with `key` is one of these.
    pub fn holds(&self, key: &str) -> bool {
        self.prefix.is_empty()
            || key.strip_prefix(&self.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether one of two places lies in the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.name == other.name && (self.holds(&other.prefix) || other.holds(&self.prefix))
    }

    /// The address of one of its objects, whatever the prefix.
    pub fn address(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    /// The key of the object that stands at `location` below the prefix.
    pub fn key(&self, location: &str) -> String {
        if self.prefix.is_empty() { location.to_owned() } else { format!("{}/{location}", self.prefix) }
    }
}

/// Whether S3 has such names: 3 to 63 lower-case letters, digits, dots and hyphens, as buckets made since 2018 are called;
/// older ones may have capital letters and underscores.
fn is_bucket_name(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

/// `s3://bucket` or `s3://bucket/prefix`.
impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(text: &str) -> Bucket {
        match Location::parse(text).unwrap() {
            Location::Bucket(bucket) => bucket,
            Location::Folder(_) => panic!("{text}"),
        }
    }

    #[test]
    fn what_has_no_scheme_is_a_path() {
        for place in ["lake", "/lake", "./s3:/x", "a/b://c", "s3:", "://"] {
            assert_eq!(Location::parse(place).unwrap(), Location::Folder(place.into()), "{place}");
        }
        assert_eq!(Location::parse("file:///lake").unwrap(), Location::Folder("/lake".into()));
        for place in ["gs://b", "S3://bucket", "https://x", "file://host/lake"] {
            let error = Location::parse(place).unwrap_err();
            assert!(matches!(error, LakeError::Scheme { .. }) && error.is_usage(), "{place}");
        }
    }

    #[test]
    fn a_bucket_has_a_name_and_a_prefix() {
        for (text, shown, prefix) in [
            ("s3://bucket", "s3://bucket", ""),
            ("s3://bucket/", "s3://bucket", ""),
            ("s3://bucket/a/b//", "s3://bucket/a/b", "a/b"),
        ] {
            assert_eq!((bucket(text).to_string(), bucket(text).prefix), (shown.to_owned(), prefix.to_owned()));
        }
        for text in ["s3://", "s3:///x", "s3://a", "s3://b ucket/x", "s3://-bucket", "s3://bucket?x"] {
            assert!(matches!(Location::parse(text), Err(LakeError::BucketName { .. })), "{text}");
        }
    }

    #[test]
    fn prefixes_are_whole_components() {
        let logs = bucket("s3://bucket/AWSLogs");
        for (key, is_held) in [("AWSLogs/1/x", true), ("AWSLogs", true), ("AWSLogs2/x", false), ("x/AWSLogs/y", false)]
        {
            assert_eq!(logs.holds(key), is_held, "{key}");
        }
        assert!(bucket("s3://bucket").holds("anything"));
        for (other, overlaps) in [
            ("s3://bucket/AWSLogs/lake", true),
            ("s3://bucket", true),
            ("s3://bucket/AWSLogs", true),
            ("s3://bucket/lake", false),
            ("s3://bucket/AWSLogs-lake", false),
            ("s3://bucket2/AWSLogs", false),
        ] {
            assert_eq!(logs.overlaps(&bucket(other)), overlaps, "{other}");
            assert_eq!(bucket(other).overlaps(&logs), overlaps, "{other}");
        }
        assert_eq!((logs.key("1/x"), bucket("s3://bucket").key("x")), ("AWSLogs/1/x".to_owned(), "x".to_owned()));
    }
}
