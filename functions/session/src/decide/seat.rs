//! Commands of pages, for their seats.

use sightline_wire::{
    Arrival, ChatText, DisplayName, EndReason, LobbyStep, PageId, PublicFact, Refusal, Seat,
    UtcOffset,
};

use super::{guest, ink, invite, name, picture};
use crate::{Arrived, Fact, PageCommand, Rules, State};

pub(super) fn decide(
    state: &State,
    seat: Seat,
    page: PageId,
    command: &PageCommand,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<Fact>, Refusal> {
    use PageCommand as C;
    // Most commands are for the holder only, and show that the seat is no longer away.
    let as_holder = |follows: &dyn Fn() -> Result<Vec<PublicFact>, Refusal>| {
        must_hold(state, seat, page)?;
        let follows = follows()?;
        Ok(public(resumed(state, seat).into_iter().chain(follows)))
    };
    match command {
        C::Lobby { step } => lobby(state, seat, *step).map(public),
        C::Rename { name } => rename(state, seat, page, name, rules).map(public),
        C::Join {
            name,
            video_only,
            microphone,
            camera,
            take,
            arrival,
        } => {
            may_take(state, seat, page, *take, now_ms, rules)?;
            name::is_own(state, seat, name, rules)?;
            let mut facts = take_seat(state, seat, page, name, *video_only, arrival.clone(), rules);
            facts.extend(public(media_changed(state, seat, *microphone, *camera)));
            Ok(facts)
        }
        C::Return => Ok(public(come_back(state, seat, page))),
        C::Leave => Ok(public(leave(state, seat, page))),
        C::Cancel => cancel(state, seat).map(public),
        C::End => end(state, seat, page).map(public),
        C::Media { microphone, camera } => as_holder(&|| media(state, seat, *microphone, *camera)),
        C::Say { text } => as_holder(&|| Ok(said(seat, text))),
        C::Zone { utc_offset } => as_holder(&|| zone(state, seat, *utc_offset)),
        C::Guest(command) => as_holder(&|| guest::decide(state, seat, *command, now_ms, rules)),
        C::Capture => as_holder(&|| picture::capture(state, seat, rules)),
        C::Bring => as_holder(&|| picture::bring(state, seat, rules)),
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
        C::Send { sent, size, base } => {
            as_holder(&|| picture::send(state, seat, *sent, *size, *base, rules))
        }
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

fn media(
    state: &State,
    seat: Seat,
    microphone: bool,
    camera: bool,
) -> Result<Vec<PublicFact>, Refusal> {
    let changed = media_changed(state, seat, microphone, camera);
    Ok(changed.into_iter().collect())
}

fn public(facts: impl IntoIterator<Item = PublicFact>) -> Vec<Fact> {
    facts.into_iter().map(Fact::Public).collect()
}

fn lobby(state: &State, seat: Seat, step: LobbyStep) -> Result<Vec<PublicFact>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    if state.seats.get(Seat::Customer).joined() {
        return Err(Refusal::AlreadyJoined);
    }
    let reached = (state.lobby != Some(step)).then_some(PublicFact::LobbyReached { step });
    Ok(resumed(state, seat).into_iter().chain(reached).collect())
}

fn rename(
    state: &State,
    seat: Seat,
    page: PageId,
    name: &DisplayName,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    if state.seats.get(Seat::Customer).joined() {
        must_hold(state, seat, page)?;
    }
    name::is_own(state, seat, name, rules)?;
    Ok(renamed(state, name).into_iter().collect())
}

/// Among the agent's pages the newest always wins. A customer's page asks for a seat that another
/// holds. A customer who is present may lose it at once, but not again and again: two browsers with
/// one link would take it from each other without end.
fn may_take(
    state: &State,
    seat: Seat,
    page: PageId,
    take: bool,
    now_ms: u64,
    rules: &Rules,
) -> Result<(), Refusal> {
    let held = state.seats.get(seat);
    if seat != Seat::Customer || !held.is_held_by_another(page) {
        return Ok(());
    }
    if !take {
        return Err(Refusal::SeatTaken);
    }
    let ready_at_ms =
        (held.taken_at_ms).map_or(0, |at_ms| at_ms.saturating_add(rules.move_again_ms));
    if held.away.is_none() && now_ms < ready_at_ms {
        let wait_ms = u32::try_from(ready_at_ms - now_ms).unwrap_or(u32::MAX);
        return Err(Refusal::TooSoon { wait_ms });
    }
    Ok(())
}

/// The first join takes the free seat, a join by its holder returns to it, and a join by another
/// page moves it.
fn take_seat(
    state: &State,
    seat: Seat,
    page: PageId,
    name: &DisplayName,
    video_only: bool,
    arrival: Option<Arrival>,
    rules: &Rules,
) -> Vec<Fact> {
    let arrival = arrival.map(|with| Arrived {
        with,
        kept_days: Some(rules.kept_days),
    });
    let mut facts = Vec::new();
    match state.seats.get(seat).holder {
        None => {
            let name = name.clone();
            return vec![Fact::Joined {
                seat,
                page,
                name,
                video_only,
                arrival,
            }];
        }
        Some(holder) if holder == page => {}
        Some(_) => facts.push(Fact::Moved {
            seat,
            page,
            video_only,
            arrival,
        }),
    }
    facts.extend(public(resumed(state, seat)));
    if seat == Seat::Customer {
        facts.extend(public(renamed(state, name)));
    }
    facts
}

/// A page that lost its seat leaves no events when it returns.
fn come_back(state: &State, seat: Seat, page: PageId) -> Vec<PublicFact> {
    let back = resumed(state, seat).filter(|_| speaks_for(state, seat, page));
    back.into_iter().collect()
}

fn leave(state: &State, seat: Seat, page: PageId) -> Vec<PublicFact> {
    let state_of = state.seats.get(seat);
    if speaks_for(state, seat, page) && state_of.seen && state_of.away.is_none() {
        vec![PublicFact::Left { seat }]
    } else {
        Vec::new()
    }
}

/// Any page of the agent may cancel: while the agent waits, no page holds the seat.
fn cancel(state: &State, seat: Seat) -> Result<Vec<PublicFact>, Refusal> {
    if seat != Seat::Agent {
        return Err(Refusal::NotYours);
    }
    invite::cancel(state)
}

fn said(seat: Seat, text: &ChatText) -> Vec<PublicFact> {
    let text = text.clone();
    vec![PublicFact::Said { seat, text }]
}

fn end(state: &State, seat: Seat, page: PageId) -> Result<Vec<PublicFact>, Refusal> {
    must_hold(state, seat, page)?;
    let why = match seat {
        Seat::Customer => EndReason::CustomerEnded,
        Seat::Agent if state.seats.get(Seat::Customer).joined() => EndReason::AgentEnded,
        // Without a customer there was no call to end.
        Seat::Agent => EndReason::InviteCancelled,
    };
    Ok(vec![PublicFact::Ended { why }])
}

fn zone(state: &State, seat: Seat, utc_offset: UtcOffset) -> Result<Vec<PublicFact>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    let changed = state.utc_offset != Some(utc_offset);
    Ok(changed
        .then_some(PublicFact::ZoneTold {
            utc_offset_min: utc_offset,
        })
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

/// Before the first join every page in the lobby speaks for the seat, afterwards only the holder.
fn speaks_for(state: &State, seat: Seat, page: PageId) -> bool {
    state
        .seats
        .get(seat)
        .holder
        .is_none_or(|holder| holder == page)
}

/// A seat that sends a command is present, even if no new connection announced it.
fn resumed(state: &State, seat: Seat) -> Option<PublicFact> {
    state
        .seats
        .get(seat)
        .away
        .is_some()
        .then_some(PublicFact::Resumed { seat })
}

fn renamed(state: &State, name: &DisplayName) -> Option<PublicFact> {
    (state.seats.get(Seat::Customer).name.as_ref() != Some(name))
        .then(|| PublicFact::Renamed { name: name.clone() })
}

fn media_changed(state: &State, seat: Seat, microphone: bool, camera: bool) -> Option<PublicFact> {
    let devices = state.seats.get(seat);
    (devices.microphone != microphone || devices.camera != camera).then_some(
        PublicFact::MediaChanged {
            seat,
            microphone,
            camera,
        },
    )
}
