//! Objects that are gone, or have changed, between their plan and their reading.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::faults::plan_only;
use common::{Bench, gzip, key, parse, records, records_of, records_of_corpus, rows, run, undisturbed, write};
use trailhouse_etl::{GroupError, Outcome};

/// Records of 64 KiB: more than the transform inflates at a time.
const LARGE_RECORDS: usize = 640;
const OBJECTS: usize = 30;

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
