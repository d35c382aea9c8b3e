//! Which partition rows go to, and in which order they stand.

use std::collections::BTreeMap;

use trailhouse_core::limits::OBJECT_PARTITIONS_MAX;
use trailhouse_core::{Day, KeyFacts, Settings, Transform};
use trailhouse_schemas::{CLOUDTRAIL, Partition, Partitioning};

use super::harness::{Input, KEY_DAY, Outcome, assert_agrees, small_parts, transform};
use crate::oracle;

/// A record, and account, day and whether each was counted as not believed.
const CASES: &[(&str, &str, &str, u64, u64)] = &[
    (r#"{"eventTime":"2026-03-04T01:02:03Z","recipientAccountId":"444455556666"}"#, "444455556666", "2026-03-04", 0, 0),
    (r#"{"eventTime":"2026-03-03T23:59:59Z","accountId":"444455556666"}"#, "444455556666", "2026-03-03", 0, 0),
    (r#"{"recipientAccountId":"1","accountId":"444455556666"}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":1,"accountId":"444455556666"}"#, "444455556666", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":111122223333,"eventTime":5}"#, "111122223333", "2026-03-04", 1, 1),
    (r#"{"recipientAccountId":[],"accountId":{}}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":[],"accountId":"x"}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":null,"accountId":true}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":"444455556666","accountId":7}"#, "444455556666", "2026-03-04", 0, 0),
    (r#"{"recipientAccountId":"\ud800"}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":null,"recipientAccountId":7}"#, "111122223333", "2026-03-04", 0, 0),
    (r#"{"eventTime":"garbage","userAgent":5}"#, "111122223333", "2026-03-04", 0, 1),
    (r#"{"eventTime":null,"timeWindow":{"windowStart":5}}"#, "111122223333", "2026-03-04", 0, 1),
    (r#"{"eventTime":false,"timeWindow":{"windowStart":"x"}}"#, "111122223333", "2026-03-04", 0, 1),
    (r#"{"eventTime":"2026-03-03T00:00:00+00:00","timeWindow":{"windowStart":5}}"#, "111122223333", "2026-03-03", 0, 0),
    (r#"{"recipientAccountId":null}"#, "111122223333", "2026-03-04", 0, 0),
    (r#"{"recipientAccountId":""}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":"../../../etc/"}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":"4444/5555666"}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":"４444555566"}"#, "111122223333", "2026-03-04", 1, 0),
    (r#"{"recipientAccountId":"44445555666\u0036"}"#, "444455556666", "2026-03-04", 0, 0),
    (r#"{"eventTime":"9999-12-31T23:59:59Z"}"#, "111122223333", "2026-03-04", 0, 1),
    (r#"{"eventTime":"2005-12-31T23:59:59Z"}"#, "111122223333", "2026-03-04", 0, 1),
    (r#"{"eventTime":"2006-01-01T00:00:00Z"}"#, "111122223333", "2006-01-01", 0, 0),
    (r#"{"eventTime":"2026-03-05T23:59:59Z"}"#, "111122223333", "2026-03-05", 0, 0),
    (r#"{"eventTime":"2026-03-06T00:00:00Z"}"#, "111122223333", "2026-03-04", 0, 1),
    (r#"{"eventTime":"9999-12-31T23:59:59Z","recipientAccountId":"x"}"#, "111122223333", "2026-03-04", 1, 1),
    (
        r#"{"eventTime":"9999-12-31T23:59:59Z","timeWindow":{"windowStart":"2026-03-03T00:00:00Z"}}"#,
        "111122223333",
        "2026-03-04",
        0,
        1,
    ),
    (r#"{"eventTime":"x","timeWindow":{"windowStart":"2026-03-03T00:00:00Z"}}"#, "111122223333", "2026-03-03", 0, 1),
    (r#"{"timeWindow":{"windowStart":"1999-01-01T00:00:00Z"}}"#, "111122223333", "2026-03-04", 0, 1),
];

fn values(partition: &Partition) -> Vec<&str> {
    partition.0.iter().map(|(_, value)| value.as_str()).collect()
}

fn only_partition(outcome: &Outcome) -> Vec<&str> {
    assert_eq!(outcome.files.len(), 1);
    values(&outcome.files[0].partition)
}

#[test]
fn what_a_record_says_is_believed_within_bounds() {
    for (record, account, day, account_fallbacks, date_fallbacks) in CASES {
        let outcome = assert_agrees(&[Input::of_json(0, format!("[{record}]").as_bytes())], small_parts());
        assert_eq!(only_partition(&outcome), [*account, *day], "{record}");
        let tally = &outcome.tallies[0];
        assert_eq!((tally.account_fallbacks, tally.date_fallbacks), (*account_fallbacks, *date_fallbacks), "{record}");
    }
    let records: Vec<String> = CASES.iter().flat_map(|case| [case.0.to_owned(), case.0.to_owned()]).collect();
    for partitioning in Partitioning::ALL {
        let json = format!("[{}]", records.join(","));
        assert_agrees(&[Input::of_json(0, json.as_bytes())], Settings { partitioning, ..small_parts() });
    }
}

#[test]
fn regions_are_believed_within_bounds() {
    let settings = Settings { partitioning: Partitioning::RegionAccountDate, ..small_parts() };
    let (longest, too_long) = ("r".repeat(64), "r".repeat(65));
    for (region, expected) in [
        ("eu-west-1", "eu-west-1"),
        ("", "us-east-1"),
        ("../x", "../x"),
        (&longest, &longest),
        (&too_long, "us-east-1"),
    ] {
        let json = format!("[{{\"awsRegion\":\"{region}\"}}]");
        let outcome = assert_agrees(&[Input::of_json(0, json.as_bytes())], settings.clone());
        assert_eq!(only_partition(&outcome), [expected, "111122223333", "2026-03-04"]);
    }
}

#[test]
fn a_key_that_says_nothing_leaves_the_last_modified_day() {
    let mut input =
        Input::of_json(0, br#"[{},{"eventTime":"2026-03-06T00:00:00Z"},{"eventTime":"2026-03-07T00:00:00Z"},1]"#);
    input.object.key = KeyFacts::default();
    for partitioning in Partitioning::ALL {
        let outcome = assert_agrees(&[input.clone()], Settings { partitioning, ..small_parts() });
        assert_eq!(outcome.tallies[0].date_fallbacks, 1);
        let days: Vec<&str> = outcome.files.iter().map(|file| *values(&file.partition).last().unwrap()).collect();
        assert_eq!(days, ["2026-03-05", "2026-03-06", "2026-03-05"]);
        assert!(partitioning == Partitioning::Date || values(&outcome.files[0].partition).contains(&"unknown"));
    }
}

#[test]
fn a_modified_day_that_cannot_be_bounds_no_event() {
    let day = |year, month, day| Day::of_date(year, month, day).unwrap();
    let none = KeyFacts::default();
    let dated = |day| KeyFacts { day: Some(day), ..none.clone() };
    // The key, the day of modification, an event's day, and the day of its partition.
    for (key, modified, event, expected) in [
        (&none, day(1970, 1, 1), "2023-05-06", "2023-05-06"),
        (&none, day(1980, 1, 1), "2023-05-06", "2023-05-06"),
        (&none, Day(i32::MIN), "2023-05-06", "2023-05-06"),
        (&none, Day(i32::MAX), "2023-05-06", "2023-05-06"),
        (&none, day(1970, 1, 1), "2099-12-31", "2099-12-31"),
        (&none, day(1970, 1, 1), "2100-01-01", "1970-01-01"),
        (&none, day(1970, 1, 1), "2005-12-31", "1970-01-01"),
        (&none, day(2023, 5, 5), "2023-05-06", "2023-05-06"),
        (&none, day(2023, 5, 4), "2023-05-06", "2023-05-04"),
        (&none, day(2022, 5, 5), "2023-05-06", "2022-05-05"),
        (&none, day(2022, 5, 4), "2023-05-06", "2023-05-06"),
        (&none, day(2026, 3, 4), "9999-12-31", "2026-03-04"),
        (&dated(day(2020, 1, 1)), day(1970, 1, 1), "2023-05-06", "2020-01-01"),
        (&dated(day(2023, 5, 5)), day(1970, 1, 1), "2023-05-06", "2023-05-06"),
        (&dated(day(1, 1, 1)), day(2023, 5, 5), "2023-05-06", "2023-05-06"),
    ] {
        let mut input = Input::of_json(0, format!("[{{\"eventTime\":\"{event}T00:00:00Z\"}}]").as_bytes());
        (input.object.key, input.object.modified) = (key.clone(), modified);
        let outcome = assert_agrees(&[input], small_parts());
        assert_eq!(only_partition(&outcome)[1], expected, "{event} in an object of {modified:?}, {:?}", key.day);
        assert_eq!(outcome.tallies[0].date_fallbacks, u64::from(event != expected));
    }
}

/// An object with one record of each of so many accounts.
fn of_accounts(count: usize) -> Input {
    let records: Vec<String> =
        (0..count).map(|number| format!("{{\"recipientAccountId\":\"{number:012}\"}}")).collect();
    Input::of_json(0, format!("[{}]", records.join(",")).as_bytes())
}

/// The rows of each partition; to read so many files back would take minutes.
fn rows_by_partition(inputs: &[Input], settings: Settings) -> BTreeMap<Partition, u64> {
    let mut rows = BTreeMap::new();
    for file in transform(&mut Transform::new(settings.clone()), inputs).files {
        *rows.entry(file.partition).or_default() += file.rows;
    }
    rows
}

/// The oracle's rows of each partition.
fn expected_by_partition(inputs: &[Input], settings: Settings) -> BTreeMap<Partition, u64> {
    let mut rows = BTreeMap::new();
    for row in inputs.iter().flat_map(|input| oracle::expect(&input.object, &input.stored, &settings).rows) {
        *rows.entry(row.partition).or_default() += 1;
    }
    rows
}

#[test]
fn one_object_opens_a_bounded_number_of_partitions() {
    // The bound is each object's own.
    let other = Input::of_json(1, br#"[{"recipientAccountId":"999999999999"}]"#);
    let inputs = [of_accounts(OBJECT_PARTITIONS_MAX + 20), other];
    let rows = rows_by_partition(&inputs, small_parts());
    assert_eq!(rows.len(), OBJECT_PARTITIONS_MAX + 2);
    let rest = rows.iter().find(|(partition, _)| values(partition)[0] == "111122223333");
    assert_eq!(rest.map(|(_, rows)| *rows), Some(20));
    assert!(rows == expected_by_partition(&inputs, small_parts()));
}

#[test]
fn a_cut_part_does_not_open_more_partitions() {
    let inputs = [of_accounts(OBJECT_PARTITIONS_MAX + 20)];
    let settings = Settings { part_records: 1000, ..small_parts() };
    assert!(rows_by_partition(&inputs, settings.clone()) == expected_by_partition(&inputs, settings));
}

#[test]
fn rows_stand_by_time_then_plan_then_record() {
    let times = ["2026-03-04T00:00:02Z", "2026-03-04T00:00:01Z", "x", "2026-03-04T00:00:01.5Z", "1970-01-01T00:00:00Z"];
    let record = |number: usize| format!("{{\"eventTime\":\"{}\",\"eventID\":\"{number}\"}}", times[number * 7 % 5]);
    let inputs: Vec<Input> = (0..20)
        .map(|object| {
            let records: Vec<String> = (0..30).map(|number| record(object * 30 + number)).collect();
            Input::of_json(object, format!("[{}]", records.join(",")).as_bytes())
        })
        .collect();
    // The order itself is checked for every file that is read back.
    let outcome = assert_agrees(&inputs, small_parts());
    assert_eq!(outcome.files.len(), 1);
    assert_eq!(outcome.files[0].rows, 600);
    assert_eq!(*outcome.files[0].table, CLOUDTRAIL);
    assert_eq!(inputs[0].object.key.day, Some(KEY_DAY));
}
