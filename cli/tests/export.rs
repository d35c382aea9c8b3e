//! `trailhouse export`: what comes out is what went in.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::io::Read;
use std::path::Path;

use common::{ask, ingest, realdata, run, sample, text};
use flate2::read::MultiGzDecoder;
use trailhouse_schemas::{TABLES, Table};

/// Folders of real logs whose rows must come back, and what of each the records are compared of one by one.
const FOLDERS: [&str; 10] = [
    "suzaku-sans504",
    "awsdocs-examples",
    "foxsec-pipeline",
    "opensearch-catalog",
    "stratus-red-team",
    "umccr",
    "vrl",
    "tenzir-library",
    "danieldevere-flowlogs",
    "datadog-forwarder",
];

/// All rows of a table, but for where they came from, sorted.
fn rows(lake: &Path, table: &Table) -> Vec<String> {
    let is_own = |name: &&str| !name.starts_with("source_");
    let mut columns: Vec<&str> = table.columns.iter().map(|column| column.name).filter(is_own).collect();
    columns.extend(["account_id", "event_date"]);
    let columns: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    let ran =
        run(&["query", text(lake), &format!("SELECT {} FROM {}", columns.join(","), table.name), "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut rows: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
    rows.sort_unstable();
    rows
}

/// Every JSON file below `folder`: the elements of its `Records`, each as text in which the order of keys is gone.
fn records(folder: &Path) -> Vec<String> {
    let mut records = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            records.extend(self::records(&path));
            continue;
        }
        let stored = fs::read(&path).unwrap();
        let mut json = String::new();
        match stored.starts_with(&[0x1f, 0x8b]) {
            true => _ = MultiGzDecoder::new(&stored[..]).read_to_string(&mut json).unwrap(),
            false => json = String::from_utf8(stored).unwrap(),
        }
        let document: serde_json::Value = serde_json::from_str(&json).unwrap();
        let elements = document["Records"].as_array().or(document.as_array()).unwrap();
        records.extend(elements.iter().map(ToString::to_string));
    }
    records
}

/// Exports every table that has rows, reads the objects into another lake, and holds its rows against those of the first.
fn assert_comes_back(source: &Path) {
    let home = tempfile::tempdir().unwrap();
    let (lake, again) = (home.path().join("lake"), home.path().join("again"));
    ingest(source, &lake, &[]);
    let mut exported = Vec::new();
    for table in TABLES.iter().filter(|table| table.name != "rejects") {
        let count = ask(&lake, &format!("SELECT count(*) FROM {}", table.name));
        if count == "0" {
            continue;
        }
        let out = home.path().join("out").join(table.name);
        fs::create_dir_all(out.parent().unwrap()).unwrap();
        let ran = run(&["export", text(&lake), "--table", table.name, text(&out), "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(summary["records"].to_string(), count, "{}", table.name);
        exported.push(*table);
    }
    let (code, summary) = ingest(&home.path().join("out"), &again, &[]);
    assert_eq!((code, summary["rejects"].as_u64()), (0, Some(0)), "{}", source.display());
    for table in exported {
        let (before, after) = (rows(&lake, table), rows(&again, table));
        assert_eq!(before.len(), after.len(), "{} of {}", table.name, source.display());
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "{} of {}", table.name, source.display());
        }
    }
}

#[test]
fn exported_and_read_again_rows_are_the_same() {
    assert_comes_back(&sample());
    for name in FOLDERS {
        let Some(source) = realdata(name) else { return };
        assert_comes_back(&source);
    }
}

#[test]
fn exported_records_are_the_source_records() {
    let source = realdata("suzaku-sans504").unwrap_or_else(sample);
    let home = tempfile::tempdir().unwrap();
    let (lake, out) = (home.path().join("lake"), home.path().join("out"));
    let (_, summary) = ingest(&source, &lake, &[]);
    let ran = run(&["export", text(&lake), "--table", "cloudtrail", text(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (mut before, mut after) = (records(&source), records(&out));
    assert_eq!(Some(before.len() as u64), summary["rows"].as_u64());
    assert_eq!(before.len(), after.len());
    before.sort_unstable();
    after.sort_unstable();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
}

#[test]
fn a_condition_chooses() {
    let home = tempfile::tempdir().unwrap();
    let (lake, out) = (home.path().join("lake"), home.path().join("out"));
    ingest(&sample(), &lake, &[]);
    let condition = "error_code IS NOT NULL -- those that failed";
    let ran = run(&["export", text(&lake), "--table", "cloudtrail", text(&out), "--where", condition]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let count = ask(&lake, "SELECT count(*) FROM cloudtrail WHERE error_code IS NOT NULL");
    let found = records(&out);
    assert_eq!(found.len().to_string(), count);
    assert!(found.iter().all(|record| record.contains("\"errorCode\":")) && count != "0");

    let none = home.path().join("none");
    let ran = run(&["export", text(&lake), "--table", "guardduty", text(&none)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("0 records in 0 objects") && none.read_dir().unwrap().next().is_none());
}

#[test]
fn mistakes_are_usage_and_leave_nothing() {
    let home = tempfile::tempdir().unwrap();
    let lake = home.path().join("lake");
    ingest(&sample(), &lake, &[]);
    let taken = home.path().join("taken");
    fs::create_dir_all(taken.join("x")).unwrap();
    let (taken, inside) = (text(&taken).to_owned(), text(&lake.join("out")).to_owned());
    let new = text(&home.path().join("new")).to_owned();
    let nowhere = text(&home.path().join("nowhere/new")).to_owned();
    for (table, out, condition, said) in [
        ("cloudtrial", &new, "true", "no table `cloudtrial`"),
        ("rejects", &new, "true", "no records"),
        ("cloudtrail", &taken, "true", "is there already"),
        ("cloudtrail", &inside, "true", "inside the lake"),
        ("cloudtrail", &nowhere, "true", "failed"),
        ("cloudtrail", &new, "event_nam = 'x'", "`event_name`"),
        ("cloudtrail", &new, "1 = ", "error"),
    ] {
        let ran = run(&["export", text(&lake), "--table", table, out, "--where", condition]);
        assert_eq!(ran.code, 2, "{table} {out} {condition}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(said), "{}", ran.stderr);
    }
    let left: Vec<_> = home.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}
