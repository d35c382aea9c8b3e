//! `trailhouse ingest`, from the command line to the bytes in the lake.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use common::{ask, command, ingest, realdata, run, sample, table_files, text};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn the_sample_is_counted_as_its_generator_counted_it() {
    let manifest = fs::read_to_string(sample().with_extension("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let lake = folder();
    let (code, summary) = ingest(&sample(), lake.path(), &[]);
    assert_eq!(code, 0);
    for key in ["objects", "records"] {
        assert_eq!(summary[key], manifest[key], "{key}");
    }
    assert_eq!(summary["rows"], summary["records"]);
    assert_eq!((&summary["rejects"], &summary["skipped"]), (&0.into(), &0.into()));
    assert_eq!(ask(lake.path(), "SELECT count(*) FROM cloudtrail"), summary["rows"].to_string());
    let keys = "objects records rows rejects skipped bytes_in bytes_inflated bytes_out files seconds";
    assert!(keys.split(' ').all(|key| summary[key].is_number()), "{summary}");
}

#[test]
fn the_same_run_again_adds_nothing() {
    let lake = folder();
    ingest(&sample(), lake.path(), &[]);
    let before = table_files(lake.path());
    let (code, summary) = ingest(&sample(), lake.path(), &[]);
    assert_eq!((code, &summary["objects"], &summary["rows"], &summary["files"]), (0, &0.into(), &0.into(), &0.into()));
    assert_eq!(summary["objects_known"], 40);
    assert_eq!(table_files(lake.path()), before);
}

#[test]
fn threads_do_not_show_in_the_bytes() {
    let (one, four) = (folder(), folder());
    ingest(&sample(), one.path(), &["--threads", "1"]);
    ingest(&sample(), four.path(), &["--threads", "4"]);
    assert!(!table_files(one.path()).is_empty());
    assert!(table_files(one.path()) == table_files(four.path()));
}

#[test]
fn a_dry_run_writes_nothing() {
    let home = folder();
    let lake = home.path().join("lake");
    let ran = run(&["ingest", text(&sample()), text(&lake), "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("would read 40 objects"), "{}", ran.stderr);
    assert!(ran.stdout.is_empty());
    assert!(!lake.exists());
}

#[test]
fn a_dry_run_refuses_what_the_run_would_refuse() {
    let home = folder();
    let (others, file) = (home.path().join("others"), home.path().join("file"));
    fs::create_dir(&others).unwrap();
    fs::write(others.join("x"), "").unwrap();
    fs::write(&file, "").unwrap();
    for lake in [&others, &file, &file.join("below")] {
        for more in [&["--dry-run"][..], &[]] {
            let ran = run(&[&["ingest", text(&sample()), text(lake)], more].concat());
            assert_eq!(ran.code, 2, "{} {more:?}: {}", lake.display(), ran.stderr);
            assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
        }
    }
}

#[test]
fn a_lake_that_fails_ends_with_what_was_done_and_exit_3() {
    let lake = folder();
    ingest(&sample(), lake.path(), &[]);
    let receipts = lake.path().join("_trailhouse/receipts/00000000");
    fs::remove_dir_all(&receipts).unwrap();
    // Even root cannot put a receipt into a file.
    fs::write(&receipts, "").unwrap();
    let ran = run(&["ingest", text(&sample()), text(lake.path()), "--json"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stderr.contains("error: ") && ran.stderr.contains("run the same command again"), "{}", ran.stderr);
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["objects"], 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_summary_that_cannot_be_written_is_no_success() {
    let lake = folder();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut ingest = command(&["ingest", text(&sample()), text(lake.path()), "--json"]);
    let ran = ingest.stdout(full).output().unwrap();
    assert_eq!(ran.status.code(), Some(3), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn what_cannot_be_is_said_with_a_hint_and_exit_2() {
    let home = folder();
    let lake = home.path().join("lake");
    ingest(&sample(), &lake, &[]);
    let sample = sample();
    let (sample, lake_text) = (text(&sample), text(&lake));
    let cases: [(&[&str], &str); 10] = [
        (&["ingest", sample, lake_text, "--partitioning", "date"], "partitioned by `account-date`"),
        (&["ingest", sample, lake_text, "--partitioning", "day"], "no partitioning `day`"),
        (&["ingest", sample, "gs://bucket/lake"], "only folders"),
        (&["ingest", "gs://bucket/logs", lake_text], "only folders"),
        (&["ingest", "s3://", lake_text], "does not name a bucket"),
        (&["ingest", "s3://logs/a", sample, lake_text], "nor all of one bucket"),
        (&["ingest", "s3://logs/a", "s3://logs/a/lake"], "inside one another"),
        (&["ingest", "no/such/folder", lake_text], "cannot be read"),
        (&["ingest", text(home.path()), lake_text], "inside one another"),
        (&["ingest", sample, lake_text, "--threads", "0"], "--threads"),
    ];
    for (args, said) in cases {
        let ran = run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("error: ") && ran.stdout.is_empty(), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(run(&["ingest", sample]).code, 2);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Puts `bytes` under a CloudTrail key.
fn put(root: &Path, name: &str, bytes: &[u8]) {
    let folder = root.join("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/02");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("111122223333_CloudTrail_us-east-1_20260302T0000Z_{name}.json.gz")), bytes).unwrap();
}

const RECORD: &str = r#"{"eventTime":"2026-03-02T01:02:03Z","eventName":"A","recipientAccountId":"111122223333"}"#;

#[test]
fn bad_input_is_counted_with_its_place_and_the_rest_is_read() {
    let (source, lake) = (folder(), folder());
    let envelope = |inside: &str| format!("{{\"Records\":[{inside}]}}").into_bytes();
    let whole = gzip(&envelope(&[RECORD; 3].join(",")));
    let cases: [(&str, Vec<u8>, u64, u64, &str); 14] = [
        ("whole", whole.clone(), 3, 0, ""),
        ("cut", whole[..whole.len() - 9].to_vec(), 3, 1, "truncated"),
        ("garbage", b"\x00\x01garbage".to_vec(), 0, 1, "not_json"),
        ("empty", Vec::new(), 0, 1, "empty"),
        ("missing", gzip(b"{\"NoRecords\":1}"), 0, 2, "no_records"),
        ("null", gzip(b"{\"Records\":null}"), 0, 2, "no_records"),
        ("object", gzip(b"{\"Records\":{}}"), 0, 2, "no_records"),
        ("none", gzip(&envelope("")), 0, 0, ""),
        ("scalars", gzip(&envelope(&format!("1,{RECORD},\"x\",null,[]"))), 1, 4, "not_object"),
        (
            "utf8",
            gzip(&[&envelope("{\"a\":\"")[..12], b"{\"a\":\"\xff\"},", RECORD.as_bytes(), b"]}"].concat()),
            1,
            1,
            "utf8",
        ),
        ("deep", gzip(&envelope(&format!("{{\"a\":{}{}}},{RECORD}", "[".repeat(200), "]".repeat(200)))), 1, 1, "depth"),
        ("long", gzip(&envelope(&format!("{{\"a\":\"{}\"}},{RECORD}", "x".repeat(10 << 20)))), 2, 0, ""),
        ("paths", gzip(&envelope(&RECORD.replace("\"111122223333\"", "\"../../etc/passwd\""))), 1, 0, ""),
        ("far", gzip(&envelope(&RECORD.replace("2026-03-02", "9999-12-31"))), 1, 0, ""),
    ];
    for (name, bytes, ..) in &cases {
        put(source.path(), name, bytes);
    }
    let (code, summary) = ingest(source.path(), lake.path(), &[]);
    assert_eq!(code, 1);
    let (rows, rejects): (u64, u64) = cases.iter().fold((0, 0), |sum, case| (sum.0 + case.2, sum.1 + case.3));
    assert_eq!((summary["rows"].as_u64(), summary["rejects"].as_u64()), (Some(rows), Some(rejects)), "{summary}");
    assert_eq!((&summary["account_fallbacks"], &summary["date_fallbacks"]), (&1.into(), &1.into()));
    for (name, _, rows, rejects, reason) in &cases {
        let count = |table: &str| {
            ask(lake.path(), &format!("SELECT count(*) FROM {table} WHERE source_object LIKE '%\\_{name}.json.gz'"))
        };
        assert_eq!((count("cloudtrail"), count("rejects")), (rows.to_string(), rejects.to_string()), "{name}");
        let sql = format!(
            "SELECT count(*) FROM rejects WHERE source_object LIKE '%\\_{name}.json.gz' AND reason = '{reason}' \
             AND byte_offset >= 0 AND bytes_sha256 IS NOT NULL"
        );
        assert!(reason.is_empty() || ask(lake.path(), &sql) != "0", "{name}");
    }
    let days = "SELECT count(DISTINCT event_date) FROM cloudtrail";
    assert_eq!(ask(lake.path(), days), "1", "the year 9999 is no partition");
}

#[test]
fn objects_of_other_kinds_are_named_and_counted() {
    let (source, lake) = (folder(), folder());
    put(source.path(), "a", &gzip(format!("{{\"Records\":[{RECORD}]}}").as_bytes()));
    let config = source.path().join("AWSLogs/111122223333/Config/us-east-1/2026/3/2/ConfigHistory");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("x.json.gz"), gzip(b"{}")).unwrap();
    fs::write(source.path().join("notes.txt"), "no log").unwrap();
    fs::write(source.path().join("loose.json.gz"), gzip(format!("{{\"Records\":[{RECORD}]}}").as_bytes())).unwrap();
    let ran = run(&["ingest", text(source.path()), text(lake.path())]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for said in ["`Config`", "notes.txt", "skipped  2 objects", "2 = 2 rows + 0 rejects + 0 skipped"] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}

/// A small generator of moments: Marsaglia's xorshift.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn killed_at_any_moment_it_ends_as_if_it_never_was() {
    const KILLS: u32 = 20;
    let source = realdata("suzaku-sans504").unwrap_or_else(sample);
    let home = folder();
    let undisturbed = home.path().join("undisturbed");
    let started = Instant::now();
    ingest(&source, &undisturbed, &[]);
    let whole_ms = u64::try_from(started.elapsed().as_millis()).unwrap();
    let expected = table_files(&undisturbed);

    let (mut state, mut killed) = (0x9e37_79b9_7f4a_7c15, 0);
    for round in 0..KILLS {
        let lake = home.path().join(format!("killed-{round}"));
        // Several deaths in a row, the next while the one before is being made good.
        for _ in 0..=round % 3 {
            let mut child = command(&["ingest", text(&source), text(&lake), "--quiet"]).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(next(&mut state) % whole_ms));
            killed += u32::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
            for path in table_files(&lake).keys() {
                assert!(expected.contains_key(path), "unfinished or strange: {}", path.display());
            }
        }
        let (code, _) = ingest(&source, &lake, &[]);
        assert_eq!(code, 0);
        assert!(table_files(&lake) == expected, "round {round}");
        fs::remove_dir_all(&lake).unwrap();
    }
    println!("{killed} of {} runs were killed before their end", (0..KILLS).map(|round| round % 3 + 1).sum::<u32>());
    assert!(killed >= KILLS / 2, "only {killed} runs were still going");
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_cleanly_and_the_next_run_goes_on() {
    let source = realdata("suzaku-sans504").unwrap_or_else(sample);
    let home = folder();
    let lake = home.path().join("lake");
    let child = command(&["ingest", text(&source), text(&lake), "--threads", "1"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // As soon as there is a plan, the run is at work.
    let plans = lake.join("_trailhouse/plans");
    while fs::read_dir(&plans).map_or(0, Iterator::count) == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(130) => assert!(said.contains("run the same command again to continue"), "{said}"),
        code => assert_eq!(code, Some(0), "it was done before it heard: {said}"),
    }
    let (code, _) = ingest(&source, &lake, &[]);
    assert_eq!(code, 0);
    let undisturbed = home.path().join("undisturbed");
    ingest(&source, &undisturbed, &[]);
    assert!(table_files(&lake) == table_files(&undisturbed));
}

#[test]
fn real_logs_are_counted() {
    // Objects, rows, rejects, skipped records.
    let cases = [
        ("suzaku-sans504", [3872, 30_477, 0, 0]),
        ("awsdocs-examples", [167, 249, 1, 1]),
        ("foxsec-pipeline", [9, 55, 0, 0]),
        ("opensearch-catalog", [5, 913, 0, 0]),
        ("stratus-red-team", [37, 310, 0, 0]),
        ("umccr", [23, 206, 0, 0]),
        ("datadog-forwarder", [13, 184, 0, 1]),
    ];
    for (name, counts @ [_, rows, rejects, skipped]) in cases {
        let Some(source) = realdata(name) else { return };
        let lake = folder();
        let (code, summary) = ingest(&source, lake.path(), &[]);
        assert_eq!(code, i32::from(rejects > 0), "{name}");
        let seen = ["objects", "rows", "rejects", "skipped"].map(|count| summary[count].as_u64().unwrap());
        assert_eq!(seen, counts, "{name}");
        assert_eq!(summary["records"], rows + rejects + skipped, "{name}");
        if name == "suzaku-sans504" {
            let moved = "SELECT count(*) FROM cloudtrail WHERE event_date <> \
                         CAST(replace(regexp_replace(source_object, '.*/(\\d{4}/\\d{2}/\\d{2})/[^/]*$', '\\1'), '/', '-') AS DATE)";
            assert_eq!(ask(lake.path(), moved), "205", "rows on another day than their key says");
        }
    }
}
