//! A lake's tables in Glue: made, widened by several at once, and left alone where they are somebody else's.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod twins;

use std::sync::Arc;

use aws_sdk_glue::types::{Column, Table};
use futures::executor::block_on;
use futures::future::join_all;
use object_store::ObjectStoreExt;
use object_store::memory::InMemory;
use trailhouse_etl::catalog::{Catalog, CatalogError, Change, GlueCatalog, Spot};
use trailhouse_lake::{Bucket, GroupId, Lake, names};
use trailhouse_schemas::{CLOUDTRAIL, Partition, PartitionColumn, Partitioning, VPC_FLOW};
use twins::MemoryGlue;

fn catalog(glue: &Arc<MemoryGlue>, lake: &str) -> GlueCatalog {
    let place = Bucket { name: "bucket".to_owned(), prefix: lake.to_owned() };
    GlueCatalog::new(Arc::clone(glue) as _, "d", &place, Partitioning::AccountDate)
}

fn spot(day: &str) -> Spot {
    let account = (PartitionColumn::AccountId, "111122223333".to_owned());
    Spot { table: &CLOUDTRAIL, partition: Partition(vec![account, (PartitionColumn::EventDate, day.to_owned())]) }
}

fn values(day: &str) -> [String; 2] {
    ["111122223333".to_owned(), day.to_owned()]
}

fn columns(glue: &MemoryGlue) -> Vec<String> {
    let table = glue.standing("cloudtrail").unwrap();
    table.storage_descriptor().unwrap().columns().iter().map(|column| column.name().to_owned()).collect()
}

/// The table as it stands, with other columns.
fn with_columns(glue: &MemoryGlue, change: impl FnOnce(&mut Vec<Column>)) -> Table {
    let mut table = glue.standing("cloudtrail").unwrap();
    let mut storage = table.storage_descriptor().unwrap().clone();
    change(storage.columns.as_mut().unwrap());
    table.storage_descriptor = Some(storage);
    table
}

fn column(name: &str, kind: &str) -> Column {
    Column::builder().name(name).r#type(kind).build().unwrap()
}

#[test]
fn partitions_are_registered_once_with_their_table() {
    let glue = Arc::default();
    let one = catalog(&glue, "lake");
    block_on(one.register(&[spot("2026-01-01"), spot("2026-01-02")])).unwrap();
    // Also by somebody who remembers nothing.
    block_on(catalog(&glue, "lake").register(&[spot("2026-01-02"), spot("2026-01-03")])).unwrap();
    for day in ["2026-01-01", "2026-01-02", "2026-01-03"] {
        let location = format!("s3://bucket/lake/cloudtrail/account_id=111122223333/event_date={day}/");
        assert_eq!(glue.location("cloudtrail", &values(day)), Some(location));
    }
    assert_eq!(columns(&glue).len(), CLOUDTRAIL.columns.len());
}

/// A lake with a file in the partition of each day.
fn lake_of(days: &[&str]) -> Lake {
    let store = Arc::new(InMemory::new());
    for day in days {
        let file = names::table_file(GroupId([0; 16]), 0, &CLOUDTRAIL, &spot(day).partition).unwrap();
        block_on(store.put(&file, "x".into())).unwrap();
    }
    block_on(Lake::open_or_create_in(store, None)).unwrap()
}

fn change(changes: &[(&'static trailhouse_schemas::Table, Change)], name: &str) -> Change {
    changes.iter().find(|(table, _)| table.name == name).unwrap().1.clone()
}

#[test]
fn files_that_stood_before_the_catalog_are_registered_too() {
    let glue: Arc<MemoryGlue> = Arc::default();
    let lake = lake_of(&["2026-01-01", "2026-01-02", "2026-01-03"]);
    let of_lake = catalog(&glue, "lake");
    let before = change(&block_on(of_lake.diff(&lake)).unwrap(), "cloudtrail");
    assert!(before.is_new && before.partitions == 3, "{before:?}");
    block_on(of_lake.register(&[spot("2026-01-02")])).unwrap();
    let between = block_on(of_lake.diff(&lake)).unwrap();
    assert_eq!(change(&between, "cloudtrail"), Change { partitions: 2, ..Change::default() });
    assert!(change(&between, VPC_FLOW.name).is_new);
    let tables = block_on(of_lake.apply_tables()).unwrap();
    for one in tables {
        block_on(of_lake.apply_partitions(&lake, one)).unwrap();
    }
    assert!(block_on(of_lake.diff(&lake)).unwrap().iter().all(|(_, change)| change.is_none()));
    for day in ["2026-01-01", "2026-01-02", "2026-01-03"] {
        assert!(glue.location("cloudtrail", &values(day)).is_some(), "{day}");
    }
}

#[test]
fn two_writers_that_add_different_columns_at_once_both_succeed() {
    let glue: Arc<MemoryGlue> = Arc::default();
    block_on(catalog(&glue, "lake").register(&[spot("2026-01-01")])).unwrap();
    // A later version has added a column, and an earlier one never had some of ours.
    let narrow = with_columns(&glue, |columns| {
        columns.truncate(10);
        columns.push(column("of_a_later_version", "string"));
    });
    glue.replace("cloudtrail", narrow);
    let writers = ["lake"; 4].map(|lake| catalog(&glue, lake));
    let spots = [spot("2026-01-05")];
    let registered = block_on(join_all(writers.iter().map(|writer| writer.register(&spots))));
    registered.into_iter().collect::<Result<Vec<_>, _>>().unwrap();
    let found = columns(&glue);
    assert_eq!(found.len(), CLOUDTRAIL.columns.len() + 1);
    assert_eq!(found[10], "of_a_later_version", "what stands keeps its place");
}

#[test]
fn partitions_are_given_columns_that_they_lack() {
    let glue: Arc<MemoryGlue> = Arc::default();
    let days = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"];
    block_on(catalog(&glue, "lake").register(&days.map(spot))).unwrap();
    glue.narrow("cloudtrail", &values("2026-01-02"), 7);
    glue.narrow("cloudtrail", &values("2026-01-05"), 7);
    // One by who registers it again, the other by who looks at all.
    block_on(catalog(&glue, "lake").register(&[spot("2026-01-02")])).unwrap();
    let applied = catalog(&glue, "lake");
    let applied = block_on(applied.apply_partitions(&lake_of(&days), (&CLOUDTRAIL, Change::default()))).unwrap();
    assert_eq!(applied, Change { narrow: 1, ..Change::default() });
    for day in days {
        assert_eq!(glue.width("cloudtrail", &values(day)), CLOUDTRAIL.columns.len(), "{day}");
    }
}

#[test]
fn what_is_somebody_elses_is_left_alone() {
    let glue: Arc<MemoryGlue> = Arc::default();
    block_on(catalog(&glue, "lake").register(&[spot("2026-01-01")])).unwrap();
    let error = block_on(catalog(&glue, "other").register(&[spot("2026-01-01")])).unwrap_err();
    assert!(matches!(error, CatalogError::NotOurs { .. }) && error.hint().is_some(), "{error}");
    assert!(error.to_string().contains("s3://bucket/lake/cloudtrail/"), "{error}");

    let retyped = with_columns(&glue, |columns| columns[3] = column(columns[3].name.as_str(), "array<string>"));
    glue.replace("cloudtrail", retyped);
    let error = block_on(catalog(&glue, "lake").register(&[spot("2026-01-02")])).unwrap_err();
    assert!(matches!(error, CatalogError::OtherType { .. }), "{error}");
}

#[test]
fn a_partition_that_stands_elsewhere_is_refused() {
    let glue: Arc<MemoryGlue> = Arc::default();
    block_on(catalog(&glue, "lake").register(&[spot("2026-01-01")])).unwrap();
    glue.move_partition("cloudtrail", &values("2026-01-01"), "s3://elsewhere/");
    let error = block_on(catalog(&glue, "lake").register(&[spot("2026-01-01")])).unwrap_err();
    assert!(matches!(error, CatalogError::OtherPartition { .. }), "{error}");
}
