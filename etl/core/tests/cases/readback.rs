//! Files to rows, by the parquet crate's Arrow reader.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use trailhouse_core::PartFile;
use trailhouse_schemas::{Kind, Partition, Table};

use crate::oracle::{Value, Values};

/// One row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadRow {
    pub(crate) partition: Partition,
    pub(crate) values: Values,
}

impl ReadRow {
    pub(crate) fn value(&self, table: &Table, name: &str) -> Option<&Value> {
        self.values[table.position(name).unwrap()].as_ref()
    }

    pub(crate) fn source_id(&self, table: &Table) -> String {
        match self.value(table, "source_id") {
            Some(Value::Text(id)) => id.clone(),
            other => panic!("no source id: {other:?}"),
        }
    }

    pub(crate) fn source_record(&self, table: &Table) -> u64 {
        match self.value(table, "source_record") {
            Some(Value::Int(record)) => u64::try_from(*record).unwrap(),
            other => panic!("no source record: {other:?}"),
        }
    }

    /// The first column that rows are sorted by; none sorts first.
    pub(crate) fn time(&self, table: &Table) -> Option<Value> {
        table.order.first().and_then(|name| self.value(table, name).cloned())
    }
}

/// The rows of a table in `files`, by object and record: no two of them are one.
pub(crate) fn table(files: &[PartFile], table: &'static Table) -> Result<BTreeMap<(String, u64), ReadRow>, String> {
    let mut found = BTreeMap::new();
    for file in files.iter().filter(|file| file.table == table) {
        for row in rows(file)? {
            let place = (row.source_id(table), row.source_record(table));
            if let Some(twin) = found.insert(place, row) {
                return Err(format!("record {} is there twice", twin.source_record(table)));
            }
        }
    }
    Ok(found)
}

/// The rows of a file.
pub(crate) fn rows(file: &PartFile) -> Result<Vec<ReadRow>, String> {
    let mut rows = Vec::new();
    for batch in batches(file)? {
        let columns: Vec<Values> =
            (0..batch.num_columns()).map(|index| column(batch.column(index), file.table.columns[index].kind)).collect();
        for row in 0..batch.num_rows() {
            let values = columns.iter().map(|column| column[row].clone()).collect();
            rows.push(ReadRow { partition: file.partition.clone(), values });
        }
    }
    Ok(rows)
}

/// The batches of a file, whose schema must be the table's.
pub(crate) fn batches(file: &PartFile) -> Result<Vec<RecordBatch>, String> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.bytes.clone()).map_err(|error| error.to_string())?;
    let (found, expected) = (builder.schema().fields(), file.table.arrow_schema());
    if found != expected.fields() {
        return Err(format!("schema of `{}`: {found:?}", file.table.name));
    }
    let reader = builder.build().map_err(|error| error.to_string())?;
    reader.collect::<Result<_, _>>().map_err(|error| format!("reading `{}`: {error}", file.table.name))
}

fn column(array: &dyn Array, kind: Kind) -> Values {
    let value = |row: usize| match kind {
        Kind::Text | Kind::Json => Value::Text(array.as_string::<i32>().value(row).to_owned()),
        Kind::Bool => Value::Bool(array.as_boolean().value(row)),
        Kind::Int => Value::Int(array.as_primitive::<Int64Type>().value(row)),
        Kind::Int32 => Value::Int(array.as_primitive::<Int32Type>().value(row).into()),
        Kind::Double => Value::Text(array.as_primitive::<Float64Type>().value(row).to_string()),
        Kind::Instant => Value::Int(array.as_primitive::<TimestampMillisecondType>().value(row)),
        Kind::Bytes => Value::Bytes(array.as_binary::<i32>().value(row).to_owned()),
    };
    (0..array.len()).map(|row| array.is_valid(row).then(|| value(row))).collect()
}
