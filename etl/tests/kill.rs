//! Runs that are killed at random moments, by a signal that nobody can catch.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Bench, records_of_corpus, rows, run};
use trailhouse_etl::{IngestOptions, Outcome};

const OBJECTS: usize = 60;
const KILLS: u32 = 20;
const SOURCE: &str = "TRAILHOUSE_TEST_KILL_SOURCE";
const LAKE: &str = "TRAILHOUSE_TEST_KILL_LAKE";

/// Not a test of its own: the process that is killed.
#[test]
#[ignore = "run by `a_killed_run_goes_on_where_it_was` as a process of its own"]
fn victim() {
    let (Ok(source), Ok(lake)) = (std::env::var(SOURCE), std::env::var(LAKE)) else { return };
    let mut options = IngestOptions::new(vec![source], lake);
    options.limits = common::small_limits();
    run(&options).unwrap();
}

fn start(bench: &Bench, lake: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--ignored"])
        .env(SOURCE, bench.path("source"))
        .env(LAKE, bench.path(lake))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let bench = Bench::with_corpus(OBJECTS);
    let started = Instant::now();
    assert!(start(&bench, "undisturbed").wait().unwrap().success());
    let undisturbed = (bench.tables("undisturbed"), bench.receipts("undisturbed"));
    assert_eq!(rows(&undisturbed.0, "cloudtrail"), records_of_corpus(OBJECTS), "the victim works");
    let takes = started.elapsed();

    let mut random = std::process::id().wrapping_mul(2_654_435_761) | 1;
    let (mut kills, mut lakes, mut kills_at_work) = (0, 0, 0);
    while kills < KILLS {
        let lake = format!("lake-{lakes}");
        lakes += 1;
        // Killed again and again until it is done, each time a little further.
        loop {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            let mut victim = start(&bench, &lake);
            std::thread::sleep(Duration::from_secs_f64(takes.as_secs_f64() * f64::from(random % 1000) / 1000.0));
            let was_done = victim.try_wait().unwrap().is_some();
            victim.kill().unwrap();
            let is_done = victim.wait().unwrap().success();
            let unfinished = bench.tables(&lake);
            assert!(unfinished.iter().all(|(name, content)| undisturbed.0.get(name) == Some(content)), "{lake}");
            if was_done || is_done {
                break;
            }
            kills += 1;
            kills_at_work += u32::from(!unfinished.is_empty() && unfinished.len() < undisturbed.0.len());
            if kills >= KILLS {
                break;
            }
        }
        assert_eq!(run(&with_lake(&bench, &lake)).unwrap().outcome(), Outcome::Complete);
        assert!((bench.tables(&lake), bench.receipts(&lake)) == undisturbed, "{lake}");
    }
    println!("{kills} kills in {lakes} lakes, {kills_at_work} of them among files");
    assert!(kills_at_work > 0, "the moments are not random enough");
}

fn with_lake(bench: &Bench, lake: &str) -> IngestOptions {
    let mut options = bench.options(lake);
    options.threads = None;
    options
}
