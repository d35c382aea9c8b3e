//! The function that reads objects as they come: one invocation, from its event to its answer.

mod counts;
mod metrics;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub use counts::Counts;
pub use metrics::metrics;

use crate::error::{GroupError, chain};
use crate::stream::{Batch, Item, StreamError, Streamed, Streamer, Unclear, Work};

/// Objects that are read at once: while one comes, another is worked on.
const AT_ONCE: usize = 8;
/// The time before an invocation's end in which nothing is begun or gone on with: answers must still get out.
const MARGIN: Duration = Duration::from_secs(2);

/// How an invocation ended.
#[derive(Debug)]
pub struct Outcome {
    /// What was done.
    pub counts: Counts,
    /// What was not: the messages to be given back, each with the first thing that failed in it.
    pub failed: Vec<(String, StreamError)>,
    is_queue: bool,
}

impl Outcome {
    /// The answer to whoever invoked the function: to a queue, the messages that it takes back.
    ///
    /// # Errors
    ///
    /// Without a queue, whatever failed: then the whole event comes again.
    pub fn answer(self) -> Result<Value, StreamError> {
        if self.is_queue {
            let failures = self.failed.iter().map(|(id, _)| json!({"itemIdentifier": id}));
            return Ok(json!({"batchItemFailures": failures.collect::<Vec<_>>()}));
        }
        match self.failed.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(serde_json::to_value(&self.counts).unwrap_or_default()),
        }
    }
}

/// Does what `event` asks for, until `end` at the latest: what cannot be done by then is given back.
pub async fn handle(streamer: &Arc<Streamer>, event: &Value, end: Option<Instant>) -> Outcome {
    let Batch { is_queue, items } = Batch::of(event);
    let deadline = end.map(|end| end.checked_sub(MARGIN).unwrap_or(end));
    let (room, mut tasks) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    for (number, item) in items.into_iter().enumerate() {
        let (streamer, room) = (Arc::clone(streamer), Arc::clone(&room));
        tasks.spawn(async move {
            let _room = room.acquire_owned().await;
            (number, item.id.clone(), of_item(&streamer, item, deadline).await)
        });
    }
    let mut ended = tasks.join_all().await;
    ended.sort_by_key(|(number, ..)| *number);
    let (mut counts, mut failed) = (Counts::default(), Vec::new());
    for (_, id, (done, error)) in ended {
        counts.add(&done);
        if let Some(error) = error {
            counts.messages_failed += 1;
            failed.push((id, error));
        }
    }
    Outcome { counts, failed, is_queue }
}

/// Does all of a message, also behind something that failed: what is done is done.
async fn of_item(streamer: &Streamer, item: Item, deadline: Option<Instant>) -> (Counts, Option<StreamError>) {
    let mut counts = Counts { messages: 1, ..Counts::default() };
    let works = match item.work {
        Ok(works) => works,
        Err(unclear) => return (counts, Some(tell(&item.id, unclear))),
    };
    let mut failed = None;
    for work in works {
        match of_work(streamer, &work, deadline).await {
            Ok(streamed) => counts.note(&work, streamed),
            Err(error) => {
                counts.objects_failed += 1;
                let error = tell_error(&item.id, &work, error);
                failed = failed.or(Some(error));
            }
        }
    }
    (counts, failed)
}

async fn of_work(streamer: &Streamer, work: &Work, deadline: Option<Instant>) -> Result<Option<Streamed>, StreamError> {
    let is_over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
    match work {
        Work::Nothing(_) => Ok(None),
        work if is_over() => Err(StreamError::Deadline { address: name(work) }),
        Work::Object(notice) => guard(work, deadline, streamer.read(notice, deadline)).await,
        Work::Payload(data) => guard(work, deadline, streamer.read_payload(data, deadline)).await,
    }
}

/// Ends `reading` at the deadline also while it waits for somebody, and keeps a defect that one object meets from the
/// others: it may be left at any moment, as if the function had died.
async fn guard(
    work: &Work,
    deadline: Option<Instant>,
    reading: impl Future<Output = Result<Streamed, StreamError>>,
) -> Result<Option<Streamed>, StreamError> {
    let sound = AssertUnwindSafe(reading).catch_unwind();
    let ended = match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline.into(), sound).await,
        None => Ok(sound.await),
    };
    let address = || name(work);
    match ended {
        Ok(Ok(read)) => read.map(Some),
        Ok(Err(_)) => Err(GroupError::Defect { address: address() }.into()),
        Err(_) => Err(StreamError::Deadline { address: address() }),
    }
}

/// What a message is about, for logs.
fn name(work: &Work) -> String {
    match work {
        Work::Object(notice) => format!("s3://{}/{}", notice.bucket, notice.key),
        Work::Payload(_) => "a payload of CloudWatch Logs".to_owned(),
        Work::Nothing(what) => what.clone(),
    }
}

fn tell(message: &str, unclear: Unclear) -> StreamError {
    let error = StreamError::Unclear(unclear);
    tracing::error!(message_id = message, kind = error.kind(), error = %error, "not understood");
    error
}

fn tell_error(message: &str, work: &Work, error: StreamError) -> StreamError {
    let (object, why, hint) = (name(work), chain(&error), error.hint());
    tracing::error!(message_id = message, object, kind = error.kind(), error = why, hint, "not read");
    error
}
