//! Any finding is a row: whatever it has, lacks or means.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use trailhouse_core::{Format, Transform};
use trailhouse_schemas::{GUARDDUTY, Origin, REJECTS};

use super::flows::rows;
use super::generator::{Choices, blank, key, value};
use super::harness::{Input, Outcome, gzip, small_parts, transform};
use super::invariants::judge_finding;
use crate::oracle::Value;
use crate::oracle::finding::case;
use crate::oracle::record::faults;

/// Generated findings that shrink; `PROPTEST_CASES` asks for more.
const CASES: u32 = 300;
/// The longest tape that a finding is generated from.
const TAPE_BYTES: usize = 900;
/// Members of one object at most.
const MEMBERS_MAX: usize = 10;

/// Values of every type, those among them that only look like another.
const VALUES: [&str; 20] = [
    "null",
    "true",
    "false",
    "0",
    "-7",
    "8.5",
    "1e2",
    "5.0",
    "99999999999999999999",
    "9223372036854775807",
    "\"\"",
    "\"true\"",
    "\"12\"",
    "\"2026-03-04T05:06:07.120Z\"",
    "\"2026-03-04T05:06:07Z\"",
    "\"\\u0041\\ud83d\\ude80\"",
    "[]",
    "[null,\"x\",{\"name\":\"y\"}]",
    "{}",
    "{\"a\":{\"b\":null}}",
];

fn read(text: &str) -> Outcome {
    let mut input = Input::new(0, gzip(text.as_bytes()));
    input.object.format = Format::GuardDuty;
    transform(&mut Transform::new(small_parts()), &[input])
}

/// Every path that a column's values may stand at: `resource.instanceDetails.networkInterfaces[].vpcId`.
fn paths() -> Vec<&'static str> {
    let of = |origin: Origin| match origin {
        Origin::First(paths) => paths.to_vec(),
        other => other.field().into_iter().collect(),
    };
    let mut paths: Vec<&str> = GUARDDUTY.columns.iter().flat_map(|column| of(column.origin)).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// A finding with nothing but `value` at `path`.
fn only(path: &str, value: &str) -> String {
    let mut text = value.to_owned();
    for step in path.split('.').rev() {
        let name = step.strip_suffix("[]").unwrap_or(step);
        // Any member will do.
        let name = if name == "*" { "networkConnectionAction" } else { name };
        text = if step.ends_with("[]") { format!("[{text},7]") } else { text };
        text = format!("{{\"{name}\":{text}}}");
    }
    text
}

/// Each finding stands on a line of its own and is the row that its text says.
fn assert_rows(findings: &[String]) {
    let outcome = read(&findings.join("\n"));
    let tally = &outcome.tallies[0];
    assert_eq!((tally.rows, tally.rejects, &tally.damage), (findings.len() as u64, 0, &None));
    for (row, text) in rows(&outcome, &GUARDDUTY).values().zip(findings) {
        judge_finding(row, text, case(text)).unwrap();
    }
}

#[test]
fn every_place_takes_every_type() {
    let findings: Vec<String> = paths().iter().flat_map(|path| VALUES.iter().map(|value| only(path, value))).collect();
    assert!(findings.len() > 2_000, "{}", findings.len());
    findings.chunks(1_000).for_each(assert_rows);
}

#[test]
fn every_step_to_a_place_takes_every_type() {
    // The last step, and the two before it: an object or a list is expected there.
    let cut = |path: &'static str, steps: usize| path.rsplitn(steps + 1, '.').last().filter(|rest| *rest != path);
    let mut places: Vec<&str> =
        paths().iter().flat_map(|path| [1, 2].map(|steps| cut(path, steps))).flatten().collect();
    places.sort_unstable();
    places.dedup();
    let findings: Vec<String> = places.iter().flat_map(|path| VALUES.iter().map(|value| only(path, value))).collect();
    findings.chunks(1_000).for_each(assert_rows);
}

/// The keys right below `path`, and whether a list of objects is expected behind them.
fn keys_below(path: &str) -> Vec<(String, bool)> {
    let mut keys = Vec::new();
    for known in paths() {
        let below = if path.is_empty() {
            Some(known)
        } else {
            known.strip_prefix(path).and_then(|rest| rest.strip_prefix('.'))
        };
        let Some(step) = below.and_then(|below| below.split('.').next()) else { continue };
        let found = match step {
            "*" => ("kubernetesApiCallAction".to_owned(), false),
            _ => (step.trim_end_matches("[]").to_owned(), step.ends_with("[]")),
        };
        if !keys.contains(&found) {
            keys.push(found);
        }
    }
    keys
}

/// An object of the finding at `path`, most of whose members lead on to what columns take.
fn object(choices: &mut Choices<'_>, text: &mut String, path: &str) {
    let keys = keys_below(path);
    text.push('{');
    for member in 0..choices.below(MEMBERS_MAX) {
        text.push_str(if member > 0 { "," } else { "" });
        blank(choices, text);
        let known = (!choices.rarely(6)).then(|| keys[choices.below(keys.len())].clone());
        key(choices, text, known.as_ref().map(|(name, _)| name.as_str()));
        blank(choices, text);
        text.push(':');
        blank(choices, text);
        match known {
            Some((name, is_list)) => place(choices, text, &inner(path, &name, is_list), is_list),
            None => value(choices, text, 1),
        }
    }
    text.push('}');
}

fn inner(path: &str, name: &str, is_list: bool) -> String {
    let name = if path == "service.action" && name == "kubernetesApiCallAction" { "*" } else { name };
    let dot = if path.is_empty() { "" } else { "." };
    format!("{path}{dot}{name}{}", if is_list { "[]" } else { "" })
}

/// What stands at `path`.
fn place(choices: &mut Choices<'_>, text: &mut String, path: &str, is_list: bool) {
    if choices.rarely(5) {
        return value(choices, text, 1);
    }
    if is_list {
        text.push('[');
    }
    for element in 0..if is_list { choices.below(4) } else { 1 } {
        text.push_str(if element > 0 { "," } else { "" });
        match keys_below(path).is_empty() {
            true => text.push_str(VALUES[choices.below(VALUES.len())]),
            false => object(choices, text, path),
        }
    }
    if is_list {
        text.push(']');
    }
}

/// Is one row, or rejected for what the oracle finds wrong with it.
fn judge_any(text: &str) -> Result<(), String> {
    let outcome = read(text);
    let tally = &outcome.tallies[0];
    let reasons = faults(text.as_bytes());
    let wanted = if reasons.is_empty() { (1, 1, 0) } else { (1, 0, 1) };
    if (tally.records, tally.rows, tally.rejects) != wanted {
        return Err(format!("{tally:?}, but {reasons:?}, of {text}"));
    }
    match rows(&outcome, &GUARDDUTY).values().next() {
        Some(row) => judge_finding(row, text, case(text)),
        None => {
            let rejects = rows(&outcome, &REJECTS);
            let kept = rejects.values().next().and_then(|row| row.value(&REJECTS, "bytes"));
            let is_whole = kept == Some(&Value::Bytes(text.as_bytes().to_vec()));
            if is_whole { Ok(()) } else { Err(format!("{kept:?} is kept of {text}")) }
        }
    }
}

#[test]
fn any_finding_is_a_row_if_it_is_an_object() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&vec(any::<u8>(), 0..TAPE_BYTES), |tape| {
        let mut text = String::new();
        object(&mut Choices::new(&tape), &mut text, "");
        judge_any(&text).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, tape)) => panic!("{why}\nof the tape {tape:?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
