//! A page's numbered commands: each once, in their order.

use sightline_session::{
    Answer, Event, Fact, PageCommand, PageMemory, Rules, SeatState, State, Taken, Turn,
    next_number, refuse, take,
};
use sightline_wire::{EndReason, PageId, Refusal, Seat};

use crate::given::{
    A1, BEGUN, C1, C2, after, begun, both_joined, ended, join, media, moved, said, say,
};

fn live() -> State {
    after(both_joined().into_iter().map(|fact| (0, fact)))
}

fn asks(state: &mut State, seat: Seat, page: PageId, n: u32, command: &PageCommand) -> Taken {
    take(
        state,
        Turn { seat, page, n },
        command,
        BEGUN,
        &Rules::default(),
    )
}

fn customer(state: &mut State, n: u32, command: &PageCommand) -> Taken {
    asks(state, Seat::Customer, C1, n, command)
}

fn fresh(state: &State, fact: Fact) -> Taken {
    let event = Event {
        seq: state.head + 1,
        at_ms: BEGUN,
        fact,
    };
    Taken::Fresh {
        events: vec![event],
        answer: Answer::Done,
    }
}

fn some_page(place: u8) -> PageId {
    PageId::from_bytes([place; 16])
}

#[test]
fn commands_are_taken_in_their_order() {
    let mut state = live();
    for n in 1..5 {
        assert_eq!(next_number(&state, Seat::Customer, C1), n);
        let then = fresh(&state, said(Seat::Customer, "hi"));
        assert_eq!(customer(&mut state, n, &say("hi")), then);
    }
}

#[test]
fn a_repeated_command_gets_its_first_answer_and_changes_nothing() {
    let mut state = live();
    customer(&mut state, 1, &say("hi"));
    let before = state.clone();
    // Only the number counts, not the content of the repeat.
    for command in [say("hi"), say("ho"), PageCommand::End] {
        let then = customer(&mut state, 1, &command);
        assert_eq!(then, Taken::Repeat(Answer::Done));
    }
    assert_eq!(state, before);
}

#[test]
fn a_refusal_from_outside_is_remembered_like_every_other() {
    let mut state = live();
    let turn = |n| Turn {
        seat: Seat::Customer,
        page: C1,
        n,
    };
    let (why, answer) = (Refusal::BadPicture, Answer::Refused(Refusal::BadPicture));
    let fresh = Taken::Fresh {
        events: vec![],
        answer,
    };
    assert_eq!(refuse(&mut state, turn(1), why), fresh);
    let before = state.clone();
    assert_eq!(customer(&mut state, 1, &say("hi")), Taken::Repeat(answer));
    let skipped = refuse(&mut state, turn(3), why);
    assert_eq!(skipped, Taken::OutOfTurn { expected: 2 });
    assert_eq!(state, before);
    customer(&mut state, 2, &say("hi"));
    // An answered command stays answered: the refusal comes too late.
    let late = refuse(&mut state, turn(2), why);
    assert_eq!(late, Taken::Repeat(Answer::Done));
}

#[test]
fn a_refusal_is_remembered_and_uses_its_number_up() {
    let (mut state, _) = begun();
    let refused = Answer::Refused(Refusal::NotJoined);
    let first = Taken::Fresh {
        events: vec![],
        answer: refused,
    };
    assert_eq!(customer(&mut state, 1, &say("hi")), first);
    customer(&mut state, 2, &join("Guest", false));
    assert_eq!(next_number(&state, Seat::Customer, C1), 3);
    let mut state = after([]);
    customer(&mut state, 1, &say("hi"));
    state.seats.get_mut(Seat::Customer).holder = Some(C1);
    assert_eq!(customer(&mut state, 1, &say("hi")), Taken::Repeat(refused));
}

#[test]
fn what_was_answered_stays_answered_after_the_end() {
    let mut state = live();
    let over = fresh(&state, ended(EndReason::CustomerEnded));
    assert_eq!(customer(&mut state, 1, &PageCommand::End), over);
    assert_eq!(
        customer(&mut state, 1, &PageCommand::End),
        Taken::Repeat(Answer::Done)
    );
    let then = Taken::Fresh {
        events: vec![],
        answer: Answer::Refused(Refusal::CallEnded),
    };
    assert_eq!(customer(&mut state, 2, &say("hi")), then);
}

#[test]
fn a_skipped_or_outdated_number_is_out_of_turn_and_not_remembered() {
    let mut state = live();
    for n in [0, 2, 3, u32::MAX] {
        let then = customer(&mut state, n, &say("hi"));
        assert_eq!(then, Taken::OutOfTurn { expected: 1 }, "{n}");
    }
    for n in 1..=3 {
        customer(&mut state, n, &say("hi"));
    }
    let before = state.clone();
    for n in [0, 1, 2, 5, u32::MAX] {
        let then = customer(&mut state, n, &say("hi"));
        assert_eq!(then, Taken::OutOfTurn { expected: 4 }, "{n}");
    }
    assert_eq!(state, before);
}

#[test]
fn each_page_and_each_seat_counts_for_itself() {
    let mut state = live();
    customer(&mut state, 1, &say("hi"));
    assert_eq!(next_number(&state, Seat::Customer, C1), 2);
    assert_eq!(next_number(&state, Seat::Customer, C2), 1);
    assert_eq!(next_number(&state, Seat::Agent, A1), 1);
    assert_eq!(next_number(&state, Seat::Agent, C1), 1);
    let then = fresh(&state, moved(Seat::Customer, C2));
    let take = join("Guest", true);
    assert_eq!(asks(&mut state, Seat::Customer, C2, 1, &take), then);
    assert_eq!(next_number(&state, Seat::Customer, C1), 2);
}

#[test]
fn the_last_number_of_all_is_not_overrun() {
    let mut state = live();
    state.seats.get_mut(Seat::Customer).pages = vec![PageMemory {
        page: C1,
        n: u32::MAX,
        answer: Answer::Done,
    }];
    let then = customer(&mut state, u32::MAX, &say("hi"));
    assert_eq!(then, Taken::Repeat(Answer::Done));
}

#[test]
fn the_ninth_page_displaces_the_one_silent_for_longest() {
    let (mut state, _) = begun();
    let known = |state: &State, place| next_number(state, Seat::Agent, some_page(place)) > 1;
    let speak = |state: &mut State, place, n| {
        asks(state, Seat::Agent, some_page(place), n, &say("hi"));
    };
    for place in 1..=8 {
        speak(&mut state, place, 1);
    }
    assert!((1..=8).all(|place| known(&state, place)));
    speak(&mut state, 1, 2);
    // A repeat is not new and keeps no page in memory.
    speak(&mut state, 2, 1);
    speak(&mut state, 9, 1);
    assert_eq!(
        state.seats.get(Seat::Agent).pages.len(),
        SeatState::PAGES_MAX
    );
    assert!(!known(&state, 2));
    assert!(
        [1, 3, 4, 5, 6, 7, 8, 9]
            .into_iter()
            .all(|place| known(&state, place))
    );
}

#[test]
fn a_forgotten_page_is_told_to_count_from_one_again() {
    let mut state = live();
    let forgotten = some_page(1);
    asks(&mut state, Seat::Customer, forgotten, 1, &say("hi"));
    for place in 2..=9 {
        asks(&mut state, Seat::Customer, some_page(place), 1, &say("hi"));
    }
    let then = asks(&mut state, Seat::Customer, forgotten, 2, &say("hi"));
    assert_eq!(then, Taken::OutOfTurn { expected: 1 });
}

#[test]
fn the_holder_is_never_forgotten() {
    let (mut state, _) = begun();
    customer(&mut state, 1, &join("Guest", false));
    customer(&mut state, 2, &media(true, true));
    for place in 1..=100 {
        asks(&mut state, Seat::Customer, some_page(place), 1, &say("hi"));
        assert!(state.seats.get(Seat::Customer).pages.len() <= SeatState::PAGES_MAX);
    }
    assert_eq!(next_number(&state, Seat::Customer, C1), 3);
    // Once the seat has moved, its former holder is forgotten like any other page.
    asks(&mut state, Seat::Customer, C2, 1, &join("Guest", true));
    asks(&mut state, Seat::Customer, some_page(101), 1, &say("hi"));
    assert_eq!(next_number(&state, Seat::Customer, C1), 1);
    assert_eq!(next_number(&state, Seat::Customer, C2), 2);
}
