//! Feeds: which objects are read as they come, and since when.
//!
//! An object in S3 that was last modified when a feed of it had begun is **streamed**: it has no plan but the one that it
//! implies ([`Group::implied`](crate::Group::implied)). All others are for numbered plans. So that nobody ever sees it
//! otherwise:
//!
//! * Feeds are added and never changed; to change a setting is to add a feed, which counts from its own beginning on.
//! * A feed begins after it was put ([`BEGINS_AFTER`]): no object that was met before can be one of its own.
//! * Who wants to know whose an object is reads the feeds after having learnt when it was last modified.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};

use crate::error::LakeError;
use crate::lake::{Lake, Put};
use crate::location::{Bucket, Location};
use crate::names;
use crate::plan::PlanSettings;

/// The version of feeds that this program writes.
pub const VERSION: u32 = 1;

/// How long after it was put a feed begins: longer than clocks differ, and than anybody remembers the feeds that there were.
pub const BEGINS_AFTER: Duration = Duration::from_secs(120);

/// The content of `_trailhouse/feeds/<n>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Version of the feed's format.
    pub version: u32,
    /// Where the objects are, such as `s3://bucket/AWSLogs`.
    pub source: String,
    /// From when on, by the objects' last modification.
    #[serde(with = "instant")]
    pub since: DateTime<Utc>,
    /// What moves rows: for objects of this feed, for ever.
    pub settings: PlanSettings,
    /// The format of all objects, where keys and first bytes are not to say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// All feeds of a lake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feeds {
    feeds: Vec<(Bucket, Feed)>,
}

impl Feeds {
    /// The feed that an object belongs to by its bucket, key and last modification: of those that have begun and hold it, the
    /// one that began last.
    pub fn of(&self, bucket: &str, key: &str, modified: DateTime<Utc>) -> Option<&Feed> {
        let mine = self.feeds.iter().filter(|(source, feed)| {
            source.name == bucket && source.holds(key) && feed.since.timestamp() <= modified.timestamp()
        });
        mine.map(|(_, feed)| feed).max_by_key(|feed| feed.since)
    }

    /// The feeds, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Feed> {
        self.feeds.iter().map(|(_, feed)| feed)
    }

    /// The last feed that was added for exactly this source.
    fn last_of(&self, source: &Bucket) -> Option<&Feed> {
        self.feeds.iter().rev().find(|(other, _)| other == source).map(|(_, feed)| feed)
    }
}

impl Feed {
    /// Whether another feed says the same, but for its beginning.
    fn is_like(&self, other: &Self) -> bool {
        Self { since: other.since, ..self.clone() } == *other
    }
}

impl Lake {
    /// Reads all feeds.
    pub async fn feeds(&self) -> Result<Feeds, LakeError> {
        let folder = names::path(names::FEEDS)?;
        let listed: Vec<_> =
            self.store().list(Some(&folder)).try_collect().await.map_err(LakeError::store("listing", &folder))?;
        let mut paths: Vec<_> = listed.into_iter().map(|meta| meta.location).collect();
        paths.sort_unstable();
        let mut feeds = Vec::with_capacity(paths.len());
        for path in paths {
            let feed: Feed = self.get_json(&path, VERSION).await?;
            feeds.push((bucket_of(&feed.source)?, feed));
        }
        Ok(Feeds { feeds })
    }

    /// Adds a feed, unless the last one of its source says the same: the one that counts then, and whether it is new.
    ///
    /// Its beginning must be [`BEGINS_AFTER`] the time of asking, or later.
    pub async fn add_feed(&self, feed: &Feed) -> Result<(Feed, bool), LakeError> {
        let source = bucket_of(&feed.source)?;
        loop {
            let standing = self.feeds().await?;
            if let Some(last) = standing.last_of(&source).filter(|last| last.is_like(feed)) {
                return Ok((last.clone(), false));
            }
            let number = u32::try_from(standing.feeds.len()).unwrap_or(u32::MAX);
            if self.put_json(&names::feed(number)?, feed).await? == Put::Created {
                return Ok((feed.clone(), true));
            }
        }
    }
}

fn bucket_of(source: &str) -> Result<Bucket, LakeError> {
    match Location::parse(source)? {
        Location::Bucket(bucket) => Ok(bucket),
        Location::Folder(_) => Err(LakeError::BucketName { location: source.to_owned() }),
    }
}

/// An instant as `2026-01-31T23:55:00Z`: feeds begin at whole seconds, as S3 tells them.
mod instant {
    use std::borrow::Cow;

    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text).map(|instant| instant.to_utc()).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use object_store::memory::InMemory;
    use std::sync::Arc;
    use trailhouse_schemas::Partitioning;

    use super::*;
    use crate::plan::GroupLimits;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn feed(source: &str, since: i64) -> Feed {
        let settings = PlanSettings {
            partitioning: Partitioning::AccountDate,
            inflated_bytes_max: 1,
            part_bytes: 1,
            part_records: 1,
            unwrap: false,
            flow_header: None,
            group: GroupLimits::default(),
        };
        let (source, format) = (source.to_owned(), None);
        Feed { version: VERSION, source, since: at(since), settings, format }
    }

    #[test]
    fn an_object_belongs_to_the_feed_that_began_last() {
        let lake = block_on(Lake::open_or_create_in(Arc::new(InMemory::new()), None)).unwrap();
        for (source, since) in [("s3://logs", 100), ("s3://logs/a", 200), ("s3://other", 0)] {
            assert!(block_on(lake.add_feed(&feed(source, since))).unwrap().1);
        }
        let feeds = block_on(lake.feeds()).unwrap();
        let since = |bucket, key, second| feeds.of(bucket, key, at(second)).map(|feed| feed.since.timestamp());
        assert_eq!(since("logs", "a/x", 99), None);
        assert_eq!(since("logs", "a/x", 100), Some(100));
        assert_eq!(since("logs", "a/x", 200), Some(200));
        assert_eq!(since("logs", "ab/x", 200), Some(100), "a prefix is whole components");
        assert_eq!(since("nobody", "x", 500), None);
    }

    #[test]
    fn a_feed_is_added_once_and_again_when_it_changes() {
        let lake = block_on(Lake::open_or_create_in(Arc::new(InMemory::new()), None)).unwrap();
        let first = feed("s3://logs", 100);
        assert_eq!(block_on(lake.add_feed(&first)).unwrap(), (first.clone(), true));
        assert_eq!(block_on(lake.add_feed(&feed("s3://logs", 500))).unwrap(), (first.clone(), false));
        let changed = Feed { format: Some("json".to_owned()), ..feed("s3://logs", 500) };
        assert_eq!(block_on(lake.add_feed(&changed)).unwrap(), (changed.clone(), true));
        let feeds = block_on(lake.feeds()).unwrap();
        assert_eq!(feeds.iter().cloned().collect::<Vec<_>>(), [first, changed]);
    }
}
