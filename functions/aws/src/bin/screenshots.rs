//! Pictures of the camera: the route `screenshots`. Its role may use the bucket.

use std::process::ExitCode;

use sightline_aws::ws::SocketHandler;
use sightline_aws::{start, ws};

fn main() -> ExitCode {
    start::run(async |start| {
        let host = start.keyless_host(start.bucket()?).await?;
        Ok(ws::serve(SocketHandler::new(host, start.places()?)).await?)
    })
}
