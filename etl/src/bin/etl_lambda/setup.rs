//! What the function is told by its environment.
//!
//! | variable | meaning |
//! |---|---|
//! | `TRAILHOUSE_LAKE` | the lake, as in `s3://bucket/lake`; made when there is none |
//! | `TRAILHOUSE_FEEDS` | where new objects are read from, as in `s3://logs/AWSLogs`, apart by blanks; each becomes a feed of the lake |
//! | `TRAILHOUSE_PARTITIONING` | that of a new lake |
//! | `TRAILHOUSE_AS` | the format of all objects, whatever their keys and first bytes say |
//! | `TRAILHOUSE_UNWRAP` | `true`: log messages that are CloudTrail events or flow log lines are read into the tables of those too |
//! | `TRAILHOUSE_FLOW_HEADER` | the header of flow log lines that have none |
//! | `TRAILHOUSE_LOG` | what is logged, as in `info` or `trailhouse_etl=debug` |

use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use trailhouse_etl::aws::Aws;
use trailhouse_etl::feeds::{FeedOptions, declare};
use trailhouse_etl::stream::Streamer;
use trailhouse_etl::{Format, Header};
use trailhouse_lake::{Bucket, Lake, LakeError, Location};
use trailhouse_schemas::Partitioning;

/// What is logged where nobody says it.
const LOG_DEFAULT: &str = "info";

/// Everything that the environment says.
#[derive(Debug)]
pub(crate) struct Setup {
    lake: Bucket,
    feeds: Vec<Bucket>,
    partitioning: Option<Partitioning>,
    options: FeedOptions,
}

/// Why the function cannot begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("the variable `{name}` is not set")]
    Missing { name: &'static str },
    #[error("the variable `{name}` is `{value}`, which is {why}")]
    Wrong { name: &'static str, value: String, why: String },
    #[error("the source `{source_place}` and the lake `{lake}` are inside one another")]
    LakeInSource { source_place: Bucket, lake: Bucket },
    #[error(transparent)]
    Lake(#[from] LakeError),
}

impl SetupError {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Lake(_) => "Lake.Failed",
            _ => "Setup.Wrong",
        }
    }

    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Lake(error) => error.hint(),
            Self::LakeInSource { .. } => {
                Some("put the lake elsewhere: the function would read what it writes, for ever")
            }
            _ => None,
        }
    }
}

/// Logs in lines of JSON.
pub(crate) fn log() {
    let filter = EnvFilter::try_from_env("TRAILHOUSE_LOG").unwrap_or_else(|_| EnvFilter::new(LOG_DEFAULT));
    let log = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(false).with_span_list(false);
    log.with_env_filter(filter).init();
}

impl Setup {
    pub(crate) fn of_environment() -> Result<Self, SetupError> {
        let lake = variable("TRAILHOUSE_LAKE").ok_or(SetupError::Missing { name: "TRAILHOUSE_LAKE" })?;
        let lake = bucket("TRAILHOUSE_LAKE", &lake)?;
        let feeds = variable("TRAILHOUSE_FEEDS").unwrap_or_default();
        let feeds = feeds.split_whitespace().map(|text| bucket("TRAILHOUSE_FEEDS", text)).collect::<Result<_, _>>()?;
        let partitioning = parsed::<Partitioning>("TRAILHOUSE_PARTITIONING")?;
        let flow_header = parsed::<Header>("TRAILHOUSE_FLOW_HEADER")?;
        let unwrap = variable("TRAILHOUSE_UNWRAP").is_some_and(|text| text == "true");
        let format = parsed::<Format>("TRAILHOUSE_AS")?;
        Ok(Self { lake, feeds, partitioning, options: FeedOptions { format, unwrap, flow_header } })
    }

    /// Opens the lake, and adds the feeds that it does not have yet.
    pub(crate) async fn open(self) -> Result<Streamer, SetupError> {
        if let Some(source) = self.feeds.iter().find(|feed| feed.overlaps(&self.lake)) {
            return Err(SetupError::LakeInSource { source_place: source.clone(), lake: self.lake });
        }
        let aws = Aws::load_in_function().await;
        let lake: Lake = aws.open_or_create_lake(&self.lake, self.partitioning).await?;
        for source in &self.feeds {
            let (feed, is_new) = declare(&lake, source, &self.options).await?;
            tracing::info!(source = feed.source, since = %feed.since, is_new, "feed");
        }
        let catalog = aws.catalog(&lake).await?;
        Ok(Streamer::new(lake, catalog, Arc::new(aws)).unwrapping_payloads(self.options.unwrap))
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn bucket(name: &'static str, text: &str) -> Result<Bucket, SetupError> {
    match Location::parse(text)? {
        Location::Bucket(bucket) => Ok(bucket),
        Location::Folder(_) => Err(SetupError::Wrong {
            name,
            value: text.to_owned(),
            why: "no place in S3, such as `s3://bucket`".to_owned(),
        }),
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(name: &'static str) -> Result<Option<T>, SetupError> {
    let Some(value) = variable(name) else { return Ok(None) };
    value.parse().map(Some).map_err(|error| SetupError::Wrong { name, why: format!("wrong: {error}"), value })
}
