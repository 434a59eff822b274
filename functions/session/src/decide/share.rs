//! A seat's share of the log, in events and in bytes, so that one seat cannot fill the log for the
//! other, nor make it too long to be read.

use sightline_wire::{GuestCommand, Seat};

use crate::apply::bytes;
use crate::{Fact, PageCommand, Rules, State};

/// Returns up to which size of the seat's share a command is taken. Drawing stops first, and what
/// lists many strokes with it, so that there is room for talking about it. Leaving goes on for
/// longest, with what protects a person.
pub(super) const fn bound(command: &PageCommand, rules: &Rules) -> u32 {
    use PageCommand as C;
    let all_but_drawing = rules.seat_bytes_max.saturating_add(rules.chat_bytes);
    match command {
        C::Draw { .. } | C::UndoAll { .. } | C::Redo { .. } => rules.seat_bytes_max,
        C::Join { .. }
        | C::Return
        | C::Leave
        | C::Cancel
        | C::End
        | C::Media { .. }
        | C::Delete { .. }
        | C::Guest(GuestCommand::SwitchOff { .. } | GuestCommand::Answer { .. }) => {
            all_but_drawing.saturating_add(rules.last_bytes)
        }
        C::Lobby { .. }
        | C::Rename { .. }
        | C::Zone { .. }
        | C::Capture
        | C::Bring
        | C::CaptureAgain { .. }
        | C::CaptureFailed { .. }
        | C::Keep { .. }
        | C::Send { .. }
        | C::OpenBoard { .. }
        | C::CloseBoard { .. }
        | C::Guest(_)
        | C::Undo { .. }
        | C::Clear { .. }
        | C::Say { .. } => all_but_drawing,
    }
}

/// Whether the facts fit into the seat's share up to this bound.
pub(super) fn has_room(
    state: &State,
    seat: Seat,
    bytes_max: u32,
    facts: &[Fact],
    rules: &Rules,
) -> bool {
    let share = state.seats.get(seat);
    let new = u32::try_from(facts.len()).unwrap_or(u32::MAX);
    let size = facts.iter().map(bytes).fold(0, u32::saturating_add);
    share.made.saturating_add(new) <= rules.seat_events_max
        && share.bytes.saturating_add(size) <= bytes_max
}
