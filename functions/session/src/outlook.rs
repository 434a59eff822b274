//! The progress of a session as links and lists show it.

use sightline_wire::api::{CallPhase, LinkState};
use sightline_wire::{EndReason, Refusal, Seat};

use crate::State;
use crate::decide::after_the_end;

/// Returns the state of this session's links.
#[must_use]
pub const fn link_state(state: &State) -> LinkState {
    match state.ended {
        None => LinkState::Valid,
        Some(EndReason::InviteExpired) => LinkState::Expired,
        Some(EndReason::InviteCancelled) => LinkState::Cancelled,
        Some(
            EndReason::AgentEnded
            | EndReason::CustomerEnded
            | EndReason::NobodyHeard
            | EndReason::TooLong,
        ) => LinkState::Ended,
    }
}

/// Returns how far the call got.
#[must_use]
pub const fn phase(state: &State) -> CallPhase {
    if state.ended.is_some() {
        CallPhase::Ended
    } else if state.seats.get(Seat::Customer).joined() {
        CallPhase::Live
    } else {
        CallPhase::Waiting
    }
}

/// Checks that the short code of the invite leads into the session: until a customer joins, again
/// after the links were renewed, or the session ends. Links go on, because they cannot be guessed.
///
/// # Errors
/// The reason for which the code is void.
pub fn code_leads_in(state: &State) -> Result<(), Refusal> {
    match state.ended {
        Some(why) => Err(after_the_end(why)),
        None if state.seats.get(Seat::Customer).is_held() => Err(Refusal::AlreadyJoined),
        None => Ok(()),
    }
}
