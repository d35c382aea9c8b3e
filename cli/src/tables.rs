//! `trailhouse tables`.

use std::io::Write;

use trailhouse_lake::Lake;
use trailhouse_query::{Options, Session};
use trailhouse_schemas::ddl::LAKE_PLACEHOLDER;
use trailhouse_schemas::{Partitioning, TABLES, Table};

use crate::args::{TableFormat, TablesArgs};
use crate::exit::{Exit, Failure};
use crate::human;
use crate::query::{failure, runtime, written};

/// What a lake holds of a table.
struct Held {
    files: u64,
    bytes: u64,
}

pub(crate) fn run(args: &TablesArgs) -> Result<Exit, Failure> {
    let (partitioning, held) = match &args.lake {
        Some(lake) => runtime()?.block_on(look(lake))?,
        None => (Partitioning::default(), Vec::new()),
    };
    let place = args.lake.as_deref().unwrap_or(LAKE_PLACEHOLDER);
    let mut text = String::new();
    for (number, table) in TABLES.iter().enumerate() {
        match args.format {
            TableFormat::Table => text.push_str(&line(table, partitioning, held.get(number))),
            TableFormat::Ddl => text.push_str(&paragraph(&table.athena_ddl(partitioning, place))),
            TableFormat::Markdown => text.push_str(&paragraph(&table.markdown(partitioning))),
            TableFormat::Json => text.push_str(&format!("{}\n", table.json(partitioning).trim_end())),
        }
    }
    written(std::io::stdout().write_all(text.as_bytes()))
}

async fn look(location: &str) -> Result<(Partitioning, Vec<Held>), Failure> {
    let lake = Lake::open(location).await.map_err(|error| Failure::of(&error, error.is_usage(), error.hint()))?;
    let session = Session::open(&lake, &Options::default()).await.map_err(|error| failure(&error))?;
    let mut held = Vec::new();
    for table in TABLES {
        let files = session.table_files(table.name).await.map_err(|error| failure(&error))?;
        held.push(Held { files: files.files, bytes: files.bytes });
    }
    Ok((lake.partitioning(), held))
}

fn line(table: &Table, partitioning: Partitioning, held: Option<&Held>) -> String {
    let columns = table.columns.len() + partitioning.columns().len();
    let held = held.map_or_else(String::new, |held| {
        format!("{:>14}  {:>8}  ", human::counted(held.files, "file"), human::bytes(held.bytes))
    });
    format!("{:<12} {:>3} columns  {held}{}\n", table.name, columns, table.about)
}

fn paragraph(text: &str) -> String {
    format!("{}\n\n", text.trim_end())
}
