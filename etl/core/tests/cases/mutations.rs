//! Objects of which one byte is another: no place where the grammar, the index or the inflater looks away.

use super::cuts::SMALL;
use super::harness::{Input, assert_agrees, gzip, small_parts};

/// What takes a byte's place: each that means something to JSON, some that must not stand there, and parts of UTF-8.
const BYTES: &[u8] = b"\"\\{}[],: \n\t0-+.eEnuxt/\x00\x01\x0b\x0c\x1f\x7f\x80\xbf\xc0\xc3\xe2\xed\xf0\xf5\xff";

/// Objects that are read as one group.
const GROUP_OBJECTS: usize = 500;

fn assert_all_agree(texts: impl Iterator<Item = Vec<u8>>, store: fn(&[u8]) -> Vec<u8>) {
    let texts: Vec<Vec<u8>> = texts.collect();
    for group in texts.chunks(GROUP_OBJECTS) {
        let inputs: Vec<Input> =
            group.iter().enumerate().map(|(number, text)| Input::new(number, store(text))).collect();
        assert_agrees(&inputs, small_parts());
    }
}

/// `text` with each byte replaced by each of `bytes`.
fn replaced<'a>(text: &'a [u8], bytes: &'a [u8]) -> impl Iterator<Item = Vec<u8>> + 'a {
    (0..text.len()).flat_map(move |at| {
        bytes.iter().map(move |byte| {
            let mut text = text.to_vec();
            text[at] = *byte;
            text
        })
    })
}

#[test]
fn every_byte_replaced() {
    assert_all_agree(replaced(SMALL.as_bytes(), BYTES), gzip);
}

#[test]
fn every_byte_followed_by_another() {
    let text = SMALL.as_bytes();
    let inserted = (0..=text.len()).flat_map(|at| {
        BYTES.iter().map(move |byte| {
            let mut text = text.to_vec();
            text.insert(at, *byte);
            text
        })
    });
    assert_all_agree(inserted, <[u8]>::to_vec);
}

#[test]
fn every_byte_left_out() {
    let text = SMALL.as_bytes();
    let shorter = (0..text.len()).map(|at| [&text[..at], &text[at + 1..]].concat());
    assert_all_agree(shorter, gzip);
}

#[test]
fn every_run_of_bytes_left_out() {
    // What remains often closes its brackets, in other places.
    let text = b"{\"Records\":[{\"a\":[1,{}]},{\"b\":\"c\"}],\"d\":[{}]}";
    let shorter =
        (0..text.len()).flat_map(|from| (from + 1..=text.len()).map(move |to| [&text[..from], &text[to..]].concat()));
    assert_all_agree(shorter, gzip);
}

#[test]
fn every_byte_of_a_gzip_replaced() {
    let stored = gzip(SMALL.as_bytes());
    assert_all_agree(replaced(&stored, &[0x00, 0x01, 0x08, 0x1f, 0x80, 0xff]), <[u8]>::to_vec);
    let flipped = (0..stored.len() * 8).map(|bit| {
        let mut stored = stored.clone();
        stored[bit / 8] ^= 1 << (bit % 8);
        stored
    });
    assert_all_agree(flipped, <[u8]>::to_vec);
}
