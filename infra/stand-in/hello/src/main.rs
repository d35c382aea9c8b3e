//! A Lambda that shows what it was given, and fails as it is told.
//!
//! It knows the events of S3, SQS, SNS, EventBridge and an HTTP API by their shapes, and answers each as its source wants.
//! An event of its own is `{"do": ...}`: see [`Order`].

use std::time::Duration;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};

/// What goes wrong when it is asked for: its type is what a state machine's Retry and Catch go by.
#[derive(Debug, thiserror::Error)]
enum HelloError {
    #[error("asked to be throttled")]
    Throttled,
    #[error("{0}")]
    Refused(String),
}

impl From<HelloError> for Diagnostic {
    fn from(error: HelloError) -> Self {
        let error_type = match error {
            HelloError::Throttled => "Hello.Throttled",
            HelloError::Refused(_) => "Hello.Refused",
        };
        Self { error_type: error_type.into(), error_message: error.to_string() }
    }
}

/// What an event of our own asks for.
enum Order<'e> {
    /// `{"do": "echo", ...}`: answers with the event.
    Echo,
    /// `{"do": "throttle"}`: fails with `Hello.Throttled`.
    Throttle,
    /// `{"do": "refuse", "why": ...}`: fails with `Hello.Refused`.
    Refuse(&'e str),
    /// `{"do": "wait", "milliseconds": ...}`: answers late.
    Wait(u64),
    /// `{"do": "environment", "name": ...}`: answers with a variable.
    Environment(&'e str),
    /// `{"do": "exit"}`: ends the process.
    Exit,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move { handle(&event.payload).await })).await
}

async fn handle(event: &Value) -> Result<Value, HelloError> {
    if event.pointer("/requestContext/http").is_some() {
        return Ok(http(event));
    }
    if let Some(records) = event["Records"].as_array() {
        return Ok(of_records(records));
    }
    if let Some(detail) = event.get("detail-type") {
        return Ok(json!({"from": "events", "detail_type": detail, "detail": event["detail"]}));
    }
    obey(&order(event)?, event).await
}

/// An answer for an HTTP API: the caller's words, and who the caller is.
fn http(event: &Value) -> Value {
    let said = json!({
        "path": event["rawPath"],
        "method": event["requestContext"]["http"]["method"],
        "subject": event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"],
        "body": event["body"],
    });
    json!({
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": said.to_string(),
    })
}

/// Answers a batch of one source. Messages of SQS that say `fail` are given back, all others are done with.
fn of_records(records: &[Value]) -> Value {
    let all = |pointer: &str| records.iter().filter_map(|record| record.pointer(pointer)).cloned().collect::<Vec<_>>();
    let first = records.first();
    let source = first.and_then(|record| record.get("eventSource").or(record.get("EventSource")));
    match source.and_then(Value::as_str) {
        Some("aws:sqs") => {
            let failed =
                records.iter().filter(|record| record["body"].as_str().is_some_and(|body| body.contains("fail")));
            let failures: Vec<Value> = failed.map(|record| json!({"itemIdentifier": record["messageId"]})).collect();
            json!({"batchItemFailures": failures})
        }
        Some("aws:s3") => json!({"from": "s3", "keys": all("/s3/object/key")}),
        Some("aws:sns") => json!({"from": "sns", "messages": all("/Sns/Message")}),
        _ => json!({"from": "unknown", "records": records.len()}),
    }
}

fn order(event: &Value) -> Result<Order<'_>, HelloError> {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    match text("do") {
        "echo" => Ok(Order::Echo),
        "throttle" => Ok(Order::Throttle),
        "refuse" => Ok(Order::Refuse(text("why"))),
        "wait" => Ok(Order::Wait(event["milliseconds"].as_u64().unwrap_or_default())),
        "environment" => Ok(Order::Environment(text("name"))),
        "exit" => Ok(Order::Exit),
        other => Err(HelloError::Refused(format!("nobody can do `{other}`"))),
    }
}

async fn obey(order: &Order<'_>, event: &Value) -> Result<Value, HelloError> {
    match order {
        Order::Echo => Ok(event.clone()),
        Order::Throttle => Err(HelloError::Throttled),
        Order::Refuse(why) => Err(HelloError::Refused((*why).to_owned())),
        Order::Wait(milliseconds) => {
            tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            Ok(json!({"waited": milliseconds}))
        }
        Order::Environment(name) => Ok(json!({"value": std::env::var(name).ok()})),
        Order::Exit => std::process::exit(3),
    }
}
