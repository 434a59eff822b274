//! A page's numbered commands, each once and in their order.

use crate::{Answer, Command, Event, Rules, State, Turn};

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
    /// Answered for the first time. The state has changed (at least by remembering the answer) and is to be committed with the events.
    Fresh {
        /// What followed.
        events: Vec<Event>,
        /// The answer, remembered.
        answer: Answer,
    },
}

/// Takes a numbered command: decides, applies, remembers.
pub fn take(state: &mut State, turn: Turn, command: &Command, now_ms: u64, rules: &Rules) -> Taken {
    let _ = (state, turn, command, now_ms, rules);
    unimplemented!()
}

/// The number that this page's next command must carry: 1 for a page not known here.
#[must_use]
pub fn next_number(state: &State, seat: sightline_wire::Seat, page: sightline_wire::PageId) -> u32 {
    let _ = (state, seat, page);
    unimplemented!()
}
