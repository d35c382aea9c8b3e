//! How a command ends.

use std::error::Error;
use std::process::ExitCode;

pub(crate) use trailhouse_etl::chain;

/// How a command ended; the codes are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All done.
    Done,
    /// All done, but some input was rejected or damaged.
    WithRejects,
    /// Another command line is needed.
    Usage,
    /// Stopped; nothing is lost, run again to continue.
    Stopped,
    /// Interrupted; nothing is lost, run again to continue.
    Interrupted,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::WithRejects => 1,
            Self::Usage => 2,
            Self::Stopped => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not go on, in words.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// The fact, with its causes.
    pub(crate) error: String,
    /// Advice.
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, error: impl Into<String>) -> Self {
        Self { exit, error: error.into(), hint: None }
    }

    /// A failure of `error`: usage where another command line would help, else stopped.
    pub(crate) fn of(error: &dyn Error, is_usage: bool, hint: Option<&str>) -> Self {
        let exit = if is_usage { Exit::Usage } else { Exit::Stopped };
        Self { exit, error: chain(error), hint: hint.map(str::to_owned) }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
