//! Where the query engine runs: on threads with room for what people ask, and apart from the rest when it breaks down.

use std::thread;

use tokio::runtime::{Builder, Runtime};
use trailhouse_query::QueryError;
use trailhouse_query::limits::STACK_BYTES;

use crate::exit::{Exit, Failure};
use crate::query::failure;

/// The name of the threads, by which a panic is known for the engine's.
const THREAD_NAME: &str = "query";

/// Runs `work` to its end. Where the engine panics, whoever waits for it has an error.
pub(crate) fn run<R: Send>(work: impl AsyncFnOnce() -> Result<R, Failure> + Send) -> Result<R, Failure> {
    silence_panics();
    let on_thread = || {
        let runtime = runtime()?;
        let result = runtime.block_on(work());
        // What still runs for the answer is not waited for.
        runtime.shutdown_background();
        result
    };
    let starting = |error| Failure::new(Exit::Stopped, format!("starting a thread failed: {error}"));
    thread::scope(|scope| {
        let builder = thread::Builder::new().name(THREAD_NAME.to_owned()).stack_size(STACK_BYTES);
        let thread = builder.spawn_scoped(scope, on_thread).map_err(starting)?;
        thread.join().unwrap_or_else(|panic| Err(failure(&QueryError::of_panic(panic.as_ref()))))
    })
}

fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .enable_all()
        .thread_name(THREAD_NAME)
        .thread_stack_size(STACK_BYTES)
        .build()
        .map_err(|error| Failure::new(Exit::Stopped, format!("starting the runtime failed: {error}")))
}

/// A panic of the engine is told as an error, once, by whoever waits for it.
fn silence_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if thread::current().name() != Some(THREAD_NAME) {
            tell(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error() {
        let failure = run(async || -> Result<(), Failure> { panic!("over this") }).unwrap_err();
        assert_eq!((failure.exit, failure.error.as_str()), (Exit::Stopped, "the query engine broke down: over this"));
    }
}
