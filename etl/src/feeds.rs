//! Feeds of a lake, as they are declared: see [`trailhouse_lake::feed`].

use std::time::SystemTime;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use trailhouse_core::{Format, Header};
use trailhouse_lake::{Bucket, Feed, Lake, LakeError, feed};

use crate::options::Limits;

/// What can be said of a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedOptions {
    /// The format of all objects, whatever their keys and first bytes say.
    pub format: Option<Format>,
    /// Whether log messages are also read as what they may be.
    pub unwrap: bool,
    /// The header of flow log lines that have none.
    pub flow_header: Option<Header>,
}

/// Adds a feed of the objects at `source` from soon on, unless there is one that says the same: the one that counts, and
/// whether it is new.
///
/// # Errors
///
/// When the lake cannot be read or written.
pub async fn declare(lake: &Lake, source: &Bucket, options: &FeedOptions) -> Result<(Feed, bool), LakeError> {
    lake.add_feed(&feed(lake, source, options, soon())).await
}

/// A feed of the objects at `source` that begins at `since`. One that is to be added must not begin before
/// [`feed::BEGINS_AFTER`] from now.
pub fn feed(lake: &Lake, source: &Bucket, options: &FeedOptions, since: DateTime<Utc>) -> Feed {
    let flow_header = options.flow_header.as_ref();
    let settings = Limits::default().settings(lake.partitioning(), options.unwrap, flow_header);
    Feed {
        version: feed::VERSION,
        source: source.to_string(),
        since,
        settings,
        format: options.format.map(|format| format.name().to_owned()),
    }
}

/// The first whole second at which a feed may begin that is added now.
fn soon() -> DateTime<Utc> {
    let begins = DateTime::<Utc>::from(SystemTime::now() + feed::BEGINS_AFTER) + TimeDelta::seconds(1);
    begins.duration_trunc(TimeDelta::seconds(1)).unwrap_or(begins)
}
