//! A page's numbered commands, each once and in their order.

use sightline_wire::{PageId, PublicFact, Refusal, Seat};

use crate::{
    Answer, Event, Fact, PageCommand, PageMemory, Rules, SeatState, State, Turn, apply,
    decide_page, restore,
};

/// What became of a numbered command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was answered before: the same answer, nothing changed.
    Repeat(Answer),
    /// A number was skipped: nothing changed, not remembered.
    OutOfTurn {
        /// The number that is taken next.
        expected: u32,
    },
    /// Answered for the first time. The state has changed (at least by remembering the answer) and
    /// is to be committed with the events. A refusal as `Busy` alone is not remembered and changes
    /// nothing.
    Fresh {
        /// What followed.
        events: Vec<Event>,
        /// The answer, remembered.
        answer: Answer,
    },
}

/// Takes a numbered command: decides, applies, remembers.
///
/// A refusal is an answer too and uses the number up, but for `Busy`: whoever asked was behind and
/// asks again. A number before the last is a late duplicate, since a page sends the next only on
/// the answer: it is told the number expected, and the page ignores answers it does not wait for.
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

/// Answers a numbered command with a refusal that was found outside of the session, such as that of
/// a bad upload. It is remembered and uses the number up like every other.
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

/// The number that this page's next command must carry: 1 for a page not known here, be it new or
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

/// Keeps the pages in the order in which they last asked something new, and forgets the one silent
/// for longest. The holder is never forgotten: it is the page that goes on for hours and must not
/// have a command taken twice.
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
