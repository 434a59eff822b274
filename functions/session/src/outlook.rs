//! The progress of a session as links and lists show it.

use sightline_wire::api::{CallPhase, LinkState};
use sightline_wire::{EndReason, Seat};

use crate::State;

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
