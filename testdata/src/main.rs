//! `trailhouse-testdata`: makes logs to try Trailhouse on.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use trailhouse_testdata::{
    Carrier, Corpus, Date, Error, FindingCorpus, FindingOptions, FlowCorpus, FlowFields, FlowKind, FlowOptions,
    FlowOrder, Options,
};

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
    /// Gzipped flow logs of VPCs or of transit gateways, with any fields in any order.
    VpcFlow(VpcFlow),
    /// Gzipped GuardDuty findings of every type.
    #[command(name = "guardduty")]
    GuardDuty(GuardDuty),
}

/// What every format is asked.
#[derive(Debug, Args)]
struct Shared {
    /// The folder to fill; it must not exist or be empty.
    #[arg(long)]
    out: PathBuf,
    /// What everything is drawn from.
    #[arg(long, default_value_t = Options::default().seed)]
    seed: u64,
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

#[derive(Debug, Args)]
struct CloudTrail {
    #[command(flatten)]
    shared: Shared,
    /// Records in all, those that are delivered twice included.
    #[arg(long)]
    events: u64,
    /// Objects in all [default: about one for 400 records].
    #[arg(long)]
    objects: Option<u64>,
}

#[derive(Debug, Args)]
struct VpcFlow {
    #[command(flatten)]
    shared: Shared,
    /// Lines below headers in all, those with too few fields included.
    #[arg(long)]
    rows: u64,
    /// Objects in all [default: about one for 4,000 lines].
    #[arg(long)]
    objects: Option<u64>,
    /// What is watched.
    #[arg(long, value_enum, default_value_t = FlowKind::Vpc)]
    kind: FlowKind,
    /// All fields up to this version [default: 2, of a transit gateway 6].
    #[arg(long)]
    version: Option<u8>,
    /// These fields, separated by blanks, in this order.
    #[arg(long, conflicts_with = "version")]
    fields: Option<String>,
    /// The order of the fields.
    #[arg(long, value_enum, default_value_t = FlowOrder::Default)]
    order: FlowOrder,
}

#[derive(Debug, Args)]
struct GuardDuty {
    #[command(flatten)]
    shared: Shared,
    /// Findings in all: every revision of one counts, and broken ones do.
    #[arg(long)]
    findings: u64,
    /// Objects in all [default: about one for 100 findings].
    #[arg(long)]
    objects: Option<u64>,
    /// How the findings are wrapped.
    #[arg(long, value_enum, default_value_t = Wrapping::Export)]
    carrier: Wrapping,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// A [`Carrier`], or all of them in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wrapping {
    Export,
    #[value(name = "eventbridge")]
    EventBridge,
    GetFindings,
    Cli,
    Mixed,
}

/// Exit code of a wrong use, as clap's own.
const USAGE: u8 = 2;
/// Exit code of a run that could not write.
const STOPPED: u8 = 3;

fn main() -> ExitCode {
    match run(Arguments::parse().format) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            // Nobody is left to tell when stderr is closed.
            let _ = writeln!(std::io::stderr(), "error: {error}{cause}");
            ExitCode::from(if matches!(error, Error::Write(..)) { STOPPED } else { USAGE })
        }
    }
}

fn run(format: Format) -> Result<(), Error> {
    let (manifest, shared) = match format {
        Format::CloudTrail(CloudTrail { shared, events, objects }) => {
            let &Shared { seed, days, accounts, regions, start, level, .. } = &shared;
            let hazards = shared.hazards == Switch::On;
            let corpus =
                Corpus::new(Options { seed, events, objects, days, accounts, regions, start, hazards, level })?;
            (corpus.write_to(&shared.out)?.to_json(), shared)
        }
        Format::VpcFlow(arguments) => {
            let corpus = FlowCorpus::new(flow_options(&arguments))?;
            (corpus.write_to(&arguments.shared.out)?.to_json(), arguments.shared)
        }
        Format::GuardDuty(arguments) => {
            let corpus = FindingCorpus::new(finding_options(&arguments))?;
            (corpus.write_to(&arguments.shared.out)?.to_json(), arguments.shared)
        }
    };
    tell(&manifest, &shared)
}

fn flow_options(arguments: &VpcFlow) -> FlowOptions {
    let &Shared { seed, days, accounts, regions, start, level, .. } = &arguments.shared;
    let &VpcFlow { rows, objects, kind, order, .. } = arguments;
    let fields = match (arguments.version, &arguments.fields) {
        (_, Some(names)) => FlowFields::Named(names.split_whitespace().map(str::to_owned).collect()),
        (Some(version), None) => FlowFields::UpTo(version),
        (None, None) => FlowFields::Usual,
    };
    let hazards = arguments.shared.hazards == Switch::On;
    FlowOptions { seed, rows, objects, days, accounts, regions, start, kind, fields, order, hazards, level }
}

fn finding_options(arguments: &GuardDuty) -> FindingOptions {
    let &Shared { seed, days, accounts, regions, start, level, .. } = &arguments.shared;
    let &GuardDuty { findings, objects, .. } = arguments;
    let carrier = match arguments.carrier {
        Wrapping::Export => Some(Carrier::Export),
        Wrapping::EventBridge => Some(Carrier::EventBridge),
        Wrapping::GetFindings => Some(Carrier::GetFindings),
        Wrapping::Cli => Some(Carrier::Cli),
        Wrapping::Mixed => None,
    };
    let hazards = arguments.shared.hazards == Switch::On;
    FindingOptions { seed, findings, objects, days, accounts, regions, start, carrier, hazards, level }
}

/// Writes the counts beside the folder, or prints them.
fn tell(manifest: &str, shared: &Shared) -> Result<(), Error> {
    if shared.json {
        let fault = |error| Error::Write("stdout".into(), error);
        return std::io::stdout().write_all(manifest.as_bytes()).map_err(fault);
    }
    let path = manifest_path(&shared.out)?;
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
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_do_not_contradict_one_another() {
        Arguments::command().debug_assert();
    }

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
