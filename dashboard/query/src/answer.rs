//! Rows on their way.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::ExecutionPlan;
use futures::{FutureExt, StreamExt};

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
        Ok(unwinding(self.rows.next()).await?.transpose()?)
    }

    /// What was read so far.
    pub fn reading(&self) -> Reading {
        Reading::of(&self.plan)
    }
}

/// Waits for the engine. It can panic over a damaged file; who asked then gets an error, and others go on.
pub(crate) async fn unwinding<T>(work: impl Future<Output = T>) -> Result<T, QueryError> {
    // What panicked is dropped with its statement: nobody sees it half done.
    let result = AssertUnwindSafe(work).catch_unwind().await;
    result.map_err(|panic| QueryError::of_panic(panic.as_ref()))
}

/// What was said when something panicked.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("for a reason that it does not tell").to_owned()
}
