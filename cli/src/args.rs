//! The command line as typed.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use trailhouse_etl::{Format, Header};
use trailhouse_schemas::Partitioning;

/// AWS logs into small, sorted Parquet tables, and SQL over them.
#[derive(Debug, Parser)]
#[command(name = "trailhouse", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done; 1 done, some input rejected or damaged; 2 usage; 3 stopped, nothing lost, \
                        run again to continue; 130 interrupted, likewise."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read logs from files, folders or S3 into a lake; safe to run again, at any time and after any crash
    Ingest(IngestArgs),
    /// Ask a lake in SQL
    Query(QueryArgs),
    /// Turn rows back into the records that they were made of
    Export(ExportArgs),
    /// Show what tables there are, for people, Athena or programs
    Tables(TablesArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct IngestArgs {
    /// Files and folders of logs, or parts of one bucket such as s3://logs/AWSLogs; then the lake: a folder or
    /// s3://bucket/lake, made when it is not there
    #[arg(required = true, num_args = 2.., value_names = ["SRC", "LAKE"])]
    pub(crate) paths: Vec<String>,
    /// Workers [default: one a core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How the lake cuts its tables into folders: date, account-date or region-account-date; only a new lake can choose
    /// [default for a new lake: account-date]
    #[arg(long, value_name = "PRESET")]
    pub(crate) partitioning: Option<Partitioning>,
    /// Read all objects as this format, whatever their keys and first bytes say: cloudtrail, cloudtrail-insight,
    /// cloudtrail-digest, vpc-flow (text, or Parquet where the bytes begin with PAR1), guardduty, cloudwatch-logs,
    /// cloudwatch-export, incidents, json
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Also read log messages that are CloudTrail events or flow log lines into the tables of those
    #[arg(long)]
    pub(crate) unwrap: bool,
    /// The field names of flow log lines that stand below no header, as in `version account-id interface-id …`
    #[arg(long, value_name = "HEADER")]
    pub(crate) flow_header: Option<Header>,
    /// Say what would be done, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Put the summary on stdout as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Print errors alone
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "TRAILHOUSE_QUERY_MEMORY, such as 4GiB, bounds what sorts, joins and aggregations hold before they \
                        spill [default: half of the machine's memory]."
)]
pub(crate) struct QueryArgs {
    /// The lake: a folder, or s3://bucket/lake
    pub(crate) lake: String,
    /// One statement that reads; `@FILE` takes it from a file, `-` from stdin
    pub(crate) sql: String,
    /// How to print the rows [default: by the file's extension, else table]
    #[arg(long, value_enum)]
    pub(crate) format: Option<RowFormat>,
    /// Write the rows to a file, which appears when it is whole
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Records come back as the same JSON values, in gzip objects under the keys that AWS gives such logs; read \
                        again by `trailhouse ingest`, they give the same rows."
)]
pub(crate) struct ExportArgs {
    /// The lake: a folder, or s3://bucket/lake
    pub(crate) lake: String,
    /// The table
    #[arg(long, value_name = "TABLE")]
    pub(crate) table: String,
    /// Which of its rows: a condition in SQL, such as `event_date = DATE '2026-01-31' AND error_code IS NOT NULL`
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) filter: Option<String>,
    /// A new folder for the objects, which appears when it is whole
    pub(crate) out: PathBuf,
    /// Put what was written on stdout as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// The command line, its statements that begin with a comment told from options, which begin alike.
pub(crate) fn typed(args: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    args.map(|arg| {
        let is_sql = arg.to_str().is_some_and(|text| {
            text.starts_with("--") && (text.contains('\n') || text[2..].starts_with(char::is_whitespace))
        });
        if !is_sql {
            return arg;
        }
        let mut sql = OsString::from(" ");
        sql.push(arg);
        sql
    })
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// For people
    Table,
    /// One JSON object a line
    Json,
    /// With a header line
    Csv,
    /// One zstd Parquet file
    Parquet,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TablesArgs {
    /// A lake, in a folder or in S3: its own partitioning, and what it holds
    pub(crate) lake: Option<String>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = TableFormat::Table)]
    pub(crate) format: TableFormat,
    /// Look at the tables of a lake in S3 as the AWS Glue catalog has them
    #[arg(long, value_enum, value_name = "WHAT", requires = "lake", conflicts_with = "format")]
    pub(crate) glue: Option<GlueAction>,
    /// The Glue database, where the lake does not know it yet: `apply` writes it down, and from then on whoever ingests
    /// registers partitions there
    #[arg(long, value_name = "NAME", requires = "glue")]
    pub(crate) database: Option<String>,
}

/// What to do about a lake's tables in Glue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GlueAction {
    /// Say what is missing there
    Diff,
    /// Make tables that are missing, and add columns that tables and partitions lack
    Apply,
}

/// How table definitions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// A line a table, for people
    Table,
    /// Athena's CREATE EXTERNAL TABLE statements
    Ddl,
    /// The manual: every column with its type, source and meaning
    Markdown,
    /// One JSON object a line
    Json,
}
