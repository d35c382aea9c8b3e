//! What must hold for every table; the modules hold tables to the formats that they are of.

mod cloudtrail;
mod cloudwatch;
mod flows;
mod guardduty;
mod paths;
mod reserved;
mod routing;

use std::collections::BTreeSet;

use trailhouse_schemas::glue::{COMMENT_BYTES_MAX, DESCRIPTION_BYTES_MAX};
use trailhouse_schemas::{Column, FOLDED, Kind, PartitionColumn, Partitioning, TABLES, Table, folded, table};

/// A field that AWS documents: its path, what its values are, and the first version with it.
type Field = (&'static str, Kind, &'static str);

/// Tables with files and without.
fn all_tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain(FOLDED).copied()
}

fn path(column: &Column) -> Option<&'static str> {
    column.origin.field()
}

fn of_path(table: &Table, wanted: &str) -> Option<&'static Column> {
    table.columns.iter().find(|column| path(column) == Some(wanted))
}

fn has_a_column_for_every_field_and_no_other(table: &Table, fields: &[Field]) {
    for (path, kind, since) in fields {
        let found = of_path(table, path).map(|column| (column.kind, column.since));
        assert_eq!(found, Some((*kind, *since)), "kind and version of `{path}` in `{}`", table.name);
    }
    let known: BTreeSet<&str> = fields.iter().map(|(path, ..)| *path).collect();
    assert_eq!(known.len(), fields.len(), "a field stands twice in the list of `{}`", table.name);
    for path in table.columns.iter().filter_map(path) {
        assert!(known.contains(path), "`{path}` of `{}` is no field that AWS documents", table.name);
    }
}

fn is_snake_case(name: &str) -> bool {
    let part_is_fine =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(part_is_fine)
}

#[test]
fn tables_are_found_by_their_names() {
    for expected in TABLES {
        assert_eq!((table(expected.name), folded(expected.name)), (Some(*expected), None));
    }
    for expected in FOLDED {
        assert_eq!((table(expected.name), folded(expected.name)), (None, Some(*expected)));
    }
    assert_eq!((table("no_such_table"), folded("no_such_table")), (None, None));
}

#[test]
fn names_are_snake_case_and_unique() {
    let mut tables = BTreeSet::new();
    for table in all_tables() {
        assert!(is_snake_case(table.name) && tables.insert(table.name), "table `{}`", table.name);
        let mut columns: BTreeSet<&str> = PartitionColumn::ALL.iter().map(|column| column.name()).collect();
        for column in table.columns {
            assert!(is_snake_case(column.name), "`{}` of `{}` is not snake case", column.name, table.name);
            assert!(columns.insert(column.name), "`{}` stands twice in `{}`", column.name, table.name);
        }
    }
}

#[test]
fn every_row_says_where_it_came_from() {
    for table in TABLES {
        let last = table.columns.iter().rev().take(3).map(|column| column.name).collect::<Vec<_>>();
        assert_eq!(last, ["source_record", "source_id", "source_object"], "the last columns of `{}`", table.name);
    }
}

/// Tools that send a file statement by statement cut at semicolons, some of them inside quotes and escapes.
#[test]
fn no_comment_has_a_semicolon() {
    let partitions = PartitionColumn::ALL.map(PartitionColumn::about);
    assert!(!partitions.concat().contains(';'), "{partitions:?}");
    for table in all_tables() {
        let comments = table.columns.iter().map(|column| column.about).chain([table.about]);
        let found: Vec<&str> = comments.filter(|about| about.contains(';')).collect();
        assert!(found.is_empty(), "{}: {found:?}", table.name);
    }
}

/// Catalogs cut or refuse longer comments, and some keep them in Latin-1.
#[test]
fn comments_fit_the_catalog() {
    let columns = all_tables().flat_map(|table| table.columns).map(|column| (column.name, column.about));
    let partitions = PartitionColumn::ALL.iter().map(|column| (column.name(), column.about()));
    for (name, about) in columns.chain(partitions) {
        assert!(about.len() <= COMMENT_BYTES_MAX, "the comment of `{name}` is too long");
        assert!(about.is_ascii() && !about.contains('\n'), "the comment of `{name}` is not plain text");
        assert!(about.ends_with('.'), "the comment of `{name}` is no sentence");
    }
    for table in all_tables() {
        assert!(table.about.len() <= DESCRIPTION_BYTES_MAX && table.about.is_ascii(), "table `{}`", table.name);
        assert!(table.about.ends_with('.') && !table.about.contains('\n'), "table `{}`", table.name);
    }
}

#[test]
fn presets_come_back_from_their_names() {
    for preset in Partitioning::ALL {
        assert_eq!(preset.name().parse(), Ok(preset));
        let places =
            preset.columns().iter().map(|column| PartitionColumn::ALL.iter().position(|other| other == column));
        assert!(places.is_sorted(), "the folders of `{preset}` are out of order");
    }
    let error = "hourly".parse::<Partitioning>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "no partitioning `hourly`; it is one of `date`, `account-date`, `region-account-date`"
    );
}
