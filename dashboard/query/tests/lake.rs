//! What of a lake a session sees.

mod common;

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use arrow::record_batch::RecordBatch;
use common::counting::{Counting, Request};
use common::{Columns, ROWS_PER_FILE, ask, empty_lake, fill, lake, lake_in, parquet_of, put, session, text, write};
use object_store::memory::InMemory;
use trailhouse_lake::{Lake, names};
use trailhouse_query::TableFiles;
use trailhouse_schemas::{CLOUDTRAIL, Partition, PartitionColumn, Partitioning, TABLES};

/// As many as a lake of some years has.
const MANY: usize = 100_000;

#[tokio::test]
async fn tables_without_files_have_columns_and_no_rows() {
    for partitioning in Partitioning::ALL {
        let lake = lake_in(Arc::new(InMemory::new()), partitioning).await;
        let session = session(&lake).await;
        for table in TABLES {
            let answer = session.sql(&format!("SELECT * FROM {}", table.name)).await.unwrap();
            let schema = answer.schema();
            let columns: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
            let declared = table.arrow_schema_in(partitioning);
            let expected: Vec<_> = declared.fields().iter().map(|field| field.name().as_str()).collect();
            assert_eq!(columns, expected);
            assert_eq!(schema.field_with_name("event_date").unwrap().data_type(), &DataType::Date32);
            assert_eq!(ask(&session, &format!("SELECT count(*) FROM {}", table.name)).await, ["0"]);
            assert_eq!(session.table_files(table).await.unwrap(), TableFiles::default());
            assert_eq!(session.table_rows(table).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn files_are_counted() {
    let lake = lake().await;
    put(&lake, "_trailhouse/staging/x.parquet", "unfinished".into()).await;
    put(&lake, "cloudtrail/stray.parquet", "none of ours".into()).await;
    put(&lake, "cloudtrail/account_id=1/event_date=2026-01-01/notes.txt", "nor this".into()).await;
    let session = session(&lake).await;
    let files = session.table_files(&CLOUDTRAIL).await.unwrap();
    assert_eq!(files.files, common::FILES as u64);
    assert!(files.bytes > 6 * 1000, "{files:?}");
    assert_eq!(session.table_rows(&CLOUDTRAIL).await.unwrap(), (common::FILES * ROWS_PER_FILE) as u64);
}

#[tokio::test]
async fn a_session_sees_what_comes_after_it() {
    let lake = empty_lake().await;
    let session = session(&lake).await;
    let count = "SELECT count(*) FROM cloudtrail";
    assert_eq!(ask(&session, count).await, ["0"]);
    fill(&lake).await;
    assert_eq!(ask(&session, count).await, ["4800"]);
}

#[tokio::test]
async fn only_the_lakes_own_folders_count() {
    let lake = lake().await;
    let stray = || parquet_of(&CLOUDTRAIL, &Columns::from([("event_id", text(["stray"]))]));
    for path in [
        "cloudtrail/stray.parquet",
        "cloudtrail/account_id=1/stray.parquet",
        "cloudtrail/event_date=2026-01-01/account_id=1/stray.parquet",
        "cloudtrail/account_id=1/event_date=2026-01-01/notes.txt",
        "cloudtrail_old/account_id=1/event_date=2026-01-01/stray.parquet",
        "_trailhouse/staging/stray.parquet",
    ] {
        put(&lake, path, stray()).await;
    }
    let session = session(&lake).await;
    assert_eq!(ask(&session, "SELECT count(*), count(DISTINCT account_id) FROM cloudtrail").await, ["4800|2"]);
    put(&lake, "cloudtrail/account_id=1/event_date=2026-01-01/a.parquet", stray()).await;
    assert_eq!(ask(&session, "SELECT count(*) FROM cloudtrail").await, ["4801"], "the others would have counted");
}

#[tokio::test]
async fn files_of_another_version_fit() {
    let lake = empty_lake().await;
    let schema = CLOUDTRAIL.arrow_schema();
    let older: Vec<_> = schema.fields().iter().filter(|field| field.name() == "event_id").cloned().collect();
    let older = RecordBatch::try_new(Arc::new(Schema::new(older)), vec![text(["old"])]).unwrap();
    let newer = Columns::from([("event_id", text(["new"])), ("event_name", text(["GetObject"]))]);
    put(&lake, "cloudtrail/account_id=1/event_date=2026-01-01/a.parquet", write(&older, &CLOUDTRAIL)).await;
    put(&lake, "cloudtrail/account_id=1/event_date=2026-01-02/a.parquet", parquet_of(&CLOUDTRAIL, &newer)).await;
    let session = session(&lake).await;
    let sql = "SELECT event_id, coalesce(event_name, '-') FROM cloudtrail ORDER BY event_date";
    assert_eq!(ask(&session, sql).await, ["old|-", "new|GetObject"]);
    assert_eq!(ask(&session, "SELECT event_id FROM cloudtrail WHERE event_name = 'GetObject'").await, ["new"]);
}

#[tokio::test]
async fn partition_values_are_decoded_whatever_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let location = folder.path().to_str().unwrap();
    let lake = Lake::open_or_create(location, Some(Partitioning::RegionAccountDate)).await.unwrap();
    let regions = ["us-east-1", "../..", "a/b=c d", "100%", "é'x\"", "%2F"];
    for region in regions {
        let partition = Partition(vec![
            (PartitionColumn::Region, region.to_owned()),
            (PartitionColumn::AccountId, "unknown".to_owned()),
            (PartitionColumn::EventDate, "2026-01-31".to_owned()),
        ]);
        let path = names::partition_folder(&CLOUDTRAIL, &partition).unwrap().join("a.parquet");
        let file = parquet_of(&CLOUDTRAIL, &Columns::from([("event_id", text([region]))]));
        put(&lake, path.as_ref(), file).await;
    }
    let session = session(&lake).await;
    let found = ask(&session, "SELECT count(*), count(DISTINCT region) FROM cloudtrail WHERE region = event_id").await;
    assert_eq!(found, ["6|6"]);
    for region in regions {
        let literal = region.replace('\'', "''");
        let sql = format!(
            "SELECT event_id FROM cloudtrail WHERE region = '{literal}' AND account_id = 'unknown' AND event_date = '2026-01-31'"
        );
        assert_eq!(ask(&session, &sql).await, [region]);
    }
}

/// None of the many can be read: an answer shows that none was.
#[tokio::test]
async fn one_of_a_hundred_thousand_files_is_found() {
    let store = Counting::new(InMemory::new());
    let lake = lake_in(store.clone(), Partitioning::AccountDate).await;
    for number in 0..MANY {
        let (account, day) = (number % 1000, number / 1000 % 28 + 1);
        let path = format!("cloudtrail/account_id={account:012}/event_date=2026-02-{day:02}/{number}.parquet");
        put(&lake, &path, "no Parquet".into()).await;
    }
    fill(&lake).await;
    store.take();
    let session = session(&lake).await;
    assert_eq!(store.take(), [], "opening asks the store nothing");
    let count = "SELECT count(*) FROM cloudtrail WHERE event_date = '2026-01-02'";
    assert_eq!(ask(&session, count).await, ["1600"]);
    let opened = store.take().iter().filter(|request| matches!(request, Request::Get(_))).count();
    assert!((2..=4).contains(&opened), "two files, {opened} requests");
}
