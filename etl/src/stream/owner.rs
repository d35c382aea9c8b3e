//! Whose an object is: a feed's, and then streaming's, or a batch's.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex as AsyncMutex;
use trailhouse_core::{Day, KeyFacts};
use trailhouse_lake::{Feed, Feeds, Lake, LakeError, Log, SourceId, feed};

use super::notice::Notice;

/// How long feeds are believed that were read: a feed that was added since has not begun.
const FEEDS_KNOWN_FOR: Duration = Duration::from_secs(30);

const _: () = assert!(FEEDS_KNOWN_FOR.as_secs() * 2 < feed::BEGINS_AFTER.as_secs());

/// What was read of a lake to tell whose an object is.
#[derive(Debug, Default)]
pub(super) struct Owners {
    feeds: Mutex<Option<(Instant, Feeds)>>,
    log: AsyncMutex<Option<Log>>,
}

impl Owners {
    /// The feed that has the object which was last `modified` then; none where it is a batch's.
    pub(super) async fn feed(
        &self,
        lake: &Lake,
        notice: &Notice,
        modified: DateTime<Utc>,
    ) -> Result<Option<Feed>, LakeError> {
        let known = self.feeds.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let feeds = match known.filter(|(read, _)| read.elapsed() < FEEDS_KNOWN_FOR) {
            Some((_, feeds)) => feeds,
            None => {
                let (read, feeds) = (Instant::now(), lake.feeds().await?);
                *self.feeds.lock().unwrap_or_else(PoisonError::into_inner) = Some((read, feeds.clone()));
                feeds
            }
        };
        Ok(feeds.of(&notice.bucket, &notice.key, modified).cloned())
    }

    /// Whether a batch has planned an object that looks like a feed's: one that was there before the feed began, and was put
    /// again since with the same content.
    ///
    /// Behind the object's last modification: a batch that plans it later finds that modification, and leaves it alone.
    pub(super) async fn is_batch(
        &self,
        lake: &Lake,
        feed: &Feed,
        key: &KeyFacts,
        object: SourceId,
    ) -> Result<bool, LakeError> {
        // A key's day is that of delivery, by a clock of AWS's.
        let begins = Day::of_millis(feed.since.timestamp_millis());
        if key.day.is_some_and(|day| day.0 > begins.0 + 1) {
            return Ok(false);
        }
        let mut log = self.log.lock().await;
        match log.as_mut() {
            Some(log) => lake.catch_up(log).await?,
            None => *log = Some(lake.log().await?),
        }
        Ok(log.as_ref().is_some_and(|log| log.is_planned(object)))
    }
}
