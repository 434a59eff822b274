//! Sends one delivery.

use sightline_wire::DeliveryOutcome;

use super::attempts::Attempt;
use super::{happened, retry_after, signing};
use crate::host::Host;
use crate::ports::{Dial, OutgoingPost, Ports, PostReply, StoreError, Webhooks as _};
use crate::records::{DeliveryRecord, DeliveryStage, WebhookRecord};

impl<P: Ports> Host<P> {
    /// Sends a delivery that is due, and notes what became of it. Whatever ends in between, it is
    /// sent again.
    ///
    /// # Errors
    /// Fails when the store fails.
    pub async fn deliver(&self, dial: &impl Dial, due: DeliveryRecord) -> Result<(), StoreError> {
        let store = self.ports.store();
        let ring = store.webhooks().await?;
        let reply = match ring.find(due.webhook) {
            Some(webhook) if webhook.on => dial.post(&self.post(webhook, &due)).await,
            Some(_) => DeliveryOutcome::SwitchedOff.into(),
            None => {
                // An event came while an admin removed the webhook.
                store.remove_deliveries(due.webhook).await?;
                DeliveryOutcome::SwitchedOff.into()
            }
        };
        if reply.outcome.is_gone() {
            // What went wrong is logged. The next message tries again.
            let _ = self.end_gone_webhook(due.webhook).await;
        }
        let tried = due.clone().tried(&self.attempt(&reply));
        if tried.stage == DeliveryStage::Dead && ring.find(due.webhook).is_some() {
            tracing::warn!(
                webhook.id = %due.webhook, message.id = %tried.message, outcome = ?reply.outcome,
                "a webhook's message was given up"
            );
        }
        store.replace_delivery(&due, tried).await.map(drop)
    }

    fn attempt(&self, reply: &PostReply) -> Attempt {
        let date_ms = self.ports.date_ms();
        let [chance, ..] = self.ports.random();
        let asked = reply.retry_after.as_deref();
        Attempt {
            outcome: reply.outcome,
            now_ms: self.ports.now_ms(),
            date_ms,
            asked_ms: asked.and_then(|text| retry_after::wait_ms(text, date_ms)),
            chance,
        }
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
