//! `trailhouse query`.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;
use trailhouse_lake::Lake;
use trailhouse_query::{Answer, Options, QueryError, Session};

use crate::args::{QueryArgs, RowFormat};
use crate::exit::{Exit, Failure};
use crate::format::{RowWriter, Wrote};
use crate::{human, talk};

pub(crate) fn run(args: &QueryArgs) -> Result<Exit, Failure> {
    let format = format_of(args)?;
    runtime()?.block_on(async {
        let lake = Lake::open(&args.lake).await.map_err(|error| Failure::of(&error, error.is_usage(), error.hint()))?;
        let session = Session::open(&lake, &Options::default()).await.map_err(|error| failure(&error))?;
        let mut answer = session.sql(&args.sql).await.map_err(|error| failure(&error))?;
        match &args.output {
            Some(path) => to_file(&mut answer, format, path).await,
            None => to_stdout(&mut answer, format).await,
        }
    })
}

/// The format that was asked for, else the one that the file's extension names, else a table.
fn format_of(args: &QueryArgs) -> Result<RowFormat, Failure> {
    let extension = args.output.as_deref().and_then(Path::extension).and_then(|extension| extension.to_str());
    let format = args.format.unwrap_or(match extension {
        Some("parquet") => RowFormat::Parquet,
        Some("csv") => RowFormat::Csv,
        Some("json" | "ndjson" | "jsonl") => RowFormat::Json,
        _ => RowFormat::Table,
    });
    if format == RowFormat::Parquet && args.output.is_none() && io::stdout().is_terminal() {
        let error = "Parquet is not written to a terminal";
        return Err(Failure::new(Exit::Usage, error).hint("name a file with `-o`, or pipe it"));
    }
    Ok(format)
}

pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Stopped, format!("starting the runtime failed: {error}")))
}

pub(crate) fn failure(error: &QueryError) -> Failure {
    let exit = if error.is_usage() { Exit::Usage } else { Exit::Stopped };
    Failure { exit, error: error.to_string(), hint: error.hint() }
}

async fn to_stdout(answer: &mut Answer, format: RowFormat) -> Result<Exit, Failure> {
    let stdout = io::stdout();
    let width = stdout.is_terminal().then(terminal_width).flatten();
    let mut writer = RowWriter::new(format, BufWriter::new(stdout), &answer.schema(), width).map_err(write_failure)?;
    match copy(answer, &mut writer).await {
        Err(Stop::Query(error)) => Err(failure(&error)),
        Err(Stop::Write(error)) => written(Err(error)),
        Ok(()) => match writer.finish() {
            Ok((_, wrote)) => {
                tell(&wrote);
                Ok(Exit::Done)
            }
            Err(error) => written(Err(error)),
        },
    }
}

async fn to_file(answer: &mut Answer, format: RowFormat, path: &Path) -> Result<Exit, Failure> {
    let unfinished = Unfinished::beside(path);
    let name_it =
        |error: io::Error| Failure::new(Exit::Stopped, format!("writing `{}` failed: {error}", path.display()));
    let file = BufWriter::new(File::create(&unfinished.0).map_err(name_it)?);
    let mut writer = RowWriter::new(format, file, &answer.schema(), None).map_err(name_it)?;
    match copy(answer, &mut writer).await {
        Err(Stop::Query(error)) => return Err(failure(&error)),
        Err(Stop::Write(error)) => return Err(name_it(error)),
        Ok(()) => {}
    }
    let (file, wrote) = writer.finish().map_err(name_it)?;
    file.into_inner().map_err(|error| name_it(error.into_error()))?.sync_all().map_err(name_it)?;
    std::fs::rename(&unfinished.0, path).map_err(name_it)?;
    talk::say(&format!("wrote {} to {}", human::counted(wrote.rows, "row"), path.display()));
    Ok(Exit::Done)
}

enum Stop {
    Query(QueryError),
    Write(io::Error),
}

async fn copy<W: Write + Send>(answer: &mut Answer, writer: &mut RowWriter<W>) -> Result<(), Stop> {
    while let Some(batch) = answer.next().await.map_err(Stop::Query)? {
        writer.write(&batch).map_err(Stop::Write)?;
    }
    Ok(())
}

fn tell(wrote: &Wrote) {
    if wrote.shown < wrote.rows {
        let (shown, rows) = (human::count(wrote.shown), human::counted(wrote.rows, "row"));
        talk::say(&format!("{shown} of {rows} shown; use `--format json`, `csv` or `parquet` for all"));
    } else if wrote.is_cut {
        talk::say("long values are cut to the terminal's width; pipe the output for all of them");
    }
}

/// How a command ends that wrote to stdout. Whoever closed a pipe has seen enough.
pub(crate) fn written(result: io::Result<()>) -> Result<Exit, Failure> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(write_failure(error)),
        _ => Ok(Exit::Done),
    }
}

fn write_failure(error: io::Error) -> Failure {
    Failure::new(Exit::Stopped, format!("writing the rows failed: {error}"))
}

fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}

/// A file that is removed unless it was renamed.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self(path.with_file_name(format!(".{name}.{}.unfinished", std::process::id())))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
