//! The ETL Lambda: reads objects into a lake as S3 tells of them.
//!
//! It is set up by its environment: see [`setup`]. Nothing is asked of AWS before the first event is there, so that a cold
//! start takes what the program itself takes.

mod setup;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tokio::sync::OnceCell;
use trailhouse_etl::chain;
use trailhouse_etl::function::{Counts, handle, metrics};
use trailhouse_etl::stream::{StreamError, Streamer};

use setup::{Setup, SetupError};

/// Why an invocation failed; its kind is the error type that AWS shows, and that retries go by.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Stream(#[from] StreamError),
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let kind = match &failure {
            Failure::Setup(error) => error.kind(),
            Failure::Stream(error) => error.kind(),
        };
        Self { error_type: kind.to_owned(), error_message: chain(&failure) }
    }
}

/// One instance of the function.
#[derive(Default)]
struct Function {
    streamer: OnceCell<Arc<Streamer>>,
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    setup::log();
    let function = Arc::new(Function::default());
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move { function.invoke(event).await }
    }))
    .await
}

impl Function {
    async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Value, Failure> {
        let started = Instant::now();
        let end = end_of(event.context.deadline);
        let streamer = self.streamer.get_or_try_init(open).await.inspect_err(|error| {
            tracing::error!(kind = error.kind(), error = chain(error), hint = error.hint(), "not set up");
        })?;
        let outcome = handle(streamer, &event.payload, end).await;
        tell(&event.context.env_config.function_name, &outcome.counts, started.elapsed());
        Ok(outcome.answer()?)
    }
}

async fn open() -> Result<Arc<Streamer>, SetupError> {
    Setup::of_environment()?.open().await.map(Arc::new)
}

/// When the invocation ends, by this process's own clock.
fn end_of(deadline: u64) -> Option<Instant> {
    let deadline = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(deadline))?;
    let left = deadline.duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now().checked_add(left)
}

#[expect(clippy::print_stdout, reason = "what a function prints is its log")]
fn tell(function: &str, counts: &Counts, took: Duration) {
    println!("{}", metrics(function, counts, took));
}
