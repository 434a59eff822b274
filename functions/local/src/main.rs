//! `sightline`: all of Sightline on one machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    sightline_local::run()
}
