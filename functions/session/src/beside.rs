//! What is said of a call beside its log: notes, and ratings after the end. The state keeps what
//! limits them; the texts are records of their own.

use sightline_wire::{NOTE_VERSIONS_MAX, NOTES_MAX, Refusal, Seat, Stars};

use crate::{Rules, State};

/// The place of a note's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotePlace {
    /// The note, from 1.
    pub n: u8,
    /// Which of its texts, from 1; the newest stands.
    pub version: u8,
}

/// Until when a seat may rate the call, by the clock of the deadlines.
///
/// # Errors
/// `NotJoined` for a call that nobody joined, and for a seat that did not. `Busy` stands for a call
/// that has not ended.
pub fn rate_until_ms(state: &State, seat: Seat, rules: &Rules) -> Result<u64, Refusal> {
    if state.ended.is_none() {
        return Err(Refusal::Busy);
    }
    // A call that only the agent joined was no call.
    let joined = |seat: Seat| state.seats.get(seat).joined();
    if !joined(Seat::Customer) || !joined(seat) {
        return Err(Refusal::NotJoined);
    }
    // Nothing is added to a log after its end.
    Ok(state.head_at_ms.saturating_add(rules.rate_ms))
}

/// Notes how a seat rated the call.
///
/// # Errors
/// As [`rate_until_ms`], and `TooLate`.
pub fn rate(
    state: &mut State,
    seat: Seat,
    stars: Stars,
    now_ms: u64,
    rules: &Rules,
) -> Result<(), Refusal> {
    if now_ms >= rate_until_ms(state, seat, rules)? {
        return Err(Refusal::TooLate);
    }
    state.seats.get_mut(seat).stars = Some(stars);
    Ok(())
}

/// Makes room for a further note and returns its place.
///
/// # Errors
/// `LimitReached`.
pub fn add_note(state: &mut State) -> Result<NotePlace, Refusal> {
    let n = u8::try_from(state.notes.len() + 1).unwrap_or(u8::MAX);
    if n > NOTES_MAX {
        return Err(Refusal::LimitReached);
    }
    state.notes.push(1);
    Ok(NotePlace { n, version: 1 })
}

/// Makes room for a further text of a note and returns its place. `None` if there is no such note.
///
/// # Errors
/// `LimitReached`.
pub fn edit_note(state: &mut State, n: u8) -> Result<Option<NotePlace>, Refusal> {
    let at = usize::from(n).checked_sub(1);
    let Some(versions) = at.and_then(|at| state.notes.get_mut(at)) else {
        return Ok(None);
    };
    if *versions >= NOTE_VERSIONS_MAX {
        return Err(Refusal::LimitReached);
    }
    *versions += 1;
    let version = *versions;
    Ok(Some(NotePlace { n, version }))
}
