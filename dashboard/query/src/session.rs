//! Tables, statements, answers.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::{StreamExt, TryStreamExt};
use trailhouse_lake::Lake;
use trailhouse_schemas::{Partitioning, TABLES, Table};
use url::Url;

use crate::error::QueryError;
use crate::json::{json_extract, json_extract_scalar};

/// Where DataFusion finds the lake's store: a name that no real store has.
const STORE_URL: &str = "lake://lake";
/// What a query may use where the machine's memory is not known, in bytes.
const MEMORY_BYTES_DEFAULT: usize = 4 << 30;

/// What a session may use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Bytes that sorts, joins and aggregations hold before they spill; half of the machine's memory by default.
    pub memory_bytes: Option<usize>,
    /// Threads; one a core by default.
    pub threads: Option<usize>,
}

/// A lake, ready for questions.
pub struct Session {
    context: SessionContext,
    store: Arc<dyn object_store::ObjectStore>,
}

/// What the lake holds of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableFiles {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The rows of one statement, as they come.
pub struct Answer {
    schema: SchemaRef,
    rows: SendableRecordBatchStream,
}

impl Session {
    /// Opens a lake. Reads no table yet.
    ///
    /// # Errors
    ///
    /// When DataFusion refuses its settings.
    pub async fn open(lake: &Lake, options: &Options) -> Result<Self, QueryError> {
        let mut context = context(options).map_err(QueryError::new)?;
        let url = Url::parse(STORE_URL).map_err(|error| QueryError::new(DataFusionError::External(error.into())))?;
        context.register_object_store(&url, Arc::clone(lake.store()));
        datafusion_functions_json::register_all(&mut context).map_err(QueryError::new)?;
        context.register_udf(json_extract());
        context.register_udf(json_extract_scalar());
        for table in TABLES {
            let listing = listing(table, lake.partitioning()).map_err(QueryError::new)?;
            context.register_table(table.name, Arc::new(listing)).map_err(QueryError::new)?;
        }
        Ok(Self { context, store: Arc::clone(lake.store()) })
    }

    /// Begins to answer one statement that reads.
    ///
    /// # Errors
    ///
    /// When the statement is wrong, or would write.
    pub async fn sql(&self, sql: &str) -> Result<Answer, QueryError> {
        let rows = self.frame(sql).await?.execute_stream().await.map_err(QueryError::new)?;
        Ok(Answer { schema: rows.schema(), rows })
    }

    async fn frame(&self, sql: &str) -> Result<DataFrame, QueryError> {
        let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        self.context.sql_with_options(sql, reading).await.map_err(QueryError::new)
    }

    /// The plan of a statement, with what each step of it did: rows, files, row groups and pages that were left out.
    ///
    /// # Errors
    ///
    /// When the statement is wrong or fails.
    pub async fn explain(&self, sql: &str) -> Result<String, QueryError> {
        let frame = self.frame(sql).await?.explain(false, true).map_err(QueryError::new)?;
        let batches = frame.collect().await.map_err(QueryError::new)?;
        let text = arrow::util::pretty::pretty_format_batches(&batches);
        text.map(|text| text.to_string()).map_err(|error| QueryError::new(error.into()))
    }

    /// What the lake holds of the table called `table`.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn table_files(&self, table: &str) -> Result<TableFiles, QueryError> {
        let files = self.store.list(Some(&table.into()));
        let add = |sum: TableFiles, file: object_store::ObjectMeta| async move {
            Ok(TableFiles { files: sum.files + 1, bytes: sum.bytes + file.size })
        };
        files.try_fold(TableFiles::default(), add).await.map_err(|error| QueryError::new(error.into()))
    }
}

fn context(options: &Options) -> Result<SessionContext, DataFusionError> {
    let memory = options.memory_bytes.unwrap_or_else(default_memory_bytes);
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(memory, 1.0).build_arc()?;
    let mut config = SessionConfig::new().with_information_schema(true);
    if let Some(threads) = options.threads {
        config = config.with_target_partitions(threads);
    }
    let settings = config.options_mut();
    // Footers are read when a file's turn comes, so that a lake of many files is opened at once.
    settings.execution.collect_statistics = false;
    settings.execution.parquet.pushdown_filters = true;
    settings.execution.parquet.reorder_filters = true;
    settings.execution.time_zone = Some("UTC".to_owned());
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

fn listing(table: &Table, partitioning: Partitioning) -> Result<ListingTable, DataFusionError> {
    let partitions = partitioning.columns().iter().map(|column| (column.name().to_owned(), column.arrow_type()));
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()))
        .with_file_extension(".parquet")
        .with_table_partition_cols(partitions.collect());
    let url = ListingTableUrl::parse(format!("{STORE_URL}/{}/", table.name))?;
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(Arc::new(table.arrow_schema()));
    ListingTable::try_new(config)
}

/// Half of the machine's memory.
fn default_memory_bytes() -> usize {
    let kib = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok()
    });
    kib.map_or(MEMORY_BYTES_DEFAULT, |kib| kib.saturating_mul(512))
}

impl Answer {
    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Some more rows, or `None` when there are no more.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or a value cannot be worked with.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, QueryError> {
        self.rows.next().await.transpose().map_err(QueryError::new)
    }
}
