//! `trailhouse tables`.

use std::fmt::Write as _;
use std::io::Write as _;

use trailhouse_query::{QueryError, Session};
use trailhouse_schemas::ddl::LAKE_PLACEHOLDER;
use trailhouse_schemas::{FOLDED, Partitioning, TABLES, Table};

use crate::args::{TableFormat, TablesArgs};
use crate::engine;
use crate::exit::{Exit, Failure};
use crate::glue;
use crate::human::{bytes, count};
use crate::query::{failure, open, options, written};

/// Every table that answers.
fn tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain(FOLDED).copied()
}

/// What a lake holds of a table.
struct Held {
    files: u64,
    rows: u64,
    bytes: u64,
}

pub(crate) fn run(args: &TablesArgs) -> Result<Exit, Failure> {
    if let Some(action) = args.glue {
        return glue::run(args, action);
    }
    let (partitioning, held) = match &args.lake {
        Some(lake) => engine::run(async || look(lake, args.format).await)?,
        None => (Partitioning::default(), Vec::new()),
    };
    let text = match args.format {
        TableFormat::Table => lines(partitioning, &held),
        TableFormat::Ddl => ddl(partitioning),
        TableFormat::Markdown => paragraphs(tables(), |table| table.markdown(partitioning)),
        TableFormat::Json => objects(partitioning, &held),
    };
    written(std::io::stdout().write_all(text.as_bytes()))
}

/// The lake's partitioning and, for the formats that tell, what it holds.
async fn look(location: &str, format: TableFormat) -> Result<(Partitioning, Vec<Held>), Failure> {
    let lake = open(location).await?;
    let mut held = Vec::new();
    if matches!(format, TableFormat::Table | TableFormat::Json) {
        let session = Session::open(&lake, &options()?).await.map_err(|error| failure(&error))?;
        for table in tables() {
            held.push(hold(&session, table).await.map_err(|error| failure(&error))?);
        }
    }
    Ok((lake.partitioning(), held))
}

async fn hold(session: &Session, table: &Table) -> Result<Held, QueryError> {
    let found = session.table_files(table).await?;
    Ok(Held { files: found.files, bytes: found.bytes, rows: session.table_rows(table).await? })
}

fn lines(partitioning: Partitioning, held: &[Held]) -> String {
    let head = match held.is_empty() {
        true => "table                columns  one row is\n",
        false => "table                columns       files            rows      bytes\n",
    };
    let mut text = head.to_owned();
    for (number, table) in tables().enumerate() {
        let columns = table.columns.len() + table.partitions(partitioning).len();
        let rest = match held.get(number) {
            None => format!("  {}", table.about),
            Some(held) => format!("{:>12}{:>16}{:>11}", count(held.files), count(held.rows), bytes(held.bytes)),
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{:<21}{columns:>7}{rest}", table.name);
    }
    text
}

/// The statements, and what is to be done with them. No semicolon stands in a comment: scripts split at them.
fn ddl(partitioning: Partitioning) -> String {
    // Athena reads files.
    let statements = paragraphs(TABLES.iter().copied(), |table| {
        let statement = table.athena_ddl(partitioning, LAKE_PLACEHOLDER);
        format!("{}\n\nMSCK REPAIR TABLE `{}`;", statement.trim_end(), table.name)
    });
    format!(
        "-- Athena reads from S3: put your bucket and folder for {LAKE_PLACEHOLDER}\n\
         -- MSCK REPAIR TABLE finds a table's partitions. Until then it has no rows. Run it again after each ingest.\n\n\
         {statements}"
    )
}

fn paragraphs(tables: impl Iterator<Item = &'static Table>, render: impl Fn(&Table) -> String) -> String {
    let pages = tables.map(|table| format!("{}\n", render(table).trim_end()));
    pages.collect::<Vec<_>>().join("\n")
}

fn objects(partitioning: Partitioning, held: &[Held]) -> String {
    let mut text = String::new();
    for (number, table) in tables().enumerate() {
        let line = table.json(partitioning);
        let line = line.trim_end();
        let object = match (line.strip_suffix('}'), held.get(number)) {
            // Put in as text: the keys before stay as they are.
            (Some(open), Some(Held { files, rows, bytes })) => {
                format!("{open},\"files\":{files},\"rows\":{rows},\"bytes\":{bytes}}}")
            }
            _ => line.to_owned(),
        };
        text.push_str(&object);
        text.push('\n');
    }
    text
}
