mod borders;

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

fn portable(bytes: &[u8]) -> Index {
    let mut index = Index::default();
    index.build_with(portable::Portable, bytes);
    index
}

/// Every output of an index, for comparison.
#[derive(Debug, PartialEq)]
struct Outputs {
    quotes: Vec<u64>,
    backslashes: Vec<u64>,
    brackets: Vec<(usize, Option<usize>)>,
    faults: Vec<(u32, u64)>,
}

fn outputs(index: &Index) -> Outputs {
    let brackets = (0..index.brackets.len()).map(|bracket| (index.bracket_at(bracket), index.partner(bracket)));
    Outputs {
        quotes: index.quotes[..index.covered().div_ceil(BLOCK) + 2].to_vec(),
        backslashes: index.backslashes[..index.covered().div_ceil(BLOCK) + 2].to_vec(),
        brackets: brackets.collect(),
        faults: index.faults.clone(),
    }
}

/// Whether the index calls the object at the start of `text`, and nothing else, whole and right.
fn accepts(index: &Index, text: &[u8]) -> bool {
    index.partner(0).is_some_and(|end| index.bracket_at(end) == text.len() - 1)
        && index.fault_in(0, text.len()).is_none()
}

/// Text that is nearly JSON: fragments that the grammar cares about, in any order.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\"a\"",
        "\"key\":",
        "\"k\" : ",
        " ",
        "\n",
        "\t",
        "\x01",
        "true",
        "false",
        "null",
        "nul",
        "0",
        "-1",
        "1.5e-3",
        "01",
        "1.",
        "-",
        "\\u00e9",
        "\\u12",
        "\\n",
        "\\x",
        "{}",
        "[]",
        "{\"a\":1}",
        "[1,2]",
        "\"\"",
        "\"a long string that crosses the end of a block of sixty-four bytes, surely\"",
        "x",
    ]);
    prop::collection::vec(fragment, 0..40).prop_map(|fragments| fragments.concat().into_bytes())
}

/// An element of an array that is about as long as a run of blocks or two, or as a block, or nothing.
fn filler() -> impl Strategy<Value = Vec<u8>> {
    let length =
        prop_oneof![Just(0), 1usize..BLOCK, RUN_BYTES - 600..RUN_BYTES + 20, 2 * RUN_BYTES - 600..2 * RUN_BYTES];
    length.prop_map(|length| if length == 0 { Vec::new() } else { format!("\"{}\",", "a".repeat(length)).into_bytes() })
}

/// What is judged a run at a time.
fn without_blanks(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte > b' ').collect()
}

/// The twins that this processor can run.
fn builds() -> Vec<fn(&mut Index, &[u8])> {
    let mut builds: Vec<fn(&mut Index, &[u8])> = vec![Index::build];
    #[cfg(target_arch = "x86_64")]
    if crate::cpu::is_modern() {
        builds.push(avx2::build);
    }
    builds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_twins_agree(bytes in fragments(), filler in filler(), is_dense: bool) {
        let mut text = filler;
        text.extend(if is_dense { without_blanks(&bytes) } else { bytes });
        let expected = outputs(&portable(&text));
        for fast in builds() {
            let mut index = Index::default();
            fast(&mut index, &text);
            prop_assert_eq!(&outputs(&index), &expected);
        }
    }

    #[test]
    fn the_grammar_is_serdes(bytes in fragments(), members in 0usize..3, filler in filler(), is_dense: bool) {
        let mut text = b"{".to_vec();
        if !filler.is_empty() {
            text.extend([b"\"filler\":", &filler[..]].concat());
        }
        for member in 0..members {
            text.extend(format!("\"m{member}\":[{member}, {{}}],").into_bytes());
        }
        text.extend(b"\"v\":");
        text.extend(bytes);
        text.push(b'}');
        let text = if is_dense { without_blanks(&text) } else { text };
        let expected = serde_json::from_slice::<IgnoredAny>(&text).is_ok();
        prop_assert_eq!(accepts(&portable(&text), &text), expected, "{}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn every_single_byte_change_is_judged_as_serde_does() {
    let text = br#"{"a" : {"b":[1, -2.5e3 ,true,null,"x\u00e9\\"],"c":{}} ,"d":"","e":[[],[{}]],"f":false}"#;
    let bytes = b"\"\\{}[]:,x0 \n\x1f-e.";
    for at in 0..text.len() {
        for byte in bytes {
            let mut changed = text.to_vec();
            changed[at] = *byte;
            let expected = changed[0] == b'{' && serde_json::from_slice::<IgnoredAny>(&changed).is_ok();
            assert_eq!(accepts(&portable(&changed), &changed), expected, "{}", String::from_utf8_lossy(&changed));
        }
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1)).into_bytes();
    let (at_limit, beyond) = (nested(crate::limits::DEPTH_MAX), nested(crate::limits::DEPTH_MAX + 1));
    assert!(accepts(&portable(&at_limit), &at_limit));
    assert!(!accepts(&portable(&beyond), &beyond));
}

#[test]
fn searches_end_at_the_end() {
    let index = portable(b"[1,2]");
    assert!(index.quote(0) >= index.covered());
    assert!(!index.has_backslash(0, 5));
    let text = [vec![b'a'; 100], vec![b'\\'], vec![b'a'; 100]].concat();
    let index = portable(&text);
    for from in 0..text.len() {
        for to in from..=text.len() {
            assert_eq!(index.has_backslash(from, to), text[from..to].contains(&b'\\'), "{from}..{to}");
        }
    }
}
