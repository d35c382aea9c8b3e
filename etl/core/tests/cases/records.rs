//! What becomes of a record's members.

use trailhouse_core::limits::DEPTH_MAX;
use trailhouse_schemas::CLOUDTRAIL;

use super::harness::{Input, assert_agrees, settings, small_parts};
use super::readback;
use crate::oracle::Value;

/// A record, and some columns of its row as text.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) record: &'static str,
    columns: &'static [(&'static str, Option<&'static str>)],
}

const fn case(
    name: &'static str,
    record: &'static str,
    columns: &'static [(&'static str, Option<&'static str>)],
) -> Case {
    Case { name, record, columns }
}

pub(crate) const CASES: &[Case] = &[
    case("nothing", "{}", &[("event_id", None), ("extra", None), ("null_keys", None), ("source_record", Some("0"))]),
    case("a known key", r#"{"eventID":"a"}"#, &[("event_id", Some("a")), ("extra", None)]),
    case("an empty text", r#"{"eventID":""}"#, &[("event_id", Some("")), ("extra", None)]),
    case(
        "a repeated key",
        r#"{"eventID":"a","eventID" : "b","eventID":null}"#,
        &[("event_id", Some("a")), ("extra", Some(r#"{"eventID" : "b","eventID":null}"#)), ("null_keys", None)],
    ),
    case(
        "a repeated key whose first value was null",
        r#"{"eventID":null,"eventID":"b"}"#,
        &[("event_id", None), ("extra", Some(r#"{"eventID":"b"}"#)), ("null_keys", Some("eventID"))],
    ),
    case(
        "a repeated key whose first value does not fit",
        r#"{"eventID":7,"eventID":"b"}"#,
        &[("event_id", None), ("extra", Some(r#"{"eventID":7,"eventID":"b"}"#))],
    ),
    case(
        "a repeated key on a path",
        r#"{"userIdentity":{"type":"a","type":"b","arn":1,"arn":"c"}}"#,
        &[
            ("user_identity_type", Some("a")),
            ("user_identity_arn", None),
            ("user_identity", Some(r#"{"type":"a","type":"b","arn":1,"arn":"c"}"#)),
            ("extra", None),
        ],
    ),
    case(
        "a repeated object on a path",
        r#"{"userIdentity":{"arn":"a"},"userIdentity":{"type":"b"}}"#,
        &[
            ("user_identity_arn", Some("a")),
            ("user_identity_type", None),
            ("extra", Some(r#"{"userIdentity":{"type":"b"}}"#)),
        ],
    ),
    case(
        "a repeated object deep on a path",
        r#"{"userIdentity":{"sessionContext":{},"sessionContext":{"sourceIdentity":"a"}}}"#,
        &[("session_source_identity", None)],
    ),
    case(
        "a first null deep on a path",
        r#"{"userIdentity":{"sessionContext":null,"sessionContext":{"sourceIdentity":"a"}}}"#,
        &[("session_source_identity", None), ("null_keys", None)],
    ),
    case(
        "a repeated time, the first as its column writes it",
        r#"{"eventTime":"2026-01-31T23:59:59Z","x":1,"event\u0054ime":"2026-01-31T23:59:59.000Z","eventTime":null}"#,
        &[
            ("event_time", Some("1769903999000")),
            (
                "extra",
                Some(
                    r#"{"eventTime":"2026-01-31T23:59:59Z","x":1,"event\u0054ime":"2026-01-31T23:59:59.000Z","eventTime":null}"#,
                ),
            ),
            ("null_keys", None),
        ],
    ),
    case(
        "a repeated time, the first null",
        r#"{"eventTime":null,"eventTime":"2026-01-31T23:59:59Z"}"#,
        &[
            ("event_time", None),
            ("extra", Some(r#"{"eventTime":"2026-01-31T23:59:59Z"}"#)),
            ("null_keys", Some("eventTime")),
        ],
    ),
    case(
        "an escaped key",
        r#"{"event\u0049D":"a","\u0065ventName":"b","eventID":"c"}"#,
        &[("event_id", Some("a")), ("event_name", Some("b")), ("extra", Some(r#"{"eventID":"c"}"#))],
    ),
    case(
        "an escaped key on a path",
        r#"{"user\u0049dentity":{"\u0074ype":"a","type":"b"}}"#,
        &[("user_identity_type", Some("a")), ("user_identity", Some(r#"{"\u0074ype":"a","type":"b"}"#))],
    ),
    case(
        "a key that escapes to a dotted path",
        r#"{"userIdentity.type":"a","userIdentity\u002etype":"b"}"#,
        &[("user_identity_type", None), ("extra", Some(r#"{"userIdentity.type":"a","userIdentity\u002etype":"b"}"#))],
    ),
    case(
        "unknown keys",
        "{ \"b\" : [ 1 , 2 ] ,\n\"a\":\"\\u00e9\" , \"\" : null }",
        &[("extra", Some(r#"{"b" : [ 1 , 2 ],"a":"\u00e9","" : null}"#)), ("null_keys", None)],
    ),
    case("a key that is no text", r#"{"\ud800":1,"\ud800":2}"#, &[("extra", Some(r#"{"\ud800":1,"\ud800":2}"#))]),
    case(
        "nulls in table order",
        r#"{"resources":null,"eventTime":null,"readOnly":null,"userIdentity":null,"unknown":null,"userAgent":null}"#,
        &[
            ("null_keys", Some("eventTime,userAgent,readOnly,userIdentity,resources")),
            ("extra", Some(r#"{"unknown":null}"#)),
            ("user_identity", None),
        ],
    ),
    case(
        "values of another type",
        r#"{"eventName":["a"],"readOnly":"true","eventID":1,"eventTime":1.5,"managementEvent":0,"apiVersion":{}}"#,
        &[
            ("event_name", None),
            ("read_only", None),
            (
                "extra",
                Some(
                    r#"{"eventName":["a"],"readOnly":"true","eventID":1,"eventTime":1.5,"managementEvent":0,"apiVersion":{}}"#,
                ),
            ),
        ],
    ),
    case(
        "booleans",
        r#"{"readOnly":true,"managementEvent":false}"#,
        &[("read_only", Some("true")), ("management_event", Some("false")), ("extra", None)],
    ),
    case(
        "JSON of every type",
        r#"{"requestParameters":"text","responseElements":1E+2,"additionalEventData":[ ],"resources":false,"addendum":{ }}"#,
        &[
            ("request_parameters", Some("\"text\"")),
            ("response_elements", Some("1E+2")),
            ("additional_event_data", Some("[ ]")),
            ("resources", Some("false")),
            ("addendum", Some("{ }")),
            ("extra", None),
        ],
    ),
    case(
        "an object on a path that is none",
        r#"{"userIdentity":"root","tlsDetails":[{"tlsVersion":"a"}]}"#,
        &[
            ("user_identity", Some("\"root\"")),
            ("tls_details", Some(r#"[{"tlsVersion":"a"}]"#)),
            ("tls_version", None),
            ("extra", None),
        ],
    ),
    case(
        "escapes of every kind",
        r#"{"userAgent":"\"\\\/\b\f\n\r\t\u0000\u00e9\u20ac\ud83d\ude00\u007F"}"#,
        &[("user_agent", Some("\"\\/\u{8}\u{c}\n\r\t\0é€😀\u{7f}")), ("extra", None)],
    ),
    case(
        "half a surrogate pair",
        r#"{"userAgent":"a\ud83d","eventName":"\ude00\ud83d","eventID":"\ud83d\u0041"}"#,
        &[
            ("user_agent", None),
            ("event_name", None),
            ("extra", Some(r#"{"userAgent":"a\ud83d","eventName":"\ude00\ud83d","eventID":"\ud83d\u0041"}"#)),
        ],
    ),
    case(
        "half a surrogate pair on a path",
        r#"{"userIdentity":{"userName":"\udfff"}}"#,
        &[("user_identity_user_name", None), ("user_identity", Some(r#"{"userName":"\udfff"}"#)), ("extra", None)],
    ),
    case(
        "a canonical time",
        r#"{"eventTime":"2026-01-31T23:59:59Z"}"#,
        &[("event_time", Some("1769903999000")), ("extra", None)],
    ),
    case(
        "a canonical time with a fraction",
        r#"{"eventTime":"2026-01-31T23:59:59.120Z"}"#,
        &[("event_time", Some("1769903999120")), ("extra", None)],
    ),
    case(
        "a time with an offset",
        r#"{"eventTime":"2026-01-31T23:59:59+01:30"}"#,
        &[("event_time", Some("1769898599000")), ("extra", Some(r#"{"eventTime":"2026-01-31T23:59:59+01:30"}"#))],
    ),
    case(
        "a time that is cut",
        r#"{"eventTime":"2026-01-31T23:59:59.1239Z"}"#,
        &[("event_time", Some("1769903999123")), ("extra", Some(r#"{"eventTime":"2026-01-31T23:59:59.1239Z"}"#))],
    ),
    case(
        "a time with a fraction of nothing",
        r#"{"eventTime":"2026-01-31T23:59:59.000Z"}"#,
        &[("event_time", Some("1769903999000")), ("extra", Some(r#"{"eventTime":"2026-01-31T23:59:59.000Z"}"#))],
    ),
    case(
        "a basic time",
        r#"{"eventTime":"20260131T235959Z"}"#,
        &[("event_time", Some("1769903999000")), ("extra", Some(r#"{"eventTime":"20260131T235959Z"}"#))],
    ),
    case(
        "a day that is none",
        r#"{"eventTime":"2026-02-29T00:00:00Z"}"#,
        &[("event_time", None), ("extra", Some(r#"{"eventTime":"2026-02-29T00:00:00Z"}"#))],
    ),
    case("a leap day", r#"{"eventTime":"2000-02-29T00:00:00Z"}"#, &[("event_time", Some("951782400000"))]),
    case("the first time", r#"{"eventTime":"0001-01-01T00:00:00Z"}"#, &[("event_time", Some("-62135596800000"))]),
    case("before the first time", r#"{"eventTime":"0001-01-01T00:00:00+00:01"}"#, &[("event_time", None)]),
    case("the year 0", r#"{"eventTime":"0000-12-31T23:59:59-00:01"}"#, &[("event_time", None)]),
    case("the last time", r#"{"eventTime":"9999-12-31T23:59:59.999Z"}"#, &[("event_time", Some("253402300799999"))]),
    case("behind the last time", r#"{"eventTime":"9999-12-31T23:59:59-00:01"}"#, &[("event_time", None)]),
    case("a time before 1970", r#"{"eventTime":"1969-12-31T23:59:59.9999Z"}"#, &[("event_time", Some("-1"))]),
    case("an empty time", r#"{"eventTime":""}"#, &[("event_time", None), ("extra", Some(r#"{"eventTime":""}"#))]),
    case(
        "an aggregated event",
        r#"{"accountId":"444455556666","eventId":"x","timeWindow":{"windowStart":"2026-03-04T00:00:00Z","windowSize":"PT5M"},"summary":{"primaryDimension":{"dimension":"d","statistics":[{"name":"n","value":3}]},"details":[]}}"#,
        &[
            ("aggregated_account_id", Some("444455556666")),
            ("aggregated_event_id", Some("x")),
            ("event_id", None),
            ("time_window_start", Some("1772582400000")),
            ("time_window_size", Some("PT5M")),
            ("summary_statistics", Some(r#"[{"name":"n","value":3}]"#)),
            ("summary_details", Some("[]")),
        ],
    ),
];

#[test]
fn every_member_finds_its_place() {
    for case in CASES {
        let json = format!("{{\"Records\":[{}]}}", case.record);
        let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], small_parts());
        assert_eq!(outcome.tallies[0].rows, 1, "{}", case.name);
        let row = readback::rows(&outcome.files[0]).unwrap().remove(0);
        for (name, expected) in case.columns {
            let found = row.values[CLOUDTRAIL.position(name).unwrap()].as_ref().map(|value| match value {
                Value::Text(text) => text.clone(),
                Value::Bool(truth) => truth.to_string(),
                Value::Int(number) => number.to_string(),
                Value::Bytes(_) => panic!("bytes in `{name}`"),
            });
            assert_eq!(found.as_deref(), *expected, "`{name}` of {}", case.name);
        }
    }
}

#[test]
fn all_cases_in_one_group() {
    let records: Vec<&str> = CASES.iter().map(|case| case.record).collect();
    let json = format!("{{\"Records\":[{}]}}", records.join(" ,\n"));
    let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], small_parts());
    assert_eq!(outcome.tallies[0].rows, CASES.len() as u64);
}

/// Text that breaks the grammar in each way, as a value and as a record's inside.
const BROKEN: &[&str] = &[
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "1e",
    "1e+",
    "-01",
    "0x1",
    "1_0",
    "--1",
    "1.e1",
    "tru",
    "True",
    "nul",
    "nulll",
    "NaN",
    "Infinity",
    "'a'",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\t\"",
    "\"\n\"",
    "\"\u{1}\"",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "{\"a\"}",
    "{\"a\":}",
    "{:1}",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\"::1}",
    "{1:2}",
    "{null:1}",
    "{\"a\":1,,\"b\":2}",
    "{\"a\" 1}",
    "[\"a\":1]",
    "{\"a\",\"b\"}",
    "1 2",
    "\"a\"\"b\"",
    "{}{}",
    "[]1",
    "\u{feff}1",
    "/**/1",
    "1//",
    "\u{a0}1",
    "\u{c}1",
    "\0",
    "",
];

/// Text that keeps to the grammar where a careless reader thinks otherwise.
const WHOLE: &[&str] = &[
    "0",
    "-0",
    "0.0",
    "-0.0e-0",
    "1E400",
    "123456789012345678901234567890",
    "1e-7",
    "0e1",
    "\"\u{7f}\"",
    "\"\u{2028}\"",
    "\"/\"",
    "\"\\/\"",
    "\"\\u0000\"",
    "\"\\uDEAD\"",
    "[ ]",
    "{ }",
    "[[[]]]",
    "{\"\":{}}",
    "\"{[,]}\"",
    "\"\\\\\"",
    "\"\\\\\\\"\"",
    "[\"\\\\\",\"\\\"\"]",
    "\"é€😀\"",
    " \t\r\n1 \t\r\n",
];

#[test]
fn the_grammar_is_held_and_nothing_more() {
    for (values, is_row) in [(BROKEN, false), (WHOLE, true)] {
        for value in values {
            for record in [
                format!("{{\"requestParameters\":{value},\"eventID\":\"a\"}}"),
                format!("{{\"eventID\":{value}}}"),
                format!("{{\"unknown\":[{{\"a\":{value}}}]}}"),
                format!("{{\"userIdentity\":{{\"sessionContext\":{{\"attributes\":{value}}}}}}}"),
            ] {
                let json = format!("[{{}},{record},{{}}]");
                let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], small_parts());
                assert_eq!(outcome.tallies[0].rows == 3, is_row, "{record}");
            }
        }
    }
}

#[test]
fn nesting_has_a_bound() {
    for depth in [2, DEPTH_MAX - 1, DEPTH_MAX, DEPTH_MAX + 1, 200, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = if open == "[" { "" } else { "1" };
            let value = format!("{}{inner}{}", open.repeat(depth - 1), close.repeat(depth - 1));
            let json = format!("[{{\"eventID\":\"a\"}},{{\"requestParameters\":{value}}},{{\"eventID\":\"b\"}}]");
            let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], settings());
            assert_eq!(outcome.tallies[0].rejects, u64::from(depth > DEPTH_MAX), "{depth} levels of `{open}`");
        }
    }
}
