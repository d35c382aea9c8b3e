//! A lake's tables in Glue: made when they are missing, widened when they lack columns, left alone when they are not ours.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_sdk_glue::types::{Column, SerDeInfo, StorageDescriptor, Table as Standing, TableInput};
use trailhouse_lake::{Bucket, Lake};
use trailhouse_schemas::{Partitioning, TABLES, Table, glue};

use super::glue::{Glue, GlueFault};
use super::{Catalog, CatalogError, Spot};

/// How long what was seen in the catalog is believed.
const KNOWN_FOR: Duration = Duration::from_secs(600);
/// Partitions that are remembered at most.
const KNOWN_MAX: usize = 100_000;
/// How often a table is looked at that others change at the same time.
const CHANGES_MAX: usize = 20;

/// The tables of a lake in one database of Glue's.
#[derive(Debug)]
pub struct GlueCatalog {
    pub(super) glue: Arc<dyn Glue>,
    pub(super) database: String,
    /// The lake's address.
    pub(super) lake: String,
    pub(super) partitioning: Partitioning,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    tables: HashMap<&'static str, Instant>,
    partitions: HashMap<(&'static str, Vec<String>), Instant>,
}

/// What a table in the catalog lacked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The table itself.
    pub is_new: bool,
    /// Columns, by name.
    pub columns: Vec<String>,
    /// Parameters, by name.
    pub parameters: Vec<String>,
    /// How many partitions were not registered.
    pub partitions: u64,
    /// How many partitions lacked columns.
    pub narrow: u64,
}

impl Change {
    /// Whether it lacked nothing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl GlueCatalog {
    /// The tables of the lake at `lake` in `database`.
    pub fn new(glue: Arc<dyn Glue>, database: &str, lake: &Bucket, partitioning: Partitioning) -> Self {
        let (database, lake) = (database.to_owned(), lake.to_string());
        Self { glue, database, lake, partitioning, known: Mutex::default() }
    }

    /// What each table lacks.
    ///
    /// # Errors
    ///
    /// When Glue or the lake fails, or a table by such a name is not this lake's.
    pub async fn diff(&self, lake: &Lake) -> Result<Vec<(&'static Table, Change)>, CatalogError> {
        let mut changes = Vec::new();
        for table in TABLES.iter().copied() {
            let mut change = match self.standing(table).await? {
                None => Change { is_new: true, ..Change::default() },
                Some(standing) => self.widen(table, &standing)?.1,
            };
            let registered = if change.is_new { HashSet::new() } else { self.registered(table).await? };
            let there = spots_of(lake, table).await?;
            change.partitions = there.iter().filter(|spot| !registered.contains(&values(spot))).count() as u64;
            changes.push((table, change));
        }
        Ok(changes)
    }

    /// Makes the tables that are missing, and gives the others the columns that they lack.
    ///
    /// # Errors
    ///
    /// As [`GlueCatalog::diff`].
    pub async fn apply_tables(&self) -> Result<Vec<(&'static Table, Change)>, CatalogError> {
        let mut changes = Vec::new();
        for table in TABLES.iter().copied() {
            changes.push((table, self.ensure(table).await?));
        }
        Ok(changes)
    }

    /// Registers every partition in which the lake has files, and gives all partitions the columns that they lack: to be
    /// done when the lake says that this catalog knows it, so that whoever puts files meanwhile registers them himself.
    ///
    /// # Errors
    ///
    /// As [`GlueCatalog::diff`].
    pub async fn apply_partitions(
        &self,
        lake: &Lake,
        change: (&'static Table, Change),
    ) -> Result<Change, CatalogError> {
        let (table, change) = change;
        let registered = self.registered(table).await?;
        let there = spots_of(lake, table).await?;
        let missing: Vec<&Spot> = there.iter().filter(|spot| !registered.contains(&values(spot))).collect();
        self.register_partitions(table, &missing).await?;
        let narrow = self.widen_partitions(table).await?;
        Ok(Change { partitions: missing.len() as u64, narrow, ..change })
    }

    pub(super) async fn standing(&self, table: &Table) -> Result<Option<Standing>, CatalogError> {
        let found = self.glue.table(&self.database, table.name).await;
        found.map_err(self.failed("looking for", table.name))
    }

    /// Makes a table that is missing, and gives one that is there the columns that it lacks.
    pub(super) async fn ensure(&self, table: &'static Table) -> Result<Change, CatalogError> {
        for _ in 0..CHANGES_MAX {
            let Some(standing) = self.standing(table).await? else {
                if self.create(table).await? {
                    return Ok(Change { is_new: true, ..Change::default() });
                }
                continue;
            };
            let (wide, change) = self.widen(table, &standing)?;
            if change.is_none() || self.update(table, wide, &standing).await? {
                return Ok(change);
            }
        }
        Err(CatalogError::Busy { database: self.database.clone(), name: table.name.to_owned() })
    }

    async fn create(&self, table: &Table) -> Result<bool, CatalogError> {
        let input = self.input(table).map_err(self.failed("describing", table.name))?;
        match self.glue.create_table(&self.database, input).await {
            Err(GlueFault { code, .. }) if code == "EntityNotFoundException" => {
                let database = self.glue.create_database(&self.database).await;
                database.map_err(self.failed("making the database of", table.name))?;
                Ok(false)
            }
            made => made.map_err(self.failed("making", table.name)),
        }
    }

    async fn update(&self, table: &Table, wide: TableInput, standing: &Standing) -> Result<bool, CatalogError> {
        let version = standing.version_id().unwrap_or_default();
        let updated = self.glue.update_table(&self.database, wide, version).await;
        updated.map_err(self.failed("changing", table.name))
    }

    /// What is to stand in place of a table, and what that has more.
    fn widen(&self, table: &Table, standing: &Standing) -> Result<(TableInput, Change), CatalogError> {
        let wanted = table.glue_table(self.partitioning, &self.lake);
        self.check_ours(table, standing, &wanted)?;
        let mut storage =
            standing.storage_descriptor().cloned().unwrap_or_else(|| StorageDescriptor::builder().build());
        let (columns, new) = self.merge(table.name, storage.columns(), &wanted.storage_descriptor.columns)?;
        storage.columns = Some(columns);
        let mut parameters = standing.parameters().cloned().unwrap_or_default();
        let missing = wanted.parameters.iter().filter(|(key, _)| !parameters.contains_key(*key));
        let missing: Vec<(&str, &str)> = missing.copied().collect();
        parameters.extend(missing.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let parameters_missing = missing.iter().map(|(key, _)| (*key).to_owned()).collect();
        let change = Change { columns: new, parameters: parameters_missing, ..Change::default() };
        let mut input = input_of(standing).map_err(self.failed("describing", table.name))?;
        (input.storage_descriptor, input.parameters) = (Some(storage), Some(parameters));
        Ok((input, change))
    }

    fn check_ours(&self, table: &Table, standing: &Standing, wanted: &glue::TableInput) -> Result<(), CatalogError> {
        let location = standing.storage_descriptor().and_then(|storage| storage.location()).unwrap_or_default();
        let keys = standing.partition_keys().iter().map(|key| (key.name(), key.r#type().unwrap_or_default()));
        let is_ours = location.trim_end_matches('/') == wanted.storage_descriptor.location.trim_end_matches('/')
            && keys.eq(wanted.partition_keys.iter().map(|key| (key.name, key.hive_type)));
        match is_ours {
            true => Ok(()),
            false => Err(CatalogError::NotOurs {
                database: self.database.clone(),
                name: table.name.to_owned(),
                location: location.to_owned(),
            }),
        }
    }

    /// Standing columns, then those of `wanted` that are new: other writers may know more than this one.
    pub(super) fn merge(
        &self,
        name: &str,
        standing: &[Column],
        wanted: &[glue::CatalogColumn],
    ) -> Result<(Vec<Column>, Vec<String>), CatalogError> {
        let (mut columns, mut new) = (standing.to_vec(), Vec::new());
        for column in wanted {
            match standing.iter().find(|standing| standing.name() == column.name) {
                None => {
                    columns.push(glue_column(column).map_err(self.failed("describing", name))?);
                    new.push(column.name.to_owned());
                }
                Some(standing) => self.check_type(name, standing, column)?,
            }
        }
        Ok((columns, new))
    }

    fn check_type(&self, name: &str, standing: &Column, wanted: &glue::CatalogColumn) -> Result<(), CatalogError> {
        let found = standing.r#type().unwrap_or_default();
        if found == wanted.hive_type {
            return Ok(());
        }
        Err(CatalogError::OtherType {
            database: self.database.clone(),
            name: name.to_owned(),
            column: wanted.name.to_owned(),
            found: found.to_owned(),
            wanted: wanted.hive_type.to_owned(),
        })
    }

    fn input(&self, table: &Table) -> Result<TableInput, GlueFault> {
        let wanted = table.glue_table(self.partitioning, &self.lake);
        let parameters = wanted.parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let builder = TableInput::builder()
            .name(wanted.name)
            .description(wanted.description)
            .table_type(wanted.table_type)
            .set_partition_keys(Some(wanted.partition_keys.iter().map(glue_column).collect::<Result<_, _>>()?))
            .set_parameters(Some(parameters.collect()))
            .storage_descriptor(glue_storage(&wanted.storage_descriptor)?);
        Ok(builder.build()?)
    }

    pub(super) fn failed(&self, action: &'static str, name: &str) -> impl FnOnce(GlueFault) -> CatalogError {
        let (database, name) = (self.database.clone(), name.to_owned());
        move |source| CatalogError::Glue { action, database, name, source }
    }
}

fn glue_column(column: &glue::CatalogColumn) -> Result<Column, GlueFault> {
    Ok(Column::builder().name(column.name).r#type(column.hive_type).comment(column.comment).build()?)
}

pub(super) fn glue_storage(storage: &glue::StorageDescriptor) -> Result<StorageDescriptor, GlueFault> {
    let parameters = storage.serde_parameters.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let serde = SerDeInfo::builder()
        .serialization_library(storage.serde_library)
        .set_parameters(Some(parameters.collect()))
        .build();
    let descriptor = StorageDescriptor::builder()
        .set_columns(Some(storage.columns.iter().map(glue_column).collect::<Result<_, _>>()?))
        .location(&storage.location)
        .input_format(storage.input_format)
        .output_format(storage.output_format)
        .serde_info(serde)
        .compressed(storage.compressed)
        .stored_as_sub_directories(storage.stored_as_sub_directories);
    Ok(descriptor.build())
}

/// All that a table has and an update may say: what others have set stays.
fn input_of(standing: &Standing) -> Result<TableInput, GlueFault> {
    let input = TableInput::builder()
        .name(standing.name())
        .set_description(standing.description().map(str::to_owned))
        .set_owner(standing.owner().map(str::to_owned))
        .set_last_access_time(standing.last_access_time().copied())
        .set_last_analyzed_time(standing.last_analyzed_time().copied())
        .retention(standing.retention())
        .set_storage_descriptor(standing.storage_descriptor().cloned())
        .set_partition_keys(Some(standing.partition_keys().to_vec()))
        .set_view_original_text(standing.view_original_text().map(str::to_owned))
        .set_view_expanded_text(standing.view_expanded_text().map(str::to_owned))
        .set_table_type(standing.table_type().map(str::to_owned))
        .set_parameters(standing.parameters().cloned())
        .set_target_table(standing.target_table().cloned());
    Ok(input.build()?)
}

#[async_trait]
impl Catalog for GlueCatalog {
    async fn register(&self, spots: &[Spot]) -> Result<(), CatalogError> {
        let mut done = HashSet::new();
        for spot in spots.iter().filter(|spot| !self.knows(spot)) {
            if !done.insert(spot.table.name) {
                continue;
            }
            if !self.knows_table(spot.table) {
                self.ensure(spot.table).await?;
                self.known().tables.insert(spot.table.name, Instant::now());
            }
            let of_table = spots.iter().filter(|other| other.table.name == spot.table.name && !self.knows(other));
            let of_table: Vec<&Spot> = of_table.collect();
            self.register_partitions(spot.table, &of_table).await?;
            self.note(&of_table);
        }
        Ok(())
    }
}

impl GlueCatalog {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn knows_table(&self, table: &Table) -> bool {
        self.known().tables.get(table.name).is_some_and(|seen| seen.elapsed() < KNOWN_FOR)
    }

    fn knows(&self, spot: &Spot) -> bool {
        let seen = self.known().partitions.get(&(spot.table.name, values(spot))).copied();
        seen.is_some_and(|seen| seen.elapsed() < KNOWN_FOR)
    }

    fn note(&self, spots: &[&Spot]) {
        let mut known = self.known();
        if known.partitions.len() + spots.len() > KNOWN_MAX {
            known.partitions.clear();
        }
        let now = Instant::now();
        known.partitions.extend(spots.iter().map(|spot| ((spot.table.name, values(spot)), now)));
    }
}

/// Where a lake has files of a table.
async fn spots_of(lake: &Lake, table: &'static Table) -> Result<Vec<Spot>, CatalogError> {
    let partitions = lake.partitions(table).await?;
    Ok(partitions.into_iter().map(|partition| Spot { table, partition }).collect())
}

/// A partition's values, as Glue keeps them.
pub(super) fn values(spot: &Spot) -> Vec<String> {
    spot.partition.0.iter().map(|(_, value)| value.clone()).collect()
}
