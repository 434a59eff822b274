//! Drawing, undo, redo, clearing.

use sightline_session::{Fact, Mark, PageCommand, Rules, State, apply};
use sightline_wire::{Ink, Line, Refusal, Seat, Stroke, Strokes};

use crate::given::{AGENT, BEGUN, CUSTOMER, after, check, check_at, decide, json_bytes, say};
use crate::shown::{
    PICTURE, asked, asked_then, cleared, closed, deleted, draw, drawn, kept_then, mark, redone,
    undone,
};

const UNDO: PageCommand = PageCommand::Undo { picture: PICTURE };
const UNDO_ALL: PageCommand = PageCommand::UndoAll { picture: PICTURE };
const REDO: PageCommand = PageCommand::Redo { picture: PICTURE };
const CLEAR: PageCommand = PageCommand::Clear { picture: PICTURE };

/// The number of the first stroke of the tables here, drawn right after the shutter.
const S1: u32 = PICTURE + 1;

fn customer() -> Fact {
    drawn(Seat::Customer, PICTURE)
}

fn agent() -> Fact {
    drawn(Seat::Agent, PICTURE)
}

fn undo_of(seat: Seat, strokes: &[u32]) -> Fact {
    undone(seat, PICTURE, strokes)
}

fn drawing(more: impl IntoIterator<Item = Fact>) -> State {
    after(asked_then(more).into_iter().map(|fact| (0, fact)))
}

fn marks(state: &State) -> &[Mark] {
    &state.board.as_ref().expect("open").strokes
}

#[test]
fn each_stroke_is_an_event_of_its_author() {
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        for count in [1, 2, 16] {
            let then = vec![drawn(seat, PICTURE); count];
            // The base may still be missing.
            check(&asked_then([]), by, draw(PICTURE, count), Ok(&then));
            check(&kept_then([]), by, draw(PICTURE, count), Ok(&then));
        }
    }
    let state = drawing([customer(), agent(), customer()]);
    let then = [
        mark(S1, Seat::Customer, None),
        mark(S1 + 1, Seat::Agent, None),
        mark(S1 + 2, Seat::Customer, None),
    ];
    assert_eq!(marks(&state), then);
}

#[test]
fn ink_needs_the_open_board() {
    let second = PICTURE + 2;
    for given in [
        crate::shown::ready(),
        asked_then([closed(Seat::Agent, PICTURE)]),
        asked_then([deleted(Seat::Agent, PICTURE)]),
        asked_then([closed(Seat::Agent, PICTURE), asked(Seat::Agent)]),
    ] {
        for command in [draw(PICTURE, 1), UNDO, UNDO_ALL, REDO, CLEAR] {
            check(&given, AGENT, command, Err(Refusal::BoardClosed));
        }
    }
    let given = asked_then([closed(Seat::Agent, PICTURE), asked(Seat::Agent)]);
    let then = [drawn(Seat::Agent, second)];
    check(&given, AGENT, draw(second, 1), Ok(&then));
    for unknown in [0, 1, u32::MAX] {
        let command = draw(unknown, 1);
        check(&given, AGENT, command, Err(Refusal::BoardClosed));
    }
}

#[test]
fn undo_takes_back_ones_newest_standing_stroke() {
    let given = [customer(), agent(), customer(), agent()];
    for (seat, by, newest, before) in [
        (Seat::Customer, CUSTOMER, S1 + 2, S1),
        (Seat::Agent, AGENT, S1 + 3, S1 + 1),
    ] {
        let first = undo_of(seat, &[newest]);
        let given = asked_then(given.clone());
        check(&given, by, UNDO, Ok(std::slice::from_ref(&first)));
        let given = [given, vec![first]].concat();
        let second = undo_of(seat, &[before]);
        check(&given, by, UNDO, Ok(std::slice::from_ref(&second)));
        let given = [given, vec![second]].concat();
        check(&given, by, UNDO, Ok(&[]));
    }
}

#[test]
fn undo_never_reaches_for_the_others_strokes() {
    for command in [UNDO, UNDO_ALL, REDO] {
        check(&asked_then([]), CUSTOMER, command.clone(), Ok(&[]));
        let given = asked_then([agent(), agent(), undo_of(Seat::Agent, &[S1 + 1])]);
        check(&given, CUSTOMER, command, Ok(&[]));
    }
}

#[test]
fn a_list_that_names_the_others_strokes_leaves_them_alone() {
    let state = drawing([customer(), agent(), undo_of(Seat::Agent, &[S1, S1 + 1])]);
    let then = [
        mark(S1, Seat::Customer, None),
        mark(S1 + 1, Seat::Agent, Some(S1 + 2)),
    ];
    assert_eq!(marks(&state), then);
}

#[test]
fn undo_all_takes_back_what_stands_of_ones_own() {
    let given = [customer(), agent(), customer(), customer()];
    let all = [undo_of(Seat::Customer, &[S1, S1 + 2, S1 + 3])];
    check(&asked_then(given.clone()), CUSTOMER, UNDO_ALL, Ok(&all));
    let one = undo_of(Seat::Customer, &[S1 + 3]);
    let given = asked_then(given.into_iter().chain([one]));
    let rest = [undo_of(Seat::Customer, &[S1, S1 + 2])];
    check(&given, CUSTOMER, UNDO_ALL, Ok(&rest));
    let given = [given, rest.to_vec()].concat();
    check(&given, CUSTOMER, UNDO_ALL, Ok(&[]));
    check(
        &given,
        AGENT,
        UNDO_ALL,
        Ok(&[undo_of(Seat::Agent, &[S1 + 1])]),
    );
}

#[test]
fn redo_brings_back_together_what_one_undo_took() {
    let strokes = [customer(), customer(), customer()];
    let single = undo_of(Seat::Customer, &[S1 + 2]);
    let rest = undo_of(Seat::Customer, &[S1, S1 + 1]);
    let given = asked_then(strokes.into_iter().chain([single, rest]));
    let first = redone(Seat::Customer, PICTURE, &[S1, S1 + 1]);
    check(&given, CUSTOMER, REDO, Ok(std::slice::from_ref(&first)));
    check(&given, AGENT, REDO, Ok(&[]));
    let given = [given, vec![first]].concat();
    let second = redone(Seat::Customer, PICTURE, &[S1 + 2]);
    check(&given, CUSTOMER, REDO, Ok(std::slice::from_ref(&second)));
    let given = [given, vec![second]].concat();
    check(&given, CUSTOMER, REDO, Ok(&[]));
    let all = [undo_of(Seat::Customer, &[S1, S1 + 1, S1 + 2])];
    check(&given, CUSTOMER, UNDO_ALL, Ok(&all));
}

#[test]
fn drawing_forgets_ones_own_redo_only() {
    let both = [
        customer(),
        agent(),
        undo_of(Seat::Customer, &[S1]),
        undo_of(Seat::Agent, &[S1 + 1]),
    ];
    let given = asked_then(both.into_iter().chain([customer()]));
    check(&given, CUSTOMER, REDO, Ok(&[]));
    let agents = [redone(Seat::Agent, PICTURE, &[S1 + 1])];
    check(&given, AGENT, REDO, Ok(&agents));
    let state = after(given.into_iter().map(|fact| (0, fact)));
    let then = [
        mark(S1 + 1, Seat::Agent, Some(S1 + 3)),
        mark(S1 + 4, Seat::Customer, None),
    ];
    assert_eq!(marks(&state), then);
}

#[test]
fn the_agent_clears_everybodys_strokes_for_good() {
    let given = asked_then([customer(), agent(), undo_of(Seat::Agent, &[S1 + 1])]);
    check(&given, CUSTOMER, CLEAR, Err(Refusal::NotYours));
    check(&given, AGENT, CLEAR, Ok(&[cleared(PICTURE)]));
    check(&asked_then([]), AGENT, CLEAR, Ok(&[]));
    let given = [given, vec![cleared(PICTURE)]].concat();
    check(&given, AGENT, CLEAR, Ok(&[]));
    for command in [UNDO, UNDO_ALL, REDO] {
        check(&given, AGENT, command.clone(), Ok(&[]));
        check(&given, CUSTOMER, command, Ok(&[]));
    }
    // Clearing removes undone strokes as well.
    let hidden = asked_then([agent(), undo_of(Seat::Agent, &[S1])]);
    check(&hidden, AGENT, CLEAR, Ok(&[cleared(PICTURE)]));
}

#[test]
fn a_board_takes_a_thousand_strokes() {
    let max = Rules::default().strokes_max as usize;
    assert_eq!(max, 1_000);
    for (there, new, fits) in [
        (max - 16, 16, true),
        (max - 15, 16, false),
        (max - 1, 1, true),
        (max, 1, false),
    ] {
        let strokes = (0..there).map(|place| if place % 2 == 0 { customer() } else { agent() });
        let then = vec![agent(); new];
        let then = if fits {
            Ok(&then[..])
        } else {
            Err(Refusal::LimitReached)
        };
        check(&asked_then(strokes), AGENT, draw(PICTURE, new), then);
    }
}

#[test]
fn a_full_board_has_room_for_who_took_something_back() {
    let max = Rules::default().strokes_max;
    let strokes = (0..max).map(|_| customer());
    let last = [S1 + max - 2, S1 + max - 1];
    let mut state = drawing(strokes.chain([undo_of(Seat::Customer, &last)]));
    check_at(
        &state,
        0,
        AGENT,
        draw(PICTURE, 1),
        Err(Refusal::LimitReached),
    );
    check_at(
        &state,
        0,
        CUSTOMER,
        draw(PICTURE, 3),
        Err(Refusal::LimitReached),
    );
    let follows = decide(
        &state,
        CUSTOMER,
        &draw(PICTURE, 2),
        BEGUN,
        &Rules::default(),
    );
    for fact in follows.expect("two fit") {
        apply(&mut state, fact, BEGUN);
    }
    assert_eq!(marks(&state).len(), max as usize);
    check_at(
        &state,
        0,
        CUSTOMER,
        draw(PICTURE, 1),
        Err(Refusal::LimitReached),
    );
}

#[test]
fn several_strokes_are_taken_whole_or_not_at_all() {
    let state = drawing([]);
    let asks = |room| {
        let rules = Rules {
            events_max: state.head + room,
            ..Rules::default()
        };
        decide(&state, AGENT, &draw(PICTURE, 3), BEGUN, &rules)
    };
    assert_eq!(asks(3), Ok(vec![agent(); 3]));
    assert_eq!(asks(2), Err(Refusal::LimitReached));
    let rules = Rules {
        seat_events_max: state.seats.get(Seat::Agent).made + 2,
        ..Rules::default()
    };
    let share = decide(&state, AGENT, &draw(PICTURE, 3), BEGUN, &rules);
    assert_eq!(share, Err(Refusal::LimitReached));
}

#[test]
fn a_seat_draws_up_to_its_bytes_whatever_it_takes_back_and_leaves_the_other_theirs() {
    let (one, two) = (draw(PICTURE, 1), draw(PICTURE, 2));
    let asks = |state: &State, by, command: &PageCommand, seat_bytes_max| {
        let rules = Rules {
            seat_bytes_max,
            ..Rules::default()
        };
        decide(state, by, command, BEGUN, &rules).map(|facts| facts.len())
    };
    let state = drawing([customer(), undo_of(Seat::Customer, &[S1]), customer()]);
    let used = state.seats.get(Seat::Customer).bytes;
    let stroke = drawing([customer()]).seats.get(Seat::Customer).bytes
        - drawing([]).seats.get(Seat::Customer).bytes;
    let full = Err(Refusal::LimitReached);
    assert_eq!(asks(&state, CUSTOMER, &one, used + stroke - 1), full);
    assert_eq!(asks(&state, CUSTOMER, &one, used + stroke), Ok(1));
    assert_eq!(
        asks(&state, CUSTOMER, &two, used + 2 * stroke - 1),
        full,
        "all or none"
    );
    assert_eq!(asks(&state, CUSTOMER, &two, used + 2 * stroke), Ok(2));
    assert_eq!(asks(&state, AGENT, &one, used), Ok(1), "the other's own");
    assert_eq!(asks(&state, CUSTOMER, &UNDO, used), Ok(1), "beside drawing");
}

/// Security finding 10: a command of 100 bytes listed a thousand strokes, without end.
#[test]
fn finding_10_taking_a_full_board_back_again_and_again_uses_up_the_share_like_drawing() {
    let rules = Rules::default();
    let strokes = (0..rules.strokes_max).map(|_| customer());
    let mut state = drawing(strokes);
    let (mut bytes, mut refused) = (0, false);
    for n in 0..rules.seat_events_max {
        let command = if n % 2 == 0 { UNDO_ALL } else { REDO };
        match decide(&state, CUSTOMER, &command, BEGUN, &rules) {
            Err(refusal) => {
                assert_eq!(refusal, Refusal::LimitReached);
                refused = true;
                break;
            }
            Ok(facts) => {
                for fact in facts {
                    bytes += json_bytes(&fact);
                    apply(&mut state, fact, BEGUN);
                }
            }
        }
    }
    assert!(refused, "28,000 of them would be 170 MB");
    assert!(bytes <= rules.seat_bytes_max);
    for command in [UNDO, say("no room")] {
        let goes_on = decide(&state, CUSTOMER, &command, BEGUN, &rules);
        assert!(goes_on.is_ok(), "{command:?}: {goes_on:?}");
    }
}

#[test]
fn one_full_board_of_longest_lines_fits_into_the_share_of_a_seat() {
    let rules = Rules::default();
    let line = Line::new(vec![u16::MAX; 2 * Line::POINTS_MAX]).expect("a line");
    let stroke = Stroke {
        mark: u32::MAX,
        ink: Ink::Pen {
            line,
            pressure: None,
        },
    };
    let strokes = Strokes::new(vec![stroke]).expect("strokes");
    let command = PageCommand::Draw {
        picture: PICTURE,
        strokes,
    };
    let mut state = drawing([]);
    for n in 0..rules.strokes_max {
        let facts = decide(&state, CUSTOMER, &command, BEGUN, &rules);
        let facts = facts.unwrap_or_else(|refusal| panic!("stroke {n}: {refusal}"));
        for fact in facts {
            apply(&mut state, fact, BEGUN);
        }
    }
}
