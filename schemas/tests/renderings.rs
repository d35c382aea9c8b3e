//! Every rendering of every table, under every partitioning, so that a change of a table shows where readers see it.
//!
//! `INSTA_UPDATE=always cargo test -p trailhouse-schemas` writes the snapshots anew.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fmt::Write;

use arrow_schema::Fields;

use trailhouse_schemas::ddl::LAKE_PLACEHOLDER;
use trailhouse_schemas::glue::{CatalogColumn, TableInput};
use trailhouse_schemas::{FOLDED, Partitioning, TABLES, Table};

/// Compares `render` of every table and partitioning with its snapshot.
fn check(rendering: &str, render: impl Fn(&Table, Partitioning) -> String) {
    for table in TABLES {
        for partitioning in Partitioning::ALL {
            let name = format!("{rendering}__{}__{partitioning}", table.name);
            insta::assert_snapshot!(name, render(table, partitioning));
        }
    }
}

#[test]
fn arrow() {
    check("arrow", |table, partitioning| arrow_lines(table.arrow_schema_in(partitioning).fields()));
}

/// A table without files has neither partitions nor a place in a catalog.
#[test]
fn folded_tables() {
    for table in FOLDED {
        insta::assert_snapshot!(format!("arrow__{}", table.name), arrow_lines(table.arrow_schema().fields()));
        insta::assert_snapshot!(format!("markdown__{}", table.name), table.markdown(Partitioning::default()));
        insta::assert_snapshot!(format!("json__{}", table.name), table.json(Partitioning::default()));
    }
}

fn arrow_lines(fields: &Fields) -> String {
    let mut lines = String::new();
    for field in fields {
        let null = if field.is_nullable() { "" } else { " not null" };
        writeln!(lines, "{}: {}{null}", field.name(), field.data_type()).unwrap();
    }
    lines
}

#[test]
fn the_schema_of_files_lacks_partition_columns_only() {
    for table in TABLES {
        for partitioning in Partitioning::ALL {
            let (files, all) = (table.arrow_schema(), table.arrow_schema_in(partitioning));
            assert_eq!(files.fields()[..], all.fields()[..files.fields().len()]);
            let partitions = partitioning.columns().iter().map(|column| column.name());
            assert!(all.fields()[files.fields().len()..].iter().map(|field| field.name().as_str()).eq(partitions));
        }
    }
}

#[test]
fn glue() {
    check("glue", |table, partitioning| lines_of(&table.glue_table(partitioning, "s3://example-lake/logs/")));
}

fn lines_of(table: &TableInput) -> String {
    let storage = &table.storage_descriptor;
    let mut lines = format!("{} ({}): {}\n", table.name, table.table_type, table.description);
    let mut list = |title: &str, entries: Vec<String>| {
        writeln!(lines, "{title}:\n  {}", entries.join("\n  ")).unwrap();
    };
    list("columns", storage.columns.iter().map(line_of).collect());
    list("partition keys", table.partition_keys.iter().map(line_of).collect());
    list("parameters", table.parameters.iter().map(|(key, value)| format!("{key} = {value}")).collect());
    list(
        "storage",
        vec![
            storage.location.clone(),
            storage.input_format.to_owned(),
            storage.output_format.to_owned(),
            format!("{} {:?}", storage.serde_library, storage.serde_parameters),
            format!("compressed {}", storage.compressed),
            format!("sub-directories {}", storage.stored_as_sub_directories),
        ],
    );
    lines
}

fn line_of(column: &CatalogColumn) -> String {
    format!("{} {}: {}", column.name, column.hive_type, column.comment)
}

#[test]
fn ddl() {
    check("ddl", |table, partitioning| table.athena_ddl(partitioning, LAKE_PLACEHOLDER));
}

#[test]
fn markdown() {
    check("markdown", Table::markdown);
}

#[test]
fn json() {
    check("json", |table, partitioning| {
        let line = table.json(partitioning);
        assert!(!line.contains('\n'), "one table is one line");
        serde_json::from_str::<serde_json::Value>(&line).unwrap();
        // A line for each column is read more easily, and compared.
        line.replace("},{", "},\n{")
    });
}
