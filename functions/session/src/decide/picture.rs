//! Pictures: the shutter, the base, sending, deleting, and which board is open.

use sightline_wire::{CaptureTrouble, Digest, PictureSource, PublicFact, Refusal, Seat};

use crate::{Base, Board, Picture, Rules, Sent, State};

/// Does nothing while a board is open, so that two presses at once make one picture.
pub(super) fn capture(
    state: &State,
    seat: Seat,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    if state.board.is_some() {
        return Ok(Vec::new());
    }
    if !state.seats.get(Seat::Customer).joined() {
        return Err(Refusal::NotJoined);
    }
    camera_on(state)?;
    begin(state, seat, PictureSource::Camera, rules)
}

/// The customer chose a picture. Like the shutter, but the camera need not run: often there is
/// none.
pub(super) fn bring(state: &State, seat: Seat, rules: &Rules) -> Result<Vec<PublicFact>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    if state.board.is_some() {
        return Ok(Vec::new());
    }
    begin(state, seat, PictureSource::Gallery, rules)
}

/// When the list is full, the oldest picture that was never uploaded is deleted; failed captures
/// would otherwise fill it.
fn begin(
    state: &State,
    seat: Seat,
    source: PictureSource,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    let asked = PublicFact::CaptureAsked { seat, source };
    if !is_full(&state.pictures, rules.pictures_max) {
        return Ok(vec![asked]);
    }
    let mut pictures = state.pictures.iter();
    let never_came = pictures.find(|picture| picture.base.is_none());
    let picture = never_came.ok_or(Refusal::LimitReached)?.id;
    Ok(vec![PublicFact::PictureDeleted { seat, picture }, asked])
}

/// Both pages may find the picture missing at the same moment. Then it is requested twice, and the
/// first base stands.
pub(super) fn capture_again(
    state: &State,
    seat: Seat,
    picture: u32,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    let found = find(state, picture).ok_or(Refusal::NoPicture)?;
    if found.base.is_some() {
        return Ok(Vec::new());
    }
    open_board(state, picture)?;
    if found.source.is_camera() {
        camera_on(state)?;
    }
    if found.attempts >= rules.attempts_max {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![PublicFact::CaptureRepeated {
        seat,
        picture,
        attempt: found.attempts.saturating_add(1),
    }])
}

/// Ignores failures of pictures that already have a base or were deleted, of superseded requests,
/// and repeats.
pub(super) fn capture_failed(
    state: &State,
    seat: Seat,
    picture: u32,
    attempt: u8,
    why: CaptureTrouble,
) -> Result<Vec<PublicFact>, Refusal> {
    if seat != Seat::Customer {
        return Err(Refusal::NotYours);
    }
    let missing = find(state, picture).filter(|found| found.base.is_none());
    let Some(found) = missing else {
        return Ok(Vec::new());
    };
    if attempt > found.attempts {
        return Err(Refusal::Malformed);
    }
    let new = attempt == found.attempts && !found.failed;
    let failed = new.then_some(PublicFact::CaptureFailed { picture, why });
    Ok(failed.into_iter().collect())
}

/// The first base stands, sharp or quick. A board that was closed meanwhile gets its base too. The
/// quick base replaces a camera picture that does not come, so it must wait until the newest
/// request failed or timed out.
pub(super) fn keep(
    state: &State,
    seat: Seat,
    picture: u32,
    base: Base,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    let Base {
        width,
        height,
        low_resolution,
        digest,
    } = base;
    if low_resolution != (seat == Seat::Agent) {
        return Err(Refusal::NotYours);
    }
    let found = find(state, picture).ok_or(Refusal::NoPicture)?;
    if found.base.is_some() {
        return Ok(Vec::new());
    }
    // The agent saw nothing of a picture from elsewhere.
    if low_resolution && !found.source.is_camera() {
        return Err(Refusal::NotYours);
    }
    let in_time_until_ms = found.asked_at_ms.saturating_add(rules.quick_ms);
    if low_resolution && !found.failed && now_ms < in_time_until_ms {
        let wait_ms = u32::try_from(in_time_until_ms - now_ms).unwrap_or(u32::MAX);
        return Err(Refusal::TooSoon { wait_ms });
    }
    Ok(vec![PublicFact::PictureKept {
        picture,
        width,
        height,
        low_resolution,
        digest,
    }])
}

/// The same strokes are sent once, no matter which seat sends them or how often. `through` is the
/// newest event that changed the board, so equal strokes have an equal `through`. `drawn_on` is the
/// base that the page says it drew on.
pub(super) fn send(
    state: &State,
    seat: Seat,
    sent: Sent,
    (width, height): (u16, u16),
    drawn_on: Option<Digest>,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    let Sent {
        picture,
        through,
        digest,
    } = sent;
    let found = picture_with_base(state, picture)?;
    let base = found.base.and_then(|base| base.digest);
    if through < picture || through > found.touched {
        return Err(Refusal::Malformed);
    }
    if drawn_on.is_some() && drawn_on != base {
        return Err(Refusal::Malformed);
    }
    if state.was_sent(picture, through) {
        return Ok(Vec::new());
    }
    if is_full(&state.sent, rules.sends_max) {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![PublicFact::PictureSent {
        seat,
        picture,
        through,
        width,
        height,
        digest,
        base,
    }])
}

pub(super) fn delete(state: &State, seat: Seat, picture: u32) -> Result<Vec<PublicFact>, Refusal> {
    known_event(state, picture)?;
    let exists = find(state, picture).is_some();
    let deleted = exists.then_some(PublicFact::PictureDeleted { seat, picture });
    Ok(deleted.into_iter().collect())
}

/// Opening a board while another is open switches to it. The other is kept.
pub(super) fn open(
    state: &State,
    seat: Seat,
    board: &Board,
    as_of: u32,
) -> Result<Vec<PublicFact>, Refusal> {
    let picture = board.picture;
    let found = picture_with_base(state, picture)?;
    if open_board(state, picture).is_ok() {
        return Ok(Vec::new());
    }
    if as_of < found.touched {
        return Err(Refusal::Busy);
    }
    Ok(vec![PublicFact::BoardOpened { seat, picture }])
}

pub(super) fn close(state: &State, seat: Seat, picture: u32) -> Result<Vec<PublicFact>, Refusal> {
    known_event(state, picture)?;
    let open = open_board(state, picture).is_ok();
    let closed = open.then_some(PublicFact::BoardClosed { seat, picture });
    Ok(closed.into_iter().collect())
}

/// Returns the open board if it belongs to this picture.
pub(super) fn open_board(state: &State, picture: u32) -> Result<&Board, Refusal> {
    let board = state.board.as_ref();
    board
        .filter(|board| board.picture == picture)
        .ok_or(Refusal::BoardClosed)
}

fn find(state: &State, picture: u32) -> Option<&Picture> {
    state.pictures.iter().find(|found| found.id == picture)
}

fn picture_with_base(state: &State, picture: u32) -> Result<&Picture, Refusal> {
    find(state, picture)
        .filter(|found| found.base.is_some())
        .ok_or(Refusal::NoPicture)
}

/// Checks that the log has an event with this number, which may have been a picture.
fn known_event(state: &State, picture: u32) -> Result<(), Refusal> {
    if picture == 0 || picture > state.head {
        return Err(Refusal::NoPicture);
    }
    Ok(())
}

/// Checks the customer's camera: it takes the picture, no matter which seat presses the shutter.
fn camera_on(state: &State) -> Result<(), Refusal> {
    if state.seats.get(Seat::Customer).camera {
        Ok(())
    } else {
        Err(Refusal::CameraOff)
    }
}

fn is_full<T>(items: &[T], max: u32) -> bool {
    items.len() >= max as usize
}
