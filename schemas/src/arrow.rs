//! Tables as Arrow schemas.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::partitioning::{PartitionColumn, PartitionKind, Partitioning};
use crate::table::{Column, Kind, Table};

/// The zone of every timestamp.
pub const ZONE: &str = "UTC";

impl Table {
    /// The schema of the table's files, in file order; every column can be null.
    ///
    /// Partition columns stand in the path alone: see [`Partitioning::arrow_fields`].
    pub fn arrow_schema(&self) -> Schema {
        Schema::new(self.columns.iter().map(Column::arrow_field).collect::<Vec<_>>())
    }

    /// The columns of the files and, behind them, those of the path: what a query sees.
    pub fn arrow_schema_in(&self, partitioning: Partitioning) -> SchemaRef {
        let files = self.columns.iter().map(Column::arrow_field);
        Arc::new(Schema::new(files.chain(partitioning.arrow_fields()).collect::<Vec<_>>()))
    }
}

impl Column {
    /// The column as a field of an Arrow schema.
    pub fn arrow_field(&self) -> Field {
        Field::new(self.name, self.kind.arrow_type(), true)
    }
}

impl Kind {
    /// The Arrow type of such values.
    pub fn arrow_type(self) -> DataType {
        match self {
            Self::Text | Self::Json => DataType::Utf8,
            Self::Bool => DataType::Boolean,
            Self::Int => DataType::Int64,
            Self::Int32 => DataType::Int32,
            Self::Double => DataType::Float64,
            Self::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some(ZONE.into())),
            Self::Bytes => DataType::Binary,
        }
    }
}

impl Partitioning {
    /// The partition columns as typed fields, outermost folder first.
    pub fn arrow_fields(self) -> Vec<Field> {
        self.columns().iter().map(|column| Field::new(column.name(), column.arrow_type(), false)).collect()
    }
}

impl PartitionColumn {
    /// The Arrow type of the column's values.
    pub fn arrow_type(self) -> DataType {
        match self.kind() {
            PartitionKind::Text => DataType::Utf8,
            PartitionKind::Date => DataType::Date32,
        }
    }
}
