//! The memory that one transform takes: under 300 MB whatever is read, in whatever order.
//!
//! Every byte that is allocated while objects are read is counted, those of finished files included until they are taken.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops where it fails, and says what it saw")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use flate2::Compression;
use flate2::write::GzEncoder;
use trailhouse_core::limits::{FLOW_NAME_BYTES_MAX, PART_RECORDS, RECORD_BYTES_MAX};
use trailhouse_core::{Body, Day, Format, KeyFacts, KeyKind, Object, Settings, Transform};
use trailhouse_schemas::Partitioning;

/// What no input may exceed. Much of it is never resident: buffers that grow are asked for before they are filled.
const BYTES_MAX: usize = 300_000_000;

/// The system's allocator, counting.
struct Counting {
    held: AtomicUsize,
    peak: AtomicUsize,
}

impl Counting {
    fn add(&self, bytes: usize) {
        let held = self.held.fetch_add(bytes, Relaxed) + bytes;
        self.peak.fetch_max(held, Relaxed);
    }
}

// SAFETY: all is handed on to the system's allocator as it comes.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size());
        // SAFETY: the caller's promises are this one's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.add(layout.size());
        // SAFETY: the caller's promises are this one's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        self.held.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are this one's.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        self.held.fetch_sub(layout.size(), Relaxed);
        self.add(bytes);
        // SAFETY: the caller's promises are this one's.
        unsafe { System.realloc(place, layout, bytes) }
    }
}

#[global_allocator]
static MEMORY: Counting = Counting { held: AtomicUsize::new(0), peak: AtomicUsize::new(0) };

/// One object: what it is called, how it is written, its content.
type Case = (&'static str, Format, Vec<u8>);

/// More records than one part holds.
const MANY: usize = PART_RECORDS + 10_000;
/// Columns of flow logs whose values are kept once each.
const CODED: [&str; 20] = [
    "account-id",
    "interface-id",
    "subnet-id",
    "vpc-id",
    "instance-id",
    "srcaddr",
    "dstaddr",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "action",
    "log-status",
    "type",
    "az-id",
    "sublocation-type",
    "sublocation-id",
    "pkt-src-aws-service",
    "pkt-dst-aws-service",
    "flow-direction",
    "region",
    "reject-reason",
];

/// Records that are as short as their format allows, so that a part holds as many of them as it may.
fn tiny() -> Vec<Case> {
    vec![
        ("tiny events", Format::CloudTrail, array(r#"{"eventName":"a"}"#, MANY)),
        ("tiny Insights", Format::Insights, array(r#"{"eventName":"a"}"#, MANY)),
        ("tiny findings", Format::GuardDuty, "{\"id\":\"a\"}\n".repeat(MANY).into()),
        ("tiny flows", Format::Flow, format!("version account-id\n{}", "2 1\n".repeat(MANY)).into()),
        ("tiny transit flows", Format::Flow, format!("version tgw-id\n{}", "2 1\n".repeat(MANY)).into()),
        ("tiny messages", Format::CloudWatchExport, "2026-01-06T00:00:00.000Z a\n".repeat(MANY).into()),
        ("tiny incidents", Format::Incidents, "{\"incident_id\":\"a\"}\n".repeat(MANY).into()),
        ("tiny rejects", Format::CloudTrail, array("1", 90_000)),
    ]
}

/// Flow logs whose every value is another, in `columns` of them.
fn distinct(columns: &[&str]) -> Vec<u8> {
    let mut text = columns.join(" ");
    for number in 0..100_000 {
        text.push('\n');
        let value = format!("{number:05x}");
        text.push_str(&vec![value.as_str(); columns.len()].join(" "));
    }
    text.into()
}

fn distinct_flows() -> Vec<Case> {
    let turns = CODED.chunks(4).map(|columns| ("a few columns of distinct values", Format::Flow, distinct(columns)));
    let all = ("all columns of distinct values", Format::Flow, distinct(&CODED));
    turns.chain([all]).collect()
}

/// Values that no column takes, each kept with a long name.
fn named() -> Vec<Case> {
    let header = format!("version account-id action {}", "n".repeat(FLOW_NAME_BYTES_MAX));
    let longer = format!("version account-id action {}", "n".repeat(1 << 20));
    let lines = "2 1 1 1\n".repeat(MANY);
    vec![
        ("a long name", Format::Flow, format!("{header}\n{lines}").into()),
        ("a name of a megabyte", Format::Flow, format!("{longer}\n{lines}").into()),
    ]
}

/// Records that are as long as they may be, and tiny ones between.
fn long() -> Vec<Case> {
    let long = format!(r#"{{"eventName":"{}"}}"#, "x".repeat(RECORD_BYTES_MAX - 100));
    let tiny = vec![r#"{"eventName":"a"}"#; MANY].join(",");
    let records = [long.as_str(), &long, &long, &long, &tiny, &long, &long].join(",");
    vec![("long events between tiny ones", Format::CloudTrail, format!(r#"{{"Records":[{records}]}}"#).into())]
}

fn array(record: &str, count: usize) -> Vec<u8> {
    format!(r#"{{"Records":[{}]}}"#, vec![record; count].join(",")).into()
}

fn object(format: Format, number: usize) -> Object {
    let key = KeyFacts {
        kind: KeyKind::Log(format),
        account: Some("111122223333".to_owned()),
        region: Some("us-east-1".to_owned()),
        day: Some(Day(20_516)),
    };
    // A key is up to 1,024 bytes long.
    let address = format!("{}/{number:06}.gz", "x".repeat(1000));
    Object { address, source_id: format!("{number:032x}"), format, key, modified: Day(20_517) }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Reads all as one group, by one transform: the most bytes that it held, and the records.
fn read(cases: Vec<Case>) -> (usize, u64) {
    let stored: Vec<_> = cases.into_iter().map(|(name, format, text)| (name, format, gzip(&text))).collect();
    let before = MEMORY.held.load(Relaxed);
    let mut peak = 0;
    let mut records = 0;
    let mut transform = Transform::new(Settings::new(Partitioning::AccountDate));
    for (number, (name, format, stored)) in stored.iter().enumerate() {
        MEMORY.peak.store(MEMORY.held.load(Relaxed), Relaxed);
        let tally = transform.read(&object(*format, number), Body::Whole(stored), &mut |_| Ok(())).unwrap();
        let most = MEMORY.peak.load(Relaxed) - before;
        println!("{name}: {} records, {most} bytes", tally.records);
        records += tally.records;
        peak = peak.max(most);
    }
    transform.finish(&mut |_| Ok(())).unwrap();
    (peak, records)
}

/// One test, since there is one allocator.
#[test]
fn whatever_is_read_takes_so_much_memory() {
    for cases in [tiny(), distinct_flows(), named(), long()] {
        let objects = cases.len() as u64;
        let (peak, records) = read(cases);
        assert!(peak <= BYTES_MAX, "{peak} bytes");
        assert!(records > objects * 1000, "{records} records of {objects} objects: they were not read");
    }
    let all: Vec<Case> = [long(), distinct_flows(), tiny(), named(), long()].into_iter().flatten().collect();
    let (peak, _) = read(all);
    assert!(peak <= BYTES_MAX, "{peak} bytes for all in turn");
}
