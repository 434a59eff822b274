//! Looking: which events follow from a command, or why none.

use sightline_wire::Refusal;

use crate::{By, Command, Invitation, Rules, State, What};

/// The first event of a session and the state after it.
#[must_use]
pub fn begin(invitation: Invitation, now_ms: u64, rules: &Rules) -> (State, crate::Event) {
    let _ = (invitation, now_ms, rules);
    unimplemented!()
}

/// What follows from a command, in order; nothing when it asks for what is so already.
///
/// # Errors
/// Why the session says no.
pub fn decide(state: &State, by: By, command: &Command, now_ms: u64, rules: &Rules) -> Result<Vec<What>, Refusal> {
    let _ = (state, by, command, now_ms, rules);
    unimplemented!()
}
