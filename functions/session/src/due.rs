//! Deadlines that have passed. Every load applies them before anything else; a page whose message
//! caused the load is heard before them.

use sightline_wire::{EndReason, GuestAnswer, PublicFact, Seat, Seats};

use crate::{Fact, Rules, State};

/// When a seat's attached page last sent something. It comes from the attachment record, not from
/// the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its last message, epoch milliseconds.
    pub at_ms: u64,
    /// When its connection closed, if it did, epoch milliseconds.
    pub closed_at_ms: Option<u64>,
}

/// Returns the facts that the clock brings, in order: only the end if one is overdue, otherwise the
/// seats that were lost, and a request that nobody answered. A deadline `t` has passed from `t` on.
#[must_use]
pub fn due(state: &State, heard: &Seats<Option<Heard>>, now_ms: u64, rules: &Rules) -> Vec<Fact> {
    if state.ended.is_some() {
        return Vec::new();
    }
    // If several deadlines have passed, the earliest wins, as if we had checked on time. Ties go to
    // the first listed.
    let end = ends(state, heard, rules)
        .into_iter()
        .flatten()
        .filter(|(at_ms, _)| *at_ms <= now_ms)
        .min_by_key(|(at_ms, _)| *at_ms);
    if let Some((_, why)) = end {
        return vec![PublicFact::Ended { why }.into()];
    }
    let lost = |seat: &Seat| is_lost(state, *seat, *heard.get(*seat), now_ms, rules);
    let facts = Seat::ALL.into_iter().filter(lost);
    let facts = facts.map(|seat| PublicFact::Lost { seat });
    // A request goes with the page that it was made to.
    let unanswered = unanswered(state, now_ms, rules).filter(|_| !lost(&Seat::Customer));
    facts.chain(unanswered).map(Fact::Public).collect()
}

fn unanswered(state: &State, now_ms: u64, rules: &Rules) -> Option<PublicFact> {
    let asking = state.asking?;
    (asking.ends_at_ms(rules) <= now_ms).then_some(PublicFact::GuestAnswered {
        asked: asking.id,
        answer: GuestAnswer::NoAnswer,
    })
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

/// A seat without an attachment is never considered lost.
fn is_lost(state: &State, seat: Seat, heard: Option<Heard>, now_ms: u64, rules: &Rules) -> bool {
    let seat = state.seats.get(seat);
    let Some(heard) = heard.filter(|_| seat.seen && seat.away.is_none()) else {
        return false;
    };
    let closed = heard
        .closed_at_ms
        .is_some_and(|at_ms| at_ms.saturating_add(rules.lost_closed_ms) <= now_ms);
    closed || heard.at_ms.saturating_add(rules.lost_silent_ms) <= now_ms
}
