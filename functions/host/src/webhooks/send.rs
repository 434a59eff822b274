//! Sends one delivery.

use sightline_wire::DeliveryOutcome;

use super::{happened, signing};
use crate::host::Host;
use crate::ports::{Dial, OutgoingPost, Ports, StoreError, Webhooks as _};
use crate::records::{DeliveryRecord, DeliveryStage, WebhookRecord};

impl<P: Ports> Host<P> {
    /// Sends a delivery that is due, and notes what became of it. Whatever ends in between, it is
    /// sent again.
    ///
    /// # Errors
    /// Fails when the store fails.
    pub async fn deliver(&self, dial: &impl Dial, due: DeliveryRecord) -> Result<(), StoreError> {
        let Some(store) = self.ports.webhooks() else {
            return Ok(());
        };
        let ring = store.webhooks().await?;
        let Some(webhook) = ring.find(due.webhook) else {
            // An event came while an admin removed the webhook.
            return store.remove_deliveries(due.webhook).await;
        };
        let outcome = match webhook.on {
            true => dial.post(&self.post(webhook, &due)).await,
            false => DeliveryOutcome::SwitchedOff,
        };
        let (now_ms, date_ms) = (self.ports.now_ms(), self.ports.date_ms());
        let tried = due.clone().tried(outcome, now_ms, date_ms);
        if tried.stage == DeliveryStage::Dead {
            tracing::warn!(
                webhook.id = %webhook.id, message.id = %tried.message, ?outcome,
                "a webhook's message was given up"
            );
        }
        store.replace_delivery(&due, tried).await.map(drop)
    }

    fn post(&self, webhook: &WebhookRecord, due: &DeliveryRecord) -> OutgoingPost {
        let body = happened::body(due, &self.config.origin);
        OutgoingPost {
            url: webhook.url.clone(),
            headers: signing::headers(webhook, due.message, &body, self.ports.date_ms()),
            body,
        }
    }
}
