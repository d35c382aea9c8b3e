//! `trailhouse query` and `trailhouse tables`.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{ask, command, ingest, realdata, run, sample, table_files, text};
use trailhouse_schemas::{TABLES, Table};

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
fn receipts_prove_the_counts() {
    let sources = [Some(sample()), realdata("awsdocs-examples"), realdata("datadog-forwarder")];
    for source in sources.into_iter().flatten() {
        let lake = tempfile::tempdir().unwrap();
        let (_, summary) = ingest(&source, lake.path(), &["--unwrap"]);
        let sums = "SELECT json_object FROM (SELECT count(*) || ',' || sum(records) || ',' || sum(rows_written) || ',' || \
                    sum(rejects) || ',' || sum(skipped) AS json_object FROM receipts)";
        let counts = ["objects", "records", "rows", "rejects", "skipped"].map(|count| summary[count].to_string());
        assert_eq!(ask(lake.path(), sums).trim_matches('"'), counts.join(","), "{}", source.display());
        let is_read = |table: &&&Table| table.name != "rejects";
        let tables = TABLES.iter().filter(is_read).map(|table| format!("SELECT source_id FROM {}", table.name));
        let tables: Vec<String> = tables.collect();
        // Per object, what the receipt says against what the tables hold.
        let wrong = format!(
            "WITH held AS (SELECT source_id, count(*) AS n FROM ({}) GROUP BY 1), \
             refused AS (SELECT source_id, count(*) AS n FROM rejects GROUP BY 1) \
             SELECT count(*) FROM receipts LEFT JOIN held USING (source_id) LEFT JOIN refused USING (source_id) \
             WHERE rows_written + unwrapped <> coalesce(held.n, 0) OR rejects <> coalesce(refused.n, 0) \
             OR records <> rows_written + rejects + skipped",
            tables.join(" UNION ALL ")
        );
        assert_eq!(ask(lake.path(), &wrong), "0", "{}", source.display());
    }
}

#[test]
fn receipts_that_cannot_be_read_are_named() {
    let lake = lake();
    assert_eq!(ask(lake.path(), "SELECT count(*) FROM receipts WHERE is_damaged"), "0");
    let folder = lake.path().join("_trailhouse/receipts");
    let mut path = folder;
    while path.is_dir() {
        path = path.read_dir().unwrap().next().unwrap().unwrap().path();
    }
    fs::write(&path, "{").unwrap();
    let ran = run(&["query", text(lake.path()), "SELECT count(*) FROM receipts"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(ran.stderr.contains(name), "{}", ran.stderr);
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
    assert_eq!(run(&["tables", "--format", "ddl"]).stdout, ddl, "a comment says what is to be filled in, lake or none");
    assert!(ddl.contains("put your bucket and folder") && ddl.contains("MSCK REPAIR TABLE `cloudtrail`;"), "{ddl}");
    assert!(ddl.lines().filter(|line| line.starts_with("--")).all(|line| !line.contains(';')), "{ddl}");
    let json = run(&["tables", "--format", "json"]).stdout;
    let of_lake = run(&["tables", text(lake.path()), "--format", "json"]).stdout;
    for (line, of_lake) in json.lines().zip(of_lake.lines()) {
        let value: serde_json::Value = serde_json::from_str(of_lake).unwrap();
        assert!(value["files"].is_number() && value["rows"].is_number() && value["bytes"].is_number());
        assert!(of_lake.starts_with(line.trim_end_matches('}')), "the same keys in the same order, and more");
    }
    assert!(run(&["tables", "--format", "markdown"]).stdout.contains("# "));
}

#[test]
fn nothing_is_written_into_the_lake() {
    let lake = lake();
    let before = table_files(lake.path());
    let other = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(lake.path(), other.path().join("link")).unwrap();
    let file = lake.path().join(before.keys().next().unwrap());
    std::os::unix::fs::symlink(&file, other.path().join("file.parquet")).unwrap();
    let targets = [
        file.clone(),
        file.with_file_name("new.parquet"),
        lake.path().join("_trailhouse/lake.json"),
        lake.path().join("x.parquet"),
        other.path().join("link/cloudtrail/x.parquet"),
        other.path().join("file.parquet"),
        lake.path().join("cloudtrail/../x.parquet"),
    ];
    for target in targets {
        let ran = run(&["query", text(lake.path()), "SELECT event_name FROM cloudtrail LIMIT 5", "-o", text(&target)]);
        assert_eq!(ran.code, 2, "{}: {}", target.display(), ran.stderr);
        assert!(ran.stderr.contains("is inside the lake"), "{}", ran.stderr);
    }
    assert_eq!(table_files(lake.path()), before);
    let beside = lake.path().with_extension("csv");
    assert_eq!(run(&["query", text(lake.path()), "SELECT 1", "-o", text(&beside)]).code, 0);
    fs::remove_file(beside).unwrap();
}

#[test]
fn long_statements_are_answered_or_refused() {
    let lake = lake();
    let home = tempfile::tempdir().unwrap();
    let ask = |sql: &str| {
        let file = home.path().join("q.sql");
        fs::write(&file, sql).unwrap();
        run(&["query", text(lake.path()), &format!("@{}", text(&file)), "--format", "csv"])
    };
    let patterns = |count: usize| (0..count).map(|n| format!("source_ip_address LIKE '10.{}.{}.%'", n / 250, n % 250));
    let of = |count: usize| {
        let patterns = patterns(count).collect::<Vec<_>>().join(" OR ");
        ask(&format!("SELECT count(*) FROM cloudtrail WHERE {patterns}"))
    };
    let ran = of(3000);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "count(*)\n0\n"), "{}", ran.stderr);
    let ran = of(30_000);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("conditions and their joints"), "{}", ran.stderr);
    assert_eq!(ask(&format!("{}SELECT 1", "EXPLAIN ".repeat(5000))).code, 2);
}

#[test]
fn statements_come_from_anywhere() {
    let lake = lake();
    let sql = "-- how many?\nSELECT count(*) AS n FROM cloudtrail\n";
    let expected = run(&["query", text(lake.path()), "SELECT count(*) AS n FROM cloudtrail"]).stdout;
    let ran = run(&["query", text(lake.path()), sql]);
    assert_eq!((ran.code, &ran.stdout), (0, &expected), "{}", ran.stderr);
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("q.sql");
    fs::write(&file, sql).unwrap();
    assert_eq!(run(&["query", text(lake.path()), &format!("@{}", text(&file))]).stdout, expected);
    let stdin = fs::File::open(&file).unwrap();
    let output = command(&["query", text(lake.path()), "-"]).stdin(stdin).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    assert_eq!(run(&["query", text(lake.path()), "@no/such/file"]).code, 2);
    let ran = run(&["query", text(lake.path()), "SELECT 1", "--fromat", "csv"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--format"), "options are still told from statements: {}", ran.stderr);
}

#[test]
fn a_damaged_lake_is_no_mistake_of_the_statement() {
    let lake = lake();
    let path = table_files(lake.path()).into_iter().find(|(path, _)| path.starts_with("cloudtrail")).unwrap().0;
    let file = lake.path().join(&path);
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[4..whole.len() / 2].iter_mut().for_each(|byte| *byte = !*byte);
    for bytes in [&b""[..], &whole[..whole.len() - 30], &flipped] {
        fs::write(&file, bytes).unwrap();
        for sql in ["SELECT * FROM cloudtrail", "SELECT event_name, count(*) FROM cloudtrail GROUP BY 1"] {
            let ran = run(&["query", text(lake.path()), sql, "--format", "csv"]);
            assert_eq!(ran.code, 3, "{}", ran.stderr);
            let said: Vec<&str> = ran.stderr.lines().collect();
            assert_eq!(said.len(), 2, "an error and a hint: {}", ran.stderr);
            let begin = format!("error: the lake's file `{}` is damaged: ", path.display());
            assert!(said[0].starts_with(&begin) && said[1].starts_with("hint: "), "{}", ran.stderr);
        }
    }
    fs::write(&file, "").unwrap();
    assert_eq!(run(&["query", text(lake.path()), "SELECT count(*) FROM cloudtrail"]).code, 3);
    assert_eq!(run(&["tables", text(lake.path())]).code, 3);
}

#[test]
fn what_is_piped_is_whole() {
    let lake = lake();
    let count: usize = ask(lake.path(), "SELECT count(*) FROM cloudtrail").parse().unwrap();
    assert!(count > 1000);
    let ran = run(&["query", text(lake.path()), "SELECT event_name FROM cloudtrail", "--format", "table"]);
    assert_eq!((ran.code, ran.stdout.lines().count(), ran.stderr.as_str()), (0, count + 2, ""));
    let explain = run(&["query", text(lake.path()), "EXPLAIN SELECT count(*) FROM cloudtrail"]);
    assert!(explain.stdout.lines().count() > 6 && !explain.stdout.contains("\\n"), "{}", explain.stdout);
}

#[test]
fn what_a_format_cannot_hold_is_usage() {
    let lake = lake();
    let file = lake.path().with_extension("parquet");
    let ran = run(&["query", text(lake.path()), "SELECT interval '1 day' AS i", "-o", text(&file)]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("the format cannot hold the answer"), "{}", ran.stderr);
    assert!(!file.exists());
    let csv = |sql: &str| run(&["query", text(lake.path()), sql, "--format", "csv"]).stdout;
    assert_eq!(
        csv("SELECT a.x, b.x, 'a,b' AS y FROM (SELECT '' AS x) a, (SELECT NULL AS x) b"),
        "x,x_2,y\n\"\",,\"a,b\"\n"
    );
    assert_eq!(csv("SELECT FROM cloudtrail LIMIT 2"), "\n\n\n");
}

#[test]
fn memory_is_set_by_a_variable() {
    let lake = lake();
    let with = |memory: &str, sql: &str| {
        command(&["query", text(lake.path()), sql]).env("TRAILHOUSE_QUERY_MEMORY", memory).output().unwrap()
    };
    assert_eq!(with("", "SELECT 1").status.code(), Some(0), "empty is unset");
    assert_eq!(with("much", "SELECT 1").status.code(), Some(2));
    let sql = "SELECT count(DISTINCT value::text || repeat('padding', 20)) FROM generate_series(1, 3000000)";
    let output = with("64MiB", sql);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("TRAILHOUSE_QUERY_MEMORY="), "{said}");
    assert!(run(&["query", "--help"]).stdout.contains("TRAILHOUSE_QUERY_MEMORY"));
}

/// What a terminal of that many columns is shown, where `script` can play one.
fn on_a_terminal(columns: usize, lake: &Path, sql: &str, format: &str) -> Option<String> {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("q.sql");
    fs::write(&file, sql).unwrap();
    let typed = format!(
        "stty rows 50 cols {columns}; '{}' query '{}' '@{}' --format {format} 2>/dev/null",
        env!("CARGO_BIN_EXE_trailhouse"),
        text(lake),
        text(&file)
    );
    let output = Command::new("script").args(["-qec", &typed, "/dev/null"]).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n"))
}

#[test]
fn a_terminal_shows_whole_numbers_and_times_and_no_tricks() {
    let lake = lake();
    let hostile = "SELECT 'a' || chr(27) || '[31m' || chr(155) || chr(8238) || 'z' AS x";
    let Some(csv) = on_a_terminal(80, lake.path(), hostile, "csv") else { return };
    assert_eq!(csv, "x\na\\u{1b}[31m\\u{9b}\\u{202e}z\n");
    let json = on_a_terminal(80, lake.path(), hostile, "json").unwrap();
    assert_eq!(json, "{\"x\":\"a\\u001b[31m\\u009b\\u202ez\"}\n");
    let sql = "SELECT event_time, event_source, event_name, user_identity_arn, source_ip_address, 1234567890123 AS n
               FROM cloudtrail ORDER BY event_time LIMIT 3";
    for columns in [80, 120] {
        let table = on_a_terminal(columns, lake.path(), sql, "table").unwrap();
        assert!(table.lines().all(|line| line.chars().count() <= columns), "{table}");
        assert_eq!(table.matches("1234567890123").count(), 3, "{table}");
        assert_eq!(table.matches("Z ").count() + table.matches("Z\n").count(), 3, "{table}");
    }
}
