//! Tables as the AWS Glue catalog describes them: plain values, so that no AWS crate is needed to make or test them.
//!
//! The names are those of Glue's `TableInput`, in snake case.

use crate::partitioning::{PartitionColumn, PartitionKind, Partitioning};
use crate::table::{Column, Kind, Table};

/// Bytes of a column's comment in Glue; a test holds every column to it.
pub const COMMENT_BYTES_MAX: usize = 255;
/// Bytes of a table's description in Glue.
pub const DESCRIPTION_BYTES_MAX: usize = 2048;

/// The Hadoop class that reads Parquet files.
pub const INPUT_FORMAT: &str = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
/// The Hadoop class that writes them.
pub const OUTPUT_FORMAT: &str = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat";
/// The Hive class that turns their rows into columns.
pub const SERDE: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";

/// What every table of a lake says of itself. The compression is spelled out: a crawler that finds none guesses, and
/// calls the table deprecated when two guesses differ.
pub const PARAMETERS: [(&str, &str); 4] =
    [("EXTERNAL", "TRUE"), ("classification", "parquet"), ("compressionType", "zstd"), ("parquet.compression", "ZSTD")];

/// A table, as it is put into the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableInput {
    /// Its name within its database.
    pub name: &'static str,
    /// What one row is.
    pub description: &'static str,
    /// `EXTERNAL_TABLE`: dropping the table leaves the files alone.
    pub table_type: &'static str,
    /// Where and how its files stand.
    pub storage_descriptor: StorageDescriptor,
    /// Its partition columns, outermost folder first.
    pub partition_keys: Vec<CatalogColumn>,
    /// Facts for the engines that read it.
    pub parameters: Vec<(&'static str, &'static str)>,
}

/// Where the files of a table, or of one of its partitions, stand and how to read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageDescriptor {
    /// The columns inside the files, in file order.
    pub columns: Vec<CatalogColumn>,
    /// The folder, with a slash at its end.
    pub location: String,
    /// The class that reads the files.
    pub input_format: &'static str,
    /// The class that writes the files.
    pub output_format: &'static str,
    /// The class that turns rows into columns.
    pub serde_library: &'static str,
    /// That class's parameters.
    pub serde_parameters: Vec<(&'static str, &'static str)>,
    /// Whether Hive's own compression is used; Parquet compresses inside its files.
    pub compressed: bool,
    /// Whether the folder has sub-folders of the same rows.
    pub stored_as_sub_directories: bool,
}

/// One column in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatalogColumn {
    /// Its name.
    pub name: &'static str,
    /// Its Hive type.
    pub hive_type: &'static str,
    /// What it means.
    pub comment: &'static str,
}

impl Table {
    /// The table in the catalog of a lake at `lake`, such as `s3://bucket/lake`.
    pub fn glue_table(&self, partitioning: Partitioning, lake: &str) -> TableInput {
        TableInput {
            name: self.name,
            description: self.about,
            table_type: "EXTERNAL_TABLE",
            storage_descriptor: self.glue_storage(self.location(lake)),
            partition_keys: partitioning.columns().iter().map(|column| CatalogColumn::of_partition(*column)).collect(),
            parameters: PARAMETERS.to_vec(),
        }
    }

    /// How to read the files in `location`: the table's folder or, for one partition, its own.
    pub fn glue_storage(&self, location: String) -> StorageDescriptor {
        StorageDescriptor {
            columns: self.columns.iter().map(CatalogColumn::of_column).collect(),
            location,
            input_format: INPUT_FORMAT,
            output_format: OUTPUT_FORMAT,
            serde_library: SERDE,
            serde_parameters: vec![("serialization.format", "1")],
            compressed: false,
            stored_as_sub_directories: false,
        }
    }

    /// The table's folder in a lake at `lake`, with a slash at its end.
    pub(crate) fn location(&self, lake: &str) -> String {
        format!("{}/{}/", lake.trim_end_matches('/'), self.name)
    }
}

impl CatalogColumn {
    fn of_column(column: &Column) -> Self {
        Self { name: column.name, hive_type: column.kind.hive_type(), comment: column.about }
    }

    fn of_partition(column: PartitionColumn) -> Self {
        Self { name: column.name(), hive_type: column.hive_type(), comment: column.about() }
    }
}

impl Kind {
    /// The Hive type of such values, as Glue and Athena's DDL spell it.
    pub const fn hive_type(self) -> &'static str {
        match self {
            Self::Text | Self::Json => "string",
            Self::Bool => "boolean",
            Self::Int => "bigint",
            Self::Int32 => "int",
            Self::Double => "double",
            Self::Instant => "timestamp",
            Self::Bytes => "binary",
        }
    }
}

impl PartitionColumn {
    /// The Hive type of the column's values.
    pub const fn hive_type(self) -> &'static str {
        match self.kind() {
            PartitionKind::Text => "string",
            PartitionKind::Date => "date",
        }
    }
}
