//! What the page of a seat may ask.

use sightline_wire::{
    ChatText, DisplayName, EndReason, LobbyStep, PageId, Refusal, Seat, UtcOffset,
};

use super::{ink, invite, picture};
use crate::{PageCommand, Rules, State, What};

pub(super) fn decide(
    state: &State,
    seat: Seat,
    page: PageId,
    command: &PageCommand,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<What>, Refusal> {
    use PageCommand as C;
    // Most commands are the holder's alone, and show that the seat is no longer away.
    let as_holder = |follows: &dyn Fn() -> Result<Vec<What>, Refusal>| {
        must_hold(state, seat, page)?;
        let follows = follows()?;
        Ok(resumed(state, seat).into_iter().chain(follows).collect())
    };
    match command {
        C::Lobby { step } => lobby(state, seat, *step),
        C::Rename { name } => rename(state, seat, page, name),
        C::Join {
            name,
            video_only,
            microphone,
            camera,
            take,
        } => {
            let mut events = take_seat(state, seat, page, name, *video_only, *take)?;
            events.extend(media_changed(state, seat, *microphone, *camera));
            Ok(events)
        }
        C::Return => Ok(come_back(state, seat, page)),
        C::Leave => Ok(leave(state, seat, page)),
        C::Cancel => cancel(state, seat),
        C::End => end(state, seat, page),
        C::Media { microphone, camera } => as_holder(&|| {
            let changed = media_changed(state, seat, *microphone, *camera);
            Ok(changed.into_iter().collect())
        }),
        C::Say { text } => as_holder(&|| Ok(said(seat, text))),
        C::Zone { utc_offset } => as_holder(&|| zone(state, seat, *utc_offset)),
        C::Capture => as_holder(&|| picture::capture(state, seat, rules)),
        C::CaptureAgain { picture } => {
            as_holder(&|| picture::capture_again(state, seat, *picture, rules))
        }
        C::CaptureFailed {
            picture,
            attempt,
            why,
        } => as_holder(&|| picture::capture_failed(state, seat, *picture, *attempt, *why)),
        C::Keep { picture, base } => {
            as_holder(&|| picture::keep(state, seat, *picture, *base, now_ms, rules))
        }
        C::Send {
            picture,
            through,
            size,
        } => as_holder(&|| picture::send(state, seat, *picture, *through, *size, rules)),
        C::Delete { picture } => as_holder(&|| picture::delete(state, seat, *picture)),
        C::OpenBoard { board, as_of } => as_holder(&|| picture::open(state, seat, board, *as_of)),
        C::CloseBoard { picture } => as_holder(&|| picture::close(state, seat, *picture)),
        C::Draw { picture, strokes } => {
            as_holder(&|| ink::draw(state, seat, *picture, strokes, rules))
        }
        C::Undo { picture } => as_holder(&|| ink::undo(state, seat, *picture)),
        C::UndoAll { picture } => as_holder(&|| ink::undo_all(state, seat, *picture)),
        C::Redo { picture } => as_holder(&|| ink::redo(state, seat, *picture)),
        C::Clear { picture } => as_holder(&|| ink::clear(state, seat, *picture)),
    }
}

fn lobby(state: &State, seat: Seat, step: LobbyStep) -> Result<Vec<What>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    if state.seats.get(Seat::Customer).joined() {
        return Err(Refusal::AlreadyJoined);
    }
    let reached = (state.lobby != Some(step)).then_some(What::LobbyReached { step });
    Ok(resumed(state, seat).into_iter().chain(reached).collect())
}

fn rename(
    state: &State,
    seat: Seat,
    page: PageId,
    name: &DisplayName,
) -> Result<Vec<What>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    if state.seats.get(Seat::Customer).joined() {
        must_hold(state, seat, page)?;
    }
    Ok(renamed(state, name).into_iter().collect())
}

/// The first join takes the free seat, a join by its holder comes back to it, a join by another
/// page moves it. Of the agent's pages the newest wins without being asked.
fn take_seat(
    state: &State,
    seat: Seat,
    page: PageId,
    name: &DisplayName,
    video_only: bool,
    take: bool,
) -> Result<Vec<What>, Refusal> {
    let mut events = Vec::new();
    match state.seats.get(seat).holder {
        None => {
            let name = name.clone();
            return Ok(vec![What::Joined {
                seat,
                page,
                name,
                video_only,
            }]);
        }
        Some(holder) if holder == page => {}
        Some(_) if seat == Seat::Customer && !take => return Err(Refusal::SeatTaken),
        Some(_) => events.push(What::Moved {
            seat,
            page,
            video_only,
        }),
    }
    events.extend(resumed(state, seat));
    if seat == Seat::Customer {
        events.extend(renamed(state, name));
    }
    Ok(events)
}

/// A page that lost its seat comes and goes without a trace.
fn come_back(state: &State, seat: Seat, page: PageId) -> Vec<What> {
    let back = resumed(state, seat).filter(|_| speaks_for(state, seat, page));
    back.into_iter().collect()
}

fn leave(state: &State, seat: Seat, page: PageId) -> Vec<What> {
    let state_of = state.seats.get(seat);
    if speaks_for(state, seat, page) && state_of.seen && state_of.away.is_none() {
        vec![What::Left { seat }]
    } else {
        Vec::new()
    }
}

/// Any page of the agent may: while waiting, none of them holds the seat.
fn cancel(state: &State, seat: Seat) -> Result<Vec<What>, Refusal> {
    if seat != Seat::Agent {
        return Err(Refusal::NotYours);
    }
    invite::cancel(state)
}

fn said(seat: Seat, text: &ChatText) -> Vec<What> {
    let text = text.clone();
    vec![What::Said { seat, text }]
}

fn end(state: &State, seat: Seat, page: PageId) -> Result<Vec<What>, Refusal> {
    must_hold(state, seat, page)?;
    let why = match seat {
        Seat::Customer => EndReason::CustomerEnded,
        Seat::Agent if state.seats.get(Seat::Customer).joined() => EndReason::AgentEnded,
        // Without a customer there was no call to end.
        Seat::Agent => EndReason::InviteCancelled,
    };
    Ok(vec![What::Ended { why }])
}

fn zone(state: &State, seat: Seat, utc_offset: UtcOffset) -> Result<Vec<What>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    let told = state.utc_offset != Some(utc_offset);
    Ok(told
        .then_some(What::ZoneTold { utc_offset })
        .into_iter()
        .collect())
}

fn must_hold(state: &State, seat: Seat, page: PageId) -> Result<(), Refusal> {
    match state.seats.get(seat).holder {
        None => Err(Refusal::NotJoined),
        Some(holder) if holder != page => Err(Refusal::Moved),
        Some(_) => Ok(()),
    }
}

/// Before the first join every page in the lobby speaks for the seat, after it the holder alone.
fn speaks_for(state: &State, seat: Seat, page: PageId) -> bool {
    state
        .seats
        .get(seat)
        .holder
        .is_none_or(|holder| holder == page)
}

/// Who speaks is there, even when no new connection announced it.
fn resumed(state: &State, seat: Seat) -> Option<What> {
    state
        .seats
        .get(seat)
        .away
        .is_some()
        .then_some(What::Resumed { seat })
}

fn renamed(state: &State, name: &DisplayName) -> Option<What> {
    (state.seats.get(Seat::Customer).name.as_ref() != Some(name))
        .then(|| What::Renamed { name: name.clone() })
}

fn media_changed(state: &State, seat: Seat, microphone: bool, camera: bool) -> Option<What> {
    let there = state.seats.get(seat);
    (there.microphone != microphone || there.camera != camera).then_some(What::MediaChanged {
        seat,
        microphone,
        camera,
    })
}
