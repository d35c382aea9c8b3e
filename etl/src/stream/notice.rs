//! What a function is told: events of S3, whatever they come wrapped in, and payloads of CloudWatch Logs.

use serde_json::Value;

/// Envelopes inside one another that are opened: a queue's message with a topic's with an event.
const DEPTH_MAX: u32 = 4;

/// An object that S3 tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key, as it is.
    pub key: String,
    /// Which of the object's versions, in a bucket that keeps them.
    pub version: Option<String>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// To read an object.
    Object(Notice),
    /// To read a subscription's payload: gzip, in base64.
    Payload(String),
    /// Nothing: an event that was only told for the record, such as `s3:TestEvent`.
    Nothing(String),
}

/// What one invocation brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Whether it is of a queue, which takes back messages one by one.
    pub is_queue: bool,
    /// What is to be done.
    pub items: Vec<Item>,
}

/// A message of a queue, or all of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The message's id; empty where there is no queue.
    pub id: String,
    /// What it says; or why that is not understood.
    pub work: Result<Vec<Work>, Unclear>,
}

/// An event that nobody knows what to do about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event is none that is known: {why}")]
pub struct Unclear {
    /// What is missing or wrong, and where.
    pub why: String,
}

impl Batch {
    /// Understands an event as a function is given it.
    pub fn of(event: &Value) -> Self {
        match event["Records"].as_array() {
            Some(records) if records.iter().any(|record| record["eventSource"] == "aws:sqs") => {
                Self { is_queue: true, items: records.iter().map(Item::of_message).collect() }
            }
            _ => Self { is_queue: false, items: vec![Item { id: String::new(), work: understand(event, 0) }] },
        }
    }
}

impl Item {
    fn of_message(record: &Value) -> Self {
        let id = record["messageId"].as_str().unwrap_or_default().to_owned();
        let body = record["body"].as_str().ok_or_else(|| unclear("a queue's message has no body"));
        Self { id, work: body.and_then(|body| understand_text(body, 0)) }
    }
}

fn understand_text(text: &str, depth: u32) -> Result<Vec<Work>, Unclear> {
    let event = serde_json::from_str(text).map_err(|error| unclear(format!("it is no JSON: {error}")))?;
    understand(&event, depth)
}

fn understand(event: &Value, depth: u32) -> Result<Vec<Work>, Unclear> {
    if depth > DEPTH_MAX {
        return Err(unclear("there are too many envelopes inside one another"));
    }
    if let Some(records) = event["Records"].as_array() {
        let works = records.iter().map(|record| of_record(record, depth));
        return Ok(works.collect::<Result<Vec<_>, _>>()?.concat());
    }
    if event["Type"] == "Notification" {
        return of_topic(event, depth);
    }
    if event["Event"] == "s3:TestEvent" {
        return Ok(vec![Work::Nothing("s3:TestEvent".to_owned())]);
    }
    if let Some(kind) = event["detail-type"].as_str() {
        return of_bus(event, kind);
    }
    if let Some(data) = event.pointer("/awslogs/data").and_then(Value::as_str) {
        return Ok(vec![Work::Payload(data.to_owned())]);
    }
    Err(unclear("it has none of `Records`, `Type`, `detail-type` and `awslogs`"))
}

fn of_record(record: &Value, depth: u32) -> Result<Vec<Work>, Unclear> {
    let source = record["eventSource"].as_str().or(record["EventSource"].as_str()).unwrap_or_default();
    match source {
        "aws:s3" => of_s3(record).map(|work| vec![work]),
        "aws:sns" => of_topic(&record["Sns"], depth),
        "aws:sqs" => Item::of_message(record).work,
        other => Err(unclear(format!("a record is of `{other}`"))),
    }
}

/// A topic's message, which is text.
fn of_topic(message: &Value, depth: u32) -> Result<Vec<Work>, Unclear> {
    let text = message["Message"].as_str().ok_or_else(|| unclear("a topic's message has no text"))?;
    understand_text(text, depth + 1)
}

/// S3's own notification. Keys are encoded as in forms: `+` is a blank.
fn of_s3(record: &Value) -> Result<Work, Unclear> {
    let name = record["eventName"].as_str().unwrap_or_default();
    if !is_of_content(name) {
        return Ok(Work::Nothing(name.to_owned()));
    }
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let (bucket, key) = (text("/s3/bucket/name"), text("/s3/object/key"));
    let (Some(bucket), Some(key)) = (bucket, key) else {
        return Err(unclear("a record of S3 has no bucket or no key"));
    };
    let key = decode(key).ok_or_else(|| unclear(format!("the key `{key}` is not UTF-8")))?;
    let version = text("/s3/object/versionId").map(str::to_owned);
    Ok(Work::Object(Notice { bucket: bucket.to_owned(), key, version }))
}

/// Whether a notification is of new content: put, posted, copied, uploaded in parts, or back from an archive.
fn is_of_content(name: &str) -> bool {
    let name = name.strip_prefix("s3:").unwrap_or(name);
    name.starts_with("ObjectCreated:") || name == "ObjectRestore:Completed"
}

/// What S3 tells by way of EventBridge. Keys are as they are.
fn of_bus(event: &Value, kind: &str) -> Result<Vec<Work>, Unclear> {
    if !matches!(kind, "Object Created" | "Object Restore Completed") {
        return Ok(vec![Work::Nothing(kind.to_owned())]);
    }
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    match (text("/detail/bucket/name"), text("/detail/object/key")) {
        (Some(bucket), Some(key)) => {
            let version = text("/detail/object/version-id").map(str::to_owned);
            Ok(vec![Work::Object(Notice { bucket: bucket.to_owned(), key: key.to_owned(), version })])
        }
        _ => Err(unclear(format!("`{kind}` has no bucket or no key"))),
    }
}

fn decode(key: &str) -> Option<String> {
    let blanks = key.replace('+', " ");
    percent_encoding::percent_decode_str(&blanks).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn unclear(why: impl Into<String>) -> Unclear {
    Unclear { why: why.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn s3(name: &str, key: &str) -> Value {
        json!({"eventSource": "aws:s3", "eventName": name,
               "s3": {"bucket": {"name": "logs"}, "object": {"key": key, "versionId": "v1"}}})
    }

    fn object(key: &str, version: Option<&str>) -> Work {
        let version = version.map(str::to_owned);
        Work::Object(Notice { bucket: "logs".to_owned(), key: key.to_owned(), version })
    }

    fn only(event: &Value) -> Result<Vec<Work>, Unclear> {
        let batch = Batch::of(event);
        assert!(!batch.is_queue);
        batch.items.into_iter().next().unwrap().work
    }

    #[test]
    fn keys_are_decoded_where_s3_encodes_them() {
        let event =
            json!({"Records": [s3("ObjectCreated:Put", "a+b/%C3%A9%2B%25.json.gz"), s3("ObjectRemoved:Delete", "x")]});
        let nothing = Work::Nothing("ObjectRemoved:Delete".to_owned());
        assert_eq!(only(&event).unwrap(), [object("a b/é+%.json.gz", Some("v1")), nothing]);
        let bus = json!({"detail-type": "Object Created",
                         "detail": {"bucket": {"name": "logs"}, "object": {"key": "a+b/%C3", "etag": "e"}}});
        assert_eq!(only(&bus).unwrap(), [object("a+b/%C3", None)]);
        assert!(only(&json!({"Records": [s3("ObjectCreated:Put", "%FF")]})).unwrap_err().why.contains("UTF-8"));
    }

    #[test]
    fn envelopes_are_opened() {
        let inner = json!({"Records": [s3("ObjectCreated:Copy", "x")]});
        let topic = json!({"Type": "Notification", "Message": inner.to_string()});
        let direct = json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": inner.to_string()}}]});
        assert_eq!(only(&direct).unwrap(), [object("x", Some("v1"))]);
        let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "logs"});
        let message =
            |id: &str, body: &Value| json!({"eventSource": "aws:sqs", "messageId": id, "body": body.to_string()});
        let queue = json!({"Records": [message("1", &inner), message("2", &topic), message("3", &test),
                                       message("4", &json!({"hello": 1}))]});
        let batch = Batch::of(&queue);
        assert!(batch.is_queue);
        let [one, two, three, four] = batch.items.try_into().unwrap();
        assert_eq!((one.id.as_str(), one.work.unwrap()), ("1", vec![object("x", Some("v1"))]));
        assert_eq!(two.work.unwrap(), [object("x", Some("v1"))]);
        assert_eq!(three.work.unwrap(), [Work::Nothing("s3:TestEvent".to_owned())]);
        assert_eq!(four.id, "4");
        four.work.unwrap_err();
        let payload = json!({"awslogs": {"data": "H4s="}});
        assert_eq!(only(&payload).unwrap(), [Work::Payload("H4s=".to_owned())]);
    }

    #[test]
    fn what_is_hostile_is_unclear_and_no_more() {
        let mut nested = json!({"Records": [s3("ObjectCreated:Put", "x")]});
        for _ in 0..10 {
            nested = json!({"Type": "Notification", "Message": nested.to_string()});
        }
        for event in [
            json!(null),
            json!([]),
            json!({"Records": [7]}),
            json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]}),
            nested,
        ] {
            only(&event).unwrap_err();
        }
        assert_eq!(only(&json!({"Records": []})).unwrap(), []);
    }
}
