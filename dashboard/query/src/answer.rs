//! Rows on their way.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::ExecutionPlan;
use futures::StreamExt;

use crate::error::QueryError;
use crate::reading::Reading;

/// The rows of one statement, as they come. To drop it is to stop.
pub struct Answer {
    plan: Arc<dyn ExecutionPlan>,
    rows: SendableRecordBatchStream,
}

impl Answer {
    pub(crate) fn new(plan: Arc<dyn ExecutionPlan>, rows: SendableRecordBatchStream) -> Self {
        Self { plan, rows }
    }

    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    /// Some more rows, or `None` when there are no more.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, a value cannot be worked with, or memory runs out.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, QueryError> {
        Ok(self.rows.next().await.transpose()?)
    }

    /// What was read so far.
    pub fn reading(&self) -> Reading {
        Reading::of(&self.plan)
    }
}
