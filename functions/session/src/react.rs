//! Who must hear of what happened, and what must be done.

use sightline_wire::{PageId, PublicFact, Seat};

use crate::{Event, Fact, State};

/// Something to be done outside after the commit. It may be lost, is never doubled, and each has a
/// second way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Push the new events to this seat's attached page.
    Push(Seat),
    /// Hand the text message over.
    SendSms {
        /// Which attempt.
        attempt: u32,
    },
    /// Tell the relay that this page holds the seat.
    Promote {
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
    },
    /// Tell the page that lost the seat.
    TellMoved {
        /// The seat.
        seat: Seat,
        /// The page that held it before.
        page: PageId,
    },
    /// Tell the relay that the session is over.
    CloseRoom,
}

/// What follows outside from events that led from `before` to `after`. The order is fixed: both
/// seats hear of it (the agent's first), then the page that lost a seat, then the relay of who
/// holds it, then the text message, then the relay of the end.
#[must_use]
pub fn react(before: &State, events: &[Event], after: &State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !events.is_empty() {
        effects.extend(Seat::ALL.map(Effect::Push));
    }
    let moves = Seat::ALL.map(|seat| {
        let held = before.seats.get(seat).holder;
        let holds = after.seats.get(seat).holder;
        (seat, held, holds.filter(|_| held != holds))
    });
    for (seat, held, holds) in moves {
        if let (Some(page), Some(_)) = (held, holds) {
            effects.push(Effect::TellMoved { seat, page });
        }
    }
    for (seat, _, holds) in moves {
        if let Some(page) = holds {
            effects.push(Effect::Promote { seat, page });
        }
    }
    for event in events {
        if let Fact::Public(PublicFact::SmsAttempted { attempt }) = event.fact {
            effects.push(Effect::SendSms { attempt });
        }
    }
    if before.ended.is_none() && after.ended.is_some() {
        effects.push(Effect::CloseRoom);
    }
    effects
}
