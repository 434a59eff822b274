//! The agent's open request to the customer.

use sightline_wire::{GuestAnswer, GuestWish, PublicFact, Seat};

use crate::{Rules, State};

/// A request that the customer, or afterwards the phone, has not answered. There is one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The number of the event that asked.
    pub id: u32,
    /// For what.
    pub wish: GuestWish,
    /// The customer accepted; the phone is about to do it.
    pub allowed: bool,
    /// Since when the answer is waited for, by the clock of the deadlines, milliseconds.
    pub since_ms: u64,
}

impl Asking {
    /// When it counts as not answered, by the clock of the deadlines, milliseconds.
    #[must_use]
    pub const fn ends_at_ms(&self, rules: &Rules) -> u64 {
        let wait_ms = match self.allowed {
            false => rules.ask_ms,
            true => rules.allowed_ms,
        };
        self.since_ms.saturating_add(wait_ms)
    }
}

/// Changes the request by a public fact that was applied a moment ago.
pub(crate) fn change(state: &mut State, fact: &PublicFact) {
    let since_ms = state.head_at_ms;
    let is = |open: &Asking, asked: &u32| open.id == *asked;
    match fact {
        PublicFact::GuestAsked { wish } => {
            state.asking = Some(Asking {
                id: state.head,
                wish: *wish,
                allowed: false,
                since_ms,
            });
        }
        PublicFact::GuestAnswered {
            asked,
            answer: GuestAnswer::Allowed,
        } => {
            if let Some(open) = state.asking.as_mut().filter(|open| is(open, asked)) {
                open.allowed = true;
                open.since_ms = since_ms;
            }
        }
        PublicFact::GuestAnswered { asked, .. } | PublicFact::Located { asked, .. } => {
            state.asking = state.asking.filter(|open| !is(open, asked));
        }
        // It was a request to the page that is gone.
        PublicFact::Lost {
            seat: Seat::Customer,
        }
        | PublicFact::Left {
            seat: Seat::Customer,
        }
        | PublicFact::LinksRenewed
        | PublicFact::Ended { .. } => state.asking = None,
        _ => {}
    }
}
