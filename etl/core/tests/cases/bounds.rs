//! Long, deep and many: every bound of the engine from both sides, and input that is made to cost more than it is worth.

use std::time::{Duration, Instant};

use trailhouse_core::limits::{BRACKETS_MAX, OBJECT_REJECTS_MAX, PIECE_BYTES, RECORD_BYTES_MAX};
use trailhouse_core::{Format, Reason, Settings, Transform};
use trailhouse_schemas::REJECTS;

use super::harness::{Input, assert_agrees, gzip, settings, small_parts, transform};
use super::readback::rows;
use crate::oracle::Value;

/// A record of `length` bytes.
fn long_record(length: usize) -> String {
    let (head, tail) = ("{\"eventID\":\"long\",\"userAgent\":\"", "\"}");
    format!("{head}{}{tail}", "x".repeat(length - head.len() - tail.len()))
}

#[test]
fn a_long_string_is_a_row() {
    let json = format!("{{\"Records\":[{{}},{},{{}}]}}", long_record(10_000_000));
    let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], settings());
    assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects), (3, 0));
}

#[test]
fn records_have_a_longest() {
    for (length, rejects) in
        [(RECORD_BYTES_MAX - 1, 0), (RECORD_BYTES_MAX, 0), (RECORD_BYTES_MAX + 1, 1), (2 * PIECE_BYTES, 1)]
    {
        for before in [0, 1000, PIECE_BYTES - RECORD_BYTES_MAX / 2] {
            let long = long_record(length);
            let json = format!("{{\"Records\":[{{}},{}{long},{{\"eventID\":\"b\"}}]}}", " ".repeat(before));
            let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], settings());
            let tally = &outcome.tallies[0];
            assert_eq!((tally.rows, tally.rejects), (3 - rejects, rejects), "{length} bytes behind {before} blanks");
        }
    }
}

#[test]
fn records_of_every_format_have_the_same_longest() {
    for (format, before, head, tail) in [
        (Format::Flow, "version action\n", "2 ", ""),
        (Format::CloudWatchExport, "", "2026-03-04T01:02:03.004Z ", ""),
        (Format::GuardDuty, "", "{\"schemaVersion\":\"2.0\",\"title\":\"", "\"}"),
        (Format::CloudWatchLogs, "", "{\"logEvents\":[{\"message\":\"", "\"}]}"),
    ] {
        for (length, is_row) in [(RECORD_BYTES_MAX, true), (RECORD_BYTES_MAX + 1, false), (PIECE_BYTES, false)] {
            let text = format!("{before}{head}{}{tail}\n", "x".repeat(length - head.len() - tail.len()));
            let mut input = Input::new(0, text.into_bytes());
            input.object.format = format;
            let outcome = transform(&mut Transform::new(settings()), &[input]);
            let tally = &outcome.tallies[0];
            let wanted = (u64::from(is_row), u64::from(!is_row));
            assert_eq!((tally.rows, tally.rejects), wanted, "{format}, {length} bytes");
            let rejects = outcome.files.iter().filter(|file| *file.table == REJECTS);
            for reject in rejects.flat_map(|file| rows(file).unwrap()) {
                let reason = Value::Text(Reason::TooLong.code().to_owned());
                assert_eq!(reject.value(&REJECTS, "reason"), Some(&reason), "{format}, {length} bytes");
            }
        }
    }
}

#[test]
fn other_elements_have_a_longest() {
    for length in [RECORD_BYTES_MAX, RECORD_BYTES_MAX + 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
        let text = "x".repeat(length - 2);
        for json in [format!("[{{}},\"{text}\",{{}}]"), format!("[\"{text}\",{{}}]"), format!("[{{}},\"{text}\"")] {
            assert_agrees(&[Input::of_json(0, json.as_bytes())], settings());
        }
    }
}

#[test]
fn a_record_longer_than_the_arena_is_passed_over() {
    // Before any row, between rows, and unfinished.
    let long = long_record(110 << 20);
    for json in [format!("[{long},{{}}]"), format!("[{{}},{long},{{}}]"), format!("[{}", &long[..long.len() - 1])] {
        assert_agrees(&[Input::of_json(0, json.as_bytes())], settings());
    }
}

#[test]
fn blanks_longer_than_the_arena_are_passed_over() {
    let blanks = " ".repeat(110 << 20);
    for json in
        [format!("{blanks}[{{}}]"), format!("[{blanks}{{}}]"), format!("[{{}},{blanks}{{}}]"), format!("[]{blanks}")]
    {
        assert_agrees(&[Input::of_json(0, json.as_bytes())], settings());
    }
}

#[test]
fn a_record_with_a_piece_of_blanks_behind_it_is_too_long() {
    // Whether the record is whole shows only behind them. The oracle holds everything, and knows no such bound.
    let (blanks, record) = (" ".repeat(2 * PIECE_BYTES), "{\"eventID\":\"a\"}");
    let json = format!("[{{}},{record}{blanks},{{}}]");
    let input = Input::of_json(0, json.as_bytes());
    let outcome = transform(&mut Transform::new(settings()), std::slice::from_ref(&input));
    assert_eq!((outcome.tallies[0].rows, outcome.tallies[0].rejects), (2, 1));
    let length = (record.len() + blanks.len()) as i64;
    let rejects = outcome.files.iter().find(|file| *file.table == REJECTS).unwrap();
    let reject = &rows(rejects).unwrap()[0];
    let value = |name: &str| reject.value(&REJECTS, name).cloned();
    assert_eq!(value("reason"), Some(Value::Text(Reason::TooLong.code().to_owned())));
    assert_eq!((value("byte_offset"), value("bytes_length")), (Some(Value::Int(4)), Some(Value::Int(length))));
}

#[test]
fn objects_without_records_take_no_room() {
    let json = format!("{{\"Records\":[{}]}}", " ".repeat(15 << 20));
    let inputs: Vec<Input> = (0..12).map(|number| Input::of_json(number, json.as_bytes())).collect();
    let outcome = assert_agrees(&inputs, settings());
    assert!(outcome.files.is_empty());
    let many: Vec<Input> = (0..2_000).map(|number| Input::of_json(number, b"{\"Records\":[]}")).collect();
    assert!(transform(&mut Transform::new(Settings { part_bytes: 1000, ..settings() }), &many).files.is_empty());
}

#[test]
fn an_object_longer_than_a_piece_is_read_whole() {
    // Records of many lengths meet the seams of pieces in many ways.
    let record = |number: usize| {
        format!("{{\"eventID\":\"{number}\",\"userAgent\":\"{}\"}},\n", "é\\\"{[".repeat(number * 31 % 4001))
    };
    let records: String = (0..3500).map(record).collect();
    let json = format!("{{\"Records\":[{records}7]}}");
    assert!(json.len() > 2 * PIECE_BYTES);
    let stored = gzip(json.as_bytes());
    let outcome = assert_agrees(&[Input::new(0, stored.clone()), Input::new(1, json.into_bytes())], settings());
    assert_eq!(outcome.tallies[0].rows, 3500);
    let cut = Input::new(0, stored[..stored.len() * 9 / 10].to_vec());
    assert_agrees(&[cut], settings());
}

#[test]
fn records_have_a_greatest_number_of_brackets() {
    let brackets = |count: usize| format!("{{\"requestParameters\":[{}0]}}", "[],".repeat((count - 4) / 2));
    for (count, rejects) in [(BRACKETS_MAX - 2, 0), (BRACKETS_MAX + 4, 1), (3 * BRACKETS_MAX, 1)] {
        for before in ["", "{},", " \n "] {
            let json = format!("[{before}{0},{{}},{0}]", brackets(count));
            let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], settings());
            assert_eq!(outcome.tallies[0].rejects, 2 * rejects, "{count} brackets");
        }
    }
    // Together they are too many for one index, each alone is not.
    let json = format!("[{}]", vec![brackets(BRACKETS_MAX * 2 / 3); 4].join(","));
    assert_eq!(assert_agrees(&[Input::of_json(0, json.as_bytes())], settings()).tallies[0].rows, 4);
}

#[test]
fn a_part_holds_a_bounded_number_of_rejects() {
    // That each part keeps to its records is checked for all files.
    let commas = ",".repeat(5000);
    for json in [format!("[{commas}]"), format!("{{{commas}}}"), "{\"a\":[]}".repeat(1000), "[1]".repeat(1000)] {
        assert_agrees(&[Input::of_json(0, json.as_bytes())], Settings { part_records: 100, ..small_parts() });
    }
}

#[test]
fn an_object_has_a_bounded_number_of_rejects() {
    let many = OBJECT_REJECTS_MAX as usize;
    // The last reject that is one by itself, then none, and each way to be one too many.
    for (name, json, rejects) in [
        ("elements", format!("[{{}}{},{{}}]", ",1".repeat(many)), many),
        ("one element more", format!("[{{}}{},{{}} , 2 ,{{}}]", ",1".repeat(many)), many + 1),
        ("many elements more", format!("[{{}}{},{{}}]{{}}", ",1".repeat(3 * many)), many + 1),
        ("many commas", format!("[{}", ",".repeat(3 * many)), many + 1),
        ("members", format!("{{{}\"Records\":[{{}}]}}", "\"a\":1,".repeat(many)), many),
        ("one member more", format!("{{{}\"b\" : 2 \n,\"Records\":[{{}}]}}", "\"a\":1,".repeat(many)), many + 1),
        ("a last member more", format!("{{\"Records\":[{{}}],{}\"b\":[] }} []", "\"a\":1,".repeat(many)), many + 1),
        ("an empty member more", format!("{{{},\"Records\":[{{}}]}}", "\"a\":1,".repeat(many)), many + 1),
        ("a mismatched member more", format!("{{{}\"b\":1 ]{{}}", "\"a\":1,".repeat(many)), many + 1),
        ("a mismatched empty member", format!("{{{} ]", "\"a\":1,".repeat(many)), many + 1),
        ("many members more", format!("{{{}\"Records\":[{{}}]}}", "\"a\":1,".repeat(3 * many)), many + 1),
        ("an unfinished one more", format!("[{}\"", "1,".repeat(many)), many + 1),
    ] {
        let inputs = [Input::of_json(0, json.as_bytes()), Input::of_json(1, b"[{},1]")];
        let tally = assert_agrees(&inputs, settings()).tallies.remove(0);
        assert_eq!(tally.rejects, rejects as u64, "{name}");
        let is_beyond = tally.damage.is_some_and(|damage| damage.starts_with(Reason::TooManyRejects.about()));
        assert_eq!(is_beyond, rejects > many && !name.contains("unfinished"), "{name}");
    }
}

#[test]
fn a_record_that_is_passed_over_may_be_one_reject_too_many() {
    let rejects = ",1".repeat(OBJECT_REJECTS_MAX as usize);
    let json = format!("[{{}}{rejects},{} ,{{}}]", long_record(2 * PIECE_BYTES));
    let tally = assert_agrees(&[Input::of_json(0, json.as_bytes())], settings()).tallies.remove(0);
    assert_eq!((tally.rows, tally.rejects), (1, OBJECT_REJECTS_MAX + 1));
}

/// Reads `json` of three sizes: twice as much may cost about twice as much, and never four times.
fn assert_linear(name: &str, json: impl Fn(usize) -> String) {
    const COUNT: usize = 20_000;
    let time = |count: usize| {
        let input = [Input::of_json(0, json(count).as_bytes())];
        let mut quickest = Duration::MAX;
        for _ in 0..3 {
            let mut fresh = Transform::new(settings());
            let begun = Instant::now();
            transform(&mut fresh, &input);
            quickest = quickest.min(begun.elapsed());
        }
        quickest
    };
    let (once, eightfold) = (time(COUNT), time(8 * COUNT));
    assert!(eightfold < once * 24 + Duration::from_millis(100), "{name}: {once:?} for one, {eightfold:?} for eight");
}

#[test]
fn many_documents_cost_no_more_than_one() {
    assert_linear("arrays", |count| "[]".repeat(count));
    assert_linear("envelopes", |count| "{\"Records\":[{\"eventID\":\"a\"}]}\n".repeat(count / 10));
    assert_linear("arrays of one envelope", |count| format!("{{{}\"a\":1}}", "\"Records\":[{}],".repeat(count / 10)));
    assert_linear("other members", |count| format!("{{{}\"Records\":[]}}", "\"a\":1,".repeat(count / 10)));
}

#[test]
fn broken_records_cost_no_more_than_whole_ones() {
    assert_linear("scalars", |count| format!("[{}1]", "1,".repeat(count)));
    assert_linear("text behind records", |count| format!("[{}1]", "{}x,".repeat(count)));
    assert_linear("openings", |count| format!("[{}", "{\"a\":".repeat(count)));
    assert_linear("backslashes", |count| format!("[\"{}\"]", "\\\\".repeat(count)));
    assert_linear("repeated keys", |count| format!("[{{{}\"a\":1}}]", "\"eventID\":1,".repeat(count)));
    assert_linear("unknown keys", |count| {
        let members: String = (0..count).map(|number| format!("\"k{number}\":1,")).collect();
        format!("[{{{members}\"a\":1}}]")
    });
}

#[test]
fn chosen_text_costs_no_more_than_other_text() {
    // Made to share one hash, were the hash one that whoever writes logs can know: the last word, once what stands
    // before it is mixed in, makes a factor 0, and the number beside it is lost in the product.
    let (head, tail) = ("Au0CDri9CtHxUaiNtGE0Q1U35pUV8LgBAAAAAAAAAAAAAAAA", "4HKAOJI%");
    assert_linear("texts of one hash", |count| {
        let records: String =
            (0..count).map(|number| format!("{{\"userAgent\":\"{head}{number:08}{tail}\"}},")).collect();
        format!("[{records}{{}}]")
    });
}
