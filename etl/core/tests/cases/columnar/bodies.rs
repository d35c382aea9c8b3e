//! However the bytes of a file arrive, the same comes out; and what is the source's fault is not the object's.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use trailhouse_core::transcribe::text_of;
use trailhouse_core::{Body, Error, PartFile, ReadAt, Reason, Settings, Tally, Transform};

use super::super::harness::{Input, Outcome, gzip, settings, small_parts, transform};
use super::files::{DEFAULT, Form, Log, file, object};

/// Bytes that stand in a file, as far as the transform can tell; reading them fails after so many times.
struct Kept<'a> {
    bytes: &'a [u8],
    reads_left: Cell<usize>,
}

impl<'a> Kept<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, reads_left: Cell::new(usize::MAX) }
    }
}

impl ReadAt for Kept<'_> {
    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let left = self.reads_left.get().checked_sub(1).ok_or_else(|| io::Error::other("the disk is gone"))?;
        self.reads_left.set(left);
        let offset = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&self.bytes[offset..offset + buffer.len()]);
        Ok(())
    }
}

/// Hands out a few bytes at a time, and every other time is interrupted.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(ErrorKind::Interrupted.into());
        }
        let count = buffer.len().min(self.0.len()).min(1000);
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

fn read(settings: &Settings, input: &Input, body: Body<'_>) -> Outcome {
    let (mut transform, mut files) = (Transform::new(settings.clone()), Vec::new());
    let mut emit = |file: PartFile| {
        files.push(file);
        Ok(())
    };
    let tally = transform.read(&input.object, body, &mut emit).unwrap();
    transform.finish(&mut emit).unwrap();
    Outcome { tallies: vec![tally], files }
}

fn log() -> (Log, Input) {
    let log = Log::drawn(DEFAULT, 6000, 9);
    let form = Form { group_rows: 2500, page_rows: 700, ..Form::default() };
    let stored = file(&log.batch(), form);
    (log, object(0, stored))
}

#[test]
fn bodies_do_not_show() {
    let (_, input) = log();
    // Files of flow logs in Parquet, whole and cut, and of another format at any place.
    let cut = Input { stored: input.stored[..input.stored.len() - 3].to_vec(), ..input.clone() };
    for input in [&input, &cut, &Input::new(0, gzip(b"{\"Records\":[{\"eventID\":\"a\"},{]}"))] {
        let whole = read(&small_parts(), input, Body::Whole(&input.stored));
        assert!(whole.tallies[0].records > 0);
        assert!(whole == read(&small_parts(), input, Body::At(&Kept::new(&input.stored))));
        assert!(whole == read(&small_parts(), input, Body::Stream(&mut Trickle(&input.stored, false))));
        assert!(whole == transform(&mut Transform::new(small_parts()), std::slice::from_ref(input)));
    }
}

#[test]
fn a_stream_without_an_end_is_not_collected() {
    let tally = read(&small_parts(), &log().1, Body::Stream(&mut io::repeat(b'P'))).tallies.remove(0);
    assert!(tally.damage.unwrap().starts_with(Reason::ParquetSize.about()));
}

#[test]
fn a_failing_file_is_no_damaged_object() {
    let (_, input) = log();
    let kept = Kept::new(&input.stored);
    read(&small_parts(), &input, Body::At(&kept));
    let reads = usize::MAX - kept.reads_left.get();
    assert!(reads > 40, "{reads} reads");
    for reads in 0..reads {
        kept.reads_left.set(reads);
        let mut transform = Transform::new(small_parts());
        let error = transform.read(&input.object, Body::At(&kept), &mut |_| Ok(())).unwrap_err();
        assert!(matches!(error, Error::Source(_)), "{error}");
    }
}

#[test]
fn a_halt_at_any_moment_is_heard() {
    let (_, input) = log();
    let halting = |looks: usize| {
        let mut transform = Transform::new(small_parts());
        let looked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&looked);
        transform.halt_when(move || counter.fetch_add(1, Ordering::Relaxed) == looks);
        (transform, looked)
    };
    let (mut never, looked) = halting(usize::MAX);
    never.read(&input.object, Body::Whole(&input.stored), &mut |_| Ok(())).unwrap();
    let looks = looked.load(Ordering::Relaxed);
    assert!(looks > 100, "{looks} looks");
    for moment in 0..looks {
        let (mut halted, _) = halting(moment);
        let error = halted.read(&input.object, Body::Whole(&input.stored), &mut |_| Ok(())).unwrap_err();
        assert!(matches!(error, Error::Halted), "look {moment}: {error}");
    }
}

#[test]
fn the_limit_of_an_object_bounds_its_text() {
    let (log, input) = log();
    let text = log.text();
    let tally = |bytes: usize| -> Tally {
        let settings = Settings { inflated_bytes_max: bytes as u64, ..small_parts() };
        read(&settings, &input, Body::Whole(&input.stored)).tallies.remove(0)
    };
    let all = tally(text.len());
    assert_eq!((all.rows, all.inflated_bytes, all.damage), (6000, text.len() as u64, None));
    for bytes in [text.len() - 1, text.len() / 2, DEFAULT.len() + 1, 5, 0] {
        let tally = tally(bytes);
        let damage = tally.damage.unwrap();
        assert!(damage.starts_with(&format!("{}, at byte ", Reason::TooLarge.about())), "{damage}");
        let whole = text.get(DEFAULT.len() + 1..bytes).unwrap_or_default().matches('\n').count() as u64;
        assert_eq!((tally.rows, tally.rejects, tally.inflated_bytes), (whole, 1, bytes as u64));
        assert_eq!(text_of(&input.stored, bytes as u64).0, &text.as_bytes()[..bytes]);
    }
}

#[test]
fn a_part_is_cut_where_that_of_a_text_is() {
    let log = Log::drawn(DEFAULT, 400_000, 10);
    let settings = Settings { part_records: 100_000, part_bytes: 24 << 20, ..settings() };
    let outcome = read(&settings, &object(0, file(&log.batch(), Form::default())), Body::Whole(&[]));
    assert_eq!((outcome.tallies[0].records, outcome.tallies[0].damage.is_some()), (1, true), "an empty body");
    let stored = file(&log.batch(), Form::default());
    let found = read(&settings, &object(0, stored.clone()), Body::At(&Kept::new(&stored)));
    assert_eq!((found.tallies[0].rows, &found.tallies[0].damage), (400_000, &None));
    assert_eq!(found.tallies[0].inflated_bytes, log.text().len() as u64);
    let mut text = Input::new(0, log.text().into_bytes());
    text.object.format = trailhouse_core::Format::Flow;
    let expected = transform(&mut Transform::new(settings), &[text]);
    // All but their bodies: the same object under the same name.
    assert!(found.files == expected.files && found.files.len() > 3);
}
