//! Lakes in which something is not as an ingest left it.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use bytes::Bytes;
use common::{ask, lake, put, refusal, session};
use object_store::ObjectStoreExt;
use trailhouse_lake::Lake;
use trailhouse_query::{QueryError, Session};
use trailhouse_schemas::CLOUDTRAIL;

const WHOLE: &str = "cloudtrail/account_id=111111111111/event_date=2026-01-02/a.parquet";
const DAMAGED: &str = "cloudtrail/account_id=111111111111/event_date=2026-01-02/damaged.parquet";

async fn lake_file(lake: &Lake) -> Bytes {
    lake.store().get(&WHOLE.into()).await.unwrap().bytes().await.unwrap()
}

/// That a statement is refused over `file`, and others are answered.
async fn expect_damage(session: &Session, sql: &str, file: &str) -> QueryError {
    let error = refusal(session, sql).await;
    assert!(matches!(&error, QueryError::Damaged { file: named, .. } if named == file), "{sql}: {error:?}");
    assert!(!error.is_usage(), "{error:?}");
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.contains("error:") && text.matches(file).count() == 1, "{text}");
    assert!(error.hint().is_some());
    let others = "SELECT count(*) FROM cloudtrail WHERE event_date = '2026-01-01' AND account_id = '222222222222'";
    assert_eq!(ask(session, others).await, ["800"], "other partitions are not touched");
    error
}

#[tokio::test]
async fn a_damaged_file_is_named_and_is_nobodys_mistake() {
    let lake = lake().await;
    let whole = lake_file(&lake).await;
    let session = session(&lake).await;
    let no_footer = "PAR1 with a length that leads before the file's beginning PAR1";
    for bytes in
        [whole.slice(..whole.len() - 20), whole.slice(20..), "no Parquet".into(), "PAR1".into(), no_footer.into()]
    {
        put(&lake, DAMAGED, bytes).await;
        expect_damage(&session, "SELECT event_id FROM cloudtrail", DAMAGED).await;
    }
}

#[tokio::test]
async fn flipped_bits_are_found_in_their_file() {
    let lake = lake().await;
    let mut bytes = lake_file(&lake).await.to_vec();
    // All but the footer, whose length stands at its end.
    let (pages, end) = bytes.split_at(bytes.len() - 8);
    let footer = u32::from_le_bytes(end[..4].try_into().unwrap()) as usize;
    let pages = 4..pages.len() - footer;
    bytes[pages].iter_mut().for_each(|byte| *byte = !*byte);
    put(&lake, DAMAGED, bytes.into()).await;
    let session = session(&lake).await;
    for sql in [
        "SELECT * FROM cloudtrail",
        "SELECT event_name, count(*) FROM cloudtrail GROUP BY event_name ORDER BY event_name",
        "SELECT a.event_id FROM cloudtrail a JOIN cloudtrail b ON a.event_time = b.event_time AND a.event_id = b.event_id",
    ] {
        expect_damage(&session, sql, DAMAGED).await;
    }
}

#[tokio::test]
async fn an_empty_file_is_not_passed_over() {
    let lake = lake().await;
    put(&lake, DAMAGED, Bytes::new()).await;
    let session = session(&lake).await;
    expect_damage(&session, "SELECT count(*) FROM cloudtrail", DAMAGED).await;
    assert!(matches!(session.table_rows(&CLOUDTRAIL).await, Err(QueryError::Damaged { .. })));
    put(&lake, "cloudtrail/account_id=111111111111/event_date=2026-01-02/notes.txt", Bytes::new()).await;
    put(&lake, DAMAGED, lake_file(&lake).await).await;
    assert_eq!(ask(&session, "SELECT count(*) FROM cloudtrail").await, ["5600"], "notes are not ours");
}

#[tokio::test]
async fn a_folder_of_no_day_is_the_lakes_fault() {
    let lake = lake().await;
    let path = "cloudtrail/account_id=111111111111/event_date=garbage/a.parquet";
    put(&lake, path, lake_file(&lake).await).await;
    let session = session(&lake).await;
    let error = expect_damage(&session, "SELECT count(*) FROM cloudtrail", path).await;
    assert!(error.to_string().contains("the folder's name says `garbage` for `event_date`"), "{error}");
}
