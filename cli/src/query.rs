//! `trailhouse query`.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Runtime;
use tokio::sync::Notify;
use trailhouse_lake::Lake;
use trailhouse_query::{Answer, Options, QueryError, Reading, Session, memory};

use crate::args::{QueryArgs, RowFormat};
use crate::exit::{Exit, Failure, chain};
use crate::format::{RowWriter, Wrote};
use crate::output::Output;
use crate::{human, interrupt, talk};

/// The variable that says how much memory a query may use.
const MEMORY_VARIABLE: &str = "TRAILHOUSE_QUERY_MEMORY";
/// A thread's stack, in bytes: planning walks down statements of many terms.
const STACK_BYTES: usize = 8 << 20;

pub(crate) fn run(args: &QueryArgs) -> Result<Exit, Failure> {
    let format = format_of(args)?;
    let options = options()?;
    let stop = Arc::new(Notify::new());
    let ask_to_stop = Arc::clone(&stop);
    interrupt::listen(move || ask_to_stop.notify_one())?;
    let runtime = runtime()?;
    let result = runtime.block_on(async {
        tokio::select! {
            biased;
            () = stop.notified() => {
                talk::say("interrupted");
                Ok(Exit::Interrupted)
            }
            result = answer(args, format, &options) => result,
        }
    });
    // What still runs for the answer is not waited for.
    runtime.shutdown_background();
    result
}

async fn answer(args: &QueryArgs, format: RowFormat, options: &Options) -> Result<Exit, Failure> {
    let started = Instant::now();
    let lake = open(&args.lake).await?;
    let session = Session::open(&lake, options).await.map_err(|error| failure(&error))?;
    let mut answer = session.sql(&args.sql).await.map_err(|error| failure(&error))?;
    let wrote = match &args.output {
        Some(path) => to_file(&mut answer, format, path).await?,
        None => match to_stdout(&mut answer, format).await? {
            Some(wrote) => wrote,
            None => return Ok(Exit::Done),
        },
    };
    tell(&wrote, args.output.is_some());
    if io::stderr().is_terminal() {
        talk::say(&remark(&wrote, &answer.reading(), started));
    }
    Ok(Exit::Done)
}

pub(crate) async fn open(location: &str) -> Result<Lake, Failure> {
    Lake::open(location).await.map_err(|error| Failure::of(&error, error.is_usage(), error.hint()))
}

pub(crate) fn options() -> Result<Options, Failure> {
    let Some(text) = std::env::var_os(MEMORY_VARIABLE) else { return Ok(Options::default()) };
    let text = text.to_string_lossy();
    match memory::parse(&text) {
        Some(bytes) => Ok(Options { memory_bytes: Some(bytes.max(memory::MEMORY_BYTES_MIN)), ..Options::default() }),
        None => {
            let error = format!("`{MEMORY_VARIABLE}` is `{text}`, which is no size");
            Err(Failure::new(Exit::Usage, error).hint("a size is a number and a unit, such as `4GiB`"))
        }
    }
}

/// The format that was asked for, else the one that the file's extension names; on stdout a table.
fn format_of(args: &QueryArgs) -> Result<RowFormat, Failure> {
    let format = match (args.format, &args.output) {
        (Some(format), _) => format,
        (None, None) => RowFormat::Table,
        (None, Some(path)) => of_extension(path)?,
    };
    if format == RowFormat::Parquet && args.output.is_none() && io::stdout().is_terminal() {
        let error = "Parquet is not written to a terminal";
        return Err(Failure::new(Exit::Usage, error).hint("name a file with `-o`, or pipe it"));
    }
    Ok(format)
}

fn of_extension(path: &Path) -> Result<RowFormat, Failure> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("parquet") => Ok(RowFormat::Parquet),
        Some("csv") => Ok(RowFormat::Csv),
        Some("json" | "ndjson" | "jsonl") => Ok(RowFormat::Json),
        Some("txt") => Ok(RowFormat::Table),
        _ => {
            let error = format!("the name `{}` does not say in which format to write", path.display());
            Err(Failure::new(Exit::Usage, error)
                .hint("end it in `.json`, `.csv`, `.parquet` or `.txt`, or name the format with `--format`"))
        }
    }
}

pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK_BYTES)
        .build()
        .map_err(|error| Failure::new(Exit::Stopped, format!("starting the runtime failed: {error}")))
}

pub(crate) fn failure(error: &QueryError) -> Failure {
    // Its text has what its source says.
    let exit = if error.is_usage() { Exit::Usage } else { Exit::Stopped };
    Failure { exit, error: error.to_string(), hint: error.hint() }
}

/// Prints the rows; `None` when whoever reads them has seen enough.
async fn to_stdout(answer: &mut Answer, format: RowFormat) -> Result<Option<Wrote>, Failure> {
    let stdout = io::stdout();
    let width = stdout.is_terminal().then(terminal_width).flatten();
    match copy(answer, format, BufWriter::new(stdout), width).await {
        Ok((_, wrote)) => Ok(Some(wrote)),
        Err(Stop::Query(error)) => Err(failure(&error)),
        Err(Stop::Write(error)) => written(Err(error)).map(|_| None),
    }
}

async fn to_file(answer: &mut Answer, format: RowFormat, path: &Path) -> Result<Wrote, Failure> {
    let named = |error: io::Error| format!("writing `{}` failed: {error}", path.display());
    let stopped = |error: io::Error| Failure::new(Exit::Stopped, named(error));
    let (output, file) = Output::create(path).map_err(|error| Failure::new(Exit::Usage, named(error)))?;
    let (file, wrote) = copy(answer, format, BufWriter::new(file), None).await.map_err(|stop| match stop {
        Stop::Query(error) => failure(&error),
        Stop::Write(error) => stopped(error),
    })?;
    let file = file.into_inner().map_err(|error| stopped(error.into_error()))?;
    output.finish(&file).map_err(stopped)?;
    talk::say(&format!("wrote {} to {}", human::counted(wrote.shown, "row"), path.display()));
    Ok(wrote)
}

/// Why the rows ended early.
enum Stop {
    Query(QueryError),
    Write(io::Error),
}

async fn copy<W: Write + Send>(
    answer: &mut Answer,
    format: RowFormat,
    out: W,
    width: Option<usize>,
) -> Result<(W, Wrote), Stop> {
    let mut writer = RowWriter::new(format, out, &answer.schema(), width).map_err(Stop::Write)?;
    while let Some(batch) = answer.next().await.map_err(Stop::Query)? {
        writer.write(&batch).map_err(Stop::Write)?;
    }
    writer.finish().map_err(Stop::Write)
}

fn tell(wrote: &Wrote, is_file: bool) {
    if wrote.shown < wrote.rows {
        let (shown, rows) = (human::count(wrote.shown), human::counted(wrote.rows, "row"));
        talk::say(&format!("{shown} of {rows} shown; use `--format json`, `csv` or `parquet` for all"));
    } else if wrote.is_cut && !is_file {
        talk::say("long values are cut to the terminal's width; pipe the output for all of them");
    }
}

/// What it took, for people who are there.
fn remark(wrote: &Wrote, reading: &Reading, started: Instant) -> String {
    format!(
        "{} from {}, {} read, in {}",
        human::counted(wrote.rows, "row"),
        human::counted(reading.files, "file"),
        human::bytes(reading.bytes),
        human::duration(started.elapsed())
    )
}

/// How a command ends that wrote to stdout. Whoever closed a pipe has seen enough.
pub(crate) fn written(result: io::Result<()>) -> Result<Exit, Failure> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Stopped, format!("writing failed: {}", chain(&error))))
        }
        _ => Ok(Exit::Done),
    }
}

fn terminal_width() -> Option<usize> {
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
}
