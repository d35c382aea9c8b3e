//! Runs the binary as a person would.
#![allow(dead_code, reason = "each test binary uses some of it")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test stops where it fails, and says what it left out"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The binary, with `args`.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailhouse"));
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs the binary to its end.
pub(crate) fn run(args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = command(args).output().unwrap();
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// Ingests with `--json`; the exit code and the summary.
pub(crate) fn ingest(source: &Path, lake: &Path, more: &[&str]) -> (i32, serde_json::Value) {
    let args = [&["ingest", text(source), text(lake), "--json"], more].concat();
    let ran = run(&args);
    let summary = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}\n{}", ran.stdout, ran.stderr));
    (ran.code, summary)
}

/// The one value that a query answers.
pub(crate) fn ask(lake: &Path, sql: &str) -> String {
    let ran = run(&["query", text(lake), sql, "--format", "csv"]);
    assert_eq!(ran.code, 0, "{sql}: {}", ran.stderr);
    ran.stdout.lines().nth(1).unwrap_or_default().to_owned()
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The committed sample.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cloudtrail")
}

/// A folder of real logs, or `None`, said once a test.
pub(crate) fn realdata(folder: &str) -> Option<PathBuf> {
    match std::env::var_os("TRAILHOUSE_REALDATA") {
        Some(root) => Some(Path::new(&root).join(folder)),
        None => {
            eprintln!("SKIPPED the part on real logs ({folder}): TRAILHOUSE_REALDATA is not set");
            None
        }
    }
}

/// Every file of the lake's tables, by path.
pub(crate) fn table_files(lake: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(lake).into_iter().flatten() {
        let path = entry.unwrap().path();
        if !path.ends_with("_trailhouse") {
            collect(lake, &path, &mut files);
        }
    }
    files
}

fn collect(root: &Path, path: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(root, &entry.unwrap().path(), files);
        }
    } else {
        files.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(path).unwrap());
    }
}
