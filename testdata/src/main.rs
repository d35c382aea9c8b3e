//! `trailhouse-testdata`: makes logs to try Trailhouse on.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use trailhouse_testdata::{Corpus, Date, Error, Options};

/// Makes AWS logs of any size: real in shape, invented in content, the same bytes for the same arguments.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    /// Gzipped CloudTrail objects under the keys that AWS gives them.
    #[command(name = "cloudtrail")]
    CloudTrail(CloudTrail),
}

#[derive(Debug, Args)]
struct CloudTrail {
    /// The folder to fill; it must not exist or be empty.
    #[arg(long)]
    out: PathBuf,
    /// What everything is drawn from.
    #[arg(long, default_value_t = Options::default().seed)]
    seed: u64,
    /// Records in all, those that are delivered twice included.
    #[arg(long)]
    events: u64,
    /// Objects in all [default: about one for 400 records].
    #[arg(long)]
    objects: Option<u64>,
    /// Days, one after the other.
    #[arg(long, default_value_t = Options::default().days)]
    days: u32,
    /// Accounts: the first fourteen with ids of AWS's documentation, the others with made-up ones of that kind.
    #[arg(long, default_value_t = Options::default().accounts)]
    accounts: u32,
    /// Regions of each account.
    #[arg(long, default_value_t = Options::default().regions)]
    regions: u32,
    /// The first day.
    #[arg(long, default_value_t = Options::default().start)]
    start: Date,
    /// Whether to add what makes real logs hard to read.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    hazards: Switch,
    /// The gzip level.
    #[arg(long, default_value_t = Options::default().level, value_parser = clap::value_parser!(u32).range(0..=9))]
    level: u32,
    /// Print the counts on stdout instead of writing them to `OUT.manifest.json`.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// Exit code of a wrong use, as clap's own.
const USAGE: u8 = 2;
/// Exit code of a run that could not write.
const STOPPED: u8 = 3;

fn main() -> ExitCode {
    let Format::CloudTrail(arguments) = Arguments::parse().format;
    match make(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            // Nobody is left to tell when stderr is closed.
            let _ = writeln!(std::io::stderr(), "error: {error}{cause}");
            ExitCode::from(if matches!(error, Error::Write(..)) { STOPPED } else { USAGE })
        }
    }
}

fn make(arguments: &CloudTrail) -> Result<(), Error> {
    let &CloudTrail { seed, events, objects, days, accounts, regions, start, level, .. } = arguments;
    let hazards = arguments.hazards == Switch::On;
    let corpus = Corpus::new(Options { seed, events, objects, days, accounts, regions, start, hazards, level })?;
    let manifest = corpus.write_to(&arguments.out)?.to_json();
    if arguments.json {
        let fault = |error| Error::Write("stdout".into(), error);
        return std::io::stdout().write_all(manifest.as_bytes()).map_err(fault);
    }
    let path = manifest_path(&arguments.out)?;
    std::fs::write(&path, manifest).map_err(|error| Error::Write(path, error))
}

/// Beside the folder, because everything in it is logs. What `.` and `..` are called has to be asked.
fn manifest_path(folder: &Path) -> Result<PathBuf, Error> {
    let folder = folder.canonicalize().map_err(|error| Error::Write(folder.to_owned(), error))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(folder.with_file_name(format!("{name}.manifest.json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_not_among_the_logs() {
        let folder = tempfile::tempdir().unwrap();
        let (logs, beside) = (folder.path().join("logs"), folder.path().join("logs.manifest.json"));
        std::fs::create_dir_all(logs.join("inner")).unwrap();
        let beside = beside.parent().unwrap().canonicalize().unwrap().join(beside.file_name().unwrap());
        for name in ["logs", "logs/", "logs/.", "logs/inner/.."] {
            assert_eq!(manifest_path(&folder.path().join(name)).unwrap(), beside, "{name}");
        }
    }
}
