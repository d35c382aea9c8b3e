//! Which catalog knows a lake: whoever puts files registers their partitions there before the receipt.

use serde::{Deserialize, Serialize};
use trailhouse_schemas::{Partition, Table};

use crate::error::LakeError;
use crate::lake::{Lake, Put};
use crate::names;

/// The version of what is written of a catalog.
pub const VERSION: u32 = 1;

/// The content of `_trailhouse/catalog.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogConfig {
    /// Version of this format.
    pub version: u32,
    /// The database of the AWS Glue catalog that has the lake's tables.
    pub glue_database: String,
}

impl CatalogConfig {
    /// A lake whose tables are in a database of Glue's.
    pub fn glue(database: &str) -> Self {
        Self { version: VERSION, glue_database: database.to_owned() }
    }
}

impl Lake {
    /// The catalog that knows the lake, if one does.
    pub async fn catalog(&self) -> Result<Option<CatalogConfig>, LakeError> {
        self.get_json_if_any(&names::path(names::CATALOG)?, VERSION).await
    }

    /// The partitions in which a table has files, or had some.
    pub async fn partitions(&self, table: &Table) -> Result<Vec<Partition>, LakeError> {
        let mut folders = vec![names::table_folder(table)?];
        for _ in self.partitioning().columns() {
            let mut below = Vec::new();
            for folder in folders {
                let listed = self.store().list_with_delimiter(Some(&folder)).await;
                below.extend(listed.map_err(LakeError::store("listing", &folder))?.common_prefixes);
            }
            folders = below;
        }
        Ok(folders.iter().filter_map(|folder| Some(names::partition_of(&folder.clone().join("x"))?.1)).collect())
    }

    /// Says which catalog knows the lake, once: what counts then is what was said first.
    pub async fn set_catalog(&self, catalog: &CatalogConfig) -> Result<CatalogConfig, LakeError> {
        let path = names::path(names::CATALOG)?;
        match self.put_json(&path, catalog).await? {
            Put::Created => Ok(catalog.clone()),
            Put::Exists => self.get_json(&path, VERSION).await,
        }
    }
}
