//! Requests to the stand-in itself.

use std::time::Duration;

use serde_json::Value;
use ureq::http::Request;
use ureq::{Agent, Body};

use crate::Error;

/// How long an answer may take: longer than the longest that an API waits for a function.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
/// How large an answer may be: the last thousand invocations of a function are tens of megabytes.
const ANSWER_BYTES_MAX: u64 = 1 << 30;

/// What a request was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, when it is JSON.
    pub body: Value,
}

pub(crate) fn ask(
    endpoint: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Result<Answer, Error> {
    let unreachable = |source: ureq::Error| Error::Unreachable { path: path.to_owned(), source: Box::new(source) };
    let mut request = Request::builder().method(method).uri(format!("{endpoint}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = request.body(body).map_err(|error| unreachable(error.into()))?;
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(ANSWER_TIME_MAX))
        // What is on this machine is reached without whatever proxy the environment names.
        .proxy(None)
        .build();
    let mut answer = Agent::new_with_config(config).run(request).map_err(unreachable)?;
    let text = read(answer.body_mut()).map_err(unreachable)?;
    Ok(Answer { status: answer.status().as_u16(), body: serde_json::from_slice(&text).unwrap_or_default() })
}

fn read(body: &mut Body) -> Result<Vec<u8>, ureq::Error> {
    body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec()
}
