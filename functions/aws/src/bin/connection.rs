//! Handshakes, disconnects and messages without a route: `$connect`, `$disconnect` and `$default`.

use std::process::ExitCode;

use sightline_aws::ws::SocketHandler;
use sightline_aws::{Without, start, ws};

fn main() -> ExitCode {
    start::run(async |start| {
        let read = tokio::try_join!(start.keys(), start.origin_secret(), start.warm());
        let (keys, secret, ()) = read?;
        let host = start.host(start.settings.host()?, keys, Without, Without)?;
        Ok(ws::serve(SocketHandler::new(host, start.places()?).behind(secret)).await?)
    })
}
