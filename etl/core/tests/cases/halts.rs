//! A transform that is told to stop does so soon, whatever it reads, and can be used again.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use trailhouse_core::{Body, Error, PartFile, Settings, Transform};

use super::generator::inputs;
use super::harness::{Input, gzip, small_parts, transform};

/// A body without an end: `head`, then `tail` again and again.
struct Endless {
    head: Vec<u8>,
    tail: Vec<u8>,
    at: usize,
}

impl Endless {
    fn new(head: &[u8], tail: &[u8]) -> Self {
        // Steps of a few bytes would be slow for a reason that is not the transform's.
        Self { head: head.to_vec(), tail: tail.repeat(64 << 10 >> tail.len().ilog2()), at: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at >= self.head.len() + self.tail.len() {
            self.at = self.head.len();
        }
        let bytes = self.head.get(self.at..).filter(|head| !head.is_empty());
        let bytes = bytes.unwrap_or_else(|| &self.tail[self.at - self.head.len()..]);
        let count = bytes.len().min(out.len());
        out[..count].copy_from_slice(&bytes[..count]);
        self.at += count;
        Ok(count)
    }
}

/// What no limit of an object ends.
fn endless_bodies() -> Vec<(&'static str, Endless)> {
    const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut named = GZIP_HEADER;
    named[3] = 0b1000;
    vec![
        ("blanks", Endless::new(b"", b" ")),
        ("blanks among records", Endless::new(b"[{}", b" ")),
        ("records", Endless::new(b"[{}", b",{\"eventID\":\"a\"}")),
        ("empty records", Endless::new(b"[", b",")),
        ("scalars", Endless::new(b"[1", b",1")),
        ("members", Endless::new(b"{", b"\"a\":1,")),
        ("one member", Endless::new(b"{\"a\":\"", b"x")),
        ("one record", Endless::new(b"[{\"a\":\"", b"x")),
        ("brackets", Endless::new(b"[", b"[")),
        ("documents", Endless::new(b"", b"[]")),
        ("garbage", Endless::new(b"x", b"x")),
        ("empty gzip members", Endless::new(b"", &gzip(b""))),
        ("the name in a gzip header", Endless::new(&named, b"x")),
        ("empty deflate blocks", Endless::new(&GZIP_HEADER, &[0, 0, 0, 0xff, 0xff])),
    ]
}

#[test]
fn an_interrupt_takes_effect_whatever_the_object_holds() {
    // What is tested is not built for speed; what is shipped needs a tenth of it.
    const SOON: Duration = Duration::from_secs(2);
    let settings = Settings { inflated_bytes_max: u64::MAX, ..small_parts() };
    let object = Input::of_json(0, b"").object;
    for (name, mut body) in endless_bodies() {
        let halted_at = Instant::now() + Duration::from_millis(100);
        let mut transform = Transform::new(settings.clone());
        transform.halt_when(move || Instant::now() >= halted_at);
        let error = transform.read(&object, Body::Stream(&mut body), &mut |_| Ok(())).unwrap_err();
        assert!(matches!(error, Error::Halted), "{name}: {error}");
        assert!(halted_at.elapsed() < SOON, "{name}: halted after {:?}", halted_at.elapsed());
    }
}

/// A transform that is halted when it has looked `looks` times whether it is.
fn halting(looks: usize, settings: Settings) -> (Transform, Arc<AtomicUsize>) {
    let mut transform = Transform::new(settings.clone());
    let looked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&looked);
    transform.halt_when(move || counter.fetch_add(1, Ordering::Relaxed) == looks);
    (transform, looked)
}

#[test]
fn a_halt_at_any_moment_leaves_no_trace_in_the_next_group() {
    let inputs = inputs(0x4a17, 12);
    let settings = Settings { part_records: 20, ..small_parts() };
    let fresh = transform(&mut Transform::new(settings.clone()), &inputs);
    assert!(fresh.files.len() > 3);
    let (mut never, looked) = halting(usize::MAX, settings.clone());
    assert!(transform(&mut never, &inputs) == fresh);
    let looks = looked.load(Ordering::Relaxed);
    assert!(looks > fresh.files.len(), "{looks} looks for {} files", fresh.files.len());
    for moment in (0..looks).step_by(looks / 50 + 1).chain([looks - 1]) {
        let (mut halted, _) = halting(moment, settings.clone());
        let mut emit = |_: PartFile| Ok(());
        let read = |input: &Input| halted.read(&input.object, Body::Whole(&input.stored), &mut emit).map(drop);
        let error = inputs.iter().try_for_each(read).and_then(|()| halted.finish(&mut emit)).unwrap_err();
        assert!(matches!(error, Error::Halted), "look {moment}: {error}");
        halted.abandon();
        assert!(transform(&mut halted, &inputs) == fresh, "behind a halt at look {moment} of {looks}");
    }
}
