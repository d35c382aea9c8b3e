//! `trailhouse query`.

use std::borrow::Cow;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Notify;
use trailhouse_etl::aws::open_lake;
use trailhouse_lake::Lake;
use trailhouse_query::{Answer, Options, QueryError, Reading, Session, memory};

use crate::args::{QueryArgs, RowFormat};
use crate::exit::{Exit, Failure, chain};
use crate::format::{RowWriter, Wrote};
use crate::output::{self, Output};
use crate::terminal::{Spelling, Terminal};
use crate::{engine, human, interrupt, talk};

/// The variable that says how much memory a query may use.
const MEMORY_VARIABLE: &str = "TRAILHOUSE_QUERY_MEMORY";
/// The width of a terminal that does not tell, in columns.
const TERMINAL_WIDTH_DEFAULT: usize = 80;

pub(crate) fn run(args: &QueryArgs) -> Result<Exit, Failure> {
    let format = format_of(args)?;
    let options = options()?;
    let sql = statement(&args.sql)?;
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
            result = answer(args, &sql, format, &options) => result,
        }
    })
}

async fn answer(args: &QueryArgs, sql: &str, format: RowFormat, options: &Options) -> Result<Exit, Failure> {
    let started = Instant::now();
    let lake = open(&args.lake).await?;
    let target = args.output.as_deref().map(|path| target(path, &lake)).transpose()?;
    let session = Session::open(&lake, options).await.map_err(|error| failure(&error))?;
    let mut answer = session.sql(sql).await.map_err(|error| failure(&error))?;
    let wrote = match (&args.output, target) {
        (Some(path), Some(target)) => to_file(&mut answer, format, path, target).await?,
        _ => match to_stdout(&mut answer, format).await? {
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

/// The statement, wherever it is.
fn statement(sql: &str) -> Result<Cow<'_, str>, Failure> {
    let (name, text) = match (sql, sql.strip_prefix('@')) {
        ("-", _) => ("stdin", io::read_to_string(io::stdin())),
        (_, Some(path)) => (path, std::fs::read_to_string(path)),
        _ => return Ok(Cow::Borrowed(sql)),
    };
    let failed = |error| Failure::new(Exit::Usage, format!("reading the statement from `{name}` failed: {error}"));
    text.map(Cow::Owned).map_err(failed)
}

/// Where the rows are to be written: anywhere but into the lake, which is only read.
fn target(path: &Path, lake: &Lake) -> Result<PathBuf, Failure> {
    let target = output::target(path).map_err(|error| Failure::new(Exit::Usage, not_written(path, &error)))?;
    outside(path, &target, lake)?;
    Ok(target)
}

/// Refuses a `target` in the lake.
pub(crate) fn outside(path: &Path, target: &Path, lake: &Lake) -> Result<(), Failure> {
    if !lake.folder().is_some_and(|folder| target.starts_with(folder)) {
        return Ok(());
    }
    let error = format!("`{}` is inside the lake, which is only read", path.display());
    Err(Failure::new(Exit::Usage, error).hint("name another place: what stands in a lake becomes its rows"))
}

pub(crate) fn not_written(path: &Path, error: &io::Error) -> String {
    format!("writing `{}` failed: {error}", path.display())
}

pub(crate) async fn open(location: &str) -> Result<Lake, Failure> {
    open_lake(location).await.map_err(|error| Failure::of(&error, error.is_usage(), error.hint()))
}

pub(crate) fn options() -> Result<Options, Failure> {
    // An empty one is how scripts leave it unset.
    let text = std::env::var_os(MEMORY_VARIABLE).filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(Options::default()) };
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

pub(crate) fn failure(error: &QueryError) -> Failure {
    // Its text has what its source says.
    let exit = if error.is_usage() { Exit::Usage } else { Exit::Stopped };
    let hint = match error {
        QueryError::Memory { .. } => {
            Some(format!("ask for fewer days or columns, or give it more memory, such as `{MEMORY_VARIABLE}=8GiB`"))
        }
        _ => error.hint(),
    };
    Failure { exit, error: error.to_string(), hint }
}

/// Prints the rows; `None` when whoever reads them has seen enough.
async fn to_stdout(answer: &mut Answer, format: RowFormat) -> Result<Option<Wrote>, Failure> {
    let stdout = io::stdout();
    let width = stdout.is_terminal().then(terminal_width);
    let spelling = if format == RowFormat::Json { Spelling::Json } else { Spelling::Plain };
    let out: Box<dyn Write + Send> = match width {
        Some(_) => Box::new(Terminal::new(stdout, spelling)),
        None => Box::new(stdout),
    };
    match copy(answer, format, BufWriter::new(out), width).await {
        Ok((_, wrote)) => Ok(Some(wrote)),
        Err(Stop::Query(error)) => Err(failure(&error)),
        Err(Stop::Unfit(failure)) => Err(failure),
        Err(Stop::Write(error)) => written(Err(error)).map(|_| None),
    }
}

async fn to_file(answer: &mut Answer, format: RowFormat, path: &Path, target: PathBuf) -> Result<Wrote, Failure> {
    let stopped = |error: io::Error| Failure::new(Exit::Stopped, not_written(path, &error));
    let refused = |error: io::Error| Failure::new(Exit::Usage, not_written(path, &error));
    let (output, file) = Output::create(target).map_err(refused)?;
    let (file, wrote) = copy(answer, format, BufWriter::new(file), None).await.map_err(|stop| match stop {
        Stop::Query(error) => failure(&error),
        Stop::Unfit(failure) => failure,
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
    /// The format has no such values.
    Unfit(Failure),
    Write(io::Error),
}

impl Stop {
    fn writing(error: io::Error) -> Self {
        if error.kind() != ErrorKind::Unsupported {
            return Self::Write(error);
        }
        let error = format!("the format cannot hold the answer: {error}");
        Self::Unfit(Failure::new(Exit::Usage, error).hint("make such columns text: `CAST(column AS varchar)`"))
    }
}

async fn copy<W: Write + Send>(
    answer: &mut Answer,
    format: RowFormat,
    out: W,
    width: Option<usize>,
) -> Result<(W, Wrote), Stop> {
    let mut writer = RowWriter::new(format, out, &answer.schema(), width).map_err(Stop::writing)?;
    while let Some(batch) = answer.next().await.map_err(Stop::Query)? {
        writer.write(&batch).map_err(Stop::writing)?;
        interrupt::hear().await;
    }
    writer.finish().map_err(Stop::writing)
}

fn tell(wrote: &Wrote, is_file: bool) {
    if wrote.shown < wrote.rows {
        let (shown, rows) = (human::count(wrote.shown), human::counted(wrote.rows, "row"));
        talk::say(&format!("{shown} of {rows} shown; pipe the output for all of them"));
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

fn terminal_width() -> usize {
    let told = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let set = || std::env::var("COLUMNS").ok()?.parse().ok();
    told.or_else(set).unwrap_or(TERMINAL_WIDTH_DEFAULT)
}
