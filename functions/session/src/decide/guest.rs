//! The guest's controls: the agent switches off, zooms and asks, the customer answers.

use sightline_wire::{
    GuestAnswer, GuestCommand, GuestDevice, GuestWish, PublicFact, Refusal, Seat, ZoomLevel,
};

use crate::{Asking, Rules, SeatState, State};

pub(super) fn decide(
    state: &State,
    seat: Seat,
    command: GuestCommand,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    match command {
        GuestCommand::SwitchOff { device } => switch_off(guest_of(state, seat)?, device),
        GuestCommand::Zoom { zoom } => zoom_to(guest_of(state, seat)?, zoom),
        GuestCommand::Ask { wish } => {
            let guest = guest_of(state, seat)?;
            ask(guest, state.asking, wish, now_ms, rules)
        }
        GuestCommand::Answer { asked, answer } => answer_to(&open(state, seat, asked)?, answer),
        GuestCommand::Locate { asked, place } => {
            let asking = open(state, seat, asked)?;
            let wanted = asking.wish == GuestWish::Location && asking.allowed;
            let located = wanted.then_some(vec![PublicFact::Located { asked, place }]);
            located.ok_or(Refusal::Malformed)
        }
    }
}

/// The customer whom the agent may ask: present, on a page that holds the seat.
fn guest_of(state: &State, seat: Seat) -> Result<&SeatState, Refusal> {
    if seat != Seat::Agent {
        return Err(Refusal::NotYours);
    }
    let guest = state.seats.get(Seat::Customer);
    let here = guest.is_held() && guest.away.is_none();
    here.then_some(guest).ok_or(Refusal::NotJoined)
}

/// The request that the customer answers.
fn open(state: &State, seat: Seat, asked: u32) -> Result<Asking, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    let asking = state.asking.filter(|asking| asking.id == asked);
    asking.ok_or(Refusal::TooLate)
}

fn switch_off(guest: &SeatState, device: GuestDevice) -> Result<Vec<PublicFact>, Refusal> {
    let is_on = match device {
        GuestDevice::Microphone => guest.microphone,
        // Its light is a matter of the phone, and not known here.
        GuestDevice::Camera | GuestDevice::Torch => guest.camera,
    };
    let off = is_on.then_some(PublicFact::GuestSwitchedOff { device });
    Ok(off.into_iter().collect())
}

fn zoom_to(guest: &SeatState, zoom: ZoomLevel) -> Result<Vec<PublicFact>, Refusal> {
    needs_camera(guest)?;
    Ok(vec![PublicFact::GuestZoomed { zoom }])
}

fn ask(
    guest: &SeatState,
    open: Option<Asking>,
    wish: GuestWish,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    if let Some(open) = open {
        let wait_ms = open.ends_at_ms(rules).saturating_sub(now_ms);
        let wait_ms = u32::try_from(wait_ms).unwrap_or(u32::MAX);
        return Err(Refusal::TooSoon { wait_ms });
    }
    let is_so = match wish {
        GuestWish::Microphone => guest.microphone,
        GuestWish::Camera => guest.camera,
        GuestWish::Flip | GuestWish::Torch => {
            needs_camera(guest)?;
            false
        }
        GuestWish::Location => false,
    };
    let asked = (!is_so).then_some(PublicFact::GuestAsked { wish });
    Ok(asked.into_iter().collect())
}

const fn needs_camera(guest: &SeatState) -> Result<(), Refusal> {
    if guest.camera {
        Ok(())
    } else {
        Err(Refusal::CameraOff)
    }
}

/// What was not allowed is not done, and a place comes with its own command.
fn answer_to(asking: &Asking, answer: GuestAnswer) -> Result<Vec<PublicFact>, Refusal> {
    let fits = match answer {
        GuestAnswer::Done => asking.allowed && asking.wish != GuestWish::Location,
        GuestAnswer::NotNow => !asking.allowed,
        GuestAnswer::Allowed
        | GuestAnswer::NoAnswer
        | GuestAnswer::Denied
        | GuestAnswer::Absent
        | GuestAnswer::Busy
        | GuestAnswer::Unsupported
        | GuestAnswer::NoPosition
        | GuestAnswer::Interrupted => true,
    };
    if !fits {
        return Err(Refusal::Malformed);
    }
    let repeated = answer == GuestAnswer::Allowed && asking.allowed;
    let asked = asking.id;
    let answered = (!repeated).then_some(PublicFact::GuestAnswered { asked, answer });
    Ok(answered.into_iter().collect())
}
