//! Whatever fails, at whatever point: the next run ends with what an undisturbed one would have made.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::faults::{Fault, plan_only, run_with_fault};
use common::{Bench, Files, gzip, key, parse, records, records_of_corpus, rows, run, undisturbed, write};
use trailhouse_etl::{GroupError, IngestError, IngestOptions, Outcome, Progress, Silent, StopFlag, ingest};
use trailhouse_lake::names;

/// Records of 64 KiB: more than the transform inflates at a time.
const LARGE_RECORDS: usize = 640;
const OBJECTS: usize = 30;

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
            // What was put is found, though the answer was lost: then nothing has gone away at all.
            match (fault, result) {
                (Fault::Before, Err(error)) => assert!(matches!(error, IngestError::Lake(_)), "{error}"),
                (Fault::After, Ok(summary)) => assert_eq!(summary.outcome(), Outcome::Complete, "put {put}"),
                (fault, result) => panic!("{fault:?} at put {put}: {result:?}"),
            }
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
fn objects_that_another_run_planned_and_left_are_read_all_the_same() {
    let bench = Bench::with_corpus(OBJECTS);
    let expected = undisturbed(&bench);
    // lake.json is put 0, the first plan put 1.
    let (result, _) = run_with_fault(&bench, "lake", Fault::Overtaken, 1, false);
    let summary = result.unwrap();
    assert_eq!(summary.outcome(), Outcome::Complete);
    assert_eq!((summary.objects, summary.objects_known), (OBJECTS as u64, 0), "{summary:?}");
    assert!((bench.tables("lake"), bench.receipts("lake")) == expected);
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
fn a_plan_whose_header_is_none_is_not_run_without_it() {
    let bench = Bench::with_corpus(OBJECTS);
    plan_only(&bench, "lake");
    let path = bench.path("lake/_trailhouse/plans/00000000.json");
    let mut plan: trailhouse_lake::Plan = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    // A later version may know fields that this one does not.
    plan.settings.flow_header = Some("later newer newest".to_owned());
    std::fs::write(&path, serde_json::to_vec(&plan).unwrap()).unwrap();
    let planned: Vec<u64> = plan.groups.iter().map(|group| group.objects.len() as u64).collect();
    let planned = planned.iter().sum::<u64>();

    let dry = run(&IngestOptions { dry_run: true, ..bench.options("lake") }).unwrap();
    let summary = bench.ingest("lake");
    for summary in [&dry, &summary] {
        assert_eq!((summary.outcome(), summary.objects_stopped), (Outcome::Stopped, planned));
        assert_eq!(summary.objects, OBJECTS as u64 - planned, "other plans are run");
        let [stopped] = summary.stopped.as_slice() else { panic!("{summary:?}") };
        assert!(matches!(stopped.error, GroupError::Header { plan: 0, .. }) && stopped.error.hint().is_some());
        let cause = std::error::Error::source(&stopped.error).unwrap().to_string();
        assert!(cause.contains("`later newer newest`"), "{cause}");
    }
    assert!(of_first_plan(&bench.receipts("lake")).is_empty());
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
