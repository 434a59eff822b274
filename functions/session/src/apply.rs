//! Changing: one event into the state.

use sightline_wire::Seat;

use crate::{Away, Event, State, What};

/// Puts `what` at the end of the log: gives it its number and a time not before the event before, and changes the state by it.
pub fn apply(state: &mut State, what: What, now_ms: u64) -> Event {
    state.head = state.head.saturating_add(1);
    state.head_at_ms = state.head_at_ms.max(now_ms);
    change(state, &what);
    if let Some(seat) = made_by(&what) {
        let made = &mut state.seats.of_mut(seat).made;
        *made = made.saturating_add(1);
    }
    Event {
        seq: state.head,
        at_ms: state.head_at_ms,
        what,
    }
}

fn change(state: &mut State, what: &What) {
    match what {
        // Who invites whom is in the state from its making.
        What::InviteIssued {
            expires_at_ms,
            ends_at_ms,
            ..
        } => {
            state.began_at_ms = state.head_at_ms;
            state.expires_at_ms = *expires_at_ms;
            state.ends_at_ms = *ends_at_ms;
        }
        What::SmsAttempted { attempt } => {
            state.sms.attempts = *attempt;
            state.sms.attempted_at_ms = state.head_at_ms;
            state.sms.settled = false;
        }
        What::SmsAccepted { attempt } | What::SmsFailed { attempt, .. } => {
            state.sms.settled |= *attempt == state.sms.attempts;
        }
        What::LinkMade => state.links = state.links.saturating_add(1),
        What::LinkOpened => state.link_opened = true,
        What::LobbyReached { step } => {
            state.lobby = Some(*step);
            state.seats.customer.seen = true;
        }
        What::Renamed { name } => state.seats.customer.name = Some(name.clone()),
        What::Joined {
            seat,
            page,
            name,
            video_only,
        } => {
            let there = state.seats.of_mut(*seat);
            there.name = Some(name.clone());
            there.holder = Some(*page);
            there.seen = true;
            there.away = None;
            there.video_only = *video_only;
        }
        What::Lost { seat } => leave(state, *seat, Away::Lost),
        What::Left { seat } => leave(state, *seat, Away::Left),
        What::Resumed { seat } => state.seats.of_mut(*seat).away = None,
        What::Moved {
            seat,
            page,
            video_only,
        } => {
            let there = state.seats.of_mut(*seat);
            there.holder = Some(*page);
            there.video_only = *video_only;
        }
        What::MediaChanged {
            seat,
            microphone,
            camera,
        } => {
            let there = state.seats.of_mut(*seat);
            there.microphone = *microphone;
            there.camera = *camera;
        }
        What::Said { .. }
        | What::ZoneTold { .. }
        | What::CaptureAsked { .. }
        | What::CaptureRepeated { .. }
        | What::CaptureFailed { .. }
        | What::PictureKept { .. }
        | What::PictureDeleted { .. }
        | What::BoardOpened { .. }
        | What::BoardClosed { .. }
        | What::Drawn { .. }
        | What::Undone { .. }
        | What::Redone { .. }
        | What::Cleared { .. }
        | What::PictureSent { .. } => {}
        What::Ended { why } => state.ended = Some(*why),
    }
}

/// Whose pages bring this about.
const fn made_by(what: &What) -> Option<Seat> {
    match what {
        What::LobbyReached { .. } | What::Renamed { .. } => Some(Seat::Customer),
        What::Joined { seat, .. }
        | What::Left { seat }
        | What::Resumed { seat }
        | What::Moved { seat, .. }
        | What::MediaChanged { seat, .. }
        | What::Said { seat, .. }
        | What::CaptureAsked { seat }
        | What::CaptureRepeated { seat, .. }
        | What::PictureDeleted { seat, .. }
        | What::BoardOpened { seat, .. }
        | What::BoardClosed { seat, .. }
        | What::Drawn { seat, .. }
        | What::Undone { seat, .. }
        | What::Redone { seat, .. }
        | What::PictureSent { seat, .. } => Some(*seat),
        What::PictureKept { low_resolution, .. } => Some(if *low_resolution {
            Seat::Agent
        } else {
            Seat::Customer
        }),
        What::ZoneTold { .. } | What::CaptureFailed { .. } => Some(Seat::Customer),
        What::Cleared { .. } => Some(Seat::Agent),
        What::InviteIssued { .. }
        | What::SmsAttempted { .. }
        | What::SmsAccepted { .. }
        | What::SmsFailed { .. }
        | What::LinkMade
        | What::LinkOpened
        | What::Lost { .. }
        | What::Ended { .. } => None,
    }
}

fn leave(state: &mut State, seat: Seat, how: Away) {
    state.seats.of_mut(seat).away = Some(how);
}
