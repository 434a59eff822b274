//! Deliveries of webhooks' messages.

use serde::{Deserialize, Serialize};
use sightline_wire::{DeliveryOutcome, EndReason, MessageId, MessageKind, WebhookId};

use super::{Record, codec};
use crate::store_error::StoreError;

/// The delivery of one message to one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// To which webhook.
    pub webhook: WebhookId,
    /// Which message. Those of one call are sent in the order of their numbers.
    pub message: MessageId,
    /// What it says.
    pub kind: MessageKind,
    /// When it happened, by the time of day, epoch milliseconds.
    pub at_ms: u64,
    /// Why the call ended.
    pub reason: Option<EndReason>,
    /// How far it got.
    pub stage: DeliveryStage,
    /// When it was first to be sent, by the clock of the deadlines, epoch milliseconds.
    pub since_ms: u64,
    /// How often it was sent since.
    pub attempts: u32,
    /// When it was sent last, by the time of day in epoch milliseconds, and what became of that.
    pub tried: Option<(u64, DeliveryOutcome)>,
    /// The time from which it may be deleted, epoch seconds.
    pub delete_at_s: u64,
}

/// How far a delivery got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStage {
    /// It is to be sent at this time by the clock of the deadlines, epoch milliseconds.
    Waiting(u64),
    /// The receiver took it.
    Delivered,
    /// It was given up.
    Dead,
}

/// Where a delivery is in the list of a webhook, the newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryPlace {
    /// When it happened, epoch milliseconds.
    pub at_ms: u64,
    /// The message.
    pub message: MessageId,
}

impl DeliveryRecord {
    /// When it is to be sent, if it waits.
    #[must_use]
    pub const fn due_ms(&self) -> Option<u64> {
        match self.stage {
            DeliveryStage::Waiting(due_ms) => Some(due_ms),
            DeliveryStage::Delivered | DeliveryStage::Dead => None,
        }
    }

    /// Its place in the list of its webhook.
    #[must_use]
    pub const fn place(&self) -> DeliveryPlace {
        DeliveryPlace {
            at_ms: self.at_ms,
            message: self.message,
        }
    }
}

impl DeliveryPlace {
    /// What lists are ordered by: the time downwards, then the message.
    #[must_use]
    pub fn order(&self) -> (u64, [u8; 16], u64) {
        let MessageId { number, .. } = self.message;
        (u64::MAX - self.at_ms, call_bytes(self.message), number)
    }
}

/// The call of a message as a store's key has it. A test's is of zeros, which no call has.
#[must_use]
pub fn call_bytes(message: MessageId) -> [u8; 16] {
    message.call.map_or([0; 16], |call| *call.as_bytes())
}

#[derive(Serialize, Deserialize)]
struct Delivery1 {
    webhook: WebhookId,
    message: MessageId,
    kind: MessageKind,
    at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<EndReason>,
    stage: DeliveryStage,
    since_ms: u64,
    attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tried: Option<(u64, DeliveryOutcome)>,
    delete_at_s: u64,
}

impl Record for DeliveryRecord {
    fn encode(&self) -> Vec<u8> {
        codec::encode(1, &Delivery1::from(self.clone()))
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode delivery";
        match codec::version(WHAT, bytes)? {
            1 => Ok(codec::read::<Delivery1>(WHAT, bytes)?.into()),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

codec::mirror!(DeliveryRecord -> Delivery1, Delivery1 -> DeliveryRecord: {
    webhook, message, kind, at_ms, reason, stage, since_ms, attempts, tried, delete_at_s
});
