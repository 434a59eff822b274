//! What a call leaves behind: its pictures, for the page of its detail, and the case file. Its role
//! may read pictures and write case files.

use std::process::ExitCode;
use std::sync::Arc;

use sightline_aws::{Without, http, start};
use sightline_host::case::CaseSigner;
use sightline_host::ports::StoreError;

fn main() -> ExitCode {
    start::run(async |start| {
        let read = tokio::try_join!(
            start.keys(),
            start.origin_secret(),
            start.case_secret(),
            start.warm()
        );
        let (keys, secret, case_secret, ()) = read?;
        let objects = start.bucket()?;
        let host = start.host(start.settings.host()?, keys, Without, objects)?;
        let host = host.with_case_signer(move || {
            CaseSigner::from_secret(&case_secret).map_err(|error| StoreError {
                operation: "derive the key of case files",
                cause: error.to_string(),
                retryable: false,
            })
        });
        Ok(http::serve(http::case_app(&Arc::new(host), secret)).await?)
    })
}
