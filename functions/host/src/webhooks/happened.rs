//! What of a change webhooks hear, and the messages that say it.

use sightline_session::{Event, Fact};
use sightline_wire::v1::{V1Message, V1MessageData};
use sightline_wire::{EndReason, MessageKind, PublicFact, Seat};

use crate::case::utc;
use crate::records::{BesideRecord, DeliveryRecord};

/// Something that webhooks hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Happened {
    pub(crate) kind: MessageKind,
    /// By the time of day, epoch milliseconds.
    pub(crate) at_ms: u64,
    pub(crate) reason: Option<EndReason>,
}

impl Happened {
    pub(crate) const fn of(kind: MessageKind, at_ms: u64) -> Self {
        Self {
            kind,
            at_ms,
            reason: None,
        }
    }
}

/// Returns what webhooks hear of a change, in its order.
pub(crate) fn happened(events: &[Event], beside: &[BesideRecord]) -> Vec<Happened> {
    let events = events.iter().filter_map(of_event);
    events.chain(beside.iter().filter_map(of_record)).collect()
}

fn of_event(event: &Event) -> Option<Happened> {
    let kind = match &event.fact {
        Fact::Joined {
            seat: Seat::Customer,
            ..
        } => MessageKind::CallJoined,
        Fact::Public(PublicFact::LinkOpened) => MessageKind::InviteOpened,
        Fact::Public(PublicFact::PictureKept { .. }) => MessageKind::PictureKept,
        Fact::Public(PublicFact::Ended { why }) => {
            return Some(Happened {
                reason: Some(*why),
                ..Happened::of(MessageKind::CallEnded, event.at_ms)
            });
        }
        _ => return None,
    };
    Some(Happened::of(kind, event.at_ms))
}

fn of_record(record: &BesideRecord) -> Option<Happened> {
    match record {
        BesideRecord::Rating(_, rating) => Some(Happened::of(MessageKind::CallRated, rating.at_ms)),
        BesideRecord::Note(_) => None,
    }
}

/// Returns the body of a message: ids, times, reasons and an address of the API, nothing personal.
pub(crate) fn body(delivery: &DeliveryRecord, origin: &str) -> String {
    let call = delivery.message.call;
    let message = V1Message {
        kind: delivery.kind,
        timestamp: utc(delivery.at_ms),
        data: V1MessageData {
            call,
            at_ms: delivery.at_ms,
            reason: delivery.reason,
            url: call.map(|call| format!("{origin}/api/v1/calls/{call}")),
        },
    };
    serde_json::to_string(&message).expect("texts and numbers, which JSON can hold")
}
