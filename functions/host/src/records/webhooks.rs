//! Webhooks. They are few, and are stored together as one record.

use serde::{Deserialize, Serialize};
use sightline_wire::{DisplayName, WebhookId, WebhookSecret};

use super::{Record, codec};
use crate::store_error::StoreError;

/// All webhooks of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookRing {
    /// Counts the changes of the record. 0: it was never stored.
    pub revision: u32,
    /// In the order in which they were made.
    pub webhooks: Vec<WebhookRecord>,
}

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRecord {
    /// Its name in addresses.
    pub id: WebhookId,
    /// Whom it tells.
    pub name: DisplayName,
    /// Where its messages go.
    pub url: String,
    /// The admin who made it.
    pub maker: DisplayName,
    /// When it was made, epoch milliseconds.
    pub made_at_ms: u64,
    /// Whether it hears of calls.
    pub on: bool,
    /// When it was switched off because its receiver said that it is gone for good, epoch
    /// milliseconds.
    pub gone_at_ms: Option<u64>,
    /// What signs its messages. It is stored, because every message needs it.
    pub secret: WebhookSecret,
    /// The secret before, which signs too until a time, epoch milliseconds.
    pub previous: Option<(WebhookSecret, u64)>,
}

impl WebhookRing {
    /// Returns a webhook.
    #[must_use]
    pub fn find(&self, id: WebhookId) -> Option<&WebhookRecord> {
        self.webhooks.iter().find(|webhook| webhook.id == id)
    }
}

#[derive(Serialize, Deserialize)]
struct Ring1 {
    revision: u32,
    webhooks: Vec<Webhook1>,
}

#[derive(Serialize, Deserialize)]
struct Webhook1 {
    id: WebhookId,
    name: DisplayName,
    url: String,
    maker: DisplayName,
    made_at_ms: u64,
    on: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_at_ms: Option<u64>,
    secret: WebhookSecret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<(WebhookSecret, u64)>,
}

impl Record for WebhookRing {
    fn encode(&self) -> Vec<u8> {
        let webhooks = self.webhooks.iter().cloned().map(Webhook1::from).collect();
        let revision = self.revision;
        codec::encode(1, &Ring1 { revision, webhooks })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode webhooks";
        match codec::version(WHAT, bytes)? {
            1 => {
                let Ring1 { revision, webhooks } = codec::read(WHAT, bytes)?;
                let webhooks = webhooks.into_iter().map(WebhookRecord::from).collect();
                Ok(Self { revision, webhooks })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

codec::mirror!(WebhookRecord -> Webhook1, Webhook1 -> WebhookRecord: {
    id, name, url, maker, made_at_ms, on, gone_at_ms, secret, previous
});
