//! What can go wrong with an object that is read as it comes.

use trailhouse_lake::{LakeError, StoreFault};

use super::notice::Unclear;
use crate::catalog::CatalogError;
use crate::error::GroupError;

/// Why an object was not read. It has no receipt: it is to be told of again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The object could not be had.
    #[error("reading `{address}` failed")]
    Object {
        /// The object.
        address: String,
        /// Why.
        #[source]
        source: StoreFault,
    },
    /// Something about the object, or about what was made of it.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The catalog failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The store does not say what content an object has.
    #[error("`{address}` has no ETag")]
    NoETag {
        /// The object.
        address: String,
    },
    /// Nobody knows what to do about an event.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// There is not enough time.
    #[error("there was no time left for `{address}`")]
    Deadline {
        /// The object.
        address: String,
    },
}

impl StreamError {
    pub(super) fn format(address: &str, source: trailhouse_core::format::UnknownFormat) -> Self {
        Self::Group(GroupError::Format { address: address.to_owned(), source })
    }

    /// The name of its kind, for retries, catchers, metrics and whoever reads dead letters.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Object { source, .. } => match source.code() {
                Some("AccessDenied") => "Source.AccessDenied",
                Some("InvalidObjectState") => "Source.Archived",
                _ => "Source.Unreadable",
            },
            Self::Group(_) | Self::NoETag { .. } => "Object.Unfit",
            Self::Unclear(_) => "Event.Unclear",
            Self::Lake(_) => "Lake.Failed",
            Self::Catalog(_) => "Catalog.Failed",
            Self::Deadline { .. } => "Deadline",
        }
    }

    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Object { source, .. } => source.hint(),
            Self::Group(error) => error.hint(),
            Self::Lake(error) => error.hint(),
            Self::Catalog(error) => error.hint(),
            Self::Deadline { .. } => Some("give the function more time or memory"),
            Self::NoETag { .. } | Self::Unclear(_) => None,
        }
    }
}
