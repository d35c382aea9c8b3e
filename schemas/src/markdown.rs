//! Tables as pages of the manual.

use std::fmt::Write;

use crate::partitioning::{PartitionColumn, Partitioning};
use crate::table::{Column, Kind, Origin, Storage, Table};

impl Table {
    /// The table's page of the manual, for lakes of one partitioning.
    pub fn markdown(&self, partitioning: Partitioning) -> String {
        let mut page = format!("# {}\n\n{}\n\n{}\n", self.name, self.about, self.sentence_on_order());
        let partitions = self.partitions(partitioning);
        if !partitions.is_empty() {
            heading(&mut page, "Partition columns", &["column", "type", "from", "meaning"]);
        }
        for column in partitions {
            let from = self.partition_from(*column);
            row(&mut page, &[&code(column.name()), column.hive_type(), &from, column.about()]);
        }
        heading(&mut page, "Columns", &["column", "type", "from", "since", "stored", "meaning"]);
        for column in self.columns {
            let [from, stored] = [from(column), stored(column.storage).to_owned()];
            row(&mut page, &[&code(column.name), type_of(column.kind), &from, column.since, &stored, column.about]);
        }
        page.push_str(LEGEND);
        if self.columns.iter().any(|column| matches!(column.origin, Origin::First(_))) {
            page.push_str(LEGEND_OF_COPIES);
        }
        page
    }

    fn partition_from(&self, column: PartitionColumn) -> String {
        match self.routing.columns_for(column) {
            [] => "the object".to_owned(),
            names => alternatives(names),
        }
    }

    fn sentence_on_order(&self) -> String {
        match self.order {
            [] if crate::folded(self.name).is_some() => {
                "It has no files, so that only Trailhouse answers on it.".to_owned()
            }
            [] => "Rows stand in the order of their source.".to_owned(),
            names => {
                let names = names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ");
                format!(
                    "Rows of a file are sorted by {names}, nulls first, and then stand in the order of their source."
                )
            }
        }
    }
}

const LEGEND: &str = "\n`json` is text: one JSON value exactly as it was logged. `since` is the first version of the \
                      source format that has the field. Stored: *coded* in a dictionary, *plain* otherwise; *bounds* \
                      are the least and greatest value of each page; *bloom* is a filter that finds single values.\n";

const LEGEND_OF_COPIES: &str = "\nA *copy* is of the first value found, in an object that another column holds whole. \
                                `*` is any member, and `[]` any element of an array.\n";

fn heading(page: &mut String, title: &str, columns: &[&str]) {
    let _ = write!(page, "\n## {title}\n\n");
    row(page, columns);
    row(page, &vec!["---"; columns.len()]);
}

fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn from(column: &Column) -> String {
    match column.origin {
        Origin::Field(path) => code(path),
        Origin::Seconds(path) => format!("{}, in seconds since 1970", code(path)),
        Origin::Millis(path) => format!("{}, in milliseconds since 1970", code(path)),
        Origin::Percent(path) => format!("{}, percent-decoded", code(path)),
        Origin::First(paths) => format!("copy of {}", alternatives(paths)),
        Origin::Trailhouse => "Trailhouse".to_owned(),
    }
}

fn alternatives(names: &[&str]) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", else ")
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Json => "json",
        other => other.hive_type(),
    }
}

fn stored(storage: Storage) -> &'static str {
    match storage {
        Storage::Coded => "coded, bounds",
        Storage::CodedNeedle => "coded, bounds, bloom",
        Storage::Needle => "plain, bounds, bloom",
        Storage::Bulk => "plain",
        Storage::Fixed => "plain, bounds",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stays_inside_its_cell() {
        let mut page = String::new();
        row(&mut page, &["a|b", "c\nd"]);
        assert_eq!(page, "| a\\|b | c d |\n");
    }

    #[test]
    fn the_storage_column_says_what_files_carry() {
        for storage in [Storage::Coded, Storage::CodedNeedle, Storage::Needle, Storage::Bulk, Storage::Fixed] {
            let words = stored(storage);
            assert_eq!(words.contains("coded"), storage.is_coded(), "{words}");
            assert_eq!(words.contains("bloom"), storage.has_bloom_filter(), "{words}");
            assert_eq!(words.contains("bounds"), storage.has_bounds(), "{words}");
        }
    }
}
