//! Glue in memory: what the twin keeps is what Glue keeps, and it refuses what Glue refuses.

#![allow(dead_code, reason = "each test binary uses some of it")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use aws_sdk_glue::types::{Partition, PartitionInput, StorageDescriptor, Table, TableInput};
use trailhouse_etl::catalog::{Glue, GlueFault};

/// Databases, tables and partitions.
#[derive(Debug, Default)]
pub(crate) struct MemoryGlue {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
pub(crate) struct Kept {
    databases: Vec<String>,
    tables: BTreeMap<String, Table>,
    partitions: BTreeMap<(String, Vec<String>), Partition>,
}

pub(crate) fn fault(code: &str) -> GlueFault {
    GlueFault { code: code.to_owned(), message: "as Glue would".to_owned() }
}

fn table(database: &str, input: TableInput, version: u64) -> Table {
    Table::builder()
        .name(input.name)
        .database_name(database)
        .set_description(input.description)
        .set_owner(input.owner)
        .retention(input.retention)
        .set_storage_descriptor(input.storage_descriptor)
        .set_partition_keys(input.partition_keys)
        .set_table_type(input.table_type)
        .set_parameters(input.parameters)
        .version_id(version.to_string())
        .build()
        .unwrap()
}

fn partition(input: PartitionInput) -> Partition {
    Partition::builder()
        .set_values(input.values)
        .set_storage_descriptor(input.storage_descriptor)
        .set_parameters(input.parameters)
        .build()
}

impl MemoryGlue {
    /// The location of a partition that is registered.
    pub(crate) fn location(&self, table: &str, values: &[String]) -> Option<String> {
        let kept = self.kept.lock().unwrap();
        let partition = kept.partitions.get(&(table.to_owned(), values.to_vec()))?;
        Some(partition.storage_descriptor()?.location()?.to_owned())
    }

    /// How many columns a partition has.
    pub(crate) fn width(&self, table: &str, values: &[String]) -> usize {
        let kept = self.kept.lock().unwrap();
        let partition = &kept.partitions[&(table.to_owned(), values.to_vec())];
        partition.storage_descriptor().unwrap().columns().len()
    }

    /// Leaves a partition so many columns.
    pub(crate) fn narrow(&self, table: &str, values: &[String], columns: usize) {
        self.change(table, values, |storage| storage.columns.as_mut().unwrap().truncate(columns));
    }

    /// Has a partition stand elsewhere.
    pub(crate) fn move_partition(&self, table: &str, values: &[String], location: &str) {
        self.change(table, values, |storage| storage.location = Some(location.to_owned()));
    }

    fn change(&self, table: &str, values: &[String], change: impl FnOnce(&mut StorageDescriptor)) {
        let mut kept = self.kept.lock().unwrap();
        let partition = kept.partitions.get_mut(&(table.to_owned(), values.to_vec())).unwrap();
        change(partition.storage_descriptor.as_mut().unwrap());
    }

    /// A table as it stands.
    pub(crate) fn standing(&self, table: &str) -> Option<Table> {
        self.kept.lock().unwrap().tables.get(table).cloned()
    }

    /// Puts a table in place of what stands, whatever that is.
    pub(crate) fn replace(&self, name: &str, table: Table) {
        let mut kept = self.kept.lock().unwrap();
        kept.databases.push("d".to_owned());
        kept.tables.insert(name.to_owned(), table);
    }
}

#[async_trait]
impl Glue for MemoryGlue {
    async fn create_database(&self, database: &str) -> Result<(), GlueFault> {
        self.kept.lock().unwrap().databases.push(database.to_owned());
        Ok(())
    }

    async fn table(&self, _: &str, name: &str) -> Result<Option<Table>, GlueFault> {
        Ok(self.standing(name))
    }

    async fn create_table(&self, database: &str, input: TableInput) -> Result<bool, GlueFault> {
        let mut kept = self.kept.lock().unwrap();
        if !kept.databases.iter().any(|known| known == database) {
            return Err(fault("EntityNotFoundException"));
        }
        if kept.tables.contains_key(&input.name) {
            return Ok(false);
        }
        kept.tables.insert(input.name.clone(), table(database, input, 0));
        Ok(true)
    }

    async fn update_table(&self, database: &str, input: TableInput, version: &str) -> Result<bool, GlueFault> {
        let mut kept = self.kept.lock().unwrap();
        let standing = kept.tables.get(&input.name).ok_or_else(|| fault("EntityNotFoundException"))?;
        if standing.version_id() != Some(version) {
            return Ok(false);
        }
        let next = version.parse::<u64>().unwrap() + 1;
        kept.tables.insert(input.name.clone(), table(database, input, next));
        Ok(true)
    }

    async fn create_partitions(
        &self,
        _: &str,
        table: &str,
        partitions: Vec<PartitionInput>,
    ) -> Result<Vec<Vec<String>>, GlueFault> {
        assert!(partitions.len() <= 100, "Glue takes a hundred at most");
        let mut kept = self.kept.lock().unwrap();
        let mut standing = Vec::new();
        for input in partitions {
            let values = input.values().to_vec();
            let key = (table.to_owned(), values.clone());
            match kept.partitions.contains_key(&key) {
                true => standing.push(values),
                false => drop(kept.partitions.insert(key, partition(input))),
            }
        }
        Ok(standing)
    }

    async fn partitions(&self, _: &str, table: &str, values: Vec<Vec<String>>) -> Result<Vec<Partition>, GlueFault> {
        let kept = self.kept.lock().unwrap();
        Ok(values.into_iter().filter_map(|values| kept.partitions.get(&(table.to_owned(), values)).cloned()).collect())
    }

    async fn all_partitions(
        &self,
        _: &str,
        table: &str,
        token: Option<String>,
    ) -> Result<(Vec<Partition>, Option<String>), GlueFault> {
        let begin: usize = token.map_or(0, |token| token.parse().unwrap());
        let kept = self.kept.lock().unwrap();
        let all: Vec<_> = kept.partitions.iter().filter(|((name, _), _)| name == table).map(|(_, one)| one).collect();
        let end = (begin + 2).min(all.len());
        let next = (end < all.len()).then(|| end.to_string());
        Ok((all[begin..end].iter().copied().cloned().collect(), next))
    }

    async fn update_partitions(&self, _: &str, table: &str, partitions: Vec<PartitionInput>) -> Result<(), GlueFault> {
        let mut kept = self.kept.lock().unwrap();
        for input in partitions {
            kept.partitions.insert((table.to_owned(), input.values().to_vec()), partition(input));
        }
        Ok(())
    }
}
