//! Streaming: objects are read as they come, each by the plan that it implies.
//!
//! ```text
//! notice -> whose is it -> have we read it -> read -> files -> partitions -> receipt
//! ```
//!
//! Nothing is remembered between objects but what may be forgotten: two functions that are told of the same object at once,
//! or one that dies and one that is told again, make the same files and one receipt.

mod error;
mod fetch;
mod group;
mod make;
pub mod notice;
mod owner;
mod payload;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use object_store::ObjectStore;
use trailhouse_core::KeyFacts;
use trailhouse_core::KeyKind;
use trailhouse_core::classify::{Class, classify, written};
use trailhouse_lake::plan::USUAL_FORMAT;
use trailhouse_lake::{
    Content, Feed, Group, Lake, LakeError, ObjectReceipt, PlanSettings, PlannedObject, Put, StreamReceipt, streamed,
};

use crate::aws::Aws;
use crate::catalog::{Catalog, spots};
use crate::finish::object_receipt;
use crate::source::SkipReason;
pub use error::StreamError;
use fetch::Fetched;
use make::Maker;
pub use notice::{Batch, Item, Notice, Unclear, Work};
use owner::Owners;

/// Where the objects are that are told of.
#[async_trait]
pub trait Buckets: fmt::Debug + Send + Sync {
    /// All objects of a bucket.
    async fn open(&self, bucket: &str) -> Result<Arc<dyn ObjectStore>, LakeError>;
}

#[async_trait]
impl Buckets for Aws {
    async fn open(&self, bucket: &str) -> Result<Arc<dyn ObjectStore>, LakeError> {
        self.bucket(bucket).await.map(|store| store as _)
    }
}

/// What became of an object that was told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Streamed {
    /// It was read, and these are its counts and those of its files: how many, and their bytes.
    Read(Box<ObjectReceipt>, (u64, u64)),
    /// It had been read.
    Known,
    /// No feed has it: it is for a batch to read.
    LeftToBatch,
    /// It is no log.
    Skipped(SkipReason),
    /// It is not there any more.
    Gone,
}

/// Reads objects into a lake as they come.
#[derive(Debug)]
pub struct Streamer {
    lake: Lake,
    catalog: Arc<dyn Catalog>,
    buckets: Arc<dyn Buckets>,
    owners: Owners,
    maker: Maker,
    unwrap_payloads: bool,
}

impl Streamer {
    /// Reads objects of `buckets` into `lake`, whose partitions `catalog` has to know.
    pub fn new(lake: Lake, catalog: Arc<dyn Catalog>, buckets: Arc<dyn Buckets>) -> Self {
        Self { lake, catalog, buckets, owners: Owners::default(), maker: Maker::default(), unwrap_payloads: false }
    }

    /// The same, which also reads messages of payloads into the tables of what they hold.
    #[must_use]
    pub fn unwrapping_payloads(self, unwrap: bool) -> Self {
        Self { unwrap_payloads: unwrap, ..self }
    }

    /// The lake.
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// Reads the object that `notice` tells of, if it is one for streaming and was not read before.
    ///
    /// # Errors
    ///
    /// [`StreamError::Deadline`] where it cannot be done until then; whatever else fails. In each case the object has no
    /// receipt, and is to be told of again.
    pub async fn read(&self, notice: &Notice, deadline: Option<Instant>) -> Result<Streamed, StreamError> {
        let address = format!("s3://{}/{}", notice.bucket, notice.key);
        let key = KeyFacts::of(&address);
        if let KeyKind::Foreign(folder) = key.kind {
            return Ok(Streamed::Skipped(SkipReason::OtherLog(folder)));
        }
        let store = self.buckets.open(&notice.bucket).await?;
        let Some(fetched) = fetch::open(store.as_ref(), notice, &address).await? else { return Ok(Streamed::Gone) };
        if fetched.meta.size == 0 {
            return Ok(Streamed::Skipped(SkipReason::Empty));
        }
        let Some(feed) = self.owners.feed(&self.lake, notice, fetched.meta.last_modified).await? else {
            return Ok(Streamed::LeftToBatch);
        };
        let content = fetched.content(&address)?;
        let source_id = content.source_id(&address);
        if self.lake.stream_receipt(source_id).await?.is_some() {
            return Ok(Streamed::Known);
        }
        if self.owners.is_batch(&self.lake, &feed, &key, source_id).await? {
            return Ok(Streamed::Known);
        }
        self.read_new(&feed, (address, key), content, fetched, deadline).await
    }

    async fn read_new(
        &self,
        feed: &Feed,
        (address, key): (String, KeyFacts),
        content: Content,
        fetched: Fetched,
        deadline: Option<Instant>,
    ) -> Result<Streamed, StreamError> {
        let (stored_bytes, modified) = (fetched.meta.size, fetched.meta.last_modified);
        let body = fetched.body(&address).await?;
        let class = match feed.format.as_deref().map(str::parse) {
            Some(Ok(format)) => Class::Log(written(format, body.head())),
            Some(Err(source)) => return Err(StreamError::format(&address, source)),
            None => classify(&address, &key, body.head()),
        };
        let format = match class {
            Class::Log(format) => format.name(),
            Class::Foreign(folder) => return Ok(Streamed::Skipped(SkipReason::OtherLog(folder))),
            Class::Unknown => return Ok(Streamed::Skipped(SkipReason::NoLog)),
        };
        let object = PlannedObject {
            source_id: content.source_id(&address),
            location: address,
            address: None,
            content,
            stored_bytes,
            modified_day: trailhouse_core::Day::of_millis(modified.timestamp_millis()).0,
            format: (format != USUAL_FORMAT).then(|| format.to_owned()),
        };
        self.finish(&feed.settings, object, body, deadline).await
    }

    /// Makes the files of an object, then puts them, registers their partitions and puts the receipt, in this order.
    async fn finish(
        &self,
        settings: &PlanSettings,
        object: PlannedObject,
        body: fetch::Body,
        deadline: Option<Instant>,
    ) -> Result<Streamed, StreamError> {
        let hash = body.hash();
        let group = Group::implied(settings, object);
        let mut making = self.maker.begin(&self.lake, settings, &group, deadline)?;
        making.read(&group.objects[0], body)?;
        let made = making.finish()?;
        let tally = made.tallies.into_iter().next().unwrap_or_default();
        let files = make::publish(&self.lake, made.files).await?;
        self.catalog.register(&spots(&files)).await?;
        let object = object_receipt(&group.objects[0], &(tally, hash));
        let written = (files.len() as u64, files.iter().map(|file| file.bytes).sum());
        let (version, settings) = (streamed::VERSION, settings.clone());
        let receipt = StreamReceipt { version, settings, group, object, files };
        match self.lake.put_stream_receipt(&receipt).await? {
            Put::Created => Ok(Streamed::Read(Box::new(receipt.object), written)),
            // Another one was faster, with the same.
            Put::Exists => Ok(Streamed::Known),
        }
    }
}
