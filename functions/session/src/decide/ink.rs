//! Strokes on the open board. Each seat undoes its own strokes only, in the order in which the
//! server took them.

use sightline_wire::{PublicFact, Refusal, Seat, Strokes};

use super::picture::open_board;
use crate::{Rules, State};

pub(super) fn draw(
    state: &State,
    seat: Seat,
    picture: u32,
    strokes: &Strokes,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    let board = open_board(state, picture)?;
    let strokes = strokes.as_slice();
    if !board.has_room(seat, strokes.len(), rules.strokes_max) {
        return Err(Refusal::LimitReached);
    }
    let drawn = strokes.iter().map(|stroke| PublicFact::Drawn {
        seat,
        picture,
        stroke: stroke.clone(),
    });
    Ok(drawn.collect())
}

pub(super) fn undo(state: &State, seat: Seat, picture: u32) -> Result<Vec<PublicFact>, Refusal> {
    let standing = open_board(state, picture)?.standing(seat);
    let newest = standing.into_iter().next_back();
    Ok(undone(seat, picture, newest.into_iter().collect()))
}

pub(super) fn undo_all(
    state: &State,
    seat: Seat,
    picture: u32,
) -> Result<Vec<PublicFact>, Refusal> {
    let standing = open_board(state, picture)?.standing(seat);
    Ok(undone(seat, picture, standing))
}

pub(super) fn redo(state: &State, seat: Seat, picture: u32) -> Result<Vec<PublicFact>, Refusal> {
    let strokes = open_board(state, picture)?.undone_last(seat);
    if strokes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![PublicFact::Redone {
        seat,
        picture,
        strokes,
    }])
}

/// Clears strokes that redo could bring back as well: they are still on the board.
pub(super) fn clear(state: &State, seat: Seat, picture: u32) -> Result<Vec<PublicFact>, Refusal> {
    if seat != Seat::Agent {
        return Err(Refusal::NotYours);
    }
    let board = open_board(state, picture)?;
    if board.strokes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(vec![PublicFact::Cleared { picture }])
}

fn undone(seat: Seat, picture: u32, strokes: Vec<u32>) -> Vec<PublicFact> {
    if strokes.is_empty() {
        return Vec::new();
    }
    vec![PublicFact::Undone {
        seat,
        picture,
        strokes,
    }]
}
