//! Opening and closing boards, and the strokes on a reopened board.

use sightline_session::{
    Answer, Board, Event, Fact, PageCommand, Rules, State, Taken, Turn, apply, next_number, replay,
    restore, take,
};
use sightline_wire::{Refusal, Seat};

use crate::given::{A1, AGENT, BEGUN, C1, CUSTOMER, begun, check, decide};
use crate::shown::{
    PICTURE, asked, asked_then, closed, deleted, drawn, kept, kept_then, mark, open, opened,
    redone, undone,
};

const CLOSE: PageCommand = PageCommand::CloseBoard { picture: PICTURE };

/// The log of these facts, and the state after it.
fn told(facts: Vec<Fact>) -> (State, Vec<Event>) {
    let (mut state, first) = begun();
    let mut log = vec![first];
    for fact in facts {
        log.push(apply(&mut state, fact, BEGUN));
    }
    (state, log)
}

fn opens(state: &mut State, n: u32, board: &Board, as_of: u32) -> Taken {
    let turn = Turn {
        seat: Seat::Customer,
        page: C1,
        n,
    };
    let board = board.clone();
    let command = PageCommand::OpenBoard { board, as_of };
    take(state, turn, &command, BEGUN, &Rules::default())
}

#[test]
fn an_open_board_is_closed_for_both_and_kept() {
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        check(&asked_then([]), by, CLOSE, Ok(&[closed(seat, PICTURE)]));
        let given = kept_then([closed(seat, PICTURE)]);
        check(&given, by, CLOSE, Ok(&[]));
        let (state, _) = told(given);
        assert_eq!(state.board, None);
        assert_eq!(state.pictures.len(), 1);
    }
    let gone = kept_then([deleted(Seat::Agent, PICTURE)]);
    check(&gone, AGENT, CLOSE, Ok(&[]));
    for picture in [0, PICTURE + 1, u32::MAX] {
        let command = PageCommand::CloseBoard { picture };
        check(&asked_then([]), AGENT, command, Err(Refusal::NoPicture));
    }
    // Another board than the open one.
    let command = PageCommand::CloseBoard { picture: 1 };
    check(&asked_then([]), AGENT, command, Ok(&[]));
}

#[test]
fn a_kept_board_is_opened_for_both() {
    let given = kept_then([closed(Seat::Agent, PICTURE)]);
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        let then = [opened(seat, PICTURE)];
        check(&given, by, open(PICTURE, PICTURE), Ok(&then));
    }
    check(&kept_then([]), AGENT, open(PICTURE, 0), Ok(&[]));
    for unknown in [0, 1, PICTURE + 1, u32::MAX] {
        let command = open(unknown, u32::MAX);
        check(&given, AGENT, command, Err(Refusal::NoPicture));
    }
    let without = asked_then([closed(Seat::Agent, PICTURE)]);
    check(
        &without,
        AGENT,
        open(PICTURE, PICTURE),
        Err(Refusal::NoPicture),
    );
}

#[test]
fn a_board_that_changed_since_the_log_was_read_is_read_again() {
    let stroke = PICTURE + 2;
    let given = kept_then([drawn(Seat::Agent, PICTURE), closed(Seat::Agent, PICTURE)]);
    for (as_of, then) in [
        (stroke - 1, Err(Refusal::Busy)),
        (stroke, Ok(&[opened(Seat::Agent, PICTURE)][..])),
        (stroke + 1, Ok(&[opened(Seat::Agent, PICTURE)][..])),
    ] {
        check(&given, AGENT, open(PICTURE, as_of), then);
    }
    // `Busy` is not remembered, so the same number is tried again.
    let (mut state, log) = told(given);
    let before = state.clone();
    let behind = opens(&mut state, 1, &Board::empty(PICTURE), stroke - 1);
    let answer = Answer::Refused(Refusal::Busy);
    assert_eq!(
        behind,
        Taken::Fresh {
            events: Vec::new(),
            answer
        }
    );
    assert_eq!(state, before);
    let board = replay(PICTURE, &log);
    let as_of = state.head;
    let Taken::Fresh { events, answer } = opens(&mut state, 1, &board, as_of) else {
        panic!("the number is still free");
    };
    assert_eq!(answer, Answer::Done);
    assert_eq!(events[0].fact, opened(Seat::Customer, PICTURE));
    assert_eq!(state.board, Some(board));
    assert_eq!(next_number(&state, Seat::Customer, C1), 2);
}

#[test]
fn every_change_of_a_board_touches_its_picture_and_nothing_else_does() {
    let one = PICTURE + 2;
    let history = [
        (kept(PICTURE), false),
        (drawn(Seat::Customer, PICTURE), true),
        (undone(Seat::Customer, PICTURE, &[one]), true),
        (redone(Seat::Customer, PICTURE, &[one]), true),
        (closed(Seat::Customer, PICTURE), false),
        (opened(Seat::Customer, PICTURE), false),
        (crate::shown::sent(Seat::Customer, PICTURE, PICTURE), false),
        (crate::shown::cleared(PICTURE), true),
    ];
    let (mut state, _) = told(asked_then([]));
    let mut touched = PICTURE;
    for (fact, touches) in history {
        let event = apply(&mut state, fact, BEGUN);
        if touches {
            touched = event.seq;
        }
        assert_eq!(state.pictures[0].touched, touched, "{event:?}");
    }
}

#[test]
fn a_board_opens_with_what_was_on_it_and_redo_still_reaches_back() {
    let (one, two, three) = (PICTURE + 2, PICTURE + 3, PICTURE + 4);
    let given = kept_then([
        drawn(Seat::Customer, PICTURE),
        drawn(Seat::Agent, PICTURE),
        drawn(Seat::Customer, PICTURE),
        undone(Seat::Customer, PICTURE, &[three]),
        closed(Seat::Agent, PICTURE),
    ]);
    let (mut state, log) = told(given);
    let before = replay(PICTURE, &log);
    let marks = [
        mark(one, Seat::Customer, None),
        mark(two, Seat::Agent, None),
        mark(three, Seat::Customer, Some(three + 1)),
    ];
    assert_eq!(before.strokes, marks);
    let as_of = state.head;
    opens(&mut state, 1, &before, as_of);
    assert_eq!(state.board.as_ref(), Some(&before));
    let redo = PageCommand::Redo { picture: PICTURE };
    let follows = decide(&state, CUSTOMER, &redo, BEGUN, &Rules::default());
    assert_eq!(follows, Ok(vec![redone(Seat::Customer, PICTURE, &[three])]));
}

#[test]
fn opening_another_board_switches_and_keeps_the_first() {
    let second = PICTURE + 4;
    let given = kept_then([
        drawn(Seat::Agent, PICTURE),
        closed(Seat::Agent, PICTURE),
        asked(Seat::Agent),
        kept(second),
        drawn(Seat::Customer, second),
    ]);
    let (mut state, mut log) = told(given);
    let first = replay(PICTURE, &log);
    let as_of = state.head;
    if let Taken::Fresh { events, .. } = opens(&mut state, 1, &first, as_of) {
        log.extend(events);
    }
    assert_eq!(state.board, Some(first));
    let other = replay(second, &log);
    assert_eq!(other.strokes, [mark(second + 2, Seat::Customer, None)]);
    let as_of = state.head;
    opens(&mut state, 2, &other, as_of);
    assert_eq!(state.board, Some(other));
    assert_eq!(state.pictures.len(), 2);
}

#[test]
fn an_open_board_is_not_put_back_to_what_it_was() {
    let (mut state, log) = told(kept_then([drawn(Seat::Agent, PICTURE)]));
    let board = state.board.clone();
    let old = replay(PICTURE, &log[..log.len() - 1]);
    let as_of = state.head;
    opens(&mut state, 1, &old, as_of);
    assert_eq!(state.board, board, "it is open already");
    let other = Board::empty(PICTURE + 1);
    restore(&mut state, &other);
    assert_eq!(state.board, board, "another board is open");
    apply(&mut state, closed(Seat::Agent, PICTURE), BEGUN);
    restore(&mut state, &old);
    assert_eq!(state.board, None, "no board is open");
}

#[test]
fn one_of_two_pages_that_open_at_once_opens() {
    let (mut state, log) = told(kept_then([closed(Seat::Agent, PICTURE)]));
    let board = replay(PICTURE, &log);
    let as_of = state.head;
    opens(&mut state, 1, &board, as_of);
    let turn = Turn {
        seat: Seat::Agent,
        page: A1,
        n: 1,
    };
    let command = PageCommand::OpenBoard { board, as_of };
    let second = take(&mut state, turn, &command, BEGUN, &Rules::default());
    let answer = Answer::Done;
    assert_eq!(
        second,
        Taken::Fresh {
            events: Vec::new(),
            answer
        }
    );
}

#[test]
fn of_a_deleted_picture_the_log_tells_an_empty_board() {
    let given = kept_then([drawn(Seat::Agent, PICTURE)]);
    let (_, log) = told([given.clone(), vec![deleted(Seat::Customer, 99)]].concat());
    assert_eq!(
        replay(PICTURE, &log).strokes.len(),
        1,
        "another was deleted"
    );
    let (_, log) = told([given, vec![deleted(Seat::Customer, PICTURE)]].concat());
    assert_eq!(replay(PICTURE, &log), Board::empty(PICTURE));
}
