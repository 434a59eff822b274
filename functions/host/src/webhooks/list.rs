//! Deliveries as admins see them, try them and send them again.

use sightline_wire::api::ApiError;
use sightline_wire::{
    DeliveryLine, DeliveryList, DeliveryPhase, MessageId, MessageKind, Refusal, WebhookId,
};

use super::Happened;
use crate::host::Host;
use crate::ports::{Ports, Webhooks as _};
use crate::records::{DeliveryPlace, DeliveryRecord, DeliveryStage};
use crate::stop::OrAnswer;

/// Deliveries in one answer.
const AT_ONCE: usize = 50;

impl<P: Ports> Host<P> {
    /// Sends a webhook a message of no call, once.
    pub(crate) async fn test_webhook(&self, id: WebhookId) -> Result<DeliveryLine, ApiError> {
        let webhook = self.found_webhook(id).await?;
        let at_ms = self.ports.date_ms();
        let message = MessageId {
            call: None,
            number: at_ms,
        };
        let happened = Happened::of(MessageKind::WebhookTest, at_ms);
        let test = self.delivery(&webhook, message, happened);
        let store = self.ports.store();
        store.put_delivery(test.clone()).await.or_fail(None)?;
        Ok(self.delivery_line(&test))
    }

    /// Lists deliveries of a webhook, the newest first. `after` is where another list ended.
    pub(crate) async fn listed_deliveries(
        &self,
        id: WebhookId,
        after: Option<&str>,
    ) -> Result<DeliveryList, ApiError> {
        self.found_webhook(id).await?;
        let after = after.map(|text| place(text).ok_or(ApiError::Malformed));
        let store = self.ports.store();
        let found = store.deliveries(id, after.transpose()?, AT_ONCE);
        let mut found = found.await.or_fail(None)?;
        let is_full = found.len() == AT_ONCE;
        let now_s = self.ports.erase_ms() / 1_000;
        found.retain(|delivery| now_s < delivery.delete_at_s);
        let last = found.last().filter(|_| is_full);
        Ok(DeliveryList {
            after: last.map(|last| format!("{}.{}", last.at_ms, last.message)),
            deliveries: found
                .iter()
                .map(|found| self.delivery_line(found))
                .collect(),
        })
    }

    /// Sends a delivery that was given up again, for another day.
    ///
    /// # Errors
    /// `not_found`, and `busy` for one that was not given up.
    pub(crate) async fn deliver_again(
        &self,
        id: WebhookId,
        message: MessageId,
    ) -> Result<DeliveryLine, ApiError> {
        self.found_webhook(id).await?;
        let store = self.ports.store();
        let found = store.find_delivery(id, message).await.or_fail(None)?;
        let dead = found.ok_or(ApiError::NotFound)?;
        let busy = ApiError::Refused {
            refusal: Refusal::Busy,
        };
        if dead.stage != DeliveryStage::Dead {
            return Err(busy);
        }
        let again = dead.clone().again(self.ports.now_ms());
        let line = self.delivery_line(&again);
        match store.replace_delivery(&dead, again).await.or_fail(None)? {
            true => Ok(line),
            false => Err(busy),
        }
    }

    fn delivery_line(&self, delivery: &DeliveryRecord) -> DeliveryLine {
        let phase = match delivery.stage {
            DeliveryStage::Waiting(due_ms) => DeliveryPhase::Waiting {
                due_at_ms: due_ms.saturating_add_signed(self.ports.ahead_ms()),
            },
            DeliveryStage::Delivered => DeliveryPhase::Delivered,
            DeliveryStage::Dead => DeliveryPhase::Dead,
        };
        DeliveryLine {
            id: delivery.message,
            kind: delivery.kind,
            reason: delivery.reason,
            at_ms: delivery.at_ms,
            phase,
            attempts: delivery.attempts,
            tried_at_ms: delivery.tried.map(|(at_ms, _)| at_ms),
            outcome: delivery.tried.map(|(_, outcome)| outcome),
        }
    }
}

fn place(text: &str) -> Option<DeliveryPlace> {
    let (at_ms, message) = text.split_once('.')?;
    Some(DeliveryPlace {
        at_ms: at_ms.parse().ok()?,
        message: message.parse().ok()?,
    })
}
