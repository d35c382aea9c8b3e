//! What is said at two places, because no arrow leads from the one to the other, and must be said alike.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::Path;

use trailhouse_schemas::{Column, TABLES};
use trailhouse_testdata::SINCE;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_generator_knows_since_when_members_are_written() {
    let columns = TABLES.iter().find(|table| table.name == "cloudtrail").unwrap().columns;
    for (member, minor) in SINCE {
        let below = format!("{member}.");
        let is_made_of =
            |column: &&Column| column.origin.field().is_some_and(|field| field == member || field.starts_with(&below));
        let said: Vec<&str> = columns.iter().filter(is_made_of).map(|column| column.since).collect();
        let since = if minor < 10 { format!("1.0{minor}") } else { format!("1.{minor}") };
        assert!(said.contains(&since.as_str()), "`{member}`: {since} here, {said:?} in the table");
    }
}

#[test]
fn the_levels_of_compression_are_those_of_the_engine() {
    let (readme, engine) = (read("README.md"), read("../etl/core/src/encode/page.rs"));
    let level = |name: &str| {
        let text = engine.split_once(&format!("const {name}: i32 = ")).unwrap().1;
        text.split_once(';').unwrap().0.to_owned()
    };
    let said = format!("Trailhouse at level {}, ids at {}", level("ZSTD_LEVEL"), level("ZSTD_LEVEL_IDS"));
    assert!(readme.contains(&said), "README.md does not say `{said}`");
}
