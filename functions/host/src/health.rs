//! Whether a new call would work, as far as every deployment can tell.

use sightline_wire::{Health, Part};

use crate::host::Host;
use crate::ports::{Ports, Relays, StoreError};

impl<P: Ports> Host<P> {
    /// Looks at the parts that a new call needs. The words name no cause, because anybody may ask:
    /// the log has it.
    pub async fn health(&self) -> Health {
        let parts = match self.relay_health().await {
            Ok(relay) => vec![Part::well("store", "reads"), relay],
            Err(error) => {
                tracing::error!(error = %error, "health check failed");
                vec![
                    Part::ill("store", "cannot be read"),
                    Part::ill(RELAY, "the store cannot be read"),
                ]
            }
        };
        Health::of(parts, &[])
    }

    /// Whether a media relay takes new calls.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn relay_health(&self) -> Result<Part, StoreError> {
        let relays = self.ports.store().alive_relays(self.ports.now_ms()).await?;
        Ok(taking(relays.iter().any(|relay| !relay.draining)))
    }
}

const RELAY: &str = "relay";

fn taking(any: bool) -> Part {
    match any {
        true => Part::well(RELAY, "takes calls"),
        false => Part::ill(
            RELAY,
            "no media relay takes calls: they have no sound and no picture",
        ),
    }
}
