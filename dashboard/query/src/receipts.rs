//! The table `receipts`: what the lake's plans and receipts say of each source object, folded when somebody asks.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringViewArray};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::future::ready;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use trailhouse_lake::{Group, GroupId, Lake, LakeError, ObjectReceipt, PlannedObject, Receipt, StreamReceipt};
use trailhouse_schemas::RECEIPTS;

use crate::tables::as_views;

/// Receipts that are read at once.
const READS_AT_ONCE: usize = 16;
/// Objects that were read as they came, in one batch of rows.
const STREAMED_AT_ONCE: usize = 1024;

/// The table.
pub(crate) fn provider(lake: &Lake) -> Result<StreamingTable> {
    let schema = as_views(&RECEIPTS);
    let fold = Fold { lake: lake.clone(), schema: Arc::clone(&schema) };
    StreamingTable::try_new(schema, vec![Arc::new(fold)])
}

#[derive(Debug, Clone)]
struct Fold {
    lake: Lake,
    schema: SchemaRef,
}

impl PartitionStream for Fold {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let lake = self.lake.clone();
        // Plans are asked for by number, one after the other, until there is none.
        let plans = stream::try_unfold((lake, 0), async |(lake, number)| {
            let is_there = lake.has_plan(number).await?;
            Ok::<_, LakeError>(is_there.then(|| (number, (lake.clone(), number + 1))))
        });
        let fold = self.clone();
        let batches = plans.map_err(external).and_then(move |number| {
            let fold = fold.clone();
            async move { fold.plan(number).await }
        });
        let batches = batches.chain(self.clone().streamed());
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

impl Fold {
    /// The objects of one plan that were read.
    async fn plan(&self, number: u32) -> Result<RecordBatch> {
        let plan = self.lake.plan(number).await.map_err(external)?;
        let received = self.lake.received(number).await.map_err(external)?;
        let groups = plan.groups.into_iter().filter(|group| received.contains(&group.id));
        let read = |group: Group| async move {
            let receipt = self.lake.receipt(number, group.id).await?;
            Ok::<_, LakeError>((group, receipt))
        };
        let groups: Vec<(Group, Receipt)> =
            stream::iter(groups).map(read).buffered(READS_AT_ONCE).try_collect().await.map_err(external)?;
        let rows: Vec<Row<'_>> = groups.iter().flat_map(|(group, receipt)| rows(group, receipt)).collect();
        Ok(batch(&rows, &self.schema)?)
    }

    /// The objects that were read as they came.
    fn streamed(self) -> impl Stream<Item = Result<RecordBatch>> + Send {
        let ids = stream::once(ready(self.lake.streamed())).try_flatten();
        let lake = self.lake.clone();
        let read = move |id| {
            let lake = lake.clone();
            async move { lake.stream_receipt(id?).await }
        };
        // One that is removed meanwhile is none.
        let receipts = ids.map(read).buffered(READS_AT_ONCE).try_filter_map(|receipt| ready(Ok(receipt)));
        let chunks = receipts.try_chunks(STREAMED_AT_ONCE).map_err(|error| external(error.1));
        chunks.and_then(move |receipts| {
            let rows: Vec<Row<'_>> = receipts.iter().flat_map(row_of_streamed).collect();
            ready(batch(&rows, &self.schema).map_err(DataFusionError::from))
        })
    }
}

fn row_of_streamed(receipt: &StreamReceipt) -> Option<Row<'_>> {
    let planned = receipt.group.objects.first()?;
    Some(Row { plan: None, group: receipt.group.id, planned, object: &receipt.object })
}

/// One object.
struct Row<'r> {
    /// None where it implied its plan.
    plan: Option<u32>,
    group: GroupId,
    planned: &'r PlannedObject,
    object: &'r ObjectReceipt,
}

/// The objects of a group. An abandoned one has none.
fn rows<'r>(group: &'r Group, receipt: &'r Receipt) -> impl Iterator<Item = Row<'r>> {
    let planned: HashMap<_, _> = group.objects.iter().map(|object| (object.source_id, object)).collect();
    let (plan, group) = (Some(receipt.plan), receipt.group);
    let row =
        move |object: &'r ObjectReceipt| Some(Row { plan, group, planned: planned.get(&object.source_id)?, object });
    receipt.objects.iter().filter_map(row)
}

fn batch(rows: &[Row<'_>], schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = RECEIPTS.columns.iter().map(|column| array(column.name, rows));
    RecordBatch::try_new(Arc::clone(schema), columns.collect())
}

fn array(column: &str, rows: &[Row<'_>]) -> ArrayRef {
    if let Some(count) = count(column) {
        let counts = rows.iter().map(|row| i64::try_from(count(row)).unwrap_or(i64::MAX));
        return Arc::new(Int64Array::from_iter_values(counts));
    }
    if column == "plan" {
        return Arc::new(rows.iter().map(|row| row.plan.map(i64::from)).collect::<Int64Array>());
    }
    if column == "is_damaged" {
        return Arc::new(rows.iter().map(|row| Some(row.object.damage.is_some())).collect::<BooleanArray>());
    }
    Arc::new(rows.iter().map(|row| text(column, row)).collect::<StringViewArray>())
}

fn count(column: &str) -> Option<fn(&Row<'_>) -> u64> {
    Some(match column {
        "stored_bytes" => |row| row.object.stored_bytes,
        "inflated_bytes" => |row| row.object.inflated_bytes,
        "records" => |row| row.object.records,
        "rows_written" => |row| row.object.rows,
        "rejects" => |row| row.object.rejects,
        "skipped" => |row| row.object.skipped,
        "unwrapped" => |row| row.object.unwrapped,
        "account_fallbacks" => |row| row.object.account_fallbacks,
        "date_fallbacks" => |row| row.object.date_fallbacks,
        _ => return None,
    })
}

fn text(column: &str, row: &Row<'_>) -> Option<String> {
    Some(match column {
        "group_id" => row.group.to_string(),
        "source_object" => row.planned.address().to_owned(),
        "source_id" => row.object.source_id.to_string(),
        "sha256" => row.object.sha256.to_string(),
        "format" => row.planned.format().to_owned(),
        "damage" => return row.object.damage.clone(),
        _ => return None,
    })
}

fn external(error: LakeError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Every column is filled by one of the functions above.
#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;
    use trailhouse_schemas::Table;

    use super::*;

    #[test]
    fn no_column_is_forgotten() {
        let Table { columns, .. } = &RECEIPTS;
        let texts = ["group_id", "source_object", "source_id", "sha256", "format", "damage"];
        for column in *columns {
            let is_filled = count(column.name).is_some()
                || ["plan", "is_damaged"].contains(&column.name)
                || texts.contains(&column.name);
            assert!(is_filled, "{}", column.name);
            let types = [DataType::Int64, DataType::Boolean, DataType::Utf8View];
            assert!(types.contains(array(column.name, &[]).data_type()));
        }
        assert_eq!(batch(&[], &as_views(&RECEIPTS)).unwrap().num_rows(), 0);
    }
}
