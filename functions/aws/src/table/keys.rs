//! Keys of the rows of a session.

use sightline_host::records::InviteHash;
use sightline_session::NotePlace;
use sightline_wire::{Seat, SessionId};

/// The sort key of the state.
pub(super) const STATE: &str = "0state";

/// The partition of a session.
pub(super) fn partition(session: SessionId) -> String {
    format!("s#{session}")
}

/// The sort key of a seat's attachment.
pub(super) const fn seat(seat: Seat) -> &'static str {
    match seat {
        Seat::Agent => "0seat-agent",
        Seat::Customer => "0seat-customer",
    }
}

/// How the sort keys of a seat's minutes begin.
pub(super) const fn minutes(seat: Seat) -> &'static str {
    match seat {
        Seat::Agent => "q#agent#",
        Seat::Customer => "q#customer#",
    }
}

/// How the sort keys of notes and ratings begin.
pub(super) const BESIDE: &str = "n#";

/// The sort key of a text of a note.
pub(super) fn note(place: NotePlace) -> String {
    format!("{BESIDE}{:03}#{:03}", place.n, place.version)
}

/// The sort key of a seat's rating.
pub(super) const fn rating(seat: Seat) -> &'static str {
    match seat {
        Seat::Agent => "n#rating-agent",
        Seat::Customer => "n#rating-customer",
    }
}

/// The sort key of an event.
pub(super) fn event(seq: u32) -> String {
    format!("e#{seq:010}")
}

/// The sort key that says which invite leads to the session: the partition of the invite itself.
pub(super) fn invite(hash: InviteHash) -> String {
    format!("{INVITES}{}", hex::encode(hash.0))
}

/// How the keys of invites begin.
pub(super) const INVITES: &str = "i#";
