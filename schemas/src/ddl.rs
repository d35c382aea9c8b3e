//! Tables as `CREATE EXTERNAL TABLE` statements for Athena, which reads Hive's DDL.

use std::fmt::Write;

use crate::glue::{CatalogColumn, TableInput};
use crate::partitioning::Partitioning;
use crate::table::Table;

/// Stands for the lake's address where none is known.
pub const LAKE_PLACEHOLDER: &str = "s3://YOUR-BUCKET/YOUR-LAKE";

impl Table {
    /// The statement that makes the table known to Athena, for a lake at `lake`.
    ///
    /// It registers no partition; `MSCK REPAIR TABLE` or `ALTER TABLE … ADD PARTITION` does.
    pub fn athena_ddl(&self, partitioning: Partitioning, lake: &str) -> String {
        statement(&self.glue_table(partitioning, lake))
    }
}

/// One value, two renderings: the statement says what Glue would be told.
fn statement(table: &TableInput) -> String {
    let storage = &table.storage_descriptor;
    let properties = table
        .parameters
        .iter()
        .filter(|(key, _)| *key != "EXTERNAL")
        .map(|(key, value)| format!("{}={}", text(key), text(value)));
    let mut ddl = String::new();
    // Writing into a string cannot fail.
    let _ = write!(
        ddl,
        "CREATE EXTERNAL TABLE IF NOT EXISTS {name} (\n{columns}\n)\n\
         COMMENT {about}\n\
         PARTITIONED BY (\n{partitions}\n)\n\
         STORED AS PARQUET\n\
         LOCATION {location}\n\
         TBLPROPERTIES (\n  {properties}\n);\n",
        name = identifier(table.name),
        columns = columns(&storage.columns),
        about = text(table.description),
        partitions = columns(&table.partition_keys),
        location = text(&storage.location),
        properties = properties.collect::<Vec<_>>().join(",\n  "),
    );
    ddl
}

fn columns(columns: &[CatalogColumn]) -> String {
    let lines = columns.iter().map(|CatalogColumn { name, hive_type, comment }| {
        format!("  {} {hive_type} COMMENT {}", identifier(name), text(comment))
    });
    lines.collect::<Vec<_>>().join(",\n")
}

/// A name in back quotes, so that Hive's reserved words (`date`, `end`, `start`, …) are names too.
fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A Hive string. Tools that send statements one by one cut at a semicolon, also inside quotes, so it goes in as its
/// octal escape.
fn text(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('\'');
    for character in value.chars() {
        match character {
            '\'' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            ';' => quoted.push_str("\\073"),
            _ => quoted.push(character),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, Kind, Routing, Storage};

    const HOSTILE: Table = Table {
        name: "date",
        about: "It's a \\ test;\nof two lines.",
        columns: &[Column::made("end", Kind::Text, Storage::Coded, "A `tick`, a 'quote'.")],
        order: &[],
        routing: Routing::NONE,
    };

    #[test]
    fn reserved_words_and_quotes_are_escaped() {
        let ddl = HOSTILE.athena_ddl(Partitioning::Date, "s3://b/it's/");
        assert!(ddl.starts_with("CREATE EXTERNAL TABLE IF NOT EXISTS `date` (\n"), "{ddl}");
        assert!(ddl.contains(r"  `end` string COMMENT 'A `tick`, a \'quote\'.'"), "{ddl}");
        assert!(ddl.contains(r"COMMENT 'It\'s a \\ test\073\nof two lines.'"), "{ddl}");
        assert!(ddl.contains(r"LOCATION 's3://b/it\'s/date/'"), "{ddl}");
        assert_eq!(ddl.matches(';').count(), 1, "the statement's own end is the only semicolon: {ddl}");
    }

    #[test]
    fn a_back_quote_in_a_name_is_doubled() {
        assert_eq!(identifier("a`b"), "`a``b`");
    }
}
