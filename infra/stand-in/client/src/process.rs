//! The process of a stand-in, from its start to its end.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::Error;

/// Names the Python that has what the stand-in needs.
const PYTHON: &str = "TRAILHOUSE_STAND_IN_PYTHON";
/// Where `make stand-in-venv` puts it, below the home folder.
const INSTALLED: &str = ".cache/trailhouse/stand-in-venv/bin/python";
/// How long a start or an end may take; each is a second or two.
const TIME_MAX: Duration = Duration::from_secs(30);
/// How often an end is looked for.
const LOOK: Duration = Duration::from_millis(5);

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
        // Looked up here, for the stand-in runs in another folder. Links are kept: a venv's Python is one.
        let Some(python) = std::path::absolute(&python).ok().filter(|path| path.is_file()) else {
            return Err(Error::NotInstalled { python });
        };
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
                end(&mut child);
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
        end(&mut self.child);
    }
}

/// Waits for the end of a child that has been told to end, and kills it where that takes too long.
fn end(child: &mut Child) {
    let deadline = Instant::now() + TIME_MAX;
    while let Ok(None) = child.try_wait() {
        if Instant::now() >= deadline {
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        std::thread::sleep(LOOK);
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
    let (sender, receiver) = mpsc::channel();
    // A read cannot be given a limit of its own; this thread ends with the child's output.
    std::thread::spawn(move || sender.send(first_line(stdout)));
    let line = receiver.recv_timeout(TIME_MAX).map_err(|_| format!("it was not ready after {TIME_MAX:?}"))?;
    let line = line.map_err(|error| error.to_string())?;
    let ready: Ready = serde_json::from_str(&line).map_err(|_| "it ended before it was ready; see above".to_owned())?;
    Ok(ready.endpoint)
}

fn first_line(stdout: ChildStdout) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).map(|_| line)
}
