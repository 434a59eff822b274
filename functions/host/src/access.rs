//! Who may read what of a session.

use sightline_session::State;
use sightline_wire::api::{ApiError, Role};
use sightline_wire::{AgentId, DisplayName, PageId, Refusal, Seat};

use crate::tokens::SignedIn;

/// Who asks for something: an agent who is signed in, or a key of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Viewer {
    /// The agent. A key is an agent of its own.
    pub(crate) agent: AgentId,
    pub(crate) name: DisplayName,
    pub(crate) role: Role,
}

impl From<&SignedIn> for Viewer {
    fn from(signed_in: &SignedIn) -> Self {
        Self {
            agent: signed_in.agent,
            name: signed_in.name.clone(),
            role: signed_in.role,
        }
    }
}

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
pub(crate) fn may_see(viewer: &Viewer, state: &State) -> Result<(), ApiError> {
    match viewer.role {
        Role::Admin => Ok(()),
        Role::Agent if state.agent == viewer.agent => Ok(()),
        Role::Agent => Err(ApiError::NotFound),
    }
}
