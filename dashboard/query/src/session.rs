//! A lake, ready for questions.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore};
use trailhouse_lake::{Lake, names};
use trailhouse_schemas::{Partitioning, RECEIPTS, TABLES, Table};
use url::Url;

use crate::answer::{Answer, unwinding};
use crate::context::{Options, context};
use crate::damage::{LakeFiles, is_table_file};
use crate::error::QueryError;
use crate::naming::naming;
use crate::receipts;
use crate::statement;
use crate::tables::{STORE_URL, listing};

/// A lake, ready for questions.
pub struct Session {
    context: SessionContext,
    store: Arc<dyn ObjectStore>,
    partitioning: Partitioning,
}

/// What the lake holds of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableFiles {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Session {
    /// Opens a lake. Reads no table yet.
    ///
    /// # Errors
    ///
    /// When DataFusion refuses its settings.
    pub async fn open(lake: &Lake, options: &Options) -> Result<Self, QueryError> {
        let context = context(options)?;
        let partitioning = lake.partitioning();
        let store: Arc<dyn ObjectStore> = Arc::new(LakeFiles::new(Arc::clone(lake.store()), partitioning));
        let url = Url::parse(STORE_URL).map_err(|error| DataFusionError::External(error.into()))?;
        context.register_object_store(&url, Arc::clone(&store));
        let config = context.copied_config();
        for table in TABLES {
            context.register_table(table.name, Arc::new(listing(table, partitioning, &config)?))?;
        }
        context.register_table(RECEIPTS.name, Arc::new(receipts::provider(lake)?))?;
        Ok(Self { context, store, partitioning })
    }

    /// Begins to answer one statement that reads.
    ///
    /// # Errors
    ///
    /// When the statement is wrong, or would write.
    pub async fn sql(&self, sql: &str) -> Result<Answer, QueryError> {
        unwinding(self.begin(sql)).await?
    }

    /// Begins to read the rows of `table`, all its columns and the partition columns; those for which the condition `filter`
    /// is true.
    ///
    /// # Errors
    ///
    /// When the condition is wrong.
    pub async fn rows(&self, table: &Table, filter: Option<&str>) -> Result<Answer, QueryError> {
        // A comment at its end ends with its line.
        let filter = filter.map_or_else(String::new, |filter| format!(" WHERE (\n{filter}\n)"));
        self.sql(&format!("SELECT * FROM {}{filter}", table.name)).await
    }

    async fn begin(&self, sql: &str) -> Result<Answer, QueryError> {
        let plan = statement::plan(&self.context, sql).await?;
        let frame = DataFrame::new(self.context.state(), plan);
        let task = Arc::new(frame.task_ctx());
        let plan = naming(frame.create_physical_plan().await?)?;
        let rows = execute_stream(Arc::clone(&plan), task)?;
        Ok(Answer::new(plan, rows))
    }

    /// How many files the lake has of `table`, and how large they are.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn table_files(&self, table: &Table) -> Result<TableFiles, QueryError> {
        let folder = names::table_folder(table).map_err(|error| DataFusionError::External(error.into()))?;
        let partitioning = self.partitioning;
        let add = |sum: TableFiles, file: ObjectMeta| async move {
            Ok(match is_table_file(&file.location, partitioning) {
                true => TableFiles { files: sum.files + 1, bytes: sum.bytes + file.size },
                false => sum,
            })
        };
        let files = self.store.list(Some(&folder)).try_fold(TableFiles::default(), add).await;
        Ok(files.map_err(|error| DataFusionError::ObjectStore(error.into()))?)
    }

    /// How many rows the lake has of `table`: its footers are read, and nothing else.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub async fn table_rows(&self, table: &Table) -> Result<u64, QueryError> {
        let mut answer = self.sql(&format!("SELECT count(*) FROM {}", table.name)).await?;
        let mut rows = 0;
        while let Some(batch) = answer.next().await? {
            rows += batch.column(0).as_primitive_opt::<Int64Type>().map_or(0, |counts| counts.values().iter().sum());
        }
        Ok(rows.unsigned_abs())
    }
}
