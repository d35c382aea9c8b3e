//! What the demo's scripts promise: they remove what they made themselves, and nothing else.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn script(name: &str, words: &[&Path]) -> Output {
    Command::new("bash").arg(repository().join("demo").join(name)).args(words).output().unwrap()
}

/// The demo over a program that does nothing, whatever it is told.
fn demo(lake: &Path) -> Output {
    script("run", &[Path::new("true"), Path::new("logs"), lake])
}

#[test]
fn a_folder_of_others_stays() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    fs::create_dir_all(lake.join("_trailhouse")).unwrap();
    fs::write(lake.join("_trailhouse/lake.json"), "{}").unwrap();
    for refused in [demo(&lake), script("clean.sh", &[&lake]), script("clean.sh", &[folder.path()])] {
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("was not made by the demo"), "{refused:?}");
        assert!(lake.join("_trailhouse/lake.json").is_file());
    }
}

#[test]
fn a_lake_of_the_demo_is_made_anew_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("a/lake");
    assert_eq!(demo(&lake).status.code(), Some(0));
    fs::write(lake.join("old"), "of the run before").unwrap();
    assert_eq!(demo(&lake).status.code(), Some(0));
    assert!(lake.is_dir() && !lake.join("old").exists());
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&lake, &link).unwrap();
    assert_eq!(script("clean.sh", &[&link]).status.code(), Some(2));
    for _ in 0..2 {
        assert_eq!(script("clean.sh", &[&lake]).status.code(), Some(0), "what is gone already is no error");
        assert!(!lake.exists());
    }
}

#[test]
fn the_demo_reads_logs_only() {
    let makefile = fs::read_to_string(repository().join("Makefile")).unwrap();
    let line = makefile.lines().find(|line| line.contains("demo/run")).unwrap();
    let source = line.split_whitespace().find(|word| word.starts_with("testdata")).unwrap();
    let entries = fs::read_dir(repository().join(source)).unwrap();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["AWSLogs"], "`{source}` also holds what is no log");
}

#[test]
fn questions_fit_a_terminal() {
    let entries = fs::read_dir(repository().join("demo")).unwrap().map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| path.extension().is_some_and(|end| end == "sql")) {
        for line in fs::read_to_string(&path).unwrap().lines() {
            assert!(line.len() <= 100, "{}: {line}", path.display());
        }
    }
}
