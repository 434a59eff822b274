//! What the page of a seat may ask.

use sightline_wire::{DisplayName, EndReason, LobbyStep, PageId, Refusal, Seat, UtcOffset};

use super::{ink, picture};
use crate::{Base, Command, Rules, State, What};

pub(super) fn decide(
    state: &State,
    seat: Seat,
    page: PageId,
    command: &Command,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<What>, Refusal> {
    match command {
        Command::Lobby { step } => lobby(state, seat, *step),
        Command::Rename { name } => rename(state, seat, page, name),
        Command::Join {
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
        Command::Return if speaks_for(state, seat, page) => {
            Ok(resumed(state, seat).into_iter().collect())
        }
        Command::Leave if speaks_for(state, seat, page) => Ok(leave(state, seat)),
        // A page that lost its seat comes and goes without a trace.
        Command::Return | Command::Leave => Ok(Vec::new()),
        Command::End => end(state, seat, page),
        _ => {
            must_hold(state, seat, page)?;
            let follows = of_holder(state, seat, command, now_ms, rules)?;
            Ok(resumed(state, seat).into_iter().chain(follows).collect())
        }
    }
}

/// What only the page that holds its seat may ask.
fn of_holder(
    state: &State,
    seat: Seat,
    command: &Command,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<What>, Refusal> {
    match command {
        Command::Media { microphone, camera } => {
            let changed = media_changed(state, seat, *microphone, *camera);
            Ok(changed.into_iter().collect())
        }
        Command::Say { text } => {
            let text = text.clone();
            Ok(vec![What::Said { seat, text }])
        }
        Command::Zone { utc_offset } => zone(state, seat, *utc_offset),
        Command::Capture => picture::capture(state, seat, rules),
        Command::CaptureAgain { picture } => picture::capture_again(state, seat, *picture, rules),
        Command::CaptureFailed {
            picture,
            attempt,
            why,
        } => picture::capture_failed(state, seat, *picture, *attempt, *why),
        Command::Keep {
            picture,
            width,
            height,
            low_resolution,
        } => {
            let base = Base {
                width: *width,
                height: *height,
                low_resolution: *low_resolution,
            };
            picture::keep(state, seat, *picture, base, now_ms, rules)
        }
        Command::Send {
            picture,
            through,
            width,
            height,
        } => picture::send(state, seat, *picture, *through, (*width, *height), rules),
        Command::Delete { picture } => picture::delete(state, seat, *picture),
        Command::OpenBoard { board, as_of } => picture::open(state, seat, board, *as_of),
        Command::CloseBoard { picture } => picture::close(state, seat, *picture),
        Command::Draw { picture, strokes } => ink::draw(state, seat, *picture, strokes, rules),
        Command::Undo { picture } => ink::undo(state, seat, *picture),
        Command::UndoAll { picture } => ink::undo_all(state, seat, *picture),
        Command::Redo { picture } => ink::redo(state, seat, *picture),
        Command::Clear { picture } => ink::clear(state, seat, *picture),
        Command::Lobby { .. }
        | Command::Rename { .. }
        | Command::Join { .. }
        | Command::Return
        | Command::Leave
        | Command::End
        | Command::SendSms { .. }
        | Command::SettleSms { .. }
        | Command::MakeLink
        | Command::OpenLink
        | Command::Cancel => Err(Refusal::NotYours),
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

fn leave(state: &State, seat: Seat) -> Vec<What> {
    let there = state.seats.get(seat);
    if there.seen && there.away.is_none() {
        vec![What::Left { seat }]
    } else {
        Vec::new()
    }
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
