//! The line of a call in lists.

use sightline_wire::api::CallPhase;
use sightline_wire::{
    AgentId, DisplayName, EndReason, PhoneNumber, Reference, Seat, Seats, SessionId, Stars,
};

use super::check;
use crate::records::CallSummary;

#[test]
fn a_summary_of_every_version_is_read() {
    let session = SessionId::from_bytes([9; 16]);
    check(
        &CallSummary {
            agent: None,
            ..summary(session)
        },
        &[include_str!("../../../samples/call.1.json")],
    );
    let whole = CallSummary {
        phase: CallPhase::Ended,
        customer: Some(DisplayName::new("Grüße 👋").unwrap()),
        joined_at_ms: Some(1_800_000_060_000),
        ended_at_ms: Some(1_800_000_600_000),
        reason: Some(EndReason::CustomerEnded),
        pictures: 4,
        sent: 2,
        stars: Seats::from_fn(|seat| Stars::new(if seat == Seat::Agent { 3 } else { 5 })),
        ..summary(session)
    };
    check(
        &whole.dated(1_802_592_000, 1_831_536_000),
        &[include_str!("../../../samples/call.1.details.json")],
    );
    check(
        &CallSummary {
            opted_out: true,
            ..summary(session)
        },
        &[include_str!("../../../samples/call.1.opted-out.json")],
    );
}

fn summary(session: SessionId) -> CallSummary {
    CallSummary {
        session,
        at_ms: 1_800_000_000_000,
        number: Some(PhoneNumber::new("+4915123456789").unwrap()),
        reference: Reference::new("CLAIM-2026-1").unwrap(),
        phase: CallPhase::Live,
        agent: Some((
            AgentId::from_bytes([1; 16]),
            DisplayName::new("Ada").unwrap(),
        )),
        customer: None,
        joined_at_ms: None,
        ended_at_ms: None,
        reason: None,
        opted_out: false,
        pictures: 0,
        sent: 0,
        stars: Seats::default(),
        dates: None,
    }
}
