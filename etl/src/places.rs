//! The places of a run, in folders and in S3: what is listed, read and written there.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use trailhouse_lake::{Lake, LakeError, Location};
use trailhouse_schemas::Partitioning;

use crate::aws::Aws;
use crate::catalog::{Catalog, NoCatalog};
use crate::error::IngestError;
use crate::progress::StopFlag;
use crate::source::{Found, Roots, Source, bucket, folder};

/// Objects of sources, one by one, and what else is found beside them.
pub(crate) type FoundObjects<'f> = Box<dyn Iterator<Item = Found> + 'f>;

/// Opens places. The account is looked at when the first of them is in S3.
#[derive(Debug)]
pub(crate) struct Places {
    runtime: Handle,
    aws: OnceCell<Aws>,
}

impl Places {
    pub(crate) fn new(runtime: &Handle) -> Self {
        Self { runtime: runtime.clone(), aws: OnceCell::new() }
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) async fn aws(&self) -> &Aws {
        self.aws.get_or_init(Aws::load).await
    }

    /// The objects below what a plan calls its source.
    pub(crate) fn source(&self, place: &str) -> Result<Source, IngestError> {
        match Location::parse(place)? {
            Location::Folder(path) => {
                Source::folder(&path).map_err(|source| IngestError::Root { path: path.clone(), source })
            }
            Location::Bucket(bucket) => {
                let store = self.runtime.block_on(async { self.aws().await.bucket(&bucket.name).await })?;
                Ok(Source::bucket(&bucket.name, store, &self.runtime))
            }
        }
    }

    /// What the sources hold, in plan order; and how many objects and stored bytes that is, as far as it is known.
    pub(crate) fn list(
        &self,
        roots: &Roots,
        stop: &StopFlag,
    ) -> Result<(FoundObjects<'static>, (u64, u64)), IngestError> {
        match roots {
            Roots::Folders(folders) => {
                let listing = folder::list(folders, stop)?;
                let total = (listing.objects.len() as u64, listing.bytes());
                Ok((Box::new(listing.into_found()), total))
            }
            Roots::Bucket(parts) => {
                let name = parts.first().map_or("", |part| part.name.as_str());
                let store = self.runtime.block_on(async { self.aws().await.bucket(name).await })?;
                Ok((Box::new(bucket::list(store, parts.clone(), &self.runtime)), (0, 0)))
            }
        }
    }

    /// Opens a lake that exists.
    pub(crate) async fn open_lake(&self, location: &Location) -> Result<Lake, LakeError> {
        match location {
            Location::Folder(_) => Lake::open(&location.to_string()).await,
            Location::Bucket(bucket) => self.aws().await.open_lake(bucket).await,
        }
    }

    /// Opens a lake, or makes one.
    pub(crate) async fn open_or_create_lake(
        &self,
        location: &Location,
        asked: Option<Partitioning>,
    ) -> Result<Lake, LakeError> {
        match location {
            Location::Folder(_) => Lake::open_or_create(&location.to_string(), asked).await,
            Location::Bucket(bucket) => self.aws().await.open_or_create_lake(bucket, asked).await,
        }
    }

    /// What has to know the lake's partitions.
    pub(crate) async fn catalog(&self, lake: Option<&Lake>) -> Result<Arc<dyn Catalog>, LakeError> {
        match lake {
            Some(lake) if lake.bucket().is_some() => self.aws().await.catalog(lake).await,
            _ => Ok(Arc::new(NoCatalog)),
        }
    }

    /// Whether a lake can be made there, as far as can be told without writing.
    pub(crate) fn check_lake(&self, location: &Location) -> Result<(), LakeError> {
        match location {
            Location::Folder(_) => Lake::check_place(&location.to_string()),
            Location::Bucket(_) => Ok(()),
        }
    }
}

/// Whether a plan's source is in S3.
pub(crate) fn is_bucket(source: &str) -> bool {
    matches!(Location::parse(source), Ok(Location::Bucket(_)))
}
