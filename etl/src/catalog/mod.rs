//! Catalogs: whoever asks Athena sees no partition but those that are registered, so a receipt is put behind them only.

mod glue;
mod partitions;
mod standing;

use std::fmt;

use async_trait::async_trait;
use trailhouse_lake::{FileReceipt, LakeError, names};
use trailhouse_schemas::{Partition, Table};

pub use glue::{Glue, GlueFault, SdkGlue};
pub use standing::{Change, GlueCatalog};

/// Something that has to know where rows are before anybody is told that they are there.
#[async_trait]
pub trait Catalog: fmt::Debug + Send + Sync {
    /// Makes sure that partitions are known. Safe to do again, and at the same time as others.
    async fn register(&self, spots: &[Spot]) -> Result<(), CatalogError>;
}

/// One partition of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The table.
    pub table: &'static Table,
    /// The partition.
    pub partition: Partition,
}

/// Where the files of a receipt stand: each partition once.
pub(crate) fn spots(files: &[FileReceipt]) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    for file in files {
        let found = object_store::path::Path::parse(&file.path).ok().and_then(|path| names::partition_of(&path));
        let Some((table, partition)) = found else { continue };
        if !spots.iter().any(|spot| spot.table.name == table.name && spot.partition == partition) {
            spots.push(Spot { table, partition });
        }
    }
    spots
}

/// A lake that no catalog knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCatalog;

#[async_trait]
impl Catalog for NoCatalog {
    async fn register(&self, _: &[Spot]) -> Result<(), CatalogError> {
        Ok(())
    }
}

/// Why a catalog could not be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// Glue failed.
    #[error("{action} `{database}.{name}` in Glue failed")]
    Glue {
        /// What was tried.
        action: &'static str,
        /// The database.
        database: String,
        /// The table, or what else.
        name: String,
        /// Why.
        #[source]
        source: GlueFault,
    },
    /// A table by a name that is needed is somebody else's.
    #[error("the table `{database}.{name}` is not this lake's: it stands at `{location}`")]
    NotOurs {
        /// The database.
        database: String,
        /// The table.
        name: String,
        /// Where its files are.
        location: String,
    },
    /// A partition is registered with files elsewhere.
    #[error("the partition {values:?} of `{database}.{name}` stands at `{location}`, and not in this lake")]
    OtherPartition {
        /// The database.
        database: String,
        /// The table.
        name: String,
        /// The partition's values.
        values: Vec<String>,
        /// Where its files are.
        location: String,
    },
    /// A column has another type than it has here.
    #[error("the column `{column}` of `{database}.{name}` is {found}, and {wanted} in this lake")]
    OtherType {
        /// The database.
        database: String,
        /// The table.
        name: String,
        /// The column.
        column: String,
        /// Its type in the catalog.
        found: String,
        /// Its type in the lake.
        wanted: String,
    },
    /// The lake could not be listed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Others changed a table again and again while this one was to be changed.
    #[error("the table `{database}.{name}` was changed by others each time it was to be")]
    Busy {
        /// The database.
        database: String,
        /// The table.
        name: String,
    },
}

impl CatalogError {
    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Glue { source, .. } => source.hint(),
            Self::Lake(error) => error.hint(),
            Self::NotOurs { .. } | Self::OtherType { .. } => {
                Some("rename or remove that table; a lake that no catalog knows yet can be given another database")
            }
            Self::OtherPartition { .. } => Some("remove that partition from the table, then run again"),
            Self::Busy { .. } => Some("run again"),
        }
    }
}
