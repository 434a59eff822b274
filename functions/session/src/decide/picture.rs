//! Pictures: the shutter, the base, sending, deleting, and which board is open.

use sightline_wire::{CaptureTrouble, Refusal, Seat};

use crate::{Base, Board, Picture, Rules, Sent, State, What};

/// While a board is open nothing follows, so that two presses at once make one picture.
pub(super) fn capture(state: &State, seat: Seat, rules: &Rules) -> Result<Vec<What>, Refusal> {
    if state.board.is_some() {
        return Ok(Vec::new());
    }
    if !state.seats.customer.joined() {
        return Err(Refusal::NotJoined);
    }
    must_see(state)?;
    if is_full(&state.pictures, rules.pictures_max) {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![What::CaptureAsked { seat }])
}

/// Both may find the picture missing at the same moment: then it is asked for twice, and the first base stands.
pub(super) fn capture_again(
    state: &State,
    seat: Seat,
    picture: u32,
    rules: &Rules,
) -> Result<Vec<What>, Refusal> {
    let found = find(state, picture).ok_or(Refusal::NoPicture)?;
    if found.base.is_some() {
        return Ok(Vec::new());
    }
    open_board(state, picture)?;
    must_see(state)?;
    if found.attempts >= rules.attempts_max {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![What::CaptureRepeated {
        seat,
        picture,
        attempt: found.attempts.saturating_add(1),
    }])
}

/// Of a picture that is there, or gone, nobody needs to hear that it failed.
pub(super) fn capture_failed(
    state: &State,
    seat: Seat,
    picture: u32,
    why: CaptureTrouble,
) -> Result<Vec<What>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    let missing = find(state, picture).is_some_and(|found| found.base.is_none());
    let failed = missing.then_some(What::CaptureFailed { picture, why });
    Ok(failed.into_iter().collect())
}

/// The first base stands, be it sharp or quick. A board that was closed meanwhile gets its base too.
pub(super) fn keep(
    state: &State,
    seat: Seat,
    picture: u32,
    base: Base,
) -> Result<Vec<What>, Refusal> {
    let Base {
        width,
        height,
        low_resolution,
    } = base;
    if low_resolution != (seat == Seat::Agent) {
        return Err(Refusal::NotYours);
    }
    let found = find(state, picture).ok_or(Refusal::NoPicture)?;
    let kept = found.base.is_none().then_some(What::PictureKept {
        picture,
        width,
        height,
        low_resolution,
    });
    Ok(kept.into_iter().collect())
}

/// The same strokes are sent once, whoever sends them and however often.
pub(super) fn send(
    state: &State,
    seat: Seat,
    picture: u32,
    through: u32,
    (width, height): (u16, u16),
    rules: &Rules,
) -> Result<Vec<What>, Refusal> {
    must_be_based(state, picture)?;
    if through < picture || through > state.head {
        return Err(Refusal::Malformed);
    }
    if state.sent.contains(&Sent { picture, through }) {
        return Ok(Vec::new());
    }
    if is_full(&state.sent, rules.sends_max) {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![What::PictureSent {
        seat,
        picture,
        through,
        width,
        height,
    }])
}

pub(super) fn delete(state: &State, seat: Seat, picture: u32) -> Result<Vec<What>, Refusal> {
    must_be_told(state, picture)?;
    let there = find(state, picture).is_some();
    let deleted = there.then_some(What::PictureDeleted { seat, picture });
    Ok(deleted.into_iter().collect())
}

/// Opening while another board is open switches: the other is kept.
pub(super) fn open(
    state: &State,
    seat: Seat,
    board: &Board,
    as_of: u32,
) -> Result<Vec<What>, Refusal> {
    let picture = board.picture;
    let found = must_be_based(state, picture)?;
    if open_board(state, picture).is_ok() {
        return Ok(Vec::new());
    }
    if as_of < found.touched {
        return Err(Refusal::Busy);
    }
    Ok(vec![What::BoardOpened { seat, picture }])
}

pub(super) fn close(state: &State, seat: Seat, picture: u32) -> Result<Vec<What>, Refusal> {
    must_be_told(state, picture)?;
    let open = open_board(state, picture).is_ok();
    let closed = open.then_some(What::BoardClosed { seat, picture });
    Ok(closed.into_iter().collect())
}

/// The open board, when it is this picture's.
pub(super) fn open_board(state: &State, picture: u32) -> Result<&Board, Refusal> {
    let board = state.board.as_ref();
    board
        .filter(|board| board.picture == picture)
        .ok_or(Refusal::BoardClosed)
}

fn find(state: &State, picture: u32) -> Option<&Picture> {
    state.pictures.iter().find(|found| found.id == picture)
}

fn must_be_based(state: &State, picture: u32) -> Result<&Picture, Refusal> {
    find(state, picture)
        .filter(|found| found.base.is_some())
        .ok_or(Refusal::NoPicture)
}

/// The log tells at least of an event with this number: it may have been a picture.
fn must_be_told(state: &State, picture: u32) -> Result<(), Refusal> {
    if picture == 0 || picture > state.head {
        return Err(Refusal::NoPicture);
    }
    Ok(())
}

/// The customer's camera is what pictures are taken with, whoever presses.
fn must_see(state: &State) -> Result<(), Refusal> {
    if state.seats.customer.camera {
        Ok(())
    } else {
        Err(Refusal::CameraOff)
    }
}

fn is_full<T>(those: &[T], max: u32) -> bool {
    those.len() >= max as usize
}
