//! Pictures of the camera: the route `screenshots`. Its role may use the bucket.

use std::process::ExitCode;

use sightline_aws::ws::SocketHandler;
use sightline_aws::{start, ws};

fn main() -> ExitCode {
    start::run(async |start| {
        Ok(ws::serve(SocketHandler::new(
            start.keyless_host(start.bucket()?).await?,
        ))
        .await?)
    })
}
