//! A small lake in memory, and what a session answers about it.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses some of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

pub mod counting;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, TimestampMillisecondArray, new_null_array};
use arrow::record_batch::RecordBatch;
use arrow::util::pretty::pretty_format_batches;
use bytes::Bytes;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use trailhouse_lake::Lake;
use trailhouse_query::{Options, QueryError, Session};
use trailhouse_schemas::{CLOUDTRAIL, Partitioning, Table};

pub const ACCOUNTS: [&str; 2] = ["111111111111", "222222222222"];
pub const DAYS: [&str; 3] = ["2026-01-01", "2026-01-02", "2026-01-03"];
pub const FILES: usize = ACCOUNTS.len() * DAYS.len();
pub const ROW_GROUPS_PER_FILE: usize = 4;
pub const ROWS_PER_FILE: usize = ROW_GROUPS_PER_FILE * ROWS_PER_GROUP;
const ROWS_PER_GROUP: usize = 200;
const ROWS_PER_PAGE: usize = 50;
/// 2026-01-01T00:00:00Z
const FIRST_DAY_MILLIS: i64 = 1_767_225_600_000;
const DAY_MILLIS: i64 = 86_400_000;

/// Columns of the files by name; all others are null.
pub type Columns = BTreeMap<&'static str, ArrayRef>;

/// An empty lake in memory.
pub async fn empty_lake() -> Lake {
    lake_in(Arc::new(InMemory::new()), Partitioning::AccountDate).await
}

pub async fn lake_in(store: Arc<dyn ObjectStore>, partitioning: Partitioning) -> Lake {
    Lake::open_or_create_in(store, Some(partitioning)).await.unwrap()
}

/// A lake with a file for each account and day.
pub async fn lake() -> Lake {
    let lake = empty_lake().await;
    fill(&lake).await;
    lake
}

pub async fn fill(lake: &Lake) {
    for (account_number, account) in ACCOUNTS.iter().enumerate() {
        for (day_number, day) in DAYS.iter().enumerate() {
            let file = file_of(account_number, day_number);
            put(lake, &format!("cloudtrail/account_id={account}/event_date={day}/a.parquet"), file).await;
        }
    }
}

pub async fn put(lake: &Lake, path: &str, bytes: Bytes) {
    lake.store().put(&Path::parse(path).unwrap(), bytes.into()).await.unwrap();
}

pub async fn session(lake: &Lake) -> Session {
    Session::open(lake, &Options { memory_bytes: None, threads: Some(2) }).await.unwrap()
}

/// A file of `cloudtrail`, its rows in the order of their times, one a minute.
pub fn file_of(account: usize, day: usize) -> Bytes {
    let rows = 0..ROWS_PER_FILE;
    let first = FIRST_DAY_MILLIS + DAY_MILLIS * day as i64;
    let times = rows.clone().map(|row| first + 60_000 * row as i64);
    let ids = rows.clone().map(|row| event_id(account, day, row));
    let names = rows.map(|row| if row % 100 == 0 { "ConsoleLogin" } else { "GetObject" });
    parquet_of(
        &CLOUDTRAIL,
        &Columns::from([
            (
                "event_time",
                Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC")) as ArrayRef,
            ),
            ("event_id", text(ids)),
            ("event_name", text(names)),
        ]),
    )
}

pub fn text<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// The id of a row: as good as random, so that every row group's bounds hold nearly every id.
pub fn event_id(account: usize, day: usize, row: usize) -> String {
    let number = ((account * DAYS.len() + day) * ROWS_PER_FILE + row) as u64 + 1;
    format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// A Parquet file of a table, stored as the table says.
pub fn parquet_of(table: &Table, columns: &Columns) -> Bytes {
    let schema = Arc::new(table.arrow_schema());
    let rows = columns.values().next().unwrap().len();
    let arrays = schema.fields().iter().map(|field| {
        columns.get(field.name().as_str()).cloned().unwrap_or_else(|| new_null_array(field.data_type(), rows))
    });
    write(&RecordBatch::try_new(Arc::clone(&schema), arrays.collect()).unwrap(), table)
}

/// A Parquet file of any columns.
pub fn write(batch: &RecordBatch, table: &Table) -> Bytes {
    let mut properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_data_page_row_count_limit(ROWS_PER_PAGE)
        .set_write_batch_size(ROWS_PER_PAGE)
        .set_statistics_enabled(EnabledStatistics::Page);
    for column in table.columns.iter().filter(|column| column.storage.has_bloom_filter()) {
        properties = properties.set_column_bloom_filter_enabled(ColumnPath::from(column.name), true);
    }
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties.build())).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    file.into()
}

/// All rows of an answer.
pub async fn rows(session: &Session, sql: &str) -> Result<Vec<RecordBatch>, QueryError> {
    let mut answer = session.sql(sql).await?;
    let mut batches = Vec::new();
    while let Some(batch) = answer.next().await? {
        batches.push(batch);
    }
    Ok(batches)
}

/// The answer's values as text: a line a row, values between bars.
pub async fn ask(session: &Session, sql: &str) -> Vec<String> {
    let batches = rows(session, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let table = pretty_format_batches(&batches).unwrap().to_string();
    let lines = table.lines().skip(3).filter(|line| line.starts_with('|'));
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join("|")).collect()
}

/// The error of a statement, at once or while its rows come.
pub async fn refusal(session: &Session, sql: &str) -> QueryError {
    match rows(session, sql).await {
        Ok(_) => panic!("`{sql}` was answered"),
        Err(error) => error,
    }
}
