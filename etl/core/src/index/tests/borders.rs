//! Objects whose tokens lie across the borders of blocks and runs: nothing may be lost from one to the next.

use proptest::prelude::*;
use proptest::sample::Index as Place;
use serde::de::IgnoredAny;

use super::{accepts, builds};
use crate::index::words::RUN_BYTES;
use crate::index::{BLOCK, Index};

/// Bytes before the filler and behind it.
const HEAD: &str = "{\"filler\":\"";
const BEHIND: &str = "\",";
/// How far from a border a change may be.
const NEAR: usize = 3;

/// Right JSON, piece by piece: between any two pieces there may be blanks.
type Pieces = Vec<String>;

fn piece(text: impl Into<String>) -> Pieces {
    vec![text.into()]
}

fn string() -> impl Strategy<Value = String> {
    let part =
        prop::sample::select(vec!["a", "key", "{", "}", "[", "]", ":", ",", " ", "\\\\", "\\\"", "\\n", "\\u00e9"]);
    let long = (BLOCK - 10..BLOCK + 10).prop_map(|length| format!("\"{}\"", "x".repeat(length)));
    let any = prop::collection::vec(part, 0..8).prop_map(|parts| format!("\"{}\"", parts.concat()));
    prop_oneof![6 => any, 1 => long]
}

fn value() -> impl Strategy<Value = Pieces> {
    let scalar = prop::sample::select(vec!["true", "false", "null", "0", "-1.5e-3", "123456789012"]);
    let leaf = prop_oneof![scalar.prop_map(piece), string().prop_map(piece)];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..4).prop_map(|items| enclosed("[", items, "]"));
        let object =
            prop::collection::vec((string(), inner), 0..4).prop_map(|members| enclosed("{", with_keys(members), "}"));
        prop_oneof![array, object]
    })
}

fn members() -> impl Strategy<Value = Pieces> {
    prop::collection::vec((string(), value()), 1..5).prop_map(|members| separated(with_keys(members)))
}

fn with_keys(members: Vec<(String, Pieces)>) -> Vec<Pieces> {
    members.into_iter().map(|(key, value)| [piece(key), piece(":"), value].concat()).collect()
}

fn separated(items: Vec<Pieces>) -> Pieces {
    items
        .into_iter()
        .enumerate()
        .flat_map(|(number, item)| [if number > 0 { piece(",") } else { vec![] }, item].concat())
        .collect()
}

fn enclosed(open: &str, items: Vec<Pieces>, close: &str) -> Pieces {
    [piece(open), separated(items), piece(close)].concat()
}

/// An object with these members behind one that is so long that a border lies at `place` of them.
fn object(members: &Pieces, blanks: &str, border: usize, place: Place) -> Vec<u8> {
    let members = members.join(blanks);
    let before = border.saturating_sub(HEAD.len() + BEHIND.len() + place.index(members.len()));
    [HEAD, &"a".repeat(before), BEHIND, blanks, &members, "}"].concat().into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_are_judged_as_serde_does(
        members in members(),
        blanks in prop::sample::select(vec!["", "", " ", "\n  "]),
        border in prop::sample::select(vec![BLOCK, 4 * BLOCK, RUN_BYTES, 2 * RUN_BYTES]),
        place: Place,
        change in prop::option::of((0..2 * NEAR, prop::sample::select(b"\"\\{}[]:,x0 \n\x01-e".to_vec()))),
    ) {
        let mut text = object(&members, blanks, border, place);
        if let Some((at, byte)) = change {
            let at = (border - NEAR + at).min(text.len() - 1);
            text[at] = byte;
        }
        let expected = text[0] == b'{' && serde_json::from_slice::<IgnoredAny>(&text).is_ok();
        for build in builds() {
            let mut index = Index::default();
            // What an index was built of before must not show.
            build(&mut index, &b"[{\"\\".repeat(RUN_BYTES));
            build(&mut index, &text);
            prop_assert_eq!(accepts(&index, &text), expected, "{}", String::from_utf8_lossy(&text));
        }
    }
}
