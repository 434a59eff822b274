//! Which page may read the log of a session.

use sightline_session::State;
use sightline_wire::{PageId, Refusal, Seat};

/// Checks that a page of a seat may read the log. A customer's page may not while another holds the
/// seat.
pub(crate) fn may_read(seat: Seat, page: PageId, state: &State) -> Result<(), Refusal> {
    match (seat, state.seats.get(seat).holder) {
        (Seat::Customer, Some(holder)) if holder != page => Err(Refusal::Moved),
        _ => Ok(()),
    }
}
