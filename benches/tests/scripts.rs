//! What the scripts promise where there is nothing to measure or to compare: they refuse, and keep no trace of it.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it fails, and says what it skips")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder of this test's own.
fn empty(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a script in a home of its own, with `realdata` for real logs; nothing where there is no Python.
fn run(script: &str, words: &[&str], home: &Path, realdata: &str) -> Option<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let mut python = Command::new("python3");
    python.arg(script).args(words).env("HOME", home).env("TRAILHOUSE_REALDATA", realdata);
    match python.env("XDG_CACHE_HOME", home.join("elsewhere")).env("PYTHONDONTWRITEBYTECODE", "1").output() {
        Ok(output) => Some(output),
        Err(error) => {
            eprintln!("SKIPPED: python3 cannot be run: {error}");
            None
        }
    }
}

#[test]
fn a_wrong_use_is_refused_before_anything_is_made() {
    let home = empty("refused");
    let wrong: [(&str, &[&str], &str); 8] = [
        ("engines.py", &["/nonexistent"], "is no folder"),
        ("engines.py", &["one", "two"], "Usage"),
        ("peers/run.py", &["--rounds", "0"], "0 is not at least 1"),
        ("peers/run.py", &["--records", "0"], "0 is not at least 1"),
        ("peers/run.py", &["--engines", "trailhouse", "--fail-above", "0.3"], "must name both"),
        ("peers/run.py", &["--format", "waf"], "invalid choice: 'waf'"),
        ("peers/run.py", &["--format", "vpc-flow", "--corpus", "real"], "there are no real logs of vpc-flow"),
        ("peers/run.py", &[], "needs TRAILHOUSE_REALDATA to name a folder"),
    ];
    for (script, words, why) in wrong {
        let Some(output) = run(script, words, &home, "/nonexistent") else { return };
        let talk = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{script} {words:?}: {talk}");
        assert!(talk.contains(why), "{script} {words:?}: {talk}");
    }
    assert!(fs::read_dir(&home).unwrap().next().is_none(), "something was made");
}

#[test]
fn a_corpus_without_records_is_not_kept() {
    let (home, realdata) = (empty("no-records"), empty("no-logs"));
    let Some(output) = run("peers/run.py", &[], &home, realdata.to_str().unwrap()) else { return };
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{talk}");
    assert!(talk.contains("has no record below `suzaku-sans504`"), "{talk}");
    // The cache is where the Makefile has it, too, whatever else the environment names.
    let kept = fs::read_dir(home.join(".cache/trailhouse/peers")).unwrap();
    assert_eq!(kept.count(), 0);
}

#[test]
fn flow_logs_are_made_the_same_each_time() {
    let made = ["flows", "flows-again"].map(|name| {
        let out = empty(name);
        let output = run("peers/flow_corpus.py", &[out.to_str().unwrap(), "100"], &out, "")?;
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{talk}");
        let counts = String::from_utf8(output.stdout).unwrap();
        assert!(counts.starts_with(r#"{"objects": 1, "records": 100, "#), "{counts}");
        let day = fs::read_dir(out.join("AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/01/01")).unwrap();
        let objects: Vec<_> = day.map(|entry| entry.unwrap()).collect();
        assert_eq!(objects.len(), 1);
        Some((counts, objects[0].file_name(), fs::read(objects[0].path()).unwrap()))
    });
    assert_eq!(made[0], made[1]);
}
