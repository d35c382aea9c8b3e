//! The ingest job on its main way: counts, order, threads, sources of every kind.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::num::NonZeroUsize;
use std::sync::Mutex;

use common::{Bench, gzip, key, records, records_of_corpus, rows, run};
use trailhouse_etl::{IngestError, Outcome, Progress, SkipReason, StopFlag, ingest};
use trailhouse_lake::LakeError;
use trailhouse_schemas::Partitioning;

/// Records of 64 KiB: more than the transform inflates at a time.
const LARGE_RECORDS: usize = 640;
const OBJECTS: usize = 60;

/// Remembers what it hears.
#[derive(Default)]
struct Heard {
    skipped: Mutex<Vec<(String, SkipReason)>>,
    damaged: Mutex<Vec<(String, String)>>,
    total: Mutex<(u64, u64)>,
    done: Mutex<(u64, u64)>,
}

impl Progress for Heard {
    fn total(&self, objects: u64, bytes: u64) {
        *self.total.lock().unwrap() = (objects, bytes);
    }

    fn done(&self, objects: u64, bytes: u64) {
        let mut done = self.done.lock().unwrap();
        *done = (done.0 + objects, done.1 + bytes);
    }

    fn skipped(&self, address: &str, reason: &SkipReason) {
        self.skipped.lock().unwrap().push((address.to_owned(), *reason));
    }

    fn damaged(&self, address: &str, why: &str) {
        self.damaged.lock().unwrap().push((address.to_owned(), why.to_owned()));
    }
}

#[test]
fn every_record_is_a_row() {
    let bench = Bench::with_corpus(OBJECTS);
    let heard = Heard::default();
    let summary = ingest(&bench.options("lake"), &heard, &StopFlag::new()).unwrap();
    let records = records_of_corpus(OBJECTS);
    assert_eq!(summary.outcome(), Outcome::Complete);
    assert_eq!((summary.objects, summary.records, summary.rows), (OBJECTS as u64, records, records));
    assert_eq!((summary.rejects, summary.skipped, summary.objects_known, summary.objects_stopped), (0, 0, 0, 0));
    assert_eq!(summary.account_fallbacks, OBJECTS as u64, "one record of each object has a path for an account");
    let files = bench.tables("lake");
    assert_eq!(rows(&files, "cloudtrail"), records);
    assert_eq!(summary.files, files.len() as u64);
    assert_eq!(summary.bytes_out, files.values().map(|content| content.len() as u64).sum::<u64>());
    let stored = common::files_below(&bench.path("source")).values().map(|content| content.len() as u64).sum::<u64>();
    assert_eq!(summary.bytes_in, stored);
    assert_eq!(*heard.total.lock().unwrap(), (OBJECTS as u64, stored));
    assert_eq!(*heard.done.lock().unwrap(), (OBJECTS as u64, stored));
    assert_eq!(bench.staged("lake"), 0);
    let plans = common::files_below(&bench.path("lake/_trailhouse/plans"));
    assert_eq!(
        plans.keys().map(String::as_str).collect::<Vec<_>>(),
        ["00000000.json", "00000001.json", "00000002.json"]
    );
    assert!(bench.receipts("lake").len() >= 10);
}

#[test]
fn running_again_adds_nothing() {
    let bench = Bench::with_corpus(OBJECTS);
    bench.ingest("lake");
    let before = common::files_below(&bench.path("lake"));
    let again = bench.ingest("lake");
    assert_eq!((again.objects, again.objects_known, again.files), (0, OBJECTS as u64, 0));
    assert_eq!(again.outcome(), Outcome::Complete);
    assert_eq!(common::files_below(&bench.path("lake")), before);
}

#[test]
fn new_objects_are_added_and_old_ones_left_alone() {
    let bench = Bench::with_corpus(OBJECTS / 2);
    bench.ingest("lake");
    let before = bench.tables("lake");
    for number in OBJECTS / 2..OBJECTS {
        bench.write(&key(number), &gzip(&records(number, 20 + number % 30)));
    }
    let added = bench.ingest("lake");
    assert_eq!((added.objects, added.objects_known), (OBJECTS as u64 / 2, OBJECTS as u64 / 2));
    let after = bench.tables("lake");
    assert!(before.iter().all(|(name, content)| after.get(name) == Some(content)));
    assert_eq!(rows(&after, "cloudtrail"), records_of_corpus(OBJECTS));
}

#[test]
fn threads_do_not_show() {
    let bench = Bench::with_corpus(OBJECTS);
    for threads in [1, 2, 4] {
        let mut options = bench.options(&format!("lake-{threads}"));
        options.threads = NonZeroUsize::new(threads);
        run(&options).unwrap();
    }
    let one = (bench.tables("lake-1"), bench.receipts("lake-1"));
    assert!(one.0.len() > 20);
    assert!(one == (bench.tables("lake-2"), bench.receipts("lake-2")), "one and two");
    assert!(one == (bench.tables("lake-4"), bench.receipts("lake-4")), "one and four");
}

#[test]
fn runs_at_the_same_time_make_one_lake() {
    let bench = Bench::with_corpus(OBJECTS);
    bench.ingest("alone");
    for round in 0..5 {
        let lake = format!("lake-{round}");
        let summaries: Vec<_> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| bench.ingest(&lake))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert!(summaries.iter().all(|summary| summary.outcome() == Outcome::Complete), "{summaries:?}");
        // Runs that raced may have claimed each other's objects in plans of another cut; a row more or less would show.
        let files = bench.tables(&lake);
        assert_eq!(rows(&files, "cloudtrail"), records_of_corpus(OBJECTS), "round {round}");
        let rows_told: u64 = summaries.iter().map(|summary| summary.rows).sum();
        assert_eq!(rows_told, records_of_corpus(OBJECTS), "each group counts for one run alone");
        let again = bench.ingest(&lake);
        assert_eq!((again.objects, again.objects_known), (0, OBJECTS as u64));
    }
}

#[test]
fn what_is_no_log_is_named_and_the_rest_goes_in() {
    let bench = Bench::new();
    let config = key(0).replace("/CloudTrail/", "/Config/");
    bench.write(&config, b"whatever");
    bench.write("notes.txt", b"hello");
    bench.write("empty", b"");
    bench.write("plain.json", records(0, 3).as_bytes());
    bench.write("zipped", &gzip(&records(1, 4)));
    bench.write("cut.gz", &gzip(&records(2, 400))[..900]);
    bench.write(&key(3), b"garbage");
    let heard = Heard::default();
    let summary = ingest(&bench.options("lake"), &heard, &StopFlag::new()).unwrap();

    let mut skipped = heard.skipped.into_inner().unwrap();
    skipped.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [
        (config, SkipReason::OtherLog("Config")),
        ("empty".to_owned(), SkipReason::NoLog),
        ("notes.txt".to_owned(), SkipReason::NoLog),
    ];
    assert_eq!(skipped, expected);
    assert_eq!((summary.objects, summary.objects_skipped, summary.objects_damaged), (4, 3, 2));
    let mut damaged: Vec<String> =
        heard.damaged.into_inner().unwrap().into_iter().map(|(address, _)| address).collect();
    damaged.sort_unstable();
    assert_eq!(damaged, [key(3), "cut.gz".to_owned()]);
    assert_eq!(summary.outcome(), Outcome::WithRejects);
    assert_eq!(summary.records, summary.rows + summary.rejects + summary.skipped);
    let files = bench.tables("lake");
    assert_eq!((rows(&files, "cloudtrail"), rows(&files, "rejects")), (summary.rows, summary.rejects));
    assert!(summary.rows > 7 && summary.rejects == 2, "{summary:?}");
}

#[test]
fn one_object_under_two_paths_is_read_once() {
    let bench = Bench::with_corpus(10);
    for (name, content) in common::files_below(&bench.path("source")) {
        let copy = bench.path("copy").join(name);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::write(copy, content).unwrap();
    }
    let mut options = bench.options("lake");
    options.sources.push(bench.path("copy").to_str().unwrap().to_owned());
    let summary = run(&options).unwrap();
    assert_eq!((summary.objects, summary.objects_known), (10, 10));
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(10));
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let bench = Bench::with_corpus(OBJECTS);
    bench.write("notes.txt", b"hello");
    let mut options = bench.options("lake");
    options.dry_run = true;
    let summary = run(&options).unwrap();
    assert_eq!((summary.objects, summary.objects_skipped, summary.rows), (OBJECTS as u64, 1, 0));
    assert!(summary.bytes_in > 0 && !bench.path("lake").exists());

    bench.ingest("lake");
    let before = common::files_below(&bench.path("lake"));
    bench.write(&key(OBJECTS), &gzip(&records(OBJECTS, 5)));
    let summary = run(&options).unwrap();
    assert_eq!((summary.objects, summary.objects_known), (1, OBJECTS as u64));
    assert_eq!(common::files_below(&bench.path("lake")), before);
    options.partitioning = Some(Partitioning::Date);
    assert!(matches!(run(&options), Err(IngestError::Lake(LakeError::OtherPartitioning { .. }))));
}

#[test]
fn the_command_line_is_refused_where_it_must_be() {
    let bench = Bench::with_corpus(2);
    let text = |name: &str| bench.path(name).to_str().unwrap().to_owned();
    let mut options = bench.options("source/lake");
    let error = run(&options).unwrap_err();
    assert!(matches!(error, IngestError::LakeInSource { .. }) && error.is_usage() && error.hint().is_some());
    options.lake = "gs://bucket/lake".to_owned();
    assert!(run(&options).unwrap_err().is_usage());
    options.lake = text("lake");
    options.sources = vec![text("missing")];
    assert!(run(&options).unwrap_err().is_usage());
    assert!(!bench.path("lake").exists(), "a lake is made only when there is something to read");
    options.sources = vec![text("source")];
    options.lake = text("other");
    std::fs::create_dir_all(bench.path("other/AWSLogs")).unwrap();
    let error = run(&options).unwrap_err();
    assert!(matches!(error, IngestError::Lake(LakeError::NotEmpty { .. })), "{error}");
}

#[test]
fn a_large_object_comes_in_chunks() {
    let bench = Bench::new();
    let stored = common::large_object(LARGE_RECORDS);
    assert!(stored.len() as u64 > trailhouse_etl::limits::WHOLE_BYTES_MAX, "{}", stored.len());
    bench.write(&key(0), &stored);
    let summary = bench.ingest("lake");
    assert_eq!((summary.objects, summary.rows, summary.rejects), (1, LARGE_RECORDS as u64, 0), "{summary:?}");
    assert!(summary.files > 1, "it is cut into parts");
}
