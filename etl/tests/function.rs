//! One invocation of the function, from its event to its answer, where time runs out or nobody answers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use common::{gzip, key, records};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde_json::{Value, json};
use trailhouse_etl::catalog::NoCatalog;
use trailhouse_etl::feeds::{FeedOptions, feed};
use trailhouse_etl::function::handle;
use trailhouse_etl::stream::{Buckets, Streamer};
use trailhouse_lake::{Bucket, Lake, LakeError};

/// A bucket that may never answer, or break down.
#[derive(Debug)]
enum Logs {
    There(Arc<InMemory>),
    Silent,
    Defective,
}

#[async_trait]
impl Buckets for Logs {
    async fn open(&self, bucket: &str) -> Result<Arc<dyn ObjectStore>, LakeError> {
        match self {
            Self::There(store) => Ok(Arc::clone(store) as _),
            Self::Silent => std::future::pending().await,
            Self::Defective => panic!("a defect over `{bucket}`"),
        }
    }
}

/// A function over a lake with a feed of everything.
async fn streamer(logs: Logs) -> Arc<Streamer> {
    let lake = Lake::open_or_create_in(Arc::new(InMemory::new()), None).await.unwrap();
    let source = Bucket { name: "logs".to_owned(), prefix: String::new() };
    let since = Utc::now() - TimeDelta::days(1);
    lake.add_feed(&feed(&lake, &source, &FeedOptions::default(), since)).await.unwrap();
    Arc::new(Streamer::new(lake, Arc::new(NoCatalog), Arc::new(logs)))
}

/// A queue's batch: a message for each of so many objects, and one that only says that there is a queue.
fn batch(objects: usize) -> Value {
    let told = |number: usize| {
        json!({"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
               "s3": {"bucket": {"name": "logs"}, "object": {"key": key(number)}}})
    };
    let message =
        |id: String, body: Value| json!({"eventSource": "aws:sqs", "messageId": id, "body": body.to_string()});
    let mut messages: Vec<Value> =
        (0..objects).map(|number| message(number.to_string(), json!({"Records": [told(number)]}))).collect();
    messages.push(message("test".to_owned(), json!({"Event": "s3:TestEvent"})));
    json!({"Records": messages})
}

fn given_back(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect()
}

async fn logs_of(objects: usize) -> Logs {
    let store = InMemory::new();
    for number in 0..objects {
        store.put(&Path::from(key(number)), gzip(&records(number, 5)).into()).await.unwrap();
    }
    Logs::There(Arc::new(store))
}

#[tokio::test]
async fn a_batch_is_read_once() {
    let streamer = streamer(logs_of(3).await).await;
    for (objects, known) in [(3, 0), (0, 3)] {
        let outcome = handle(&streamer, &batch(3), None).await;
        let counts = &outcome.counts;
        assert_eq!((counts.objects, counts.objects_known, counts.messages), (objects, known, 4));
        assert_eq!((counts.records, counts.rows + counts.rejects), (objects * 5, objects * 5));
        assert!(given_back(&outcome.answer().unwrap()).is_empty());
    }
}

#[tokio::test]
async fn what_there_is_no_time_for_is_given_back() {
    let streamer = streamer(logs_of(3).await).await;
    let outcome = handle(&streamer, &batch(3), Some(Instant::now())).await;
    assert!(outcome.failed.iter().all(|(_, error)| error.kind() == "Deadline"));
    assert_eq!(given_back(&outcome.answer().unwrap()), ["0", "1", "2"]);
    // Later there is time.
    assert_eq!(handle(&streamer, &batch(3), None).await.counts.objects, 3);
}

#[tokio::test]
async fn nobody_is_waited_for_beyond_the_deadline() {
    let (streamer, started) = (streamer(Logs::Silent).await, Instant::now());
    // Two seconds are kept for the answer.
    let outcome = handle(&streamer, &batch(2), Some(started + Duration::from_millis(2_300))).await;
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(given_back(&outcome.answer().unwrap()), ["0", "1"]);
}

#[tokio::test]
async fn a_defect_is_told_and_takes_nothing_along() {
    let outcome = handle(&streamer(Logs::Defective).await, &batch(2), None).await;
    assert!(outcome.failed.iter().all(|(_, error)| error.to_string().contains("a defect of the program")));
    assert_eq!(given_back(&outcome.answer().unwrap()), ["0", "1"]);
}
