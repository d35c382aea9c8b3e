//! `trailhouse query` and `trailhouse tables`.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::io::Read;
use std::process::Stdio;

use common::{command, ingest, run, sample, text};

fn lake() -> tempfile::TempDir {
    let lake = tempfile::tempdir().unwrap();
    ingest(&sample(), lake.path(), &[]);
    lake
}

#[test]
fn every_format_says_the_same() {
    let lake = lake();
    let sql = "SELECT event_name, count(*) AS n FROM cloudtrail GROUP BY 1 ORDER BY n DESC, 1 LIMIT 3";
    let csv = run(&["query", text(lake.path()), sql, "--format", "csv"]);
    assert_eq!(csv.code, 0, "{}", csv.stderr);
    let rows: Vec<Vec<&str>> = csv.stdout.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((rows.len(), rows[0].as_slice()), (4, &["event_name", "n"][..]));

    let json = run(&["query", text(lake.path()), sql, "--format", "json"]).stdout;
    for (line, row) in json.lines().zip(&rows[1..]) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((value["event_name"].as_str(), value["n"].to_string()), (Some(row[0]), row[1].to_owned()));
    }
    let table = run(&["query", text(lake.path()), sql]).stdout;
    let words: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], rows[0]);
    assert_eq!(words[2..], rows[1..]);

    let file = lake.path().with_extension("parquet");
    let ran = run(&["query", text(lake.path()), sql, "-o", text(&file)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    assert!(fs::read(&file).unwrap().starts_with(b"PAR1"));
    fs::remove_file(file).unwrap();
}

#[test]
fn mistakes_are_usage() {
    let lake = lake();
    let lake = text(lake.path());
    for (sql, said) in [
        ("SELECT count(*) FROM cloudtrial", "cloudtrail"),
        ("SELECT event_nam FROM cloudtrail", "event_name"),
        ("SELEC 1", "SELEC"),
        ("DROP TABLE cloudtrail", ""),
        ("COPY (SELECT 1) TO '/tmp/x.csv'", ""),
    ] {
        let ran = run(&["query", lake, sql]);
        assert_eq!(ran.code, 2, "{sql}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(said), "{sql}: {}", ran.stderr);
    }
    assert_eq!(run(&["query", "no/such/lake", "SELECT 1"]).code, 2);
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let lake = lake();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("x.csv");
    let sql = "SELECT CAST(event_name AS INT) FROM cloudtrail";
    assert_ne!(run(&["query", text(lake.path()), sql, "-o", text(&file)]).code, 0);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let lake = lake();
    let ran = run(&["query", text(lake.path()), "SELECT chr(27) || '[31mred' AS x"]);
    assert!(ran.stdout.contains("\\u{1b}[31mred"), "{:?}", ran.stdout);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let lake = lake();
    let mut child = command(&["query", text(lake.path()), "SELECT * FROM cloudtrail", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn tables_are_shown_for_everyone() {
    let lake = lake();
    let table = run(&["tables", text(lake.path())]);
    assert_eq!(table.code, 0, "{}", table.stderr);
    assert!(table.stdout.contains("cloudtrail") && table.stdout.contains("rejects"));
    let ddl = run(&["tables", text(lake.path()), "--format", "ddl"]).stdout;
    assert!(ddl.contains("CREATE EXTERNAL TABLE") && ddl.contains("`event_date` date"), "{ddl}");
    let json = run(&["tables", "--format", "json"]).stdout;
    assert!(json.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(run(&["tables", "--format", "markdown"]).stdout.contains("# "));
}
