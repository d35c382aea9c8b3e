//! Objects that are gone, or have changed, between their plan and their reading.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::fs::File;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use common::faults::{Fault, FaultStore, OnPlan, plan_only};
use common::{Bench, gzip, key, parse, records, records_of, records_of_corpus, rows, run, undisturbed, write};
use futures::executor::block_on;
use trailhouse_etl::{GroupError, Outcome, Progress, Silent, StopFlag, Stopped, Summary, ingest, ingest_into};
use trailhouse_lake::plan::GroupLimits;
use trailhouse_lake::{FolderStore, Group, Lake, Loss, LostObject, Plan};

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
    let of_plan = receipts.values().map(|content| parse(content)).filter(|receipt| receipt.plan == 0);
    for file in of_plan.flat_map(|receipt| receipt.files) {
        write(&bench.path("lake").join(&file.path), &tables[&file.path]);
    }
    let vanished = bench.path("source").join(key(2));
    let original = std::fs::read(&vanished).unwrap();
    std::fs::remove_file(&vanished).unwrap();
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Stopped);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS) - records_of(2));

    // One that was late, and died as well.
    let group = first_group(&bench, "lake");
    assert_eq!(group.objects[0].location, key(2));
    let receipt = receipts.values().map(|content| parse(content)).find(|receipt| receipt.group == group.id).unwrap();
    let late = &receipt.files[0].path;
    assert!(!bench.path("lake").join(late).exists());
    write(&bench.path("lake").join(late), &tables[late]);
    std::fs::write(&vanished, original).unwrap();
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Complete);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
    bench.ingest("lake");
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS), "what was planned again stays");
}

/// As if the plan had been made two days ago.
fn age_plan(bench: &Bench, lake: &str) {
    let plan = bench.path(lake).join("_trailhouse/plans/00000000.json");
    let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    File::options().write(true).open(plan).unwrap().set_modified(two_days_ago).unwrap();
}

#[test]
fn a_source_that_is_gone_can_be_read_from_where_it_went_a_day_later() {
    let bench = Bench::with_corpus(OBJECTS);
    plan_only(&bench, "lake");
    std::fs::rename(bench.path("source"), bench.path("moved")).unwrap();
    let mut options = bench.options("lake");
    options.sources = vec![bench.path("moved").to_str().unwrap().to_owned()];
    let summary = run(&options).unwrap();
    assert!(matches!(summary.stopped[0].error, GroupError::Source { plan: 0, .. }), "{summary:?}");
    assert!(summary.rows < records_of_corpus(OBJECTS), "another run may see the source where this one does not");

    age_plan(&bench, "lake");
    let summary = run(&options).unwrap();
    assert!(matches!(summary.stopped[0].error, GroupError::Source { plan: 0, .. }), "{summary:?}");
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
    assert_eq!(run(&options).unwrap().outcome(), Outcome::Complete);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
}

#[test]
fn objects_of_another_runs_sources_are_not_called_lost_while_it_may_be_at_work() {
    let bench = Bench::with_corpus(OBJECTS);
    plan_only(&bench, "lake");
    std::fs::rename(bench.path("source"), bench.path("moved")).unwrap();
    std::fs::create_dir(bench.path("source")).unwrap();
    let mut options = bench.options("lake");
    options.sources = vec![bench.path("other").to_str().unwrap().to_owned()];
    write(&bench.path("other").join(key(100)), &gzip(&records(100, 9)));
    let summary = run(&options).unwrap();
    assert_eq!((summary.outcome(), summary.objects, summary.rows), (Outcome::Stopped, 1, 9));
    assert!(summary.stopped.iter().all(|stopped| matches!(stopped.error, GroupError::NotOurs { plan: 0, .. })));

    age_plan(&bench, "lake");
    let summary = run(&options).unwrap();
    assert!(summary.stopped.iter().all(|stopped| matches!(stopped.error, GroupError::Vanished { .. })), "{summary:?}");
    assert_eq!(run(&options).unwrap().outcome(), Outcome::Complete);

    std::fs::remove_dir(bench.path("source")).unwrap();
    std::fs::rename(bench.path("moved"), bench.path("source")).unwrap();
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Complete);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS) + 9);
}

/// Does something else once, in the middle of a run: behind its first object.
struct Meanwhile<F>(Mutex<Option<F>>);

impl<F: FnOnce() + Send> Progress for Meanwhile<F> {
    fn done(&self, _: u64, _: u64) {
        let act = self.0.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
    }
}

/// A run in the middle of which `act` happens.
fn ingest_meanwhile(bench: &Bench, lake: &str, act: impl FnOnce() + Send) -> Summary {
    let mut options = bench.options(lake);
    options.threads = NonZeroUsize::new(1);
    ingest(&options, &Meanwhile(Mutex::new(Some(act))), &StopFlag::new()).unwrap()
}

/// The first group of the first plan, which a run with one thread reads first.
fn first_group(bench: &Bench, lake: &str) -> Group {
    let plan = std::fs::read(bench.path(lake).join("_trailhouse/plans/00000000.json")).unwrap();
    serde_json::from_slice::<Plan>(&plan).unwrap().groups.swap_remove(0)
}

#[test]
fn a_run_yields_to_one_that_abandoned_its_group() {
    let bench = Bench::with_corpus(OBJECTS);
    let summary = ingest_meanwhile(&bench, "lake", || {
        // The first run may have read it already.
        let last = first_group(&bench, "lake").objects.pop().unwrap();
        std::fs::remove_file(bench.path("source").join(&last.location)).unwrap();
        assert_eq!(bench.ingest("lake").outcome(), Outcome::Stopped);
    });
    assert_eq!(summary.outcome(), Outcome::Stopped);
    assert!(matches!(summary.stopped[..], [Stopped { objects: 1, error: GroupError::Vanished { .. } }]), "{summary:?}");
    assert_eq!(summary.objects + summary.objects_known, OBJECTS as u64 - 1, "{summary:?}");
    let left: u64 = records_left(&bench);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), left);
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Complete);
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), left);
}

#[test]
fn what_a_dead_run_abandoned_is_planned_again_by_who_meets_it() {
    let bench = Bench::with_corpus(OBJECTS);
    let summary = ingest_meanwhile(&bench, "lake", || {
        let group = first_group(&bench, "lake");
        let lost = LostObject { source_id: group.objects[0].source_id, loss: Loss::Gone };
        let lake = block_on(Lake::open(bench.path("lake").to_str().unwrap())).unwrap();
        assert!(block_on(lake.abandon(0, group.id, vec![lost])).unwrap().is_abandoned());
    });
    assert!(matches!(summary.stopped[..], [Stopped { objects: 1, error: GroupError::Vanished { .. } }]), "{summary:?}");
    assert_eq!((summary.objects, summary.objects_known), (OBJECTS as u64 - 1, 0), "{summary:?}");
    let summary = bench.ingest("lake");
    assert_eq!((summary.outcome(), summary.objects), (Outcome::Complete, 1), "it was there all the time");
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
}

#[test]
fn known_objects_that_another_run_gives_up_are_told() {
    let bench = Bench::with_corpus(OBJECTS);
    let folder = Arc::new(FolderStore::create(&bench.path("lake")).unwrap());
    // lake.json is put 0. The first plan, put 1, turns out to be another run's, which dies while this one reads the second.
    let store = Arc::new(FaultStore::new(folder, Fault::Overtaken, 1, false));
    let lake = block_on(Lake::open_or_create_in(store, None)).unwrap();
    let give_up = || {
        let group = first_group(&bench, "lake");
        let lost = LostObject { source_id: group.objects[0].source_id, loss: Loss::Gone };
        block_on(lake.abandon(0, group.id, vec![lost])).unwrap();
    };
    let progress = Meanwhile(Mutex::new(Some(give_up)));
    let summary = ingest_into(&lake, &bench.options("lake"), &progress, &StopFlag::new()).unwrap();
    let given_up = first_group(&bench, "lake").objects.len() as u64;
    assert!(matches!(summary.stopped[..], [Stopped { error: GroupError::GivenUp, .. }]), "{summary:?}");
    assert_eq!((summary.objects_stopped, summary.objects), (given_up, OBJECTS as u64 - given_up), "{summary:?}");
    assert_eq!((bench.ingest("lake").outcome(), bench.ingest("lake").objects), (Outcome::Complete, 0));
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), records_of_corpus(OBJECTS));
}

#[test]
fn where_objects_melt_away_each_takes_fewer_others_with_it() {
    let bench = Bench::with_corpus(OBJECTS);
    let folder = Arc::new(FolderStore::create(&bench.path("lake")).unwrap());
    let (source, next) = (bench.path("source"), AtomicUsize::new(0));
    let melt = move || {
        let _ = std::fs::remove_file(source.join(key(next.fetch_add(1, Ordering::Relaxed))));
    };
    let store = Arc::new(FaultStore::on_plan(folder, OnPlan(Box::new(melt))));
    let lake = block_on(Lake::open_or_create_in(store, None)).unwrap();
    let mut options = bench.options("lake");
    // One group of all of them at first.
    (options.limits.group, options.limits.plan_objects) = (GroupLimits::default(), 1000);
    let summary = ingest_into(&lake, &options, &Silent, &StopFlag::new()).unwrap();
    assert_eq!(summary.outcome(), Outcome::Stopped);
    let plans = common::files_below(&bench.path("lake/_trailhouse/plans")).len();
    assert!((3..=4).contains(&plans), "{plans} plans: {summary:?}");
    assert_eq!(rows(&bench.tables("lake"), "cloudtrail"), summary.rows);
    assert_eq!(bench.ingest("lake").outcome(), Outcome::Complete);
    assert!(rows(&bench.tables("lake"), "cloudtrail") >= records_left(&bench));
}

/// The records of the objects that are still there.
fn records_left(bench: &Bench) -> u64 {
    (0..OBJECTS).filter(|number| bench.path("source").join(key(*number)).exists()).map(records_of).sum()
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
