//! Whatever fails, at whatever point: the next run ends with what an undisturbed one would have made.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use common::faults::{Fault, FaultStore};
use common::{Bench, Files, gzip, key, records, records_of, records_of_corpus, rows, run};
use futures::executor::block_on;
use trailhouse_etl::{GroupError, IngestError, Outcome, Progress, Silent, StopFlag, Summary, ingest, ingest_into};
use trailhouse_lake::{FolderStore, Lake, names};

/// Records of 64 KiB: more than the transform inflates at a time.
const LARGE_RECORDS: usize = 640;
const OBJECTS: usize = 30;

/// What an undisturbed run makes: tables and receipts.
fn undisturbed(bench: &Bench) -> (Files, Files) {
    bench.ingest("undisturbed");
    (bench.tables("undisturbed"), bench.receipts("undisturbed"))
}

/// Runs with a store whose puts fail; the puts that were tried.
fn run_with_fault(
    bench: &Bench,
    lake: &str,
    fault: Fault,
    put: u64,
    is_lasting: bool,
) -> (Result<Summary, IngestError>, u64) {
    let folder = Arc::new(FolderStore::create(&bench.path(lake)).unwrap());
    let store = Arc::new(FaultStore::new(folder, fault, put, is_lasting));
    let opened = block_on(Lake::open_or_create_in(Arc::clone(&store) as Arc<_>, None));
    let result = opened
        .map_err(IngestError::from)
        .and_then(|lake_of_faults| ingest_into(&lake_of_faults, &bench.options(lake), &Silent, &StopFlag::new()))
        .and_then(|mut summary| summary.failure.take().map_or(Ok(summary), Err));
    (result, store.puts())
}

/// Runs until nothing is left to do, as a person would who reads the exit code.
fn run_to_the_end(bench: &Bench, lake: &str) {
    let summary = bench.ingest(lake);
    assert_eq!(summary.outcome(), Outcome::Complete, "{summary:?}");
    let again = bench.ingest(lake);
    assert_eq!((again.objects, again.objects_known), (0, OBJECTS as u64));
}

#[test]
fn a_store_that_goes_away_at_any_put_costs_nothing_but_time() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    for fault in [Fault::Before, Fault::After] {
        let mut put = 0;
        loop {
            let lake = format!("{fault:?}-{put}");
            let (result, puts) = run_with_fault(&bench, &lake, fault, put, true);
            if puts <= put {
                assert!(result.is_ok());
                break;
            }
            let error = result.unwrap_err();
            assert!(matches!(error, IngestError::Lake(_)), "{error}");
            let unfinished = bench.tables(&lake);
            assert!(unfinished.iter().all(|(name, content)| expected.0.get(name) == Some(content)), "put {put}");
            run_to_the_end(&bench, &lake);
            assert!((bench.tables(&lake), bench.receipts(&lake)) == expected, "{fault:?} at put {put}");
            std::fs::remove_dir_all(bench.path(&lake)).unwrap();
            put += 1;
        }
        assert!(put > 30, "{put} puts are too few to mean much");
    }
}

#[test]
fn being_beaten_to_any_put_changes_nothing() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    let (_, puts) = run_with_fault(&bench, "count", Fault::Beaten, u64::MAX, false);
    for put in 0..puts {
        let lake = format!("beaten-{put}");
        let (result, _) = run_with_fault(&bench, &lake, Fault::Beaten, put, false);
        let summary = result.unwrap();
        assert_eq!(summary.outcome(), Outcome::Complete, "put {put}: {summary:?}");
        assert_eq!(summary.objects + summary.objects_known, OBJECTS as u64, "put {put}: {summary:?}");
        assert!((bench.tables(&lake), bench.receipts(&lake)) == expected, "put {put}");
        std::fs::remove_dir_all(bench.path(&lake)).unwrap();
    }
}

#[test]
fn a_lake_that_lost_receipts_and_files_without_receipts_is_completed() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    bench.ingest("lake");
    let receipts: Vec<String> = expected.1.keys().cloned().collect();
    for (index, receipt) in receipts.iter().enumerate() {
        let path = bench.path("lake/_trailhouse/receipts").join(receipt);
        let parsed: trailhouse_lake::Receipt = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        std::fs::remove_file(&path).unwrap();
        // As if the run had died when so many of the group's files were put.
        for file in parsed.files.iter().skip(index % 3) {
            std::fs::remove_file(bench.path("lake").join(&file.path)).unwrap();
        }
    }
    run_to_the_end(&bench, "lake");
    assert!((bench.tables("lake"), bench.receipts("lake")) == expected);
}

/// Sets the flag when so many objects are done.
struct StopAfter {
    objects: AtomicU64,
    stop: StopFlag,
}

impl Progress for StopAfter {
    fn done(&self, objects: u64, _: u64) {
        let left = self.objects.load(Ordering::Relaxed).saturating_sub(objects);
        self.objects.store(left, Ordering::Relaxed);
        if left == 0 {
            self.stop.set();
        }
    }
}

#[test]
fn a_run_that_is_stopped_goes_on_where_it_was() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    for objects in 1..OBJECTS as u64 {
        let lake = format!("stopped-{objects}");
        let stop = StopFlag::new();
        let progress = StopAfter { objects: AtomicU64::new(objects), stop: stop.clone() };
        let summary = ingest(&bench.options(&lake), &progress, &stop).unwrap();
        // The last ones may be under way when the flag is set.
        let is_done = summary.objects == OBJECTS as u64;
        assert_eq!(summary.outcome(), if is_done { Outcome::Complete } else { Outcome::Interrupted }, "{summary:?}");
        let received: usize = rows_received(&bench.receipts(&lake));
        assert_eq!(summary.records, received as u64, "only what has a receipt counts");
        let next = bench.ingest(&lake);
        assert_eq!(summary.objects + next.objects, OBJECTS as u64);
        assert_eq!(summary.records + next.records, records_of_corpus(OBJECTS));
        assert!((bench.tables(&lake), bench.receipts(&lake)) == expected, "after {objects} objects");
        std::fs::remove_dir_all(bench.path(&lake)).unwrap();
    }
}

fn parse(receipt: &[u8]) -> trailhouse_lake::Receipt {
    serde_json::from_slice(receipt).unwrap()
}

fn rows_received(receipts: &Files) -> usize {
    let records = receipts
        .values()
        .map(|content| parse(content))
        .flat_map(|receipt| receipt.objects)
        .map(|object| object.records);
    usize::try_from(records.sum::<u64>()).unwrap()
}

#[test]
fn a_flag_that_is_set_before_leaves_nothing_behind_but_the_lake() {
    let bench = Bench::with_corpus(OBJECTS);
    let stop = StopFlag::new();
    stop.set();
    let summary = ingest(&bench.options("lake"), &Silent, &stop).unwrap();
    assert_eq!((summary.outcome(), summary.objects), (Outcome::Interrupted, 0));
    assert_eq!(common::files_below(&bench.path("lake")).keys().collect::<Vec<_>>(), [names::CONFIG]);
}

/// The receipts of plan 0, which name its files with their rows and bytes.
fn of_first_plan(receipts: &Files) -> Vec<(&String, &Vec<u8>)> {
    receipts.iter().filter(|(name, _)| name.starts_with("00000000/")).collect()
}

/// A plan that is claimed, and no group of it run.
fn plan_only(bench: &Bench, lake: &str) {
    // lake.json is put 0, the first plan put 1.
    let (result, _) = run_with_fault(bench, lake, Fault::Before, 2, true);
    result.unwrap_err();
    assert!(bench.tables(lake).is_empty() && bench.path(lake).join("_trailhouse/plans/00000000.json").exists());
}

#[test]
fn an_object_that_changed_or_vanished_stops_nothing_else() {
    let bench = Bench::with_corpus(OBJECTS);
    plan_only(&bench, "lake");
    let vanished = bench.path("source").join(key(20));
    let original = std::fs::read(&vanished).unwrap();
    bench.write(&key(0), &gzip(&records(0, 21)));
    std::fs::remove_file(&vanished).unwrap();

    let summary = bench.ingest("lake");
    assert_eq!(summary.outcome(), Outcome::Stopped);
    let mut errors: Vec<String> = summary.stopped.iter().map(|stopped| stopped.error.to_string()).collect();
    errors.sort_unstable();
    let told = [
        format!("`{}` has changed since it was planned", key(0)),
        format!("`{}` is gone since it was planned", key(20)),
    ];
    assert_eq!(errors, told);
    assert!(summary.stopped.iter().all(|stopped| stopped.error.hint().is_some() && stopped.objects == 1));
    // The changed object is an object of its own, and new.
    assert_eq!((summary.objects, summary.objects_known), (OBJECTS as u64 - 1, 0), "{summary:?}");
    let there = records_of_corpus(OBJECTS) - records_of(20) - records_of(0) + 21;
    assert_eq!((summary.rows, rows(&bench.tables("lake"), "cloudtrail")), (there, there));
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Complete, "nobody waits for what is lost");

    std::fs::write(&vanished, original).unwrap();
    let summary = bench.ingest("lake");
    assert_eq!((summary.outcome(), summary.objects), (Outcome::Complete, 1), "what comes back is read");
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), there + records_of(20));
}

#[test]
fn what_another_run_made_of_an_abandoned_group_is_removed() {
    let bench = Bench::with_corpus(OBJECTS);
    let (tables, receipts) = undisturbed(&bench);
    plan_only(&bench, "lake");
    // As if a run had read all objects, and died between its files and its receipts.
    for (name, content) in &tables {
        write(&bench.path("lake").join(name), content);
    }
    let vanished = bench.path("source").join(key(0));
    let original = std::fs::read(&vanished).unwrap();
    std::fs::remove_file(&vanished).unwrap();
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Stopped);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS) - records_of(0));

    // One that was late, and died as well.
    let receipt = receipts.values().map(|content| parse(content)).find(|receipt| receipt.plan == 0).unwrap();
    let late = &receipt.files[0].path;
    assert!(!bench.path("lake").join(late).exists());
    write(&bench.path("lake").join(late), &tables[late]);
    std::fs::write(&vanished, original).unwrap();
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Complete);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
    bench.ingest("lake");
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS), "what was planned again stays");
}

#[test]
fn a_source_that_is_gone_can_be_read_from_where_it_went() {
    let bench = Bench::with_corpus(OBJECTS);
    plan_only(&bench, "lake");
    std::fs::rename(bench.path("source"), bench.path("moved")).unwrap();
    let mut options = bench.options("lake");
    options.sources = vec![bench.path("moved").to_str().unwrap().to_owned()];
    let summary = run(&options).unwrap();
    assert!(matches!(summary.stopped[0].error, GroupError::Source { plan: 0, .. }), "{summary:?}");
    assert_eq!((summary.objects, summary.rows), (OBJECTS as u64, records_of_corpus(OBJECTS)));
    assert_eq!(run(&options).unwrap().outcome(), Outcome::Complete);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
}

#[test]
fn a_source_that_was_emptied_stops_its_plan_and_not_the_next() {
    let bench = Bench::with_corpus(OBJECTS);
    plan_only(&bench, "lake");
    std::fs::rename(bench.path("source"), bench.path("moved")).unwrap();
    std::fs::create_dir(bench.path("source")).unwrap();
    let mut options = bench.options("lake");
    options.sources = vec![bench.path("other").to_str().unwrap().to_owned()];
    write(&bench.path("other").join(key(100)), &gzip(&records(100, 9)));
    let summary = run(&options).unwrap();
    assert_eq!((summary.outcome(), summary.objects, summary.rows), (Outcome::Stopped, 1, 9));
    assert_eq!(run(&options).unwrap().outcome(), Outcome::Complete);

    std::fs::remove_dir(bench.path("source")).unwrap();
    std::fs::rename(bench.path("moved"), bench.path("source")).unwrap();
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Complete);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS) + 9);
}

/// A defect, in the disguise of a progress bar.
struct Defective;

impl Progress for Defective {
    fn done(&self, _: u64, _: u64) {
        panic!("a defect");
    }
}

#[test]
fn a_defect_is_an_error_with_its_place_and_the_next_run_goes_on() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    let summary = ingest(&bench.options("lake"), &Defective, &StopFlag::new()).unwrap();
    assert_eq!((summary.outcome(), summary.objects), (Outcome::Stopped, 0));
    assert!(summary.stopped.iter().all(|stopped| matches!(stopped.error, GroupError::Defect { .. })), "{summary:?}");
    assert_eq!(summary.objects_stopped, OBJECTS as u64);
    run_to_the_end(&bench, "lake");
    assert!((bench.tables("lake"), bench.receipts("lake")) == expected);
}

#[test]
fn a_plan_keeps_the_settings_it_was_made_with() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    plan_only(&bench, "lake");
    let mut options = bench.options("lake");
    options.limits.part_records = 7;
    options.limits.part_bytes = 1 << 20;
    run(&options).unwrap();
    let plan: trailhouse_lake::Plan =
        serde_json::from_slice(&std::fs::read(bench.path("lake/_trailhouse/plans/00000000.json")).unwrap()).unwrap();
    assert_eq!(plan.settings.part_records, 100);
    assert!(of_first_plan(&bench.receipts("lake")) == of_first_plan(&expected.1));
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
}

#[test]
fn a_file_of_other_content_under_the_same_name_is_never_built_upon() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    let names: Vec<&String> = expected.0.keys().collect();
    let (wrong, garbage) = (names[0], names[1]);
    plan_only(&bench, "lake");
    // Another file of the lake, which has other rows; something that is no Parquet file; the right rows in other bytes.
    let other = expected.0.values().find(|content| content.len() != expected.0[wrong].len()).unwrap();
    let mut bytes = expected.0[names[2]].clone();
    bytes[100] ^= 1;
    write(&bench.path("lake").join(names[2]), &bytes);
    write(&bench.path("lake").join(wrong), other);
    write(&bench.path("lake").join(garbage), b"no parquet");

    let summary = bench.ingest("lake");
    assert_eq!(summary.outcome(), Outcome::Stopped);
    let errors: Vec<&GroupError> = summary.stopped.iter().map(|stopped| &stopped.error).collect();
    assert!(errors.iter().all(|error| error.hint().is_some()), "{errors:?}");
    assert!(
        errors.iter().all(|error| matches!(
            error,
            GroupError::OtherFile { .. } | GroupError::OtherBytes { .. } | GroupError::NoFooter { .. }
        )),
        "{errors:?}"
    );
    for name in &names[..3] {
        std::fs::remove_file(bench.path("lake").join(name)).unwrap();
    }
    run_to_the_end(&bench, "lake");
    assert!((bench.tables("lake"), bench.receipts("lake")) == expected);
}

#[cfg(unix)]
#[test]
fn a_lake_that_cannot_be_written_ends_the_run() {
    let bench = Bench::with_corpus(OBJECTS);
    bench.ingest("lake");
    bench.write(&key(200), &gzip(&records(200, 5)));
    // Even root cannot make a folder where a file is.
    std::fs::remove_dir_all(bench.path("lake/cloudtrail")).unwrap();
    std::fs::write(bench.path("lake/cloudtrail"), "").unwrap();
    let summary = run(&bench.options("lake")).unwrap();
    assert_eq!(summary.outcome(), Outcome::Stopped);
    let error = summary.failure.unwrap();
    assert!(matches!(error, IngestError::Lake(_)) && !error.is_usage(), "{error}");
    assert_eq!(error.to_string().split('`').next(), Some("writing "));
}

#[test]
fn a_large_object_that_changes_leaves_no_file() {
    let bench = Bench::new();
    let stored = common::large_object(LARGE_RECORDS);
    bench.write(&key(0), &stored);
    plan_only(&bench, "lake");
    // The same length, so that only its last bytes tell.
    let mut changed = stored.clone();
    let at = changed.len() - 9;
    changed[at] ^= 1;
    bench.write(&key(0), &changed);
    let summary = bench.ingest("lake");
    assert!(matches!(summary.stopped[0].error, GroupError::Changed { .. }), "{summary:?}");
    // The changed object is one of its own, and in the lake: damaged, with what could be read of it.
    assert_eq!((summary.objects, summary.objects_damaged), (1, 1));
    let receipts = bench.receipts("lake");
    let named =
        receipts.iter().filter(|(name, _)| name.ends_with(".json")).flat_map(|(_, content)| parse(content).files);
    let named: Vec<String> = named.map(|file| file.path).collect();
    let mut standing: Vec<String> = bench.tables("lake").into_keys().collect();
    standing.retain(|name| !named.contains(name));
    assert!(standing.is_empty(), "files of a plan without its object: {standing:?}");
    assert_eq!(bench.staged("lake"), 0);

    bench.write(&key(0), &stored);
    let summary = bench.ingest("lake");
    assert_eq!((summary.outcome(), summary.objects), (Outcome::Complete, 1), "{summary:?}");
}

#[test]
fn a_run_that_is_stopped_within_a_large_object_keeps_what_it_made() {
    let bench = Bench::new();
    bench.write(&key(0), &common::large_object(LARGE_RECORDS));
    bench.ingest("undisturbed");
    let expected = bench.tables("undisturbed");
    for delay in [0, 20, 40, 80, 160, 320] {
        let (lake, stop) = (format!("lake-{delay}"), StopFlag::new());
        let first = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(delay));
                stop.set();
            });
            ingest(&bench.options(&lake), &Silent, &stop).unwrap()
        });
        let left = bench.tables(&lake);
        assert!(left.iter().all(|(name, content)| expected.get(name) == Some(content)), "after {delay} ms");
        let second = bench.ingest(&lake);
        assert_eq!((first.objects + second.objects, second.outcome()), (1, Outcome::Complete));
        assert!(bench.tables(&lake) == expected, "after {delay} ms");
    }
}

fn write(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
