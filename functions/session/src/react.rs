//! Who must hear of what happened, and what must be done.

use sightline_wire::{PageId, Seat};

use crate::{Event, State};

/// Something to be done outside after the commit. It may be lost, is never doubled, and each has a second way.
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

/// What follows outside from events that led from `before` to `after`, in order.
#[must_use]
pub fn react(before: &State, events: &[Event], after: &State) -> Vec<Effect> {
    let _ = (before, events, after);
    unimplemented!()
}
