//! Erasing calls: the route `DELETE /api/sessions/{id}`. Its role may delete pictures.

use std::process::ExitCode;
use std::sync::Arc;

use sightline_aws::{Without, http, start};

fn main() -> ExitCode {
    start::run(async |start| {
        let read = tokio::try_join!(start.keys(), start.origin_secret(), start.warm());
        let (keys, secret, ()) = read?;
        let objects = start.bucket()?;
        let host = start.host(start.settings.host()?, keys, Without, objects)?;
        Ok(http::serve(http::erasing_app(&Arc::new(host), secret)).await?)
    })
}
