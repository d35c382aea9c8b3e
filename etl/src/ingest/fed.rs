//! Objects that are a feed's: a batch that meets one reads it as streaming would, by the plan that it implies.

use std::sync::Arc;

use futures::{StreamExt, stream};
use trailhouse_lake::{Content, Feeds, Lake, PlannedObject};

use super::Ingest;
use crate::error::{GroupError, IngestError};
use crate::limits::STREAMED_AT_ONCE;
use crate::source::Source;
use crate::stream::{Notice, StreamError, Streamed, Streamer};

/// The feeds of a lake, for objects of one bucket.
pub(super) struct Fed {
    feeds: Feeds,
    streamer: Arc<Streamer>,
}

impl Fed {
    /// The object, if it is a feed's.
    pub(super) fn notice(&self, object: &PlannedObject) -> Option<Notice> {
        let Content::ETag { modified, .. } = &object.content else { return None };
        let (bucket, key) = object.location.strip_prefix("s3://")?.split_once('/')?;
        let modified = chrono::DateTime::from_timestamp(*modified, 0)?;
        self.feeds.of(bucket, key, modified)?;
        Some(Notice { bucket: bucket.to_owned(), key: key.to_owned(), version: None })
    }
}

impl Ingest<'_> {
    /// The lake's feeds, read behind the listing of whatever is asked about; none where nothing can be a feed's.
    pub(super) fn fed(&mut self, source: &Source) -> Result<Option<Fed>, IngestError> {
        let Some(lake) = self.lake.filter(|_| source.is_far()) else { return Ok(None) };
        let feeds = self.runtime.block_on(lake.feeds())?;
        if feeds.iter().next().is_none() {
            return Ok(None);
        }
        Ok(Some(Fed { feeds, streamer: self.streamer(lake) }))
    }

    fn streamer(&mut self, lake: &Lake) -> Arc<Streamer> {
        if let Some(streamer) = &self.streamer {
            return Arc::clone(streamer);
        }
        let aws = self.runtime.block_on(self.places.aws()).clone();
        let streamer = Arc::new(Streamer::new(lake.clone(), Arc::clone(&self.catalog), Arc::new(aws)));
        Arc::clone(self.streamer.insert(streamer))
    }

    /// Reads objects that are a feed's, some at once.
    pub(super) fn stream(&mut self, fed: &Fed, notices: Vec<(Notice, u64)>) -> Result<(), IngestError> {
        if self.options.dry_run {
            self.summary.objects += notices.len() as u64;
            self.summary.bytes_in += notices.iter().map(|(_, bytes)| bytes).sum::<u64>();
            return Ok(());
        }
        let halt = self.halt.clone();
        let read = |(notice, bytes): (Notice, u64)| {
            let (streamer, halt) = (Arc::clone(&fed.streamer), halt.clone());
            async move {
                let task = async { if halt.is_set() { None } else { Some(streamer.read(&notice, None).await) } };
                (task.await, notice, bytes)
            }
        };
        let ended: Vec<_> = self.runtime.block_on(
            stream::iter(notices).map(|notice| self.runtime.spawn(read(notice))).buffered(STREAMED_AT_ONCE).collect(),
        );
        for task in ended {
            let (read, notice, bytes) = task.map_err(|error| IngestError::Workers(std::io::Error::other(error)))?;
            match read {
                None => self.summary.is_interrupted = true,
                Some(read) => self.note_streamed(read, &notice, bytes)?,
            }
        }
        Ok(())
    }

    fn note_streamed(
        &mut self,
        read: Result<Streamed, StreamError>,
        notice: &Notice,
        bytes: u64,
    ) -> Result<(), IngestError> {
        let address = format!("s3://{}/{}", notice.bucket, notice.key);
        self.progress.done(1, bytes);
        match read {
            Ok(Streamed::Read(receipt, (files, bytes))) => {
                if let Some(damage) = &receipt.damage {
                    self.progress.damaged(&address, damage);
                }
                self.summary.add_streamed(&receipt, files, bytes);
            }
            Ok(Streamed::Known) => self.summary.objects_known += 1,
            Ok(Streamed::Skipped(reason)) => self.skip(&address, &reason),
            Ok(Streamed::Gone) => self.summary.stop(1, GroupError::Vanished { address }),
            // It was put again since it was listed, or the other way round: the next run sees it as it is then.
            Ok(Streamed::LeftToBatch) => self.summary.stop(1, GroupError::Changed { address }),
            Err(StreamError::Lake(error)) => return Err(error.into()),
            Err(StreamError::Catalog(error)) => return Err(error.into()),
            Err(StreamError::Group(error)) => self.summary.stop(1, error),
            Err(error) => {
                let source = std::io::Error::other(error);
                self.summary.stop(1, GroupError::Unreadable { address, source });
            }
        }
        Ok(())
    }
}
