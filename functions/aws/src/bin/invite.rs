//! The HTTP API: everything below `/api`. Its role may send text messages.

use std::process::ExitCode;
use std::sync::Arc;

use sightline_aws::{Https, Without, http, start};
use sightline_host::load_countries;

fn main() -> ExitCode {
    start::run(async |start| {
        let read = tokio::try_join!(
            start.keys(),
            start.origin_secret(),
            start.provider(),
            start.warm()
        );
        let (keys, secret, provider, ()) = read?;
        // A starting function has a whole processor, later only a share of one.
        load_countries();
        let mut config = start.settings.sending_host()?;
        config.provider = Some(provider);
        let host = start.host(config, keys, start.texts()?, Without)?;
        Ok(http::serve(http::app(&Arc::new(host), Https::new(), secret)).await?)
    })
}
