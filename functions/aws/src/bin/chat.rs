//! Chat lines: the route `chat`.

use std::process::ExitCode;

use sightline_aws::{Without, start, ws};

fn main() -> ExitCode {
    start::run(async |start| Ok(ws::serve(start.keyless_host(Without).await?).await?))
}
