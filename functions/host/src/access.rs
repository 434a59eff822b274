//! Who may read what of a session.

use sightline_session::State;
use sightline_wire::api::{ApiError, Role};
use sightline_wire::{PageId, Refusal, Seat};

use crate::tokens::SignedIn;

/// Checks that a page of a seat may read the log. A customer's page may not while another holds the
/// seat.
pub(crate) fn may_read(seat: Seat, page: PageId, state: &State) -> Result<(), Refusal> {
    match (seat, state.seats.get(seat).holder) {
        (Seat::Customer, Some(holder)) if holder != page => Err(Refusal::Moved),
        _ => Ok(()),
    }
}

/// Checks that a person may see what a call left behind: its agent, and admins.
///
/// # Errors
/// `not_found`, as for a call that does not exist.
pub(crate) fn may_see(agent: &SignedIn, state: &State) -> Result<(), ApiError> {
    match agent.role {
        Role::Admin => Ok(()),
        Role::Agent if state.agent == agent.agent => Ok(()),
        Role::Agent => Err(ApiError::NotFound),
    }
}
