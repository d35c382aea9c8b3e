//! Scans whose errors say which file they are about: the engine's do not.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arrow::error::ArrowError;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileOpenFuture, FileOpener, FileScanConfig, FileScanConfigBuilder, FileSource, FileStreamBuilder,
    ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::DataFusionError;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan};
use futures::{FutureExt, StreamExt};
use object_store::ObjectStore;

use crate::answer::panic_text;
use crate::damage::PARQUET_BYTES_MIN;
use crate::engine::{of_filter, told};
use crate::error::QueryError;

/// The plan, its scans naming their files. It comes last: what the engine knows how to push into a scan is in it by then.
pub(crate) fn naming(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let name = |step: Arc<dyn ExecutionPlan>| {
        let scan = step.downcast_ref::<DataSourceExec>();
        let scan = scan.and_then(|scan| scan.downcast_to_file_source::<ParquetSource>());
        let Some((config, _)) = scan else { return Ok(Transformed::no(step)) };
        let source = Arc::new(Naming(Arc::clone(&config.file_source)));
        let config = FileScanConfigBuilder::from(config.clone()).with_source(source).build();
        Ok(Transformed::yes(DataSourceExec::from_data_source(config) as Arc<dyn ExecutionPlan>))
    };
    plan.transform_up(name).data()
}

/// A source that reads each file by another source, in a stream of its own.
#[derive(Clone)]
pub(crate) struct Naming(Arc<dyn FileSource>);

impl FileSource for Naming {
    fn create_file_opener(
        &self,
        store: Arc<dyn ObjectStore>,
        config: &FileScanConfig,
        _: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let config = FileScanConfigBuilder::from(config.clone()).with_source(Arc::clone(&self.0)).build();
        Ok(Arc::new(NamingOpener { store, config }))
    }

    fn table_schema(&self) -> &TableSchema {
        self.0.table_schema()
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        Arc::new(Self(self.0.with_batch_size(batch_size)))
    }

    fn filter(&self) -> Option<Arc<dyn PhysicalExpr>> {
        self.0.filter()
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        self.0.projection()
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        self.0.metrics()
    }

    fn file_type(&self) -> &str {
        self.0.file_type()
    }

    fn fmt_extra(&self, format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_extra(format, f)
    }

    fn reorder_files(&self, files: Vec<PartitionedFile>) -> Vec<PartitionedFile> {
        self.0.reorder_files(files)
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.0.apply_expressions(f)
    }
}

struct NamingOpener {
    store: Arc<dyn ObjectStore>,
    /// The scan, over the source that reads.
    config: FileScanConfig,
}

impl FileOpener for NamingOpener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        let path = file.object_meta.location.to_string();
        if file.object_meta.size < PARQUET_BYTES_MIN {
            return Err(damaged(&path, "it is cut short".to_owned()));
        }
        let mut config = self.config.clone();
        config.file_groups = vec![FileGroup::new(vec![file])];
        let source = Arc::clone(&config.file_source);
        // The scan counts its rows itself; the source counts the rest.
        let uncounted = ExecutionPlanMetricsSet::new();
        let rows = FileStreamBuilder::new(&config)
            .with_partition(0)
            .with_morselizer(source.create_morselizer(Arc::clone(&self.store), &config, 0)?)
            .with_metrics(&uncounted)
            .build()?;
        let rows = AssertUnwindSafe(rows).catch_unwind().map(move |rows| match rows {
            Ok(rows) => rows.map_err(|error| named(error, &path)),
            // What panicked is dropped with its file: nobody sees it half done.
            Err(panic) => Err(damaged(&path, panic_text(panic.as_ref()))),
        });
        Ok(std::future::ready(Ok(rows.boxed())).boxed())
    }
}

/// The error with the file's name, where it is about the file.
fn named(error: DataFusionError, path: &str) -> DataFusionError {
    let root = error.find_root();
    let why = match root {
        DataFusionError::ParquetError(parquet) => parquet.to_string(),
        DataFusionError::ArrowError(arrow, _) if is_of_file(arrow) => arrow.to_string(),
        _ => return error,
    };
    if let Some(of_value) = of_filter(&why) {
        return of_value;
    }
    // The name is said once.
    damaged(path, told(&why.replace(&format!("Failed to fetch metadata for file {path}: "), "")))
}

fn damaged(path: &str, why: String) -> DataFusionError {
    DataFusionError::External(QueryError::Damaged { file: path.to_owned(), why }.into())
}

/// Whether it is about a file and not about a value.
fn is_of_file(error: &ArrowError) -> bool {
    matches!(error, ArrowError::ParquetError(_) | ArrowError::IoError(..) | ArrowError::IpcError(_))
}
