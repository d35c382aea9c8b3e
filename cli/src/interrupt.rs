//! Ctrl-C, and the signals by which services are stopped.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::{Exit, Failure};

/// A moment in which an interrupt is heard: where rows are always at hand, work would leave none before its end.
pub(crate) async fn hear() {
    tokio::task::yield_now().await;
}

/// Calls `ask_to_stop` at the first interrupt. The second ends the program where it stands.
pub(crate) fn listen(ask_to_stop: impl Fn() + Send + 'static) -> Result<(), Failure> {
    let was_asked = AtomicBool::new(false);
    let handler = move || {
        if was_asked.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        ask_to_stop();
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Failure::new(Exit::Stopped, format!("listening for interrupts failed: {error}")))
}
