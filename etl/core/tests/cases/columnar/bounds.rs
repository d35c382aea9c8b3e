//! No file takes more memory than it may, or time without an end, whatever it says.

use std::process::Command;

use trailhouse_core::Reason;
use trailhouse_core::limits::{PARQUET_BYTES_MAX, PARQUET_FOOTER_BYTES_MAX, RECORD_BYTES_MAX};
use trailhouse_core::transcribe::text_of;

use super::forge::{Column, Page, Struct, file, texts, with_footer};

/// What a child of this test is told by, and what it may take beside the budget: its own code, text and stacks.
const CHILD: &str = "TRAILHOUSE_TEST_BOUNDS";
const BESIDE_BYTES: usize = 24 << 20;
/// All that it can ask for: the files themselves are made in it.
const ADDRESSES_BYTES: usize = 1 << 30;

/// Bytes of zeros, packed by codec number 1, 2 or 6 to about a thousandth, if that is possible.
fn packed(codec: i64, bytes: usize) -> Vec<u8> {
    let zeros = vec![0; bytes];
    match codec {
        1 => snap::raw::Encoder::new().compress_vec(&zeros).unwrap(),
        2 => super::super::harness::gzip(&zeros),
        _ => zstd::bulk::compress(&zeros, 1).unwrap(),
    }
}

/// A run of the same number, `count` times.
fn run(mut count: u64, number: u8) -> Vec<u8> {
    count <<= 1;
    let mut bytes = Vec::new();
    while count > 0x7f {
        bytes.push(count as u8 | 0x80);
        count >>= 7;
    }
    bytes.extend([count as u8, number]);
    bytes
}

/// A file by its name, and the reason that it should be given, if any.
type Bomb = (String, Vec<u8>, Option<Reason>);

/// Files that would take more than there is.
fn bombs() -> Vec<Bomb> {
    let mut bombs = Vec::new();
    let one = |codec, page| file(1, &[Column { codec, ..Column::text("srcaddr", 1, vec![page]) }]);
    for codec in [1, 2, 6] {
        for bytes in [PARQUET_BYTES_MAX + 1, 1 << 30] {
            let page = Page::data(1, 0, bytes, packed(codec, bytes.min(100 << 20)));
            bombs.push((
                format!("a page of {bytes} bytes, codec {codec}"),
                one(codec, page),
                Some(Reason::ParquetSize),
            ));
        }
        let page = Page::data(1, 0, 10, packed(codec, 100 << 20));
        bombs.push((format!("a page that says 10 bytes, codec {codec}"), one(codec, page), Some(Reason::Parquet)));
        // Each would fit, all do not.
        let page = || Page::data(1, 0, 4 << 20, packed(codec, 4 << 20));
        let columns = [DEFAULT_NAMES, OTHER_NAMES].concat();
        let columns: Vec<Column> =
            columns.iter().map(|name| Column { codec, ..Column::text(name, 1, vec![page()]) }).collect();
        bombs.push((format!("many pages, codec {codec}"), file(1, &columns), Some(Reason::ParquetSize)));
    }
    // Blanks take three bytes each; so would a dictionary of them.
    let blanks = texts(&[&" ".repeat(30 << 20)]);
    let page = Page::data(1, 0, blanks.len(), zstd::bulk::compress(&blanks, 1).unwrap());
    bombs.push(("blanks".to_owned(), one(6, page), Some(Reason::ParquetSize)));
    let many = vec![0; 40 << 20];
    let dictionary = |values| {
        let body = Struct::new().int(1, values).int(2, 0);
        let stored = zstd::bulk::compress(&many, 1).unwrap();
        let header = Struct::new().int(1, 2).int(2, many.len() as i64).int(3, stored.len() as i64).inner(7, body);
        Page { header, stored }
    };
    bombs.push(("a dictionary of nothing".to_owned(), one(6, dictionary(10 << 20)), Some(Reason::ParquetSize)));
    bombs.push(("a dictionary that lies".to_owned(), one(6, dictionary(1 << 40)), Some(Reason::Parquet)));
    let rows = i64::from(u32::MAX);
    let levels = run(rows as u64, 0);
    let nulls = Page::data_2(rows, 0, (levels.len() as i64, 0), levels);
    bombs.push((
        "four billion nulls".to_owned(),
        file(rows, &[Column::of(6, 1, "srcaddr", rows, vec![nulls])]),
        Some(Reason::TooLarge),
    ));
    let value = texts(&[&"x".repeat(RECORD_BYTES_MAX / 2)]);
    let wide = || {
        let coded = [vec![1], run(rows as u64, 0)].concat();
        vec![Page::dictionary(1, value.clone()), Page::data(rows, 8, coded.len(), coded)]
    };
    let columns = [Column::text("srcaddr", rows, wide()), Column::text("dstaddr", rows, wide())];
    bombs.push(("rows of 16 MiB".to_owned(), file(rows, &columns), Some(Reason::TooLong)));
    bombs.push(("half as long".to_owned(), file(rows, &columns[..1]), Some(Reason::TooLarge)));
    let long = vec![0x11; PARQUET_FOOTER_BYTES_MAX + 1];
    bombs.push(("a long footer".to_owned(), with_footer(b"PAR1".to_vec(), &long), Some(Reason::ParquetSize)));
    bombs.extend(lists());
    bombs
}

/// Footers full of the shortest elements.
fn lists() -> Vec<Bomb> {
    let count = PARQUET_FOOTER_BYTES_MAX as u64 - 100;
    let structs = |id: i16, before: Struct| before.list(id, count, (0..count).map(|_| Struct::new())).end();
    let column = Column::text("srcaddr", 0, vec![]);
    let schema = || super::forge::footer(std::slice::from_ref(&column), 0, vec![]);
    let elements = structs(2, Struct::new());
    let others = structs(5, schema());
    // A row group with a column each: as short as they can be.
    let group = || {
        let chunk = Struct::new().inner(3, Struct::new().int(7, 0).int(9, 4));
        Struct::new().list(1, 1, [chunk]).int(3, 0)
    };
    let groups = (PARQUET_FOOTER_BYTES_MAX - 100) / group().end().len();
    let groups = super::forge::footer(std::slice::from_ref(&column), 0, (0..groups).map(|_| group()).collect()).end();
    vec![
        ("elements".to_owned(), with_footer(b"PAR1".to_vec(), &elements), Some(Reason::ParquetKind)),
        ("what is passed over".to_owned(), with_footer(b"PAR1".to_vec(), &others), None),
        ("row groups".to_owned(), with_footer(b"PAR1".to_vec(), &groups), None),
    ]
}

const DEFAULT_NAMES: &[&str] =
    &["version", "account_id", "interface_id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets"];
const OTHER_NAMES: &[&str] =
    &["bytes", "start", "end", "action", "log_status", "vpc_id", "subnet_id", "instance_id", "tcp_flags"];

/// What the process takes and has taken at most, in bytes, after the kernel's count has begun anew.
fn memory(line: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let found = status.lines().find_map(|other| other.strip_prefix(line)).unwrap();
    found.split_whitespace().next().unwrap().parse::<usize>().unwrap() << 10
}

/// Runs in a process of its own, whose address space has an end: what asks for more than that ends it.
#[test]
fn bombs_are_read_in_the_memory_that_there_is() {
    if std::env::var_os(CHILD).is_none() {
        if cfg!(target_os = "linux") {
            run_child();
        }
        return;
    }
    for (name, stored, reason) in bombs() {
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let before = memory("VmRSS:");
        let (text, damage) = text_of(&stored, 1 << 20);
        let taken = memory("VmHWM:").saturating_sub(before);
        eprintln!("{name}: {} MiB, {damage:?}", taken >> 20);
        let is_expected = match (&damage, reason) {
            (Some(damage), Some(reason)) => damage.starts_with(reason.about()),
            (damage, reason) => damage.is_none() && reason.is_none(),
        };
        assert!(is_expected && text.len() <= 1 << 20, "{name}: {damage:?}");
        assert!(taken <= PARQUET_BYTES_MAX + BESIDE_BYTES, "{name}: {} MiB", taken >> 20);
    }
}

fn run_child() {
    let test = std::env::current_exe().unwrap();
    let script =
        format!("ulimit -v {}; exec \"$0\" --exact --test-threads 1 --nocapture \"$1\"", ADDRESSES_BYTES >> 10);
    let name = concat!(module_path!(), "::bombs_are_read_in_the_memory_that_there_is");
    let name = name.split_once("::").unwrap().1;
    let mut child = Command::new("sh");
    child.args(["-c", &script]).arg(test).arg(name).env(CHILD, "1");
    // What was given back does not count, and what is taken again does.
    child.envs([("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "65536"), ("MALLOC_TRIM_THRESHOLD_", "0")]);
    let output = child.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
