//! `trailhouse ingest`.

use std::io::{IsTerminal, Write};

use trailhouse_etl::{IngestOptions, Outcome, StopFlag, Summary, ingest};

use crate::args::IngestArgs;
use crate::bar::Bar;
use crate::exit::{Exit, Failure, chain};
use crate::{human, interrupt, report, talk};

/// What stopped groups are told of; the rest is counted.
const STOPPED_NAMED_MAX: usize = 20;

pub(crate) fn run(args: &IngestArgs) -> Result<Exit, Failure> {
    let Some((lake, sources)) = args.paths.split_last() else {
        return Err(Failure::new(Exit::Usage, "no source and no lake is given"));
    };
    let mut options = IngestOptions::new(sources.to_vec(), lake.clone());
    options.partitioning = args.partitioning;
    options.threads = args.threads;
    options.dry_run = args.dry_run;

    let stop = StopFlag::new();
    stop_on_interrupt(&stop)?;
    let bar = Bar::new(args.quiet, std::io::stderr().is_terminal());
    let result = ingest(&options, &bar, &stop);
    bar.finish();
    let summary = result.map_err(|error| Failure::of(&error, error.is_usage(), error.hint()))?;
    tell(&summary, args);
    Ok(exit(&summary))
}

fn stop_on_interrupt(stop: &StopFlag) -> Result<(), Failure> {
    let stop = stop.clone();
    interrupt::listen(move || {
        stop.set();
        talk::say("stopping; press Ctrl-C again to end at once");
    })
}

fn tell(summary: &Summary, args: &IngestArgs) {
    for stopped in summary.stopped.iter().take(STOPPED_NAMED_MAX) {
        let others = match stopped.objects {
            0 | 1 => String::new(),
            objects => format!(" ({} wait with it)", human::counted(objects - 1, "object")),
        };
        talk::error(&format!("{}{others}", chain(&stopped.error)), stopped.error.hint());
    }
    if summary.stopped.len() > STOPPED_NAMED_MAX {
        talk::say(&format!("… and {} more errors", summary.stopped.len() - STOPPED_NAMED_MAX));
    }
    if !args.quiet {
        report::lines(summary, args.dry_run).iter().for_each(|line| talk::say(line));
        if summary.is_interrupted {
            talk::say("interrupted; nothing is lost, run the same command again to continue");
        }
    }
    if args.json {
        let _ = writeln!(std::io::stdout(), "{}", report::json(summary));
    }
}

fn exit(summary: &Summary) -> Exit {
    match summary.outcome() {
        Outcome::Complete => Exit::Done,
        Outcome::WithRejects => Exit::WithRejects,
        Outcome::Stopped => Exit::Stopped,
        Outcome::Interrupted => Exit::Interrupted,
    }
}
