//! Webhooks and their deliveries.

use std::collections::BTreeSet;

use sightline_wire::{MessageId, SessionId, WebhookId};

use super::{Memory, World, step};
use crate::ports::{Committed, DeliveryQueue, DueDeliveries, StoreError, Webhooks};
use crate::records::{DeliveryPlace, DeliveryRecord, Record as _, WebhookRing, call_bytes};

/// Webhook, call and number.
pub(super) type Key = (WebhookId, [u8; 16], u64);

fn key(webhook: WebhookId, message: MessageId) -> Key {
    (webhook, call_bytes(message), message.number)
}

impl Webhooks for Memory {
    async fn webhooks(&self) -> Result<WebhookRing, StoreError> {
        step().await;
        self.world().webhook_ring()
    }

    async fn replace_webhooks(&self, ring: WebhookRing) -> Result<Committed, StoreError> {
        step().await;
        let mut world = self.world();
        if world.webhook_ring()?.revision.checked_add(1) != Some(ring.revision) {
            return Ok(Committed::Clash);
        }
        world.webhooks = Some(ring.encode());
        Ok(Committed::Done)
    }

    async fn put_delivery(&self, delivery: DeliveryRecord) -> Result<(), StoreError> {
        self.world().store_deliveries(&[delivery]);
        Ok(())
    }

    async fn replace_delivery(
        &self,
        before: &DeliveryRecord,
        after: DeliveryRecord,
    ) -> Result<bool, StoreError> {
        step().await;
        let mut world = self.world();
        let stored = world.delivery(before.webhook, before.message)?;
        let stands = stored.as_ref() == Some(before);
        if stands {
            let key = key(after.webhook, after.message);
            world.deliveries.insert(key, after.encode());
        }
        Ok(stands)
    }

    async fn find_delivery(
        &self,
        webhook: WebhookId,
        message: MessageId,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        self.world().delivery(webhook, message)
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<DeliveryPlace>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let mut all = self.world().all_deliveries()?;
        all.retain(|delivery| delivery.webhook == webhook);
        all.sort_by_key(|delivery| delivery.place().order());
        let after = after.map(|place| place.order());
        all.retain(|delivery| after.is_none_or(|after| after < delivery.place().order()));
        all.truncate(limit);
        Ok(all)
    }

    async fn first_waiting(
        &self,
        webhook: WebhookId,
        call: Option<SessionId>,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        let all = self.world().all_deliveries()?;
        let mut own = all.into_iter().filter(|delivery| {
            delivery.webhook == webhook
                && delivery.message.call == call
                && delivery.due_ms().is_some()
        });
        Ok(own.next())
    }

    async fn remove_deliveries(&self, webhook: WebhookId) -> Result<(), StoreError> {
        let mut world = self.world();
        world.deliveries.retain(|(of, _, _), _| *of != webhook);
        Ok(())
    }
}

impl DeliveryQueue for Memory {
    async fn due_deliveries(&self, now_ms: u64) -> Result<DueDeliveries, StoreError> {
        let mut waiting = self.world().all_deliveries()?;
        waiting.retain(|delivery| delivery.due_ms().is_some());
        let mut groups = BTreeSet::new();
        waiting.retain(|first| groups.insert((first.webhook, first.message.call)));
        let is_due = |delivery: &DeliveryRecord| delivery.due_ms() <= Some(now_ms);
        let (mut due, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_due);
        due.sort_by_key(|delivery| delivery.due_ms());
        let mut webhooks = BTreeSet::new();
        due.retain(|longest| webhooks.insert(longest.webhook));
        let next_ms = later.iter().filter_map(DeliveryRecord::due_ms).min();
        Ok(DueDeliveries { due, next_ms })
    }
}

impl World {
    /// Stores those that are new.
    pub(super) fn store_deliveries(&mut self, deliveries: &[DeliveryRecord]) {
        for delivery in deliveries {
            let key = key(delivery.webhook, delivery.message);
            let encoded = || delivery.encode();
            self.deliveries.entry(key).or_insert_with(encoded);
        }
    }

    fn webhook_ring(&self) -> Result<WebhookRing, StoreError> {
        let stored = self.webhooks.as_deref().map(WebhookRing::decode);
        Ok(stored.transpose()?.unwrap_or_default())
    }

    fn delivery(
        &self,
        webhook: WebhookId,
        message: MessageId,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        let stored = self.deliveries.get(&key(webhook, message));
        stored
            .map(|bytes| DeliveryRecord::decode(bytes))
            .transpose()
    }

    /// By webhook, call and number.
    fn all_deliveries(&self) -> Result<Vec<DeliveryRecord>, StoreError> {
        let all = self.deliveries.values();
        all.map(|bytes| DeliveryRecord::decode(bytes)).collect()
    }
}
