//! Payloads of CloudWatch Logs subscriptions, which come in an event and stand nowhere else.

use std::io::Read;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use trailhouse_core::{Day, Format};
use trailhouse_lake::{Content, PlanSettings, PlannedObject};

use super::fetch::Body;
use super::{StreamError, Streamed, Streamer, Unclear};

/// Inflated bytes of a payload that are looked at for its day: AWS's are of 6 MB at most.
const LOOKED_AT_MAX: u64 = 64 << 20;

/// The times of a payload.
#[derive(Deserialize)]
struct Times {
    #[serde(default, rename = "logEvents")]
    events: Vec<Time>,
}

#[derive(Deserialize)]
struct Time {
    #[serde(default)]
    timestamp: i64,
}

impl Streamer {
    /// Reads a payload, gzip in base64, unless the same was read before.
    ///
    /// Its identity is the SHA-256 of its bytes: AWS sends the same ones when it tries again.
    ///
    /// # Errors
    ///
    /// As [`Streamer::read`]; and that it is no base64.
    pub async fn read_payload(&self, data: &str, deadline: Option<Instant>) -> Result<Streamed, StreamError> {
        let bytes = STANDARD.decode(data).map_err(|error| {
            StreamError::Unclear(Unclear { why: format!("the data of `awslogs` is no base64: {error}") })
        })?;
        let (stored_bytes, modified_day) = (bytes.len() as u64, day_of(&bytes).0);
        let body = Body::of(bytes);
        let content = Content::Sha256 { sha256: body.hash() };
        let location = format!("awslogs/{}", body.hash());
        let source_id = content.source_id(&location);
        if self.lake().stream_receipt(source_id).await?.is_some() {
            return Ok(Streamed::Known);
        }
        let format = Some(Format::CloudWatchLogs.name().to_owned());
        let object = PlannedObject { location, address: None, source_id, content, stored_bytes, modified_day, format };
        let settings = PlanSettings::of_payloads(self.lake().partitioning(), self.unwrap_payloads);
        self.finish(&settings, object, body, deadline).await
    }
}

/// The day that a payload counts as of: that of its last event, whose time CloudWatch Logs has checked. A clock would have
/// another try make other rows.
fn day_of(payload: &[u8]) -> Day {
    let mut text = Vec::new();
    // What is damaged is told by whoever reads it.
    let _ = MultiGzDecoder::new(payload).take(LOOKED_AT_MAX).read_to_end(&mut text);
    let times: Option<Times> = serde_json::from_slice(&text).ok();
    let last = times.and_then(|times| times.events.iter().map(|event| event.timestamp).max());
    Day::of_millis(last.unwrap_or_default())
}
