//! Reacting: effects that follow from a commit.

use sightline_wire::{PageId, PublicFact, Seat};

use crate::{Away, Event, Fact, SeatState, State};

/// Something to do outside after the commit. It may be lost, it is never doubled, and there is a
/// second way to the same end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Push the new events to this seat's attached page.
    Push(Seat),
    /// Hand the text message over. An attempt that failed in the same commit, because it is beyond
    /// the budget, is not sent.
    SendSms {
        /// Which attempt.
        attempt: u32,
    },
    /// Tell the relay that this page holds the seat now. Nobody does while its holder has left.
    Promote {
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
    },
    /// Tell a page that it lost the seat.
    TellMoved {
        /// The seat.
        seat: Seat,
        /// The page that held it before.
        page: PageId,
    },
    /// Tell the attached page of a seat that its link was taken back, and close its connection.
    Dismiss(Seat),
    /// Tell the relay that the session is over.
    CloseRoom,
}

/// Returns the effects of events that led from `before` to `after`. The order is fixed: pushes to
/// every seat (the agent's first), pages that lost a seat or its link, new holders to the relay,
/// text messages, and the end to the relay.
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
    if before.links_renewed != after.links_renewed {
        effects.push(Effect::Dismiss(Seat::Customer));
    }
    for (seat, held, holds) in moves {
        if let (Some(page), Some(_)) = (held, holds.filter(|page| *page != SeatState::NOBODY)) {
            effects.push(Effect::TellMoved { seat, page });
        }
    }
    for seat in Seat::ALL {
        let at = |state: &State| (speaker(state, seat), state.seats.get(seat).holder);
        if let Some(page) = at(after).0.filter(|_| at(before) != at(after)) {
            effects.push(Effect::Promote { seat, page });
        }
    }
    for event in events {
        if let Fact::Public(PublicFact::SmsAttempted { attempt }) = event.fact
            && !is_settled(after, attempt)
        {
            effects.push(Effect::SendSms { attempt });
        }
    }
    if before.ended.is_none() && after.ended.is_some() {
        effects.push(Effect::CloseRoom);
    }
    effects
}

/// The page that the relay lets speak and hear. Who has left hears nothing more: the other person
/// reads that they are gone. A lost page may hear, because its media may outlive its connection.
fn speaker(state: &State, seat: Seat) -> Option<PageId> {
    let seat = state.seats.get(seat);
    match seat.away {
        Some(Away::Left) => seat.holder.map(|_| SeatState::NOBODY),
        Some(Away::Lost) | None => seat.holder,
    }
}

fn is_settled(state: &State, attempt: u32) -> bool {
    state.sms.attempts > attempt || state.sms.settled
}
