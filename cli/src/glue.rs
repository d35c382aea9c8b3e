//! `trailhouse tables LAKE --glue diff|apply`.

use std::fmt::Write as _;
use std::io::Write as _;

use trailhouse_etl::aws::Aws;
use trailhouse_etl::catalog::{CatalogError, Change, GlueCatalog};
use trailhouse_lake::{CatalogConfig, Lake, LakeError, Location};
use trailhouse_schemas::Table;

use crate::args::{GlueAction, TablesArgs};
use crate::engine;
use crate::exit::{Exit, Failure};
use crate::human::counted;
use crate::query::written;

/// A table, and what it lacked.
type Line = (&'static Table, Change);

pub(crate) fn run(args: &TablesArgs, action: GlueAction) -> Result<Exit, Failure> {
    let location = args.lake.as_deref().unwrap_or_default();
    let (database, lines) = engine::run(async || look(location, action, args.database.as_deref()).await)?;
    let text = tell(&database, action, &lines);
    written(std::io::stdout().write_all(text.as_bytes()))
}

async fn look(location: &str, action: GlueAction, asked: Option<&str>) -> Result<(String, Vec<Line>), Failure> {
    let Location::Bucket(place) = Location::parse(location).map_err(|error| of_lake(&error))? else {
        let error = format!("`{location}` is a folder of this machine, which Glue cannot know");
        return Err(Failure::new(Exit::Usage, error).hint("name a lake in S3, such as `s3://bucket/lake`"));
    };
    let aws = Aws::load().await;
    let lake = match action {
        GlueAction::Diff => aws.open_lake(&place).await,
        GlueAction::Apply => aws.open_or_create_lake(&place, None).await,
    };
    let lake = lake.map_err(|error| of_lake(&error))?;
    let known = lake.catalog().await.map_err(|error| of_lake(&error))?;
    let config = database(known, asked)?;
    let Some(catalog) = aws.glue(&lake, &config.glue_database) else { return Ok((config.glue_database, Vec::new())) };
    let lines = match action {
        GlueAction::Diff => catalog.diff(&lake).await.map_err(|error| of_catalog(&error))?,
        GlueAction::Apply => apply(&lake, &catalog, &config).await?,
    };
    Ok((config.glue_database, lines))
}

/// The tables first: only where they can be had does the lake say for ever that this catalog knows it. Then the partitions,
/// since from then on whoever puts files registers them.
async fn apply(lake: &Lake, catalog: &GlueCatalog, config: &CatalogConfig) -> Result<Vec<Line>, Failure> {
    let changes = catalog.apply_tables().await.map_err(|error| of_catalog(&error))?;
    let said = lake.set_catalog(config).await.map_err(|error| of_lake(&error))?;
    // Another one may have said so at the same time.
    database(Some(said), Some(&config.glue_database))?;
    let mut lines = Vec::new();
    for (table, change) in changes {
        let change = catalog.apply_partitions(lake, (table, change)).await.map_err(|error| of_catalog(&error))?;
        lines.push((table, change));
    }
    Ok(lines)
}

/// The database that the lake names, else the one that was asked for.
fn database(known: Option<CatalogConfig>, asked: Option<&str>) -> Result<CatalogConfig, Failure> {
    let Some(config) = known.or_else(|| asked.map(CatalogConfig::glue)) else {
        let error = "no catalog knows this lake yet, and no database is named";
        return Err(Failure::new(Exit::Usage, error).hint("name one with `--database NAME`"));
    };
    match asked {
        Some(asked) if asked != config.glue_database => {
            let error = format!("the lake's tables are in the database `{}`, not in `{asked}`", config.glue_database);
            Err(Failure::new(Exit::Usage, error).hint("leave out `--database`: a lake never changes its own"))
        }
        _ => Ok(config),
    }
}

fn tell(database: &str, action: GlueAction, lines: &[Line]) -> String {
    let mut text = String::new();
    for (table, change) in lines {
        let name = format!("{database}.{}", table.name);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{name:<40}  {}", words(action, change));
    }
    text
}

fn words(action: GlueAction, change: &Change) -> String {
    let is_done = action == GlueAction::Apply;
    let mut words = Vec::new();
    if change.is_new {
        words.push(if is_done { "made" } else { "missing" }.to_owned());
    }
    for (what, names) in [("columns", &change.columns), ("parameters", &change.parameters)] {
        if !names.is_empty() {
            words.push(format!("{} {what}: {}", if is_done { "added" } else { "lacks" }, names.join(", ")));
        }
    }
    if change.partitions > 0 {
        let what = if is_done { "registered" } else { "not registered" };
        words.push(format!("{} {what}", counted(change.partitions, "partition")));
    }
    if change.narrow > 0 {
        words.push(format!("columns added to {}", counted(change.narrow, "partition")));
    }
    if words.is_empty() { "as it should be".to_owned() } else { words.join("; ") }
}

fn of_lake(error: &LakeError) -> Failure {
    Failure::of(error, error.is_usage(), error.hint())
}

fn of_catalog(error: &CatalogError) -> Failure {
    Failure::of(error, false, error.hint())
}
