//! Erasing calls: the routes `DELETE /api/sessions/{id}` and `DELETE /api/v1/calls/{id}`, and once
//! more what was erased before the table was restored. Its role may delete pictures.

use std::process::ExitCode;
use std::sync::Arc;

use sightline_aws::{Without, erasing, start};

fn main() -> ExitCode {
    start::run(async |start| {
        let read = tokio::try_join!(start.keys(), start.origin_secret(), start.warm());
        let (keys, secret, ()) = read?;
        let objects = start.bucket()?;
        let host = start.host(start.settings.host()?, keys, Without, objects)?;
        Ok(erasing::serve(Arc::new(host), secret).await?)
    })
}
