//! Taking: a page's numbered commands, each once and in order.

use sightline_wire::{PageId, PublicFact, Refusal, Seat};

use crate::{
    Answer, Event, Fact, PageCommand, PageMemory, Rules, SeatState, State, Turn, apply,
    decide_page, restore,
};

/// The result of a numbered command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was answered before: here is the same answer, and nothing changed.
    Repeat(Answer),
    /// A number was skipped. Nothing changed and nothing is remembered.
    OutOfTurn {
        /// The number that is taken next.
        expected: u32,
    },
    /// It was answered for the first time. The state has changed (at least by remembering the
    /// answer) and must be committed with the events. Only a refusal as `Busy` is not remembered
    /// and changes nothing.
    Fresh {
        /// The events that followed.
        events: Vec<Event>,
        /// The answer.
        answer: Answer,
    },
}

/// Takes a numbered command: decides, applies, remembers.
///
/// Refusals are final and consume the number, except `Busy`, after which the same number is tried
/// again. A number before the last is a late duplicate, because a page sends the next one only
/// after the answer. Its answer names the expected number, and the page ignores answers that it
/// does not wait for.
///
/// `OpenBoard` also restores the board's strokes, which its event does not carry ([`restore`]).
pub fn take(
    state: &mut State,
    turn: Turn,
    command: &PageCommand,
    now_ms: u64,
    rules: &Rules,
) -> Taken {
    in_turn(state, turn, |state| {
        match decide_page(state, turn.seat, turn.page, command, now_ms, rules) {
            Ok(facts) => {
                let apply_one = |fact| apply(state, fact, now_ms);
                let events: Vec<_> = facts.into_iter().map(apply_one).collect();
                let opened = |event: &Event| {
                    matches!(event.fact, Fact::Public(PublicFact::BoardOpened { .. }))
                };
                if let PageCommand::OpenBoard { board, .. } = command
                    && events.iter().any(opened)
                {
                    restore(state, board);
                }
                (events, Answer::Done)
            }
            Err(refusal) => (Vec::new(), Answer::Refused(refusal)),
        }
    })
}

/// Answers a numbered command with a refusal from outside the session, such as a bad upload. It is
/// remembered and consumes the number like any other.
pub fn refuse(state: &mut State, turn: Turn, refusal: Refusal) -> Taken {
    in_turn(state, turn, |_| (Vec::new(), Answer::Refused(refusal)))
}

fn in_turn(
    state: &mut State,
    turn: Turn,
    answer: impl FnOnce(&mut State) -> (Vec<Event>, Answer),
) -> Taken {
    let Turn { seat, page, n } = turn;
    if let Some(last) = remembered(state, seat, page)
        && last.n == n
    {
        return Taken::Repeat(last.answer);
    }
    let expected = next_number(state, seat, page);
    if n != expected {
        return Taken::OutOfTurn { expected };
    }
    let (events, answer) = answer(state);
    if answer != Answer::Refused(Refusal::Busy) {
        remember(state.seats.get_mut(seat), PageMemory { page, n, answer });
    }
    Taken::Fresh { events, answer }
}

/// Returns the number that this page's next command must carry: 1 for a page that is new or
/// forgotten.
#[must_use]
pub fn next_number(state: &State, seat: Seat, page: PageId) -> u32 {
    remembered(state, seat, page).map_or(1, |last| last.n.saturating_add(1))
}

fn remembered(state: &State, seat: Seat, page: PageId) -> Option<&PageMemory> {
    state
        .seats
        .get(seat)
        .pages
        .iter()
        .find(|memory| memory.page == page)
}

/// Keeps pages in the order of their newest commands, and forgets the one that was silent for
/// longest. The holder is never forgotten: its call goes on for hours, and none of its commands may
/// be taken twice.
fn remember(seat: &mut SeatState, newest: PageMemory) {
    seat.pages.retain(|memory| memory.page != newest.page);
    if seat.pages.len() >= SeatState::PAGES_MAX {
        let holder = seat.holder;
        let silent = seat
            .pages
            .iter()
            .position(|memory| Some(memory.page) != holder);
        if let Some(place) = silent {
            seat.pages.remove(place);
        }
    }
    seat.pages.push(newest);
}
