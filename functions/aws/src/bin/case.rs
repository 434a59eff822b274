//! What a call leaves behind: its pictures, for the page of its detail. Its role may read pictures.

use std::process::ExitCode;
use std::sync::Arc;

use sightline_aws::{Without, http, start};

fn main() -> ExitCode {
    start::run(async |start| {
        let read = tokio::try_join!(start.keys(), start.origin_secret(), start.warm());
        let (keys, secret, ()) = read?;
        let objects = start.bucket()?;
        let host = start.host(start.settings.host()?, keys, Without, objects)?;
        Ok(http::serve(http::case_app(&Arc::new(host), secret)).await?)
    })
}
