//! Chat lines and the guest's controls: the routes `chat` and `guest`.

use std::process::ExitCode;

use sightline_aws::ws::SocketHandler;
use sightline_aws::{Without, start, ws};

fn main() -> ExitCode {
    start::run(async |start| {
        let host = start.keyless_host(Without).await?;
        Ok(ws::serve(SocketHandler::new(host, start.places()?)).await?)
    })
}
