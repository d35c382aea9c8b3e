//! Exactly once, whatever happens in between: a thousand seeded schedules of functions, batches, kills, lost answers,
//! conflicts, duplicates and upgrades over the same objects, each compared with what the objects hold.
//!
//! A schedule that fails is told by its seed; `TRAILHOUSE_SCHEDULE=SEED` runs that one alone.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it fails")]

#[path = "../common/mod.rs"]
mod common;
mod play;
#[path = "../twins/mod.rs"]
mod twins;
mod verdict;
mod world;

use play::Play;

/// Schedules that are played; `TRAILHOUSE_SCHEDULES` asks for more.
const SCHEDULES: u64 = 1_000;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

#[test]
fn every_schedule_ends_with_each_record_once() {
    let one = number("TRAILHOUSE_SCHEDULE");
    let seeds = match one {
        Some(seed) => seed..seed + 1,
        None => 0..number("TRAILHOUSE_SCHEDULES").unwrap_or(SCHEDULES),
    };
    let (mut calls, mut kills, mut played) = (0, 0, 0);
    for seed in seeds {
        let ended = Play::new(seed).run();
        (calls, kills, played) = (calls + ended.calls, kills + ended.kills, played + 1);
        if let Err(why) = ended.verdict {
            panic!("schedule {seed}: {why}");
        }
    }
    eprintln!("{played} schedules, {calls} calls, {kills} kills");
    assert!(one.is_some() || kills > played / 2, "{kills} kills in {played} schedules");
}
