//! `trailhouse export`.

mod objects;

use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;
use trailhouse_etl::rebuild::{RebuildError, Rebuilder};
use trailhouse_lake::Lake;
use trailhouse_query::{Answer, Options, Session};
use trailhouse_schemas::{TABLES, Table};

use crate::args::ExportArgs;
use crate::exit::{Exit, Failure};
use crate::output::{self, Folder};
use crate::query::{failure, not_written, open, options, outside, written};
use crate::{engine, human, interrupt, talk};
use objects::{Objects, Wrote};

pub(crate) fn run(args: &ExportArgs) -> Result<Exit, Failure> {
    let table = table(&args.table)?;
    // One file after the other: the records of a day come together.
    let options = Options { threads: Some(1), ..options()? };
    let stop = Arc::new(Notify::new());
    let ask_to_stop = Arc::clone(&stop);
    interrupt::listen(move || ask_to_stop.notify_one())?;
    engine::run(async || {
        tokio::select! {
            biased;
            () = stop.notified() => {
                talk::say("interrupted");
                Ok(Exit::Interrupted)
            }
            result = export(args, table, &options) => result,
        }
    })
}

/// The table called `name`, whose rows can be turned back.
fn table(name: &str) -> Result<&'static Table, Failure> {
    let names = || TABLES.iter().filter(|table| Rebuilder::new(table).is_some()).map(|table| table.name);
    match trailhouse_schemas::table(name) {
        Some(table) if Rebuilder::new(table).is_some() => Ok(table),
        Some(_) => {
            let error = format!("the rows of `{name}` are no records");
            Err(Failure::new(Exit::Usage, error)
                .hint("its column `bytes` has at most 64 KiB of each: `trailhouse query` shows it"))
        }
        None => {
            let error = format!("no table `{name}`");
            Err(Failure::new(Exit::Usage, error)
                .hint(format!("it is one of {}", names().collect::<Vec<_>>().join(", "))))
        }
    }
}

async fn export(args: &ExportArgs, table: &'static Table, options: &Options) -> Result<Exit, Failure> {
    let lake = open(&args.lake).await?;
    let target = target(&args.out, &lake)?;
    let session = Session::open(&lake, options).await.map_err(|error| failure(&error))?;
    let mut rows = session.rows(table, args.filter.as_deref()).await.map_err(|error| failure(&error))?;
    let folder = Folder::create(target).map_err(|error| Failure::new(Exit::Usage, not_written(&args.out, &error)))?;
    let wrote = copy(&mut rows, table, &folder, &args.out).await?;
    folder.finish().map_err(|error| Failure::new(Exit::Stopped, not_written(&args.out, &error)))?;
    tell(&wrote, table, args)
}

/// Where the objects are to be written: a folder that is not there yet, or empty, and not in the lake.
fn target(path: &Path, lake: &Lake) -> Result<std::path::PathBuf, Failure> {
    let target = output::target(path).map_err(|error| Failure::new(Exit::Usage, not_written(path, &error)))?;
    outside(path, &target, lake)?;
    let is_taken = match std::fs::read_dir(&target) {
        Ok(mut found) => found.next().is_some(),
        Err(_) => target.exists(),
    };
    if is_taken {
        let error = format!("`{}` is there already, and not an empty folder", path.display());
        return Err(Failure::new(Exit::Usage, error).hint("name a new folder: records of two exports would mix"));
    }
    Ok(target)
}

async fn copy(rows: &mut Answer, table: &'static Table, folder: &Folder, out: &Path) -> Result<Wrote, Failure> {
    let Some(mut rebuilder) = Rebuilder::new(table) else { return Ok(Wrote::default()) };
    let mut objects = Objects::new(folder.path());
    while let Some(batch) = rows.next().await.map_err(|error| failure(&error))? {
        let put = &mut |record: trailhouse_etl::rebuild::Record<'_>| objects.put(record).map_err(Stop::Write);
        rebuilder.rebuild(&batch, put).map_err(|stop| stop.failure(out))?;
        interrupt::hear().await;
    }
    objects.finish().map_err(|error| Stop::Write(error).failure(out))
}

/// Why rows are not written.
enum Stop {
    Row(RebuildError),
    Write(std::io::Error),
}

impl From<RebuildError> for Stop {
    fn from(error: RebuildError) -> Self {
        Self::Row(error)
    }
}

impl Stop {
    fn failure(self, out: &Path) -> Failure {
        match self {
            Self::Row(error) => Failure::new(Exit::Stopped, error.to_string()),
            Self::Write(error) => Failure::new(Exit::Stopped, not_written(out, &error)),
        }
    }
}

fn tell(wrote: &Wrote, table: &Table, args: &ExportArgs) -> Result<Exit, Failure> {
    talk::say(&format!(
        "wrote {} in {}, {}, to {}",
        human::counted(wrote.records, "record"),
        human::counted(wrote.objects, "object"),
        human::bytes(wrote.bytes),
        args.out.display()
    ));
    if !args.json {
        return Ok(Exit::Done);
    }
    let Wrote { records, objects, bytes } = *wrote;
    let summary = json!({ "table": table.name, "records": records, "objects": objects, "bytes": bytes });
    let print = |text: String| std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes());
    written(print(format!("{summary}\n")))
}
