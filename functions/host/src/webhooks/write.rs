//! Writes what webhooks hear of a change.

use sightline_wire::{MessageId, SessionId};

use super::Happened;
use crate::host::Host;
use crate::ports::{Ports, StoreError, Webhooks as _};
use crate::records::{DeliveryRecord, DeliveryStage, WebhookRecord};

/// How long deliveries are shown, seconds.
const KEPT_S: u64 = 7 * 24 * 60 * 60;

impl<P: Ports> Host<P> {
    /// Returns the deliveries of what happened in a change of a session, for its transaction.
    /// `revision` is that of the session after the change: it numbers the messages.
    pub(crate) async fn deliveries_of(
        &self,
        session: SessionId,
        revision: u32,
        all: &[Happened],
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let ring = self.ports.store().webhooks().await?;
        let mut deliveries = Vec::new();
        for webhook in ring.webhooks.iter().filter(|webhook| webhook.on) {
            for (place, happened) in (0..).zip(all) {
                let message = MessageId {
                    call: Some(session),
                    number: (u64::from(revision) << 8) + place,
                };
                deliveries.push(self.delivery(webhook, message, *happened));
            }
        }
        Ok(deliveries)
    }

    /// A delivery that is to be sent now.
    pub(super) fn delivery(
        &self,
        webhook: &WebhookRecord,
        message: MessageId,
        happened: Happened,
    ) -> DeliveryRecord {
        let now_ms = self.ports.now_ms();
        DeliveryRecord {
            webhook: webhook.id,
            message,
            kind: happened.kind,
            at_ms: happened.at_ms,
            reason: happened.reason,
            stage: DeliveryStage::Waiting(now_ms),
            since_ms: now_ms,
            attempts: 0,
            tried: None,
            delete_at_s: self.ports.erase_ms() / 1_000 + KEPT_S,
        }
    }
}
