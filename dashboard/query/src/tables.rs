//! The lake's tables as DataFusion sees them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::Result;
use datafusion::common::config::TableParquetOptions;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::config::SessionConfig;
use trailhouse_lake::names::FILE_EXTENSION;
use trailhouse_schemas::{Partitioning, Table};

/// Where DataFusion finds the lake's store: a name that no real store has.
pub(crate) const STORE_URL: &str = "lake://lake";

/// A table, whether or not it has files: its schema is declared, and none is guessed from what stands there.
pub(crate) fn listing(table: &Table, partitioning: Partitioning, config: &SessionConfig) -> Result<ListingTable> {
    let global = config.options().execution.parquet.clone();
    let format = ParquetFormat::new().with_options(TableParquetOptions { global, ..Default::default() });
    let partitions = partitioning.columns().iter().map(|column| (column.name().to_owned(), column.arrow_type()));
    let options = ListingOptions::new(Arc::new(format))
        .with_file_extension(format!(".{FILE_EXTENSION}"))
        .with_table_partition_cols(partitions.collect());
    let url = ListingTableUrl::parse(format!("{STORE_URL}/{}/", table.name))?;
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(as_views(table));
    ListingTable::try_new(config)
}

/// The table's schema, text and bytes as views: so a page's bytes are shared by its rows, not copied.
pub(crate) fn as_views(table: &Table) -> SchemaRef {
    let view = |field: &Arc<Field>| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        DataType::Binary => Arc::new(field.as_ref().clone().with_data_type(DataType::BinaryView)),
        _ => Arc::clone(field),
    };
    Arc::new(Schema::new(table.arrow_schema().fields().iter().map(view).collect::<Vec<_>>()))
}
