//! What the `guardduty` table must know of findings.

use std::collections::BTreeMap;

use trailhouse_schemas::{Column, GUARDDUTY, Kind, Origin};

use crate::{Field, has_a_column_for_every_field_and_no_other, of_path, path};

/// Path and type of all that a finding can have.
const PATHS: &str = include_str!("../guardduty_paths.txt");

/// A finding's own fields, after `Finding` of GuardDuty's API; AWS names no version.
const TOP_LEVEL: &[(&str, Kind)] = &[
    ("accountId", Kind::Text),
    ("arn", Kind::Text),
    ("associatedAttackSequenceArn", Kind::Text),
    ("confidence", Kind::Double),
    ("createdAt", Kind::Instant),
    ("description", Kind::Text),
    ("id", Kind::Text),
    ("partition", Kind::Text),
    ("region", Kind::Text),
    ("resource", Kind::Json),
    ("schemaVersion", Kind::Text),
    ("service", Kind::Json),
    ("severity", Kind::Double),
    ("title", Kind::Text),
    ("type", Kind::Text),
    ("updatedAt", Kind::Instant),
];

fn known_paths() -> BTreeMap<&'static str, &'static str> {
    let lines = PATHS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).collect()
}

/// Whether `path` is one of those that `pattern` means: `*` stands for one name.
fn is_meant(pattern: &str, path: &str) -> bool {
    let (mut steps, mut names) = (pattern.split('.'), path.split('.'));
    loop {
        match (steps.next(), names.next()) {
            (None, None) => return true,
            (Some(step), Some(name)) if step == name || step == "*" && !name.ends_with("[]") => {}
            _ => return false,
        }
    }
}

/// The types in the list of values that a column of `kind` takes.
fn fits(kind: Kind, types: &str) -> bool {
    let fitting: &[&str] = match kind {
        Kind::Text | Kind::Instant => &["string"],
        Kind::Json => &["struct"],
        Kind::Bool => &["boolean", "bool"],
        Kind::Int | Kind::Int32 => &["integer", "long"],
        Kind::Double => &["double"],
        Kind::Bytes => &[],
    };
    types.split('|').all(|found| fitting.contains(&found))
}

/// Copies of numbers are text, so that a column takes what one path has as a number and another as text.
fn fits_copy(kind: Kind, types: &str) -> bool {
    fits(kind, types) || kind == Kind::Text && fits(Kind::Int, types)
}

fn assert_known(column: &Column, pattern: &str, fits: fn(Kind, &str) -> bool) {
    let known = known_paths();
    let meant: Vec<_> = known.iter().filter(|(path, _)| is_meant(pattern, path)).collect();
    assert!(!meant.is_empty(), "`{}` is from `{pattern}`, which no finding has", column.name);
    for (path, types) in meant {
        assert!(fits(column.kind, types), "`{}` is no place for {types} of `{path}`", column.name);
    }
}

#[test]
fn the_list_holds_what_it_should() {
    let lines = PATHS.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!((lines, known_paths().len()), (928, 928), "814 of the model and 114 of findings alone, each once");
}

#[test]
fn every_path_leads_to_something_that_fits() {
    for column in GUARDDUTY.columns {
        match column.origin {
            Origin::First(patterns) => patterns.iter().for_each(|pattern| assert_known(column, pattern, fits_copy)),
            origin => origin.field().iter().for_each(|path| assert_known(column, path, fits)),
        }
    }
}

#[test]
fn findings_have_a_column_for_every_field_of_their_own() {
    let members = GUARDDUTY.columns.iter().filter(|column| path(column).is_some_and(|path| path.contains('.')));
    let members = members.filter_map(|column| Some((path(column)?, column.kind, column.since)));
    let own = TOP_LEVEL.iter().map(|(path, kind)| (*path, *kind, ""));
    has_a_column_for_every_field_and_no_other(&GUARDDUTY, &own.chain(members).collect::<Vec<Field>>());
}

/// The list of the model and the list in this test are of one finding.
#[test]
fn a_field_without_a_column_is_known_to_have_none() {
    let own = known_paths().into_keys().filter(|path| !path.contains('.'));
    let without: Vec<&str> = own.filter(|path| of_path(&GUARDDUTY, path).is_none()).collect();
    assert_eq!(without, ["findingTypeVersion"], "seen twice, in no model: it stays in `extra`");
}

#[test]
fn patterns_mean_what_they_say() {
    assert!(is_meant("a.*.c[]", "a.b.c[]") && is_meant("a", "a"));
    for (pattern, path) in [("a.*", "a"), ("a", "a.b"), ("a.*", "a.b.c"), ("a.*", "a.b[]"), ("a.b", "a.b[]")] {
        assert!(!is_meant(pattern, path), "{pattern} and {path}");
    }
}
