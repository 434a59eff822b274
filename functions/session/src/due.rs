//! What is overdue by the clock. Every load applies it before anything else.

use crate::{PerSeat, Rules, State, What};

/// When a seat's attached page was last heard. Comes from the attachments, which are no events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its last word, epoch milliseconds.
    pub at_ms: u64,
    /// When its connection closed, if it did, epoch milliseconds.
    pub closed_at_ms: Option<u64>,
}

/// The events that the clock brings, in order.
#[must_use]
pub fn due(state: &State, heard: &PerSeat<Option<Heard>>, now_ms: u64, rules: &Rules) -> Vec<What> {
    let _ = (state, heard, now_ms, rules);
    unimplemented!()
}
