//! A lake's partitions in Glue.

use std::collections::HashSet;

use aws_sdk_glue::types::{Partition as Standing, PartitionInput, StorageDescriptor};
use trailhouse_lake::names;
use trailhouse_schemas::Table;

use super::glue::{BATCH, GlueFault};
use super::standing::{GlueCatalog, glue_storage, values};
use super::{CatalogError, Spot};

impl GlueCatalog {
    /// Registers partitions of one table. Those that are there must be this lake's, and are given columns that they lack.
    pub(super) async fn register_partitions(&self, table: &'static Table, spots: &[&Spot]) -> Result<(), CatalogError> {
        for batch in spots.chunks(BATCH) {
            let inputs: Result<_, _> = batch.iter().map(|spot| self.partition(spot)).collect();
            let inputs = inputs.map_err(self.failed("describing partitions of", table.name))?;
            let made = self.glue.create_partitions(&self.database, table.name, inputs).await;
            let standing = made.map_err(self.failed("registering partitions of", table.name))?;
            if !standing.is_empty() {
                let wanted: HashSet<Vec<String>> = standing.into_iter().collect();
                let mine: Vec<&Spot> = batch.iter().copied().filter(|spot| wanted.contains(&values(spot))).collect();
                self.check_partitions(table, &mine).await?;
            }
        }
        Ok(())
    }

    async fn check_partitions(&self, table: &'static Table, spots: &[&Spot]) -> Result<(), CatalogError> {
        let wanted = spots.iter().map(|spot| values(spot)).collect();
        let found = self.glue.partitions(&self.database, table.name, wanted).await;
        let found = found.map_err(self.failed("looking at partitions of", table.name))?;
        let mut narrow = Vec::new();
        for standing in &found {
            let Some(spot) = spots.iter().find(|spot| values(spot) == standing.values()) else { continue };
            let location = standing.storage_descriptor().and_then(StorageDescriptor::location).unwrap_or_default();
            if location.trim_end_matches('/') != self.location(spot).trim_end_matches('/') {
                return Err(CatalogError::OtherPartition {
                    database: self.database.clone(),
                    name: table.name.to_owned(),
                    values: values(spot),
                    location: location.to_owned(),
                });
            }
            narrow.extend(self.widened(table, standing)?);
        }
        self.change_partitions(table, narrow).await
    }

    /// The values of all partitions of a table that are registered.
    pub(super) async fn registered(&self, table: &Table) -> Result<HashSet<Vec<String>>, CatalogError> {
        let (mut token, mut found) = (None, HashSet::new());
        loop {
            let (partitions, next) = self.page(table, token).await?;
            found.extend(partitions.iter().map(|partition| partition.values().to_vec()));
            match next {
                Some(next) => token = Some(next),
                None => return Ok(found),
            }
        }
    }

    async fn page(
        &self,
        table: &Table,
        token: Option<String>,
    ) -> Result<(Vec<Standing>, Option<String>), CatalogError> {
        let page = self.glue.all_partitions(&self.database, table.name, token).await;
        page.map_err(self.failed("listing partitions of", table.name))
    }

    /// Gives every partition of a table the columns that it lacks; how many lacked some.
    pub(super) async fn widen_partitions(&self, table: &'static Table) -> Result<u64, CatalogError> {
        let (mut token, mut changed) = (None, 0);
        loop {
            let (partitions, next) = self.page(table, token).await?;
            let mut narrow = Vec::new();
            for standing in &partitions {
                narrow.extend(self.widened(table, standing)?);
            }
            changed += narrow.len() as u64;
            self.change_partitions(table, narrow).await?;
            match next {
                Some(next) => token = Some(next),
                None => return Ok(changed),
            }
        }
    }

    async fn change_partitions(&self, table: &Table, narrow: Vec<PartitionInput>) -> Result<(), CatalogError> {
        for batch in narrow.chunks(BATCH) {
            let changed = self.glue.update_partitions(&self.database, table.name, batch.to_vec()).await;
            changed.map_err(self.failed("changing partitions of", table.name))?;
        }
        Ok(())
    }

    /// What is to stand in place of a partition that lacks columns.
    fn widened(&self, table: &Table, standing: &Standing) -> Result<Option<PartitionInput>, CatalogError> {
        let Some(storage) = standing.storage_descriptor() else { return Ok(None) };
        let wanted = table.glue_storage(String::new());
        let (columns, new) = self.merge(table.name, storage.columns(), &wanted.columns)?;
        if new.is_empty() {
            return Ok(None);
        }
        let mut storage = storage.clone();
        storage.columns = Some(columns);
        let input = PartitionInput::builder()
            .set_values(Some(standing.values().to_vec()))
            .set_last_access_time(standing.last_access_time().copied())
            .set_last_analyzed_time(standing.last_analyzed_time().copied())
            .set_parameters(standing.parameters().cloned())
            .storage_descriptor(storage);
        Ok(Some(input.build()))
    }

    fn partition(&self, spot: &Spot) -> Result<PartitionInput, GlueFault> {
        let storage = glue_storage(&spot.table.glue_storage(self.location(spot)))?;
        let parameters = [("classification".to_owned(), "parquet".to_owned())];
        let input = PartitionInput::builder()
            .set_values(Some(values(spot)))
            .set_parameters(Some(parameters.into()))
            .storage_descriptor(storage);
        Ok(input.build())
    }

    /// The folder of a partition, with a slash at its end.
    fn location(&self, spot: &Spot) -> String {
        let folder = names::partition_folder(spot.table, &spot.partition);
        folder.map_or_else(|_| self.lake.clone(), |folder| format!("{}/{folder}/", self.lake))
    }
}
