//! Generated objects: whatever their shape, transform and oracle agree.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use trailhouse_core::{Settings, Transform};
use trailhouse_schemas::Partitioning;

use super::generator::{self, inputs};
use super::harness::{assert_agrees, judge, small_parts, transform};

/// Generated objects that shrink, each a group of its own; `PROPTEST_CASES` asks for more.
const CASES: u32 = 400;
/// The longest tape that an object is generated from.
const TAPE_BYTES: usize = 1500;
/// Generated groups of many objects.
const GROUPS: u64 = 30;
/// Objects of such a group.
const GROUP_OBJECTS: usize = 100;

#[test]
fn one_object_of_any_shape() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec(any::<u8>(), 0..TAPE_BYTES), |tape| {
        let input = generator::input(0, &tape);
        let settings = Settings { partitioning: Partitioning::RegionAccountDate, ..small_parts() };
        let outcome = transform(&mut Transform::new(settings.clone()), std::slice::from_ref(&input));
        judge(&[input], &outcome, &settings).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, tape)) => panic!("{why}\nof the tape {tape:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn many_objects_in_one_group() {
    for group in 0..GROUPS {
        let inputs = inputs(0x7a11_0000 + group, GROUP_OBJECTS);
        let partitioning = Partitioning::ALL[group as usize % 3];
        let part_records = [3, 50, 128 << 10][group as usize % 3];
        assert_agrees(&inputs, Settings { partitioning, part_records, ..small_parts() });
    }
}
