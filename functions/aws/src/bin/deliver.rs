//! Messages of webhooks, from the queue. Its role may read and write webhooks alone.

use std::process::ExitCode;

use sightline_aws::{deliver, start};
use sightline_hand::Hand;

fn main() -> ExitCode {
    start::run(async |start| {
        let host = start.delivering_host().await?;
        let hand = Hand::new(start.settings.webhook_private()?);
        Ok(deliver::serve(host, start.queue()?, hand).await?)
    })
}
