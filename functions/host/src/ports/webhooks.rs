//! The ports of webhooks: what is stored of them, and the hand that sends.

use std::future::Future;

use sightline_wire::{DeliveryOutcome, MessageId, WebhookId};

use super::{Committed, StoreError};
use crate::records::{DeliveryPlace, DeliveryRecord, WebhookRing};

/// What is to be sent now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueDeliveries {
    /// For each webhook at most one: the one that is due for the longest time.
    pub due: Vec<DeliveryRecord>,
    /// When the next of the others is due.
    pub next_ms: Option<u64>,
}

/// Stores webhooks, all in one record, and their deliveries. Commits and erasures store deliveries
/// too ([`super::Commit::deliveries`], [`super::Erasure::deliveries`]).
pub trait Webhooks: Send + Sync {
    /// Returns all webhooks.
    fn webhooks(&self) -> impl Future<Output = Result<WebhookRing, StoreError>> + Send;
    /// Replaces all webhooks, on the condition that the stored revision is one lower than that of
    /// `ring`.
    fn replace_webhooks(
        &self,
        ring: WebhookRing,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;
    /// Stores a delivery of no commit, unless there is one of this message already.
    fn put_delivery(
        &self,
        delivery: DeliveryRecord,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Replaces a delivery by another stage of it, on the condition that the stored one still is
    /// `before`. Returns whether it was.
    fn replace_delivery(
        &self,
        before: &DeliveryRecord,
        after: DeliveryRecord,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Reads a delivery.
    fn find_delivery(
        &self,
        webhook: WebhookId,
        message: MessageId,
    ) -> impl Future<Output = Result<Option<DeliveryRecord>, StoreError>> + Send;
    /// Returns at most `limit` deliveries of a webhook after a place, the newest first, without
    /// looking at their dates.
    fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<DeliveryPlace>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<DeliveryRecord>, StoreError>> + Send;
    /// Returns what is due at `now_ms`. Of the waiting deliveries to one webhook about one call,
    /// only the first counts: the others wait for it.
    fn due_deliveries(
        &self,
        now_ms: u64,
    ) -> impl Future<Output = Result<DueDeliveries, StoreError>> + Send;
    /// Deletes all deliveries of a webhook.
    fn remove_deliveries(
        &self,
        webhook: WebhookId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A message as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingPost {
    /// Where to: an address that [`crate::webhooks`] has looked at.
    pub url: String,
    /// Names in lower case and values.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// Sends messages to addresses that admins chose.
pub trait Dial: Send + Sync {
    /// Sends a message once and returns what became of it, within ten seconds. Looks at the
    /// addresses that the name leads to before it dials one of them ([`crate::is_public`]), follows
    /// no redirect and reads no body.
    fn post(&self, post: &OutgoingPost) -> impl Future<Output = DeliveryOutcome> + Send;
}

/// The webhooks of a plug that has none.
#[derive(Clone, Copy, Debug)]
pub enum NoWebhooks {}

impl Webhooks for NoWebhooks {
    async fn webhooks(&self) -> Result<WebhookRing, StoreError> {
        match *self {}
    }

    async fn replace_webhooks(&self, _ring: WebhookRing) -> Result<Committed, StoreError> {
        match *self {}
    }

    async fn put_delivery(&self, _delivery: DeliveryRecord) -> Result<(), StoreError> {
        match *self {}
    }

    async fn replace_delivery(
        &self,
        _before: &DeliveryRecord,
        _after: DeliveryRecord,
    ) -> Result<bool, StoreError> {
        match *self {}
    }

    async fn find_delivery(
        &self,
        _webhook: WebhookId,
        _message: MessageId,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        match *self {}
    }

    async fn deliveries(
        &self,
        _webhook: WebhookId,
        _after: Option<DeliveryPlace>,
        _limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        match *self {}
    }

    async fn due_deliveries(&self, _now_ms: u64) -> Result<DueDeliveries, StoreError> {
        match *self {}
    }

    async fn remove_deliveries(&self, _webhook: WebhookId) -> Result<(), StoreError> {
        match *self {}
    }
}
