//! Changing: one event into the state.

use sightline_wire::{Seat, Stroke};

use crate::board::changes_board_of;
use crate::{Away, Base, Board, Event, Picture, Sent, State, What};

/// Puts `what` at the end of the log: gives it its number and a time not before the event before,
/// and changes the state by it.
pub fn apply(state: &mut State, what: What, now_ms: u64) -> Event {
    state.head = state.head.saturating_add(1);
    state.head_at_ms = state.head_at_ms.max(now_ms);
    change(state, &what);
    draw(state, &what);
    if let Some(seat) = made_by(&what) {
        let made = &mut state.seats.get_mut(seat).made;
        *made = made.saturating_add(1);
    }
    Event {
        seq: state.head,
        at_ms: state.head_at_ms,
        what,
    }
}

/// Puts the strokes of an older board there, as the log tells them ([`crate::replay`]), once
/// `BoardOpened` has opened it: the event does not carry them, and of closed boards the state keeps
/// none. Without effect while that board is not open.
pub fn restore(state: &mut State, board: &Board) {
    if let Some(open) = &mut state.board
        && open.picture == board.picture
    {
        open.clone_from(board);
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
            state.seats.get_mut(Seat::Customer).seen = true;
        }
        What::Renamed { name } => state.seats.get_mut(Seat::Customer).name = Some(name.clone()),
        What::Joined {
            seat,
            page,
            name,
            video_only,
        } => {
            let there = state.seats.get_mut(*seat);
            there.name = Some(name.clone());
            there.holder = Some(*page);
            there.seen = true;
            there.away = None;
            there.video_only = *video_only;
        }
        What::Lost { seat } => leave(state, *seat, Away::Lost),
        What::Left { seat } => leave(state, *seat, Away::Left),
        What::Resumed { seat } => state.seats.get_mut(*seat).away = None,
        What::Moved {
            seat,
            page,
            video_only,
        } => {
            let there = state.seats.get_mut(*seat);
            there.holder = Some(*page);
            there.video_only = *video_only;
        }
        What::MediaChanged {
            seat,
            microphone,
            camera,
        } => {
            let there = state.seats.get_mut(*seat);
            there.microphone = *microphone;
            there.camera = *camera;
        }
        What::ZoneTold { utc_offset } => state.utc_offset = Some(*utc_offset),
        What::CaptureAsked { .. } => {
            let id = state.head;
            state.pictures.push(Picture {
                id,
                attempts: 1,
                asked_at_ms: state.head_at_ms,
                failed: false,
                base: None,
                touched: id,
            });
            state.board = Some(Board::empty(id));
        }
        What::CaptureRepeated {
            picture, attempt, ..
        } => {
            let at_ms = state.head_at_ms;
            if let Some(found) = find(state, *picture) {
                found.attempts = *attempt;
                found.asked_at_ms = at_ms;
                found.failed = false;
            }
        }
        What::CaptureFailed { picture, .. } => {
            if let Some(found) = find(state, *picture) {
                found.failed = true;
            }
        }
        What::PictureKept {
            picture,
            width,
            height,
            low_resolution,
        } => {
            if let Some(found) = find(state, *picture) {
                found.base = Some(Base {
                    width: *width,
                    height: *height,
                    low_resolution: *low_resolution,
                });
            }
        }
        What::PictureDeleted { picture, .. } => {
            state.pictures.retain(|found| found.id != *picture);
            close(state, *picture);
        }
        What::BoardOpened { picture, .. } => state.board = Some(Board::empty(*picture)),
        What::BoardClosed { picture, .. } => close(state, *picture),
        What::PictureSent {
            picture, through, ..
        } => state.sent.push(Sent {
            picture: *picture,
            through: *through,
        }),
        What::Drawn { seat, stroke, .. } => {
            let points = &mut state.seats.get_mut(*seat).points;
            *points = points.saturating_add(weight(stroke));
        }
        // What strokes do to a board is told there.
        What::Said { .. } | What::Undone { .. } | What::Redone { .. } | What::Cleared { .. } => {}
        What::Ended { why } => state.ended = Some(*why),
    }
}

fn draw(state: &mut State, what: &What) {
    let seq = state.head;
    let touched = changes_board_of(what).and_then(|picture| find(state, picture));
    if let Some(picture) = touched {
        picture.touched = seq;
    }
    if let Some(board) = &mut state.board {
        board.change(seq, what);
    }
}

/// What a stroke counts for of its seat's points.
pub(crate) fn weight(stroke: &Stroke) -> u32 {
    u32::try_from(stroke.points()).unwrap_or(u32::MAX)
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
    state.seats.get_mut(seat).away = Some(how);
}

fn close(state: &mut State, picture: u32) {
    if state
        .board
        .as_ref()
        .is_some_and(|board| board.picture == picture)
    {
        state.board = None;
    }
}

fn find(state: &mut State, picture: u32) -> Option<&mut Picture> {
    state.pictures.iter_mut().find(|found| found.id == picture)
}
