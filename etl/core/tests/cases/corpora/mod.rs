//! Generated corpora: what their makers count and write is what the readers find.
//!
//! Two things are held apart: the counts are the generator's own, and values are read off its text, as plainly as can be.

mod findings;
mod flows;

use trailhouse_core::classify::{Class, classify};
use trailhouse_core::{Day, KeyFacts, Object, Settings, Transform};
use trailhouse_schemas::{PartitionColumn, Partitioning};

use super::harness::{Input, Outcome, small_parts, transform};
use super::readback::ReadRow;

/// Object number `number` of a corpus, as a planner takes it.
fn input(number: usize, key: String, stored: Vec<u8>) -> Input {
    let facts = KeyFacts::of(&key);
    let Class::Log(format) = classify(&key, &facts, &stored) else { panic!("`{key}` is no log") };
    let modified = Day(facts.day.unwrap().0 + 1);
    let object = Object { address: key, source_id: format!("{number:032x}"), format, key: facts, modified };
    Input { object, stored }
}

/// Reads the objects as one group, with partitions that tell all.
fn read(inputs: &[Input]) -> Outcome {
    let settings = Settings { partitioning: Partitioning::RegionAccountDate, ..small_parts() };
    transform(&mut Transform::new(settings), inputs)
}

/// What a row's partition says.
fn partition(row: &ReadRow, wanted: PartitionColumn) -> &str {
    let (_, value) = row.partition.0.iter().find(|(column, _)| *column == wanted).unwrap();
    value
}

/// Whether the row is in the partition of another day than its object's key says.
fn is_on_another_day(row: &ReadRow, object: &Object) -> bool {
    object.key.day.unwrap().to_string() != partition(row, PartitionColumn::EventDate)
}
