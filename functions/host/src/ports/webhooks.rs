//! The ports of webhooks: what is stored of them, and the hand that sends.

use std::future::Future;

use sightline_wire::{DeliveryOutcome, MessageId, SessionId, WebhookId};

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
    /// Returns the first that waits of the deliveries to a webhook about one call: those after it
    /// wait for it.
    fn first_waiting(
        &self,
        webhook: WebhookId,
        call: Option<SessionId>,
    ) -> impl Future<Output = Result<Option<DeliveryRecord>, StoreError>> + Send;
    /// Forgets all deliveries of a webhook that was removed. A store may leave them until their
    /// date: nothing asks for those of a webhook that is not there.
    fn remove_deliveries(
        &self,
        webhook: WebhookId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The queue of deliveries of a store that keeps its own.
pub trait DeliveryQueue: Send + Sync {
    /// Returns what is due at `now_ms`. Of the waiting deliveries to one webhook about one call,
    /// only the first counts: the others wait for it.
    fn due_deliveries(
        &self,
        now_ms: u64,
    ) -> impl Future<Output = Result<DueDeliveries, StoreError>> + Send;
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

/// What became of a message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostReply {
    /// What the list of deliveries says.
    pub outcome: DeliveryOutcome,
    /// The header `Retry-After` of the answer, if it is text.
    pub retry_after: Option<String>,
}

impl From<DeliveryOutcome> for PostReply {
    fn from(outcome: DeliveryOutcome) -> Self {
        Self {
            outcome,
            retry_after: None,
        }
    }
}

/// Sends messages to addresses that admins chose.
pub trait Dial: Send + Sync {
    /// Sends a message once and returns what became of it, within ten seconds. Looks at the
    /// addresses that the name leads to before it dials one of them ([`crate::is_public`]), follows
    /// no redirect and reads no body.
    fn post(&self, post: &OutgoingPost) -> impl Future<Output = PostReply> + Send;
}
