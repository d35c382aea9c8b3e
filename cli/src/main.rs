//! The `trailhouse` command: what was typed, understood and handed to the crate that does it.
//!
//! stdout is data, stderr is talk. How a command ended is its exit code: see [`exit::Exit`].

mod args;
mod bar;
mod engine;
mod exit;
mod export;
mod format;
mod glue;
mod human;
mod ingest;
mod interrupt;
mod output;
mod query;
mod report;
mod tables;
mod talk;
mod terminal;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser;

fn main() -> ExitCode {
    let result = match Args::parse_from(args::typed(std::env::args_os())).command {
        Command::Ingest(args) => ingest::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Tables(args) => tables::run(&args),
    };
    let exit = result.unwrap_or_else(|failure| {
        talk::failure(&failure);
        failure.exit
    });
    exit.into()
}
