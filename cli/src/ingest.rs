//! `trailhouse ingest`.

use std::io::{ErrorKind, IsTerminal, Write};

use trailhouse_etl::{IngestError, IngestOptions, Outcome, StopFlag, Summary, ingest};

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
    options.format = args.format;
    options.unwrap = args.unwrap;
    options.flow_header.clone_from(&args.flow_header);

    let stop = StopFlag::new();
    stop_on_interrupt(&stop)?;
    let bar = Bar::new(args.quiet, std::io::stderr().is_terminal());
    let result = ingest(&options, &bar, &stop);
    bar.finish();
    let summary = result.map_err(|error| Failure::of(&error, error.is_usage(), error.hint()))?;
    tell(&summary, args);
    if args.json {
        print(&report::json(&summary))?;
    }
    Ok(exit(&summary))
}

/// The answer for programs. Whoever closed the pipe does not want it; to fail in any other way is to lose it.
fn print(answer: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout();
    match writeln!(stdout, "{answer}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Stopped, format!("writing the summary failed: {error}")))
        }
        _ => Ok(()),
    }
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
            objects => format!(" ({} of it or with it)", human::counted(objects, "object")),
        };
        talk::error(&format!("{}{others}", chain(&stopped.error)), stopped.error.hint());
    }
    if summary.stopped.len() > STOPPED_NAMED_MAX {
        talk::say(&format!("… and {} more errors", summary.stopped.len() - STOPPED_NAMED_MAX));
    }
    if let Some(failure) = &summary.failure {
        talk::error(&chain(failure), failure.hint());
    }
    if args.quiet {
        return;
    }
    report::lines(summary, args.dry_run).iter().for_each(|line| talk::say(line));
    if summary.failure.is_some() {
        talk::say("stopped; nothing is lost, run the same command again to continue");
    } else if summary.is_interrupted {
        talk::say("interrupted; nothing is lost, run the same command again to continue");
    }
}

fn exit(summary: &Summary) -> Exit {
    match summary.outcome() {
        Outcome::Stopped if summary.failure.as_ref().is_some_and(IngestError::is_usage) => Exit::Usage,
        Outcome::Complete => Exit::Done,
        Outcome::WithRejects => Exit::WithRejects,
        Outcome::Stopped => Exit::Stopped,
        Outcome::Interrupted => Exit::Interrupted,
    }
}
