//! The process of a stand-in, from its start to its end.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::Deserialize;

use crate::Error;

/// Names the Python that has what the stand-in needs.
const PYTHON: &str = "TRAILHOUSE_STAND_IN_PYTHON";
/// Where `make stand-in-venv` puts it, below the home folder.
const INSTALLED: &str = ".cache/trailhouse/stand-in-venv/bin/python";

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Its standard input: that it is closed is the sign to end, also when nobody is left to give another.
    lifeline: Option<ChildStdin>,
    endpoint: String,
}

/// What the stand-in prints when it is ready.
#[derive(Debug, Deserialize)]
struct Ready {
    endpoint: String,
}

impl Process {
    pub(crate) fn start() -> Result<Self, Error> {
        let python = python();
        if !python.is_file() {
            return Err(Error::NotInstalled { python });
        }
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut child = Command::new(python)
            .args(["-m", "stand_in", "--until-stdin-closes"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Error::NotStarted(error.to_string()))?;
        let lifeline = child.stdin.take();
        match ready(&mut child) {
            Ok(endpoint) => Ok(Self { child, lifeline, endpoint }),
            Err(why) => {
                drop(lifeline);
                let _ = child.wait();
                Err(Error::NotStarted(why))
            }
        }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.lifeline = None;
        // It kills its functions, removes its folder and ends; then nothing of it is left.
        let _ = self.child.wait();
    }
}

fn python() -> PathBuf {
    match std::env::var_os(PYTHON) {
        Some(named) => named.into(),
        None => std::env::home_dir().unwrap_or_default().join(INSTALLED),
    }
}

/// Waits for the line that says where the stand-in listens.
fn ready(child: &mut Child) -> Result<String, String> {
    let stdout = child.stdout.take().ok_or("it has no output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
    let ready: Ready = serde_json::from_str(&line).map_err(|_| "it ended before it was ready; see above".to_owned())?;
    Ok(ready.endpoint)
}
