//! Where a lake, or the source of its objects, is.

use std::fmt;
use std::path::PathBuf;

use crate::error::LakeError;

/// A place, as typed and then understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder or file of this machine.
    Folder(PathBuf),
}

impl Location {
    /// Understands `text`: anything without a scheme, such as `s3://`, is a path.
    pub fn parse(text: &str) -> Result<Self, LakeError> {
        let is_scheme = |scheme: &str| !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text.split_once("://") {
            Some(("file", path)) if path.starts_with('/') => Ok(Self::Folder(path.into())),
            Some((scheme, _)) if is_scheme(scheme) => Err(LakeError::NotYet { location: text.to_owned() }),
            _ => Ok(Self::Folder(text.into())),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_not_yet_and_all_else_is_a_path() {
        for place in ["lake", "/lake", "./s3:/x", "a/b://c", "s3:", "://"] {
            assert_eq!(Location::parse(place).unwrap(), Location::Folder(place.into()), "{place}");
        }
        assert_eq!(Location::parse("file:///lake").unwrap(), Location::Folder("/lake".into()));
        for place in ["s3://bucket/lake", "S3://b", "gs://b", "https://x", "file://host/lake"] {
            let error = Location::parse(place).unwrap_err();
            assert!(matches!(error, LakeError::NotYet { .. }) && error.is_usage(), "{place}");
        }
    }
}
