//! Commands that are stopped while they write leave nothing that looks whole.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{command, ingest, run, text};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Records of a lake that takes a while to be written out.
const RECORDS: usize = 200_000;

/// A lake of so many records, in one day.
fn large_lake(home: &Path) -> PathBuf {
    let record = r#"{"eventTime":"2026-03-02T01:02:03Z","eventName":"A","recipientAccountId":"111122223333"}"#;
    let records = vec![record; RECORDS].join(",");
    let mut object = GzEncoder::new(Vec::new(), Compression::fast());
    object.write_all(format!("{{\"Records\":[{records}]}}").as_bytes()).unwrap();
    let (source, lake) = (home.join("source"), home.join("lake"));
    fs::create_dir(&source).unwrap();
    fs::write(source.join("many.json.gz"), object.finish().unwrap()).unwrap();
    let (code, summary) = ingest(&source, &lake, &["--as", "cloudtrail"]);
    assert_eq!((code, summary["rows"].as_u64()), (0, Some(RECORDS as u64)));
    lake
}

fn left_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The command, as soon as it has begun to write a file, or a folder of files, into `place`, which is empty.
fn at_work(args: &[&str], place: &Path) -> Child {
    let mut child = command(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let has_begun = |path: &PathBuf| match fs::metadata(path) {
        Ok(found) if found.is_dir() => fs::read_dir(path).is_ok_and(|files| files.count() > 0),
        Ok(found) => found.len() > 0,
        Err(_) => false,
    };
    while !left_in(place).iter().any(has_begun) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began: {args:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// Sends the signal. The exit code, and what was said.
fn stop(child: Child, signal: &str) -> (Option<i32>, String) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "{signal}");
    let ended = child.wait_with_output().unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

/// Stops a command that writes `place`/out in every way, then lets it end.
fn assert_leaves_nothing(args: &[&str], place: &Path) {
    fs::create_dir(place).unwrap();
    let out = place.join("out");
    let args = [args, &[text(&out)]].concat();
    for signal in ["-INT", "-TERM"] {
        let (code, said) = stop(at_work(&args, place), signal);
        assert_eq!((code, left_in(place)), (Some(130), Vec::new()), "{signal} {args:?}: {said}");
    }
    assert_eq!(stop(at_work(&args, place), "-KILL").0, None);
    let [unfinished] = left_in(place).try_into().unwrap();
    assert!(text(&unfinished).ends_with(".unfinished"), "{}", unfinished.display());

    let ran = run(&args);
    assert_eq!(ran.code, 0, "what was left is in nobody's way: {}", ran.stderr);
    assert!(out.exists() && ran.stderr.contains("200,000"), "{}", ran.stderr);
    assert_eq!(left_in(place).len(), 2);
}

#[test]
fn what_is_stopped_while_it_writes_leaves_nothing_that_looks_whole() {
    let home = tempfile::tempdir().unwrap();
    let lake = large_lake(home.path());
    let lake = text(&lake);
    assert_leaves_nothing(&["export", lake, "--table", "cloudtrail"], &home.path().join("export"));
    let query = ["query", lake, "SELECT * FROM cloudtrail", "--format", "json", "-o"];
    assert_leaves_nothing(&query, &home.path().join("query"));
}
