//! Ways to store an object.

use std::io::Write;

use flate2::{Compression, GzBuilder};
use trailhouse_core::limits::PIECE_BYTES;
use trailhouse_core::{Reason, Settings, Tally};

use super::harness::{Input, assert_agrees, gzip, settings, small_parts};

const JSON: &[u8] = br#"{"Records":[{"eventID":"a"},{"eventID":"b"},{"eventID":"c"}]}"#;

/// The bytes of a member behind its deflate stream: checksum and size.
const TRAILER_BYTES: usize = 8;

fn tally(stored: Vec<u8>, settings: Settings) -> Tally {
    assert_agrees(&[Input::new(0, stored)], settings).tallies.remove(0)
}

fn assert_damaged(tally: &Tally, reason: Reason) {
    let damage = tally.damage.as_deref().unwrap_or_default();
    assert!(damage.starts_with(reason.about()), "`{damage}` is not `{}`", reason.about());
}

#[test]
fn members_one_behind_the_other() {
    for cut in 0..=JSON.len() {
        let (head, tail) = JSON.split_at(cut);
        let tally = tally([gzip(head), gzip(tail)].concat(), small_parts());
        assert_eq!((tally.rows, tally.damage), (3, None), "cut at {cut}");
    }
    // A member's size in the trailer is that of the whole before it, too.
    let twice = tally([gzip(JSON), gzip(JSON)].concat(), small_parts());
    assert_eq!((twice.rows, twice.damage), (6, None));
    let bytewise: Vec<u8> = JSON.iter().flat_map(|byte| gzip(&[*byte])).collect();
    assert_eq!(tally(bytewise, small_parts()).rows, 3);
    let empty = [gzip(b""), gzip(JSON), gzip(b"")].concat();
    assert_eq!(tally(empty, small_parts()).rows, 3);
}

#[test]
fn members_with_every_optional_field() {
    let member = |builder: GzBuilder| {
        let mut encoder = builder.write(Vec::new(), Compression::best());
        encoder.write_all(JSON).unwrap();
        encoder.finish().unwrap()
    };
    let full = || GzBuilder::new().extra(vec![7; 300]).filename("x.json").comment("y").mtime(1_767_225_600);
    for stored in [member(full()), member(GzBuilder::new().filename("x")), [member(full()), member(full())].concat()] {
        let tally = tally(stored, small_parts());
        assert_eq!((tally.rows % 3, tally.damage), (0, None));
    }
    // A checksum of the header, which is true and then is not.
    let plain = gzip(JSON);
    let mut header = plain[..10].to_vec();
    header[3] = 2;
    let mut checksum = flate2::Crc::new();
    checksum.update(&header);
    header.extend((checksum.sum() as u16).to_le_bytes());
    let mut stored = [&header[..], &plain[10..]].concat();
    assert_eq!(tally(stored.clone(), small_parts()).damage, None);
    stored[10] ^= 1;
    tally(stored, small_parts());
}

#[test]
fn stored_blocks_and_every_level() {
    for level in 0..=9 {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(JSON).unwrap();
        assert_eq!(tally(encoder.finish().unwrap(), small_parts()).rows, 3);
    }
}

#[test]
fn bytes_behind_the_last_member() {
    let whole = gzip(JSON);
    for (behind, reason) in [
        (&b"garbage"[..], Reason::Trailing),
        (b"x", Reason::Trailing),
        (b"\x1fx", Reason::Trailing),
        (b"\0\0\0x", Reason::Trailing),
        (b"\0\0\0\x1f\x8b\x08", Reason::Trailing),
        (b"{\"Records\":[{}]}", Reason::Trailing),
        (JSON, Reason::Trailing),
        (b"\x1f", Reason::Truncated),
        (b"\x1f\x8b\x08", Reason::Truncated),
        (b"\x1f\x8b\x09\0\0\0\0\0\0\0", Reason::Gzip),
    ] {
        for members in 1..3 {
            let stored = [&whole.repeat(members)[..], behind].concat();
            let tally = tally(stored, small_parts());
            assert_eq!((tally.rows, tally.rejects), (3 * members as u64, 1), "{}", behind.escape_ascii());
            assert_damaged(&tally, reason);
            let place = format!(", from byte {} of the stored object on", members * whole.len());
            assert_eq!(tally.damage.unwrap().ends_with(&place), reason == Reason::Trailing);
        }
    }
}

#[test]
fn zeros_behind_the_last_member_fill_a_block_up() {
    for zeros in [1, 2, 7, 8, 512, 1 << 20] {
        let tally = tally([gzip(JSON), vec![0; zeros]].concat(), small_parts());
        assert_eq!((tally.rows, tally.rejects, tally.damage), (3, 0, None), "{zeros} zeros");
    }
}

#[test]
fn trailers_that_lie() {
    let stored = gzip(JSON);
    let size_at = stored.len() - 4;
    for size in [0, 1, JSON.len() - 1, JSON.len() + 1, 1 << 20, PIECE_BYTES, (1 << 32) - 1] {
        let mut stored = stored.clone();
        stored[size_at..].copy_from_slice(&(size as u32).to_le_bytes());
        let tally = tally(stored, settings());
        assert_eq!(tally.rows, 3, "{size} promised");
        assert_damaged(&tally, Reason::Gzip);
    }
    let mut stored = stored.clone();
    stored[size_at - 1] ^= 0x40;
    let tally = tally(stored, settings());
    assert_eq!(tally.rows, 3);
    assert_damaged(&tally, Reason::Gzip);
}

#[test]
fn damage_within_the_deflate_stream() {
    // Enough records that some stand before the damage.
    let records: Vec<String> = (0..5000).map(|number| format!("{{\"eventID\":\"{}\"}}", number * 7919)).collect();
    let stored = gzip(format!("[{}]", records.join(",")).as_bytes());
    for eighth in 1..8 {
        let at = (stored.len() - TRAILER_BYTES) * eighth / 8;
        let mut damaged = stored.clone();
        damaged[at..at + 16].fill(0xff);
        let tally = tally(damaged, small_parts());
        assert!(tally.damage.is_some());
        assert!(tally.rows > 0, "nothing stands before byte {at} of {}", stored.len());
    }
}

#[test]
fn a_bomb_meets_the_limit() {
    let mut json = b"{\"Records\":[{\"eventID\":\"a\"},{\"userAgent\":\"".to_vec();
    json.resize(3 << 20, b'x');
    json.extend(b"\"}]}");
    for (stored, what) in
        [(gzip(&json), "gzip"), (json.clone(), "plain"), ([gzip(&json[..100]), gzip(&json[100..])].concat(), "members")]
    {
        for (limit, is_damaged) in [
            (1 << 20, true),
            (json.len() - 1, true),
            (json.len(), false),
            (json.len() + 1, false),
            (28, true),
            (1, true),
            (0, true),
        ] {
            let limited = Settings { inflated_bytes_max: limit as u64, ..small_parts() };
            let tally = tally(stored.clone(), limited);
            assert_eq!(tally.damage.is_some(), is_damaged, "{what} of {} bytes with a limit of {limit}", json.len());
            if is_damaged {
                assert_damaged(&tally, Reason::TooLarge);
            }
            assert!(tally.inflated_bytes <= limit as u64);
        }
    }
}

#[test]
fn empty_objects() {
    for stored in [vec![], gzip(b""), [gzip(b""), gzip(b"")].concat(), b" \n".to_vec(), gzip(b"\t\r\n ")] {
        let tally = tally(stored, small_parts());
        assert_eq!((tally.records, tally.rejects), (1, 1));
        assert_damaged(&tally, Reason::Empty);
    }
}

#[test]
fn beginnings_of_a_gzip() {
    for length in 1..18 {
        // And the same with something else behind it.
        tally([&gzip(JSON)[..length], b"abc"].concat(), small_parts());
        let tally = tally(gzip(JSON)[..length].to_vec(), small_parts());
        assert_eq!(tally.rows, 0);
        assert_damaged(&tally, Reason::Truncated);
    }
}

#[test]
fn a_stream_inside_a_stream() {
    let members = [gzip(&JSON[..20]), gzip(&JSON[20..])].concat();
    let twice = gzip(&members);
    assert_eq!(tally(twice.clone(), small_parts()).rows, 3);
    assert_eq!(tally([gzip(&members[..7]), gzip(&members[7..])].concat(), small_parts()).rows, 3);
    let cut = tally(twice[..twice.len() - TRAILER_BYTES].to_vec(), small_parts());
    assert_damaged(&cut, Reason::Truncated);
    assert_damaged(&tally(gzip(&members[..members.len() - 1]), small_parts()), Reason::Truncated);
    // No more than two.
    assert_damaged(&tally(gzip(&gzip(&gzip(JSON))), small_parts()), Reason::NotJson);
}
