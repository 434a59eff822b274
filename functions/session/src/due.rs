//! What is overdue by the clock. Every load applies it before anything else.

use sightline_wire::{EndReason, PublicFact, Seat, Seats};

use crate::{Fact, Rules, State};

/// When a seat's attached page was last heard. Comes from the attachments, which are no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its last word, epoch milliseconds.
    pub at_ms: u64,
    /// When its connection closed, if it did, epoch milliseconds.
    pub closed_at_ms: Option<u64>,
}

/// The events that the clock brings, in order: the end alone when one is overdue, else who was
/// lost. Something dated `t` is overdue from `t` on.
#[must_use]
pub fn due(state: &State, heard: &Seats<Option<Heard>>, now_ms: u64, rules: &Rules) -> Vec<Fact> {
    if state.ended.is_some() {
        return Vec::new();
    }
    // Of several overdue ends the earliest is what would have happened, had somebody looked in
    // time; the first of equals.
    let end = ends(state, heard, rules)
        .into_iter()
        .flatten()
        .filter(|(at_ms, _)| *at_ms <= now_ms)
        .min_by_key(|(at_ms, _)| *at_ms);
    if let Some((_, why)) = end {
        return vec![PublicFact::Ended { why }.into()];
    }
    Seat::ALL
        .into_iter()
        .filter(|seat| is_lost(state, *seat, *heard.get(*seat), now_ms, rules))
        .map(|seat| PublicFact::Lost { seat }.into())
        .collect()
}

fn ends(
    state: &State,
    heard: &Seats<Option<Heard>>,
    rules: &Rules,
) -> [Option<(u64, EndReason)>; 3] {
    let joined = state.seats.get(Seat::Customer).joined();
    let expires = (!joined).then_some((state.expires_at_ms, EndReason::InviteExpired));
    let newest_ms = heard
        .iter()
        .filter_map(|(_, heard)| heard.map(|heard| heard.at_ms))
        .max();
    let unheard = newest_ms.filter(|_| joined).map(|at_ms| {
        (
            at_ms.saturating_add(rules.unheard_ms),
            EndReason::NobodyHeard,
        )
    });
    [
        Some((state.ends_at_ms, EndReason::TooLong)),
        expires,
        unheard,
    ]
}

/// Of a seat without an attachment nothing is known, so it is not lost.
fn is_lost(state: &State, seat: Seat, heard: Option<Heard>, now_ms: u64, rules: &Rules) -> bool {
    let there = state.seats.get(seat);
    let Some(heard) = heard.filter(|_| there.seen && there.away.is_none()) else {
        return false;
    };
    let closed = heard
        .closed_at_ms
        .is_some_and(|at_ms| at_ms.saturating_add(rules.lost_closed_ms) <= now_ms);
    closed || heard.at_ms.saturating_add(rules.lost_silent_ms) <= now_ms
}
