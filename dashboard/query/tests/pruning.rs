//! What a statement does not read.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::counting::{Counting, Request};
use common::{ACCOUNTS, DAYS, FILES, ROW_GROUPS_PER_FILE, ROWS_PER_FILE, event_id, fill, lake_in, session};
use object_store::memory::InMemory;
use trailhouse_query::{Pruned, Reading};
use trailhouse_schemas::Partitioning;

const ROW_GROUPS: u64 = (FILES * ROW_GROUPS_PER_FILE) as u64;

/// What a statement gave and cost.
struct Asked {
    rows: usize,
    reading: Reading,
    opened: Vec<String>,
    listed: Vec<String>,
}

async fn ask(sql: &str) -> Asked {
    let store = Counting::new(InMemory::new());
    let lake = lake_in(store.clone(), Partitioning::AccountDate).await;
    fill(&lake).await;
    let session = session(&lake).await;
    store.take();
    let mut answer = session.sql(sql).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = answer.next().await.unwrap() {
        rows += batch.num_rows();
    }
    let mut asked = Asked { rows, reading: answer.reading(), opened: Vec::new(), listed: Vec::new() };
    for request in store.take() {
        match request {
            Request::Get(path) => asked.opened.push(path),
            Request::List(path) => asked.listed.push(path),
        }
    }
    asked.opened.sort_unstable();
    asked.opened.dedup();
    asked
}

fn path(account: &str, day: &str) -> String {
    format!("cloudtrail/account_id={account}/event_date={day}/a.parquet")
}

#[tokio::test]
async fn without_a_filter_everything_is_read() {
    let asked = ask("SELECT event_id FROM cloudtrail").await;
    assert_eq!((asked.rows, asked.opened.len()), (FILES * ROWS_PER_FILE, FILES));
    assert_eq!(asked.reading.files, FILES as u64);
    assert_eq!(asked.reading.row_groups_by_statistics.pruned, 0);
    assert_eq!(asked.reading.row_groups_by_bloom_filter.pruned, 0);
    assert_eq!(asked.reading.pages_by_statistics.pruned, 0);
}

#[tokio::test]
async fn files_of_other_days_are_not_opened() {
    for day in ["'2026-01-02'", "DATE '2026-01-02'"] {
        let asked = ask(&format!("SELECT event_id FROM cloudtrail WHERE event_date = {day}")).await;
        assert_eq!(asked.opened, [path(ACCOUNTS[0], DAYS[1]), path(ACCOUNTS[1], DAYS[1])]);
        assert_eq!((asked.rows, asked.reading.files), (2 * ROWS_PER_FILE, 2));
    }
    let asked =
        ask("SELECT event_id FROM cloudtrail WHERE event_date BETWEEN DATE '2026-01-02' AND '2026-01-03'").await;
    assert_eq!(asked.opened.len(), 4);
}

#[tokio::test]
async fn folders_of_other_accounts_are_not_even_listed() {
    let asked =
        ask("SELECT event_id FROM cloudtrail WHERE event_date = DATE '2026-01-03' AND account_id = '222222222222'")
            .await;
    assert_eq!(asked.listed, ["cloudtrail/account_id=222222222222/event_date=2026-01-03"]);
    assert_eq!(asked.opened, [path(ACCOUNTS[1], DAYS[2])]);
    assert_eq!(asked.rows, ROWS_PER_FILE);
}

#[tokio::test]
async fn row_groups_and_pages_of_other_times_are_left_out() {
    for time in ["TIMESTAMP '2026-01-01 00:30:00'", "'2026-01-01T00:30:00Z'"] {
        let asked = ask(&format!("SELECT event_name FROM cloudtrail WHERE event_time < {time}")).await;
        assert_eq!(asked.rows, 2 * 30);
        let expected = Pruned { pruned: ROW_GROUPS - 2, kept: 2 };
        assert_eq!(asked.reading.row_groups_by_statistics, expected, "the first of each account's first day");
        assert_eq!(
            asked.reading.pages_by_statistics,
            Pruned { pruned: 6, kept: 2 },
            "pages of 50 rows in groups of 200"
        );
        assert_eq!(asked.reading.rows_by_filter, Pruned { pruned: 2 * 20, kept: 2 * 30 });
    }
}

#[tokio::test]
async fn one_id_is_found_by_bloom_filters() {
    let id = event_id(1, 2, 345);
    let asked = ask(&format!("SELECT event_time FROM cloudtrail WHERE event_id = '{id}'")).await;
    assert_eq!(asked.rows, 1);
    let by_statistics = asked.reading.row_groups_by_statistics;
    assert_eq!(by_statistics, Pruned { pruned: 0, kept: ROW_GROUPS }, "bounds do not help with ids");
    let by_bloom_filter = asked.reading.row_groups_by_bloom_filter;
    assert_eq!(by_bloom_filter.pruned + by_bloom_filter.kept, ROW_GROUPS);
    assert!((1..=2).contains(&by_bloom_filter.kept), "{by_bloom_filter:?}");
}

#[tokio::test]
async fn an_id_that_nobody_has_is_in_no_row_group() {
    // Within the bounds of all.
    let asked =
        ask("SELECT event_time FROM cloudtrail WHERE event_id IN ('8000000000000000', '8000000000000001')").await;
    assert_eq!((asked.rows, asked.reading.row_groups_by_statistics.kept), (0, ROW_GROUPS));
    assert!(asked.reading.row_groups_by_bloom_filter.pruned >= ROW_GROUPS - 1);
}

#[tokio::test]
async fn a_footer_is_read_once_and_when_its_turn_comes() {
    let asked = ask("SELECT event_name FROM cloudtrail LIMIT 1").await;
    assert_eq!(asked.rows, 1);
    assert!(asked.opened.len() < FILES, "{:?}", asked.opened);
    let asked = ask("EXPLAIN SELECT event_name FROM cloudtrail").await;
    assert!(asked.opened.is_empty(), "planning opens no file: {:?}", asked.opened);
}

#[tokio::test]
async fn a_file_that_is_read_twice_counts_once() {
    let asked = ask("SELECT a.event_id FROM cloudtrail a JOIN cloudtrail b USING (event_id)").await;
    assert_eq!((asked.rows, asked.reading.files), (FILES * ROWS_PER_FILE, FILES as u64));
}
