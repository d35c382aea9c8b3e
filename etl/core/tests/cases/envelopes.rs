//! What stands around records, and records that cannot be read.

use trailhouse_core::Reason;
use trailhouse_core::limits::REJECT_BYTES_MAX;
use trailhouse_schemas::REJECTS;

use super::harness::{Input, assert_agrees, settings, small_parts};
use super::readback;
use crate::oracle::Value;

/// An object, and what must come of it in words of its own, beside the oracle's.
struct Case {
    name: &'static str,
    json: &'static [u8],
    rows: u64,
    /// Byte offset, text and reason of each reject.
    rejects: &'static [(i64, &'static [u8], Reason)],
    damage: Option<Reason>,
}

const fn case(
    name: &'static str,
    json: &'static [u8],
    rows: u64,
    rejects: &'static [(i64, &'static [u8], Reason)],
    damage: Option<Reason>,
) -> Case {
    Case { name, json, rows, rejects, damage }
}

use Reason::{Empty, Envelope, NoRecords, NotJson, NotObject, Syntax, Truncated, Utf8};

const CASES: &[Case] = &[
    case("no records", br#"{"Records":[]}"#, 0, &[], None),
    case("one record", br#"{"Records":[{"eventID":"a"}]}"#, 1, &[], None),
    case("an empty record", br#"{"Records":[{}]}"#, 1, &[], None),
    case("blanks everywhere", b" \r\n{\t\"Records\" : [ {} ,\n{ } ] } \n", 2, &[], None),
    case("a bare array", br#"[{"eventID":"a"},{}]"#, 2, &[], None),
    case("a bare array of nothing", b" [ ] ", 0, &[], None),
    case("documents one behind the other", b"{\"Records\":[{}]}\n{\"Records\":[{}]}[{}][]", 3, &[], None),
    case("a second array of records", br#"{"Records":[{}],"Records":[{},{}]}"#, 3, &[], None),
    case("an escaped key of the envelope", br#"{"\u0052ecords":[{}]}"#, 1, &[], None),
    case(
        "members around the records",
        br#"{"a":{"b":[1,2]},"Records":[{}], "c":",]}" }"#,
        1,
        &[(1, br#""a":{"b":[1,2]}"#, Envelope), (33, br#""c":",]}""#, Envelope)],
        None,
    ),
    case("blanks within and behind a member", b"{ \"a\" : 1 ,\"Records\":[]}", 0, &[(2, b"\"a\" : 1", Envelope)], None),
    case(
        "records that are null",
        br#"{"Records":null}"#,
        0,
        &[(1, br#""Records":null"#, Envelope), (16, b"", NoRecords)],
        Some(NoRecords),
    ),
    case(
        "records that are an object",
        br#"{"Records":{"a":[{}]}}"#,
        0,
        &[(1, br#""Records":{"a":[{}]}"#, Envelope), (22, b"", NoRecords)],
        Some(NoRecords),
    ),
    case(
        "records by another name",
        br#"{"records":[{}]}"#,
        0,
        &[(1, br#""records":[{}]"#, Envelope), (16, b"", NoRecords)],
        Some(NoRecords),
    ),
    case("no member", b"{}", 0, &[(2, b"", NoRecords)], Some(NoRecords)),
    case("nothing", b"", 0, &[(0, b"", Empty)], Some(Empty)),
    case("garbage", b"PK\x03\x04\xff\x00", 0, &[(0, b"PK\x03\x04\xff\x00", NotJson)], Some(NotJson)),
    case("a scalar", b" 7", 0, &[(1, b"7", NotJson)], Some(NotJson)),
    case(
        "garbage behind the records",
        br#"{"Records":[{}]}junk {"Records":[{}]}"#,
        1,
        &[(16, br#"junk {"Records":[{}]}"#, NotJson)],
        Some(NotJson),
    ),
    case(
        "records that are no objects",
        br#"{"Records":[1,"a,]",null,[{}],{},true]}"#,
        1,
        &[
            (12, b"1", NotObject),
            (14, br#""a,]""#, NotObject),
            (20, b"null", NotObject),
            (25, b"[{}]", NotObject),
            (33, b"true", NotObject),
        ],
        None,
    ),
    case("a comma at the end", br#"{"Records":[{},]}"#, 1, &[(15, b"", Syntax)], None),
    case("nothing but a comma", br#"{"Records":[,]}"#, 0, &[(12, b"", Syntax), (13, b"", Syntax)], None),
    case("a comma too many", b"[{}, ,{}]", 2, &[(5, b"", Syntax)], None),
    case(
        "a broken record among whole ones",
        br#"{"Records":[{"a":1},{"a":tru, "b":1},{"a":2}]}"#,
        2,
        &[(20, br#"{"a":tru, "b":1}"#, Syntax)],
        None,
    ),
    case("text behind a record", br#"[{"a":1} x ,{}]"#, 1, &[(1, br#"{"a":1} x"#, Syntax)], None),
    case("two records without a comma", b"[{}{},{}]", 1, &[(1, b"{}{}", Syntax)], None),
    case("text before a record", b"[x{},{}]", 1, &[(1, b"x{}", NotObject)], None),
    case("a form feed behind a record", b"[{}\x0c,{}]", 1, &[(1, b"{}\x0c", Syntax)], None),
    case("brackets of two kinds", br#"[{"a":[}],{}]"#, 1, &[(1, br#"{"a":[}]"#, Syntax)], None),
    case("bytes that are no UTF-8", b"[{\"a\":\"\xff\"},{}]", 1, &[(1, b"{\"a\":\"\xff\"}", Utf8)], None),
    case("half a character", b"[{\"a\":\"\xe2\x82\"},{}]", 1, &[(1, b"{\"a\":\"\xe2\x82\"}", Utf8)], None),
    case("a surrogate in UTF-8", b"[{\"a\":\"\xed\xa0\x80\"}]", 0, &[(1, b"{\"a\":\"\xed\xa0\x80\"}", Utf8)], None),
    case("a backslash before a quote", br#"[{\"a":1},{}]"#, 0, &[(1, br#"{\"a":1},{}]"#, Truncated)], Some(Truncated)),
    case("an escaped comma", br#"[{}\,{},{}]"#, 1, &[(1, br#"{}\,{}"#, Syntax)], None),
    case(
        "a record that the object's end cuts",
        br#"{"Records":[{"a":1},{"a":"#,
        1,
        &[(20, br#"{"a":"#, Truncated)],
        Some(Truncated),
    ),
    case("an end behind a record", br#"{"Records":[{"a":1}"#, 1, &[(19, b"", Truncated)], Some(Truncated)),
    case("an end behind a comma", br#"{"Records":[{"a":1},"#, 1, &[(20, b"", Truncated)], Some(Truncated)),
    case("an end behind the array", br#"{"Records":[{"a":1}]"#, 1, &[(20, b"", Truncated)], Some(Truncated)),
    case("an end within a key", br#"{"Recor"#, 0, &[(1, br#""Recor"#, Truncated)], Some(Truncated)),
    case("an end within a string", br#"[{"a":"b}]"#, 0, &[(1, br#"{"a":"b}]"#, Truncated)], Some(Truncated)),
    case("an array closed as an object", br#"[{"a":1}},{}]"#, 1, &[(8, b"},{}]", NotJson)], Some(NotJson)),
    case("an envelope closed as an array", br#"{"Records":[{}]]"#, 1, &[(15, b"]", NotJson)], Some(NotJson)),
    case("a byte order mark", b"\xef\xbb\xbf[{}]", 1, &[], None),
    case("a byte order mark alone", b"\xef\xbb\xbf", 0, &[(3, b"", Empty)], Some(Empty)),
    case("a byte order mark and a fault", b"\xef\xbb\xbf[{},1]", 1, &[(7, b"1", NotObject)], None),
    case("two byte order marks", b"\xef\xbb\xbf\xef\xbb\xbf[]", 0, &[(3, b"\xef\xbb\xbf[]", NotJson)], Some(NotJson)),
    case("a byte order mark behind", b"[{}]\xef\xbb\xbf", 1, &[(4, b"\xef\xbb\xbf", NotJson)], Some(NotJson)),
];

#[test]
fn every_envelope_gives_up_its_records() {
    let mut complaints = Vec::new();
    for case in CASES {
        if let Err(complaint) = std::panic::catch_unwind(|| check(case)) {
            let text = complaint.downcast_ref::<String>().cloned().unwrap_or_default();
            complaints.push(format!("{}: {text}", case.name));
        }
    }
    assert!(complaints.is_empty(), "{} of {} cases:\n\n{}", complaints.len(), CASES.len(), complaints.join("\n\n"));
}

fn check(case: &Case) {
    let input = if case.json.is_empty() { Input::new(0, Vec::new()) } else { Input::of_json(0, case.json) };
    let outcome = assert_agrees(&[input], small_parts());
    let tally = &outcome.tallies[0];
    assert_eq!(tally.rows, case.rows, "rows");
    assert_eq!(tally.damage.is_some(), case.damage.is_some(), "damage");
    let mut found = Vec::new();
    for file in outcome.files.iter().filter(|file| *file.table == REJECTS) {
        for row in readback::rows(file).unwrap() {
            let value = |name: &str| row.values[REJECTS.position(name).unwrap()].clone();
            found.push((value("byte_offset"), value("bytes"), value("reason")));
        }
    }
    let expected = case.rejects.iter().map(|(offset, text, reason)| {
        let bytes = Value::Bytes(text.to_vec());
        (Some(Value::Int(*offset)), Some(bytes), Some(Value::Text(reason.code().to_owned())))
    });
    assert_eq!(found, expected.collect::<Vec<_>>(), "rejects");
}

#[test]
fn what_is_no_json_is_at_fault_where_it_begins() {
    for (json, damage) in [
        (&b"junk {\"Records\":[]}"[..], "the object is not JSON from here on, at byte 0"),
        (br#"{"Records":[{}]} junk"#, "the object is not JSON from here on, at byte 17"),
        (br#"{"Records":[{}}, {}]}"#, "the object is not JSON from here on, at byte 14"),
        (br#"{"Records":[{},{"#, "the object ends before its JSON or its gzip stream does, at byte 16"),
    ] {
        let outcome = assert_agrees(&[Input::of_json(0, json)], small_parts());
        assert_eq!(outcome.tallies[0].damage.as_deref(), Some(damage));
    }
}

#[test]
fn an_escaped_bracket_is_none() {
    for json in [&br#"[{\}},{}]"#[..], br#"[{"a":[\]]},{}]"#, br#"[{"a":\{},{}]"#, br#"[\[,{}]"#] {
        let outcome = assert_agrees(&[Input::of_json(0, json)], small_parts());
        assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects), (1, 1));
    }
}

#[test]
fn the_same_envelopes_as_they_are() {
    // Not gzip: the other way in.
    let inputs: Vec<Input> =
        CASES.iter().enumerate().map(|(number, case)| Input::new(number, case.json.to_vec())).collect();
    for input in inputs {
        assert_agrees(&[input], small_parts());
    }
}

#[test]
fn evidence_is_kept_in_part_and_hashed_whole() {
    for length in [REJECT_BYTES_MAX - 1, REJECT_BYTES_MAX, REJECT_BYTES_MAX + 1, 3 * REJECT_BYTES_MAX] {
        let mut json = b"[{},\"".to_vec();
        json.resize(5 + length - 2, b'x');
        json.extend(b"\",{}]");
        let outcome = assert_agrees(&[Input::of_json(0, &json)], settings());
        assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects), (2, 1));
    }
}
