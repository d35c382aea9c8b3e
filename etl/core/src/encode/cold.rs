//! Files of rejects, by the parquet crate's own writer.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::EnabledStatistics;
use parquet::schema::types::ColumnPath;
use trailhouse_schemas::REJECTS;

use super::file::properties;
use crate::error::Error;
use crate::halt::Halt;
use crate::limits::{PAGE_BYTES, STATISTICS_BYTES_MAX};
use crate::rejects::Reject;

/// Rows that are handed to the writer at a time, so that their evidence is not held twice.
const BATCH_ROWS: usize = 256;

/// The file of `rejects`.
pub(crate) fn rejects(rejects: &[&Reject], halt: &Halt) -> Result<Bytes, Error> {
    let schema = Arc::new(REJECTS.arrow_schema());
    let mut properties = properties(&REJECTS)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_data_page_size_limit(PAGE_BYTES)
        .set_statistics_truncate_length(Some(STATISTICS_BYTES_MAX))
        .set_column_index_truncate_length(Some(STATISTICS_BYTES_MAX));
    for column in REJECTS.columns.iter().filter(|column| !column.storage.has_bounds()) {
        let path = ColumnPath::from(column.name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None);
    }
    let mut writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties.build()))?;
    for rows in rejects.chunks(BATCH_ROWS) {
        halt.look()?;
        let columns = REJECTS.columns.iter().map(|column| array(column.name, rows));
        let columns = columns.collect::<Result<_, _>>()?;
        writer.write(&RecordBatch::try_new(Arc::clone(&schema), columns)?)?;
        writer.flush()?;
    }
    Ok(writer.into_inner()?.into())
}

fn array(column: &'static str, rows: &[&Reject]) -> Result<ArrayRef, Error> {
    let text = |value: fn(&Reject) -> &str| -> ArrayRef {
        Arc::new(rows.iter().map(|reject| Some(value(reject))).collect::<StringArray>())
    };
    let number = |value: fn(&Reject) -> u64| -> ArrayRef {
        Arc::new(rows.iter().map(|reject| i64::try_from(value(reject)).ok()).collect::<Int64Array>())
    };
    let array: ArrayRef = match column {
        "target_table" => text(|reject| reject.target.name),
        "reason" => text(|reject| reject.fault.reason.code()),
        "message" => Arc::new(rows.iter().map(|reject| Some(reject.fault.to_string())).collect::<StringArray>()),
        "source_object" => text(|reject| &reject.source_object),
        "source_id" => text(|reject| &reject.source_id),
        "source_record" => number(|reject| reject.record),
        "byte_offset" => number(|reject| reject.text.offset),
        "fault_offset" => number(|reject| reject.fault.at),
        "bytes" => Arc::new(rows.iter().map(|reject| Some(reject.text.kept.as_slice())).collect::<BinaryArray>()),
        "bytes_length" => number(|reject| reject.text.length),
        "bytes_sha256" => Arc::new(rows.iter().map(|reject| Some(reject.text.sha256())).collect::<StringArray>()),
        _ => return Err(Error::Column(column)),
    };
    Ok(array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_rejects_is_filled() {
        for column in REJECTS.columns {
            assert!(array(column.name, &[]).is_ok(), "{}", column.name);
        }
        assert!(matches!(array("other", &[]), Err(Error::Column("other"))));
    }
}
