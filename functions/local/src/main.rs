//! `sightline`: all of Sightline on one machine.

use std::process::ExitCode;

use clap::Parser;
use sightline_local::cli::Cli;

fn main() -> ExitCode {
    sightline_local::run(Cli::parse())
}
