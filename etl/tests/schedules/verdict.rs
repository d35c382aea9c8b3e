//! What must be true in the end, read from the files alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::TryStreamExt;
use futures::executor::block_on;
use object_store::memory::InMemory;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use trailhouse_lake::names;

use crate::common::key;
use crate::twins::MemoryGlue;

/// Records of each object.
const RECORDS: i64 = 20;

/// Each record of each object is one row, in a partition that the catalog knows.
pub(crate) fn verdict(lake: &Arc<InMemory>, glue: &MemoryGlue, objects: usize) -> Result<(), String> {
    let mut found: BTreeMap<(String, i64), u32> = BTreeMap::new();
    for (path, content) in block_on(files(lake)) {
        let (table, partition) = names::partition_of(&path).ok_or_else(|| format!("`{path}` is of no partition"))?;
        let values: Vec<String> = partition.0.iter().map(|(_, value)| value.clone()).collect();
        let folder = names::partition_folder(table, &partition).unwrap();
        if glue.location(table.name, &values) != Some(format!("s3://lake/{folder}/")) {
            return Err(format!("the partition of `{path}` is not registered"));
        }
        for (object, record) in rows(content) {
            *found.entry((object, record)).or_default() += 1;
        }
    }
    for number in 0..objects {
        let address = format!("s3://logs/{}", key(number));
        for record in 0..RECORDS {
            match found.remove(&(address.clone(), record)) {
                Some(1) => {}
                times => return Err(format!("record {record} of `{address}` is there {} times", times.unwrap_or(0))),
            }
        }
    }
    match found.into_iter().next() {
        None => Ok(()),
        Some(((address, record), _)) => Err(format!("`{address}` never had a record {record}")),
    }
}

async fn files(lake: &Arc<InMemory>) -> Vec<(object_store::path::Path, bytes::Bytes)> {
    let all: Vec<ObjectMeta> = lake.list(None).try_collect().await.unwrap();
    let mut files = Vec::new();
    for meta in all {
        if meta.location.as_ref().ends_with(".parquet") {
            let content = lake.get(&meta.location).await.unwrap().bytes().await.unwrap();
            files.push((meta.location, content));
        }
    }
    files
}

fn rows(content: bytes::Bytes) -> Vec<(String, i64)> {
    let reader = SerializedFileReader::new(content).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let place = |name: &str| schema.columns().iter().position(|column| column.name() == name).unwrap();
    let (object, record) = (place("source_object"), place("source_record"));
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| {
        let row = row.unwrap();
        (row.get_string(object).unwrap().clone(), row.get_long(record).unwrap())
    })
    .collect()
}
