//! One target under libFuzzer: the one that `TRAILHOUSE_FUZZ_TARGET` names. `make fuzz` runs them all.

#![no_main]
#![allow(clippy::panic, reason = "libFuzzer keeps what makes a panic")]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use trailhouse_fuzz::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("TRAILHOUSE_FUZZ_TARGET").unwrap_or_default();
    match TARGETS.iter().find(|target| target.name == name) {
        Some(target) => *target,
        None => panic!("TRAILHOUSE_FUZZ_TARGET is `{name}`, which is none of {:?}", TARGETS.map(|target| target.name)),
    }
});

fuzz_target!(|bytes: &[u8]| {
    if let Err(complaint) = (TARGET.judge)(bytes) {
        panic!("{complaint}");
    }
});
