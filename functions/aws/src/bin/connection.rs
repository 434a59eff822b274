//! Handshakes, disconnects and messages without a route: `$connect`, `$disconnect` and `$default`.

use std::process::ExitCode;

use sightline_aws::{Without, start, ws};

fn main() -> ExitCode {
    start::run(async |start| {
        let (keys, ()) = tokio::try_join!(start.keys(), start.warm())?;
        let host = start.host(start.settings.host()?, keys, Without, Without)?;
        Ok(ws::serve(host).await?)
    })
}
