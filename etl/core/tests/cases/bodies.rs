//! However an object's bytes arrive, and whatever a transform did before, the same files come out.

use std::io::{Error, ErrorKind, Read};

use trailhouse_core::{Body, Day, PartFile, Settings, Transform};

use super::cuts::SMALL;
use super::generator::{Random, inputs};
use super::harness::{Input, KEY_DAY, Outcome, assert_agrees, gzip, judge, settings, small_parts, transform};

/// Hands out a few bytes at a time, and now and then is interrupted.
struct Trickle<'a> {
    bytes: &'a [u8],
    read_bytes: usize,
    is_interrupted: bool,
    /// Fails once the bytes are used up.
    fails: bool,
}

impl<'a> Trickle<'a> {
    fn new(bytes: &'a [u8], read_bytes: usize) -> Self {
        Self { bytes, read_bytes, is_interrupted: false, fails: false }
    }
}

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(ErrorKind::Interrupted.into());
        }
        if self.bytes.is_empty() && self.fails {
            return Err(Error::other("the line went dead"));
        }
        let count = self.read_bytes.min(self.bytes.len()).min(out.len());
        out[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

/// As [`transform`], from streams.
pub(crate) fn stream(transform: &mut Transform, inputs: &[Input], read_bytes: usize) -> Outcome {
    let mut files = Vec::new();
    let mut emit = |file: PartFile| {
        files.push(file);
        Ok(())
    };
    let mut tallies = Vec::new();
    for input in inputs {
        let mut trickle = Trickle::new(&input.stored, read_bytes);
        tallies.push(transform.read(&input.object, Body::Stream(&mut trickle), &mut emit).unwrap());
    }
    transform.finish(&mut emit).unwrap();
    Outcome { tallies, files }
}

/// The objects as they are, each with a byte changed, and each cut.
fn healthy_and_damaged(seed: u64, count: usize) -> Vec<Input> {
    let mut random = Random::new(seed);
    let mut all = inputs(seed, count);
    for mut input in inputs(seed, count) {
        if input.stored.is_empty() {
            continue;
        }
        let at = random.within(0..input.stored.len());
        if random.within(0..2) == 0 {
            input.stored[at] ^= 1 << random.within(0..8);
        } else {
            input.stored.truncate(at);
        }
        let number = all.len();
        input.object.source_id = format!("{number:032x}");
        all.push(input);
    }
    all
}

#[test]
fn streams_of_any_step_give_the_same_files() {
    let inputs = healthy_and_damaged(0xb0d1, 150);
    let whole = assert_agrees(&inputs, small_parts());
    for read_bytes in [1, 7, 4096] {
        let streamed = stream(&mut Transform::new(small_parts()), &inputs, read_bytes);
        assert_eq!(whole.tallies, streamed.tallies, "reads of {read_bytes} bytes");
        assert!(whole.files == streamed.files, "files differ for reads of {read_bytes} bytes");
    }
}

#[test]
fn streams_of_damaged_gzip_give_the_same_files() {
    let stored = gzip(SMALL.repeat(20).as_bytes());
    for at in 0..stored.len() {
        let mut damaged = stored.clone();
        damaged[at] ^= 0x55;
        let inputs = [Input::new(0, damaged)];
        let whole = transform(&mut Transform::new(small_parts()), &inputs);
        let streamed = stream(&mut Transform::new(small_parts()), &inputs, 1);
        assert_eq!(whole.tallies, streamed.tallies, "byte {at} of {} is another", stored.len());
        assert!(whole == streamed, "files differ where byte {at} is another");
    }
}

#[test]
fn a_transform_leaves_no_trace_in_the_next_group() {
    let mut reused = Transform::new(small_parts());
    for group in 0..20 {
        let inputs = healthy_and_damaged(0xb0d2 + group, 30);
        let outcome = transform(&mut reused, &inputs);
        let fresh = transform(&mut Transform::new(small_parts()), &inputs);
        assert!(outcome == fresh, "group {group} differs in a reused transform");
    }
}

#[test]
fn an_error_of_the_source_stops_the_group_and_no_more() {
    let inputs = inputs(0xb0d3, 20);
    let fresh = transform(&mut Transform::new(small_parts()), &inputs);
    for is_gzip in [true, false] {
        let stored = if is_gzip { gzip(SMALL.as_bytes()) } else { SMALL.as_bytes().to_vec() };
        for length in [0, 1, 20, stored.len() / 2, stored.len()] {
            let mut reused = Transform::new(small_parts());
            let mut trickle = Trickle { fails: true, ..Trickle::new(&stored[..length], 3) };
            let object = &inputs[0].object;
            let error = reused.read(object, Body::Stream(&mut trickle), &mut |_| Ok(())).unwrap_err();
            assert!(
                matches!(&error, trailhouse_core::Error::Source(source) if source.to_string() == "the line went dead")
            );
            reused.abandon();
            assert!(transform(&mut reused, &inputs) == fresh, "behind an error at byte {length}");
        }
    }
}

#[test]
fn an_error_of_the_sink_stops_the_group_and_no_more() {
    let inputs = inputs(0xb0d4, 60);
    let settings = Settings { part_records: 20, ..small_parts() };
    let fresh = transform(&mut Transform::new(settings.clone()), &inputs);
    assert!(fresh.files.len() > 5);
    for failing in [0, 1, fresh.files.len() / 2, fresh.files.len() - 1] {
        let mut reused = Transform::new(settings.clone());
        let mut count = 0;
        let mut emit = |_: PartFile| {
            count += 1;
            if count > failing { Err(Error::other("the disk is full")) } else { Ok(()) }
        };
        let read = |input: &Input| reused.read(&input.object, Body::Whole(&input.stored), &mut emit).map(drop);
        let error = inputs.iter().try_for_each(read).and_then(|()| reused.finish(&mut emit)).unwrap_err();
        assert!(matches!(&error, trailhouse_core::Error::Emit(sink) if sink.to_string() == "the disk is full"));
        reused.abandon();
        assert!(transform(&mut reused, &inputs) == fresh, "behind an error at file {failing}");
    }
}

#[test]
fn small_parts_lose_nothing() {
    let inputs = inputs(0xb0d5, 200);
    for part_records in [1, 2, 3, 7, 100] {
        assert_agrees(&inputs, Settings { part_records, ..settings() });
    }
    for part_bytes in [1, 100, 1000, 10_000, 100_000] {
        assert_agrees(&inputs, Settings { part_bytes, ..settings() });
        assert_agrees(&inputs, Settings { part_bytes, part_records: 11, ..settings() });
    }
}

#[test]
fn a_part_that_is_a_quarter_full_ends_with_its_day() {
    const PART_BYTES: usize = 1 << 20;
    let object = |number: usize, tenths: usize, is_next_day: bool| {
        let text = "x".repeat(PART_BYTES * tenths / 10);
        let mut input = Input::of_json(number, format!("[{{\"userAgent\":\"{text}\"}}]").as_bytes());
        input.object.key.day = Some(Day(KEY_DAY.0 + i32::from(is_next_day)));
        input
    };
    let settings = Settings { part_bytes: PART_BYTES, ..settings() };
    for (tenths, is_next_day, parts) in [(3, true, 2), (3, false, 1), (2, true, 1)] {
        let outcome = assert_agrees(&[object(0, tenths, false), object(1, 2, is_next_day)], settings.clone());
        let last = outcome.files.iter().map(|file| file.part + 1).max();
        assert_eq!(last, Some(parts), "{tenths} tenths, then another day: {is_next_day}");
    }
}

#[test]
fn small_parts_are_the_same_from_streams() {
    let inputs = healthy_and_damaged(0xb0d6, 60);
    for (part_bytes, part_records) in [(1000, 5), (20_000, 1 << 17)] {
        let settings = Settings { part_bytes, part_records, ..settings() };
        let whole = transform(&mut Transform::new(settings.clone()), &inputs);
        judge(&inputs, &whole, &settings).unwrap();
        assert!(whole == stream(&mut Transform::new(settings.clone()), &inputs, 7));
    }
}
