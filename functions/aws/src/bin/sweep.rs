//! The periodic sweep, on a schedule.

use std::process::ExitCode;

use sightline_aws::{start, sweep};

fn main() -> ExitCode {
    start::run(async |start| {
        let host = start.keyless_host(start.bucket()?).await?;
        Ok(sweep::serve(host, start.metrics()?).await?)
    })
}
