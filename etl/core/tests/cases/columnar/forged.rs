//! Files that lie: each is damaged for the reason it should be, and what stood before is kept.

use flate2::Crc;
use trailhouse_core::transcribe::text_of;
use trailhouse_core::{Reason, Transform};

use super::super::harness::{gzip, small_parts, transform};
use super::files::object;
use super::forge::{Column, Page, Struct, file, footer, texts, with_footer};

/// What is read of a file, and what is wrong with it.
fn read(stored: &[u8]) -> (String, String) {
    let (text, damage) = text_of(stored, 1 << 20);
    let rows = text.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1) as u64;
    let outcome = transform(&mut Transform::new(small_parts()), &[object(0, stored.to_vec())]);
    let tally = &outcome.tallies[0];
    assert_eq!((tally.records, tally.rows), (tally.rows + tally.rejects, rows));
    assert_eq!((tally.rejects > 0, tally.damage.is_some()), (damage.is_some(), damage.is_some()), "{tally:?}");
    (String::from_utf8(text).unwrap(), damage.unwrap_or_default())
}

/// A file of one column whose pages are these.
fn of_pages(rows: i64, pages: Vec<Page>) -> Vec<u8> {
    file(rows, &[Column::text("srcaddr", rows, pages)])
}

fn assert_damaged(stored: &[u8], reason: Reason, complaint: &str) -> String {
    let (text, damage) = read(stored);
    assert!(damage.starts_with(reason.about()) && damage.contains(complaint), "`{damage}` is not `{complaint}`");
    text
}

fn two(values: [&str; 2]) -> Page {
    Page::plain(2, texts(&values))
}

#[test]
fn a_forged_file_without_a_lie_is_read() {
    assert_eq!(read(&of_pages(2, vec![two(["a", "b"])])), ("srcaddr\na\nb\n".to_owned(), String::new()));
    let coded = Page::data(3, 8, 3, vec![2, 0b11, 0b0010_0001]);
    let dictionary = Page::dictionary(3, texts(&["x", "y", "z"]));
    let mixed = vec![dictionary.clone(), coded.clone(), two(["a", "b"]), Page::plain(0, vec![]), coded];
    assert_eq!(read(&of_pages(8, mixed)).0, "srcaddr\ny\nx\nz\na\nb\ny\nx\nz\n", "dictionary, then plain, then both");
    let nulls = Page::data_2(3, 0, (2, 0), [vec![0b11, 0b010], texts(&["v"])].concat());
    assert_eq!(read(&file(3, &[Column::of(6, 1, "srcaddr", 3, vec![nulls])])).0, "srcaddr\n-\nv\n-\n");
    // Pages that index others hold no values.
    let index = Page { header: Struct::new().int(1, 1).int(2, 3).int(3, 3), stored: vec![1, 2, 3] };
    assert_eq!(read(&of_pages(2, vec![index, two(["a", "b"])])).0, "srcaddr\na\nb\n");
}

#[test]
fn headers_of_pages_may_be_long() {
    for (bytes, is_read) in [(400, true), (5_000, true), (40_000, true), (100_000, false)] {
        let mut page = two(["a", "b"]);
        page.header = page.header.text(9, &vec![b'x'; bytes]);
        let (text, damage) = read(&of_pages(2, vec![page]));
        assert_eq!((text.len(), damage.is_empty()), (if is_read { 12 } else { 8 }, is_read), "{bytes}: {damage}");
    }
}

#[test]
fn the_older_way_of_saying_that_numbers_have_no_sign() {
    for (converted, expected) in [(11, "4294967295"), (14, "4294967295"), (15, "-1"), (18, "-1")] {
        let mut column = Column::of(1, 0, "packets", 1, vec![Page::plain(1, vec![0xff; 4])]);
        column.schema = column.schema.int(6, converted);
        assert_eq!(read(&file(1, &[column])).0, format!("packets\n{expected}\n"), "{converted}");
    }
}

#[test]
fn text_in_place_of_a_file_is_damaged() {
    let text = b"srcaddr dstaddr\n10.0.0.1 10.0.0.2\n";
    assert_damaged(text, Reason::Parquet, "it does not begin as one");
    assert_damaged(&gzip(text), Reason::Parquet, "it does not begin as one");
}

#[test]
fn pages_that_lie() {
    let good = || two(["a", "b"]);
    let behind = |page: Page| of_pages(4, vec![good(), page]);
    let cases = [
        (Page::data(2, 0, 99, texts(&["c", "d"])), "a page does not unpack to what it says"),
        (Page::plain(2, texts(&["c"])), "the values of a page end too early"),
        (Page::plain(2, vec![0xff, 0xff, 0xff, 0xff, 1]), "the values of a page end too early"),
        (Page::plain(3, texts(&["c", "d", "e"])), "there are more values than rows"),
        (Page::plain(1, texts(&["c"])), "there are fewer values than rows"),
        (Page::plain(-1, texts(&["c"])), "a count is negative"),
        (Page::plain(i64::MAX, texts(&["c"])), "there are more values than rows"),
        (Page::data(2, 8, 2, vec![1, 0]), "there is no dictionary"),
        (Page::data_2(2, 0, (99, 0), texts(&["c", "d"])), "a page is shorter than its levels"),
        (Page::data_2(2, 0, (i64::MAX, i64::MAX), texts(&["c", "d"])), "a page is shorter than its levels"),
        (Page::data_2(2, 0, (0, 1), texts(&["c", "d"])), "levels that its column has not"),
        (Page { header: Struct::new().int(1, 9).int(2, 0).int(3, 0), stored: vec![] }, "of no kind that is known"),
        (Page { header: Struct::new().int(1, 0).int(2, 1).int(3, 99), stored: vec![1] }, "longer than its column"),
        (Page { header: Struct::new().int(1, 0).int(2, -1).int(3, 0), stored: vec![] }, "a count is negative"),
        (Page { header: Struct::new().text(1, b"x"), stored: vec![] }, "another kind than it should be in the header"),
    ];
    for (page, complaint) in cases {
        let text = assert_damaged(&behind(page), Reason::Parquet, complaint);
        assert!(text.starts_with("srcaddr\na\nb\n"), "{complaint}: what stood before");
    }
    let unread = Page::data(2, 7, 1, vec![0]);
    assert_damaged(&behind(unread), Reason::ParquetKind, "DELTA_BYTE_ARRAY in the column `srcaddr` in row group 0");
}

#[test]
fn dictionaries_that_lie() {
    let coded = |width: u8, bytes: &[u8]| Page::data(2, 8, 1 + bytes.len(), [&[width][..], bytes].concat());
    let dictionary = || Page::dictionary(2, texts(&["x", "y"]));
    for (pages, complaint) in [
        (vec![dictionary(), coded(2, &[4, 2])], "a value is not in its dictionary"),
        (vec![dictionary(), coded(32, &[4, 0xff, 0xff, 0xff, 0xff])], "a value is not in its dictionary"),
        (vec![dictionary(), coded(33, &[4, 1])], "wider than 32 bits"),
        (vec![dictionary(), coded(1, &[])], "packed numbers end too early"),
        (vec![dictionary(), coded(8, &[3, 0])], "packed numbers end too early"),
        (vec![dictionary(), dictionary(), coded(1, &[4, 1])], "a second dictionary"),
        (vec![Page::dictionary(3, texts(&["x", "y"]))], "the values of a page end too early"),
        (vec![Page::dictionary(i64::MAX, texts(&["x", "y"]))], "a dictionary is shorter than it says"),
        (vec![Page::dictionary(-1, texts(&["x", "y"]))], "a count is negative"),
    ] {
        assert_damaged(&of_pages(2, pages), Reason::Parquet, complaint);
    }
    assert_eq!(read(&of_pages(2, vec![dictionary(), coded(0, &[])])).0, "srcaddr\nx\nx\n", "no bits are all 0");
}

#[test]
fn differences_that_lie() {
    // Lengths 1 and 1, the second of them as a difference of 0.
    let lengths = [8, 1, 2, 2, 0, 0];
    let page = |head: [u8; 6], texts: &[u8]| {
        let bytes = [&head[..], texts].concat();
        Page::data(2, 6, bytes.len(), bytes)
    };
    assert_eq!(read(&of_pages(2, vec![page(lengths, b"ab")])).0, "srcaddr\na\nb\n");
    for (head, complaint) in [
        ([8, 1, 2, 99, 0, 0], "the values of a page end too early"),
        ([8, 1, 2, 1, 0, 0], "the values of a page end too early"),
        ([8, 1, 1, 2, 0, 0], "differences end too early"),
        ([8, 1, 2, 2, 0, 77], "differences are wider than 64 bits"),
        ([8, 1, 127, 2, 0, 0], "differences are wider than 64 bits"),
        ([8, 0, 2, 2, 0, 0], "a size that none can have"),
    ] {
        assert_damaged(&of_pages(2, vec![page(head, b"ab")]), Reason::Parquet, complaint);
    }
}

#[test]
fn levels_that_lie() {
    let optional = |page: Page| file(2, &[Column::of(6, 1, "srcaddr", 2, vec![page])]);
    let levels = |length: u32, rest: &[u8]| [&length.to_le_bytes()[..], rest].concat();
    for (bytes, complaint) in [
        (levels(99, &[4, 1]), "a page is shorter than its levels"),
        (levels(u32::MAX, &[4, 1]), "a page is shorter than its levels"),
        (vec![1, 0], "a page is shorter than its levels"),
        (levels(0, &texts(&["a", "b"])), "packed numbers end too early"),
        (levels(2, &[4, 1]), "the values of a page end too early"),
    ] {
        assert_damaged(&optional(Page::plain(2, bytes)), Reason::Parquet, complaint);
    }
    let mut old = Page::plain(2, vec![0; 8]);
    let body = Struct::new().int(1, 2).int(2, 0).int(3, 4).int(4, 4);
    old.header = Struct::new().int(1, 0).int(2, 8).int(3, 8).inner(5, body);
    assert_damaged(&optional(old), Reason::ParquetKind, "its levels have encoding 4");
    let good = Page::plain(2, [levels(2, &[4, 0])].concat());
    assert_eq!(read(&optional(good)).0, "srcaddr\n-\n-\n");
}

#[test]
fn a_checksum_is_held_against_the_stored_bytes() {
    let stored = texts(&["a", "b"]);
    let mut checksum = Crc::new();
    checksum.update(&stored);
    for (sum, is_right) in [(checksum.sum(), true), (checksum.sum() ^ 1, false)] {
        let body = Struct::new().int(1, 2).int(2, 0).int(3, 3).int(4, 3);
        let header = Struct::new().int(1, 0).int(2, stored.len() as i64).int(3, stored.len() as i64);
        let header = header.int(4, i64::from(sum as i32)).inner(5, body);
        let damage = read(&of_pages(2, vec![Page { header, stored: stored.clone() }])).1;
        assert_eq!(damage.is_empty(), is_right, "{damage}");
        assert!(is_right || damage.contains("a page has another checksum"), "{damage}");
    }
}

#[test]
fn footers_that_lie() {
    let column = |place| Column { place: Some(place), ..Column::text("srcaddr", 2, vec![two(["a", "b"])]) };
    for place in [(0, 10), (3, 10), (4, i64::MAX), (4, 1 << 40), (i64::MAX, i64::MAX), (1 << 40, 1)] {
        let damage = read(&file(2, &[column(place)])).1;
        assert!(damage.contains("the column `srcaddr` stands outside the file in row group 0"), "{place:?}: {damage}");
    }
    for place in [(-1, 10), (4, -1)] {
        assert_damaged(&file(2, &[column(place)]), Reason::Parquet, "a count is negative in its footer");
    }
    // Anywhere else in the file, there is no page; nothing worse comes of it.
    for (start, length) in (4..30).flat_map(|start| [(start, 1), (start, 9)]) {
        assert!(!read(&file(2, &[column((start, length))])).1.is_empty());
    }
    let good = Column::text("srcaddr", 2, vec![two(["a", "b"])]);
    assert_damaged(&file(3, std::slice::from_ref(&good)), Reason::Parquet, "has not as many values as there are rows");
    assert_damaged(&file(2, &[good.clone(), good.clone()]), Reason::Parquet, "two columns are called `srcaddr`");
    let repeated = Column::of(6, 2, "srcaddr", 2, vec![]);
    assert_damaged(&file(2, &[repeated]), Reason::ParquetKind, "`srcaddr` may have many values in a row");
    let wide = Column::of(3, 0, "srcaddr", 2, vec![]);
    assert_damaged(&file(2, &[wide]), Reason::ParquetKind, "values of 96 bits in the column `srcaddr`");
    for (codec, reason, complaint) in [
        (3, Reason::ParquetKind, "LZO is not unpacked in the column `srcaddr` in row group 0"),
        (4, Reason::ParquetKind, "LZ4 is not unpacked"),
        (5, Reason::ParquetKind, "Brotli is not unpacked"),
        (7, Reason::ParquetKind, "LZ4 (raw) is not unpacked"),
        (77, Reason::Parquet, "there is no codec number 77"),
    ] {
        assert_damaged(&file(2, &[Column { codec, ..good.clone() }]), reason, complaint);
    }
}

#[test]
fn footers_that_are_none() {
    let good = Column::text("srcaddr", 0, vec![]);
    let magic = || b"PAR1".to_vec();
    let list = |count: u64| Struct::new().int(1, 1).list(2, count, []);
    for (footer, complaint) in [
        (Struct::new().end(), "there is no column in its footer"),
        (list(0).end(), "the schema has no root"),
        (list(u64::from(u32::MAX)).end(), "a list claims more elements than there are bytes"),
        (list(u64::MAX).end(), "a list claims more elements than there are bytes"),
        (footer(std::slice::from_ref(&good), 0, vec![Struct::new().int(3, 0)]).end(), "other columns than"),
        (footer(std::slice::from_ref(&good), 0, vec![Struct::new()]).end(), "does not say how many rows"),
        (vec![0x1c; 1000], "nested too deep"),
        (vec![0x19, 0xfc], "it ends too early in its footer"),
        (vec![0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "too many bytes"),
    ] {
        assert_damaged(&with_footer(magic(), &footer), Reason::Parquet, complaint);
    }
    let encrypted = Struct::new().inner(8, Struct::new()).end();
    assert_damaged(&with_footer(magic(), &encrypted), Reason::ParquetKind, "encryption");
    let elsewhere = Struct::new().list(1, 1, [Struct::new().text(1, b"other.parquet")]).int(3, 0);
    let elsewhere = footer(&[good], 0, vec![elsewhere]).end();
    assert_damaged(&with_footer(magic(), &elsewhere), Reason::ParquetKind, "in another file");
    for (stored, complaint) in [
        (&b"PAR"[..], "it does not begin as one"),
        (b"x", "it does not begin as one"),
        (b"{\"Records\":[]}", "it does not begin as one"),
        (b"PAR1", "it ends too early"),
        (b"PAR1PAR1", "it ends too early"),
        (b"PAR1\0\0\0\0PARX", "it does not end as one"),
        (b"PAR1\xff\xff\xff\xffPAR1", "its footer is longer than all of it"),
        (b"PAR1\x01\0\0\0PAR1", "its footer is longer than all of it"),
        (b"PAR1\0\0\0\0PAR1", "it ends too early in its footer"),
    ] {
        assert_damaged(stored, Reason::Parquet, complaint);
    }
    assert_damaged(b"PAR1\0\0\0\0PARE", Reason::ParquetKind, "it is encrypted");
}
