//! AWS on one loopback port, for tests: starts the stand-in, asks it, and ends it.
//!
//! ```no_run
//! let aws = trailhouse_stand_in::StandIn::start()?;
//! let [(name, endpoint), ..] = aws.environment();
//! assert_eq!((name, endpoint.as_str()), ("AWS_ENDPOINT_URL", aws.endpoint()));
//! aws.fault(&serde_json::json!({"operation": "s3:PutObject", "fault": "slow_down"}))?;
//! # Ok::<(), trailhouse_stand_in::Error>(())
//! ```

mod control;
mod process;

use std::path::PathBuf;

pub use control::Answer;
use process::Process;
use serde_json::Value;

/// A running stand-in; it ends when this is dropped, or when the process that started it does.
#[derive(Debug)]
pub struct StandIn {
    process: Process,
}

/// Why the stand-in does not do what is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Its Python is not installed.
    #[error("{} is not there: run `make stand-in-venv`", python.display())]
    NotInstalled {
        /// Where it was looked for.
        python: PathBuf,
    },
    /// It did not start.
    #[error("the stand-in did not start: {0}")]
    NotStarted(String),
    /// It cannot be reached.
    #[error("the stand-in does not answer `{path}`")]
    Unreachable {
        /// What was asked for.
        path: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// It refused what was asked of it.
    #[error("the stand-in answers `{path}` with {status}: {message}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The HTTP status.
        status: u16,
        /// Its reason.
        message: String,
    },
}

impl StandIn {
    /// Starts one on a free port, and waits until it is ready: a second or two.
    ///
    /// Its Python is that of the variable `TRAILHOUSE_STAND_IN_PYTHON`, else of the folder that `make stand-in-venv` fills.
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`] and [`Error::NotStarted`].
    pub fn start() -> Result<Self, Error> {
        Process::start().map(|process| Self { process })
    }

    /// The address that clients of all services are given, without a slash at its end.
    pub fn endpoint(&self) -> &str {
        self.process.endpoint()
    }

    /// The variables that AWS's SDKs read: address, region, and keys that mean nothing.
    pub fn environment(&self) -> [(&'static str, String); 5] {
        let text = str::to_owned;
        [
            ("AWS_ENDPOINT_URL", text(self.endpoint())),
            ("AWS_REGION", text("us-east-1")),
            ("AWS_ACCESS_KEY_ID", text("test")),
            ("AWS_SECRET_ACCESS_KEY", text("test")),
            ("AWS_EC2_METADATA_DISABLED", text("true")),
        ]
    }

    /// Makes it as new: no buckets, functions, faults or calls are left. Takes milliseconds.
    ///
    /// # Errors
    ///
    /// As [`StandIn::ask`].
    pub fn reset(&self) -> Result<(), Error> {
        self.control("POST", "/_stand-in/reset", None).map(drop)
    }

    /// Has calls fail as `rule` says; its form stands in the stand-in's README.
    ///
    /// # Errors
    ///
    /// As [`StandIn::ask`], also for a rule that makes no sense.
    pub fn fault(&self, rule: &Value) -> Result<(), Error> {
        self.control("POST", "/_stand-in/faults", Some(rule)).map(drop)
    }

    /// Moves its clock, and whoever waits by it.
    ///
    /// # Errors
    ///
    /// As [`StandIn::ask`].
    pub fn advance(&self, time: std::time::Duration) -> Result<(), Error> {
        let wanted = serde_json::json!({"advance_seconds": time.as_secs_f64()});
        self.control("POST", "/_stand-in/clock", Some(&wanted)).map(drop)
    }

    /// What a control path answers: `/_stand-in/calls`, `/_stand-in/telegram/calls` and others.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`], and [`Error::Refused`] for an answer that is no success.
    pub fn control(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        let Answer { status, body } = self.ask(method, path, &[], body)?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let message = body["message"].as_str().map_or_else(|| body.to_string(), str::to_owned);
        Err(Error::Refused { path: path.to_owned(), status, message })
    }

    /// Any request, and whatever it is answered: `null` where that is no JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`].
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        control::ask(self.endpoint(), method, path, headers, body)
    }
}
