//! Strokes and pointers: the route `annotation`.

use std::process::ExitCode;

use sightline_aws::ws::SocketHandler;
use sightline_aws::{Without, start, ws};

fn main() -> ExitCode {
    start::run(async |start| {
        Ok(ws::serve(SocketHandler::new(start.keyless_host(Without).await?)).await?)
    })
}
