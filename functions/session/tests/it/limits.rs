//! Limits: one below, at, one above.

use sightline_session::{
    Actor, Fact, Heard, PageCommand, Rules, SeatState, State, SystemCommand, Turn, apply, due, take,
};
use sightline_wire::{EndReason, GuestWish, LobbyStep, PageId, PublicFact, Refusal, Seat, Seats};

use crate::given::{
    AGENT, BEGUN, CUSTOMER, MINUTE, after, begun, both_joined, decide, ended, join, json_bytes,
    media, name, said, say,
};
use crate::shown::{PICTURE, draw, kept_then};

#[test]
fn five_messages_may_be_sent() {
    let (mut state, _) = begun();
    let rules = Rules::default();
    for attempt in 1..=rules.sms_max + 1 {
        let now_ms = BEGUN + u64::from(attempt) * MINUTE;
        let then = decide(
            &state,
            Actor::AgentApi,
            &SystemCommand::SendSms { attempt },
            now_ms,
            &rules,
        );
        if attempt <= rules.sms_max {
            assert_eq!(
                then,
                Ok(vec![Fact::Public(PublicFact::SmsAttempted { attempt })])
            );
            apply(
                &mut state,
                Fact::Public(PublicFact::SmsAttempted { attempt }),
                now_ms,
            );
        } else {
            assert_eq!(then, Err(Refusal::LimitReached));
            // Waiting would not help, so the cool-down is not checked.
            let at_once = decide(
                &state,
                Actor::AgentApi,
                &SystemCommand::SendSms { attempt },
                now_ms - MINUTE,
                &rules,
            );
            assert_eq!(at_once, Err(Refusal::LimitReached));
        }
    }
}

#[test]
fn twenty_links_may_be_made() {
    let rules = Rules::default();
    for made in 0..=rules.links_max {
        let state = after((0..made).map(|_| (0, Fact::Public(PublicFact::LinkMade))));
        let then = decide(
            &state,
            Actor::AgentApi,
            &SystemCommand::MakeLink,
            BEGUN,
            &rules,
        );
        if made < rules.links_max {
            assert_eq!(then, Ok(vec![Fact::Public(PublicFact::LinkMade)]));
        } else {
            assert_eq!(then, Err(Refusal::LimitReached));
        }
    }
}

fn live() -> State {
    after(both_joined().into_iter().map(|fact| (0, fact)))
}

fn rules_with_room(state: &State, room: u32) -> Rules {
    Rules {
        events_max: state.head + room,
        ..Rules::default()
    }
}

#[test]
fn events_are_taken_up_to_their_limit() {
    let state = live();
    let asks = |room, by, command: &PageCommand| {
        decide(&state, by, command, BEGUN, &rules_with_room(&state, room))
    };
    assert_eq!(
        asks(1, AGENT, &say("hi")),
        Ok(vec![said(Seat::Agent, "hi")])
    );
    assert_eq!(asks(0, AGENT, &say("hi")), Err(Refusal::LimitReached));
    // A command is taken whole or not at all.
    let by = (Seat::Customer, PageId::from_bytes([9; 16]));
    assert!(asks(2, by, &join("Bo", true)).is_ok());
    assert_eq!(asks(1, by, &join("Bo", true)), Err(Refusal::LimitReached));
}

#[test]
fn at_the_limit_every_command_but_an_end_is_refused() {
    let state = live();
    let rules = rules_with_room(&state, 0);
    for (by, command) in [
        (Actor::AgentApi, SystemCommand::MakeLink),
        (Actor::Link, SystemCommand::OpenLink),
        (
            Actor::Link,
            SystemCommand::HoldUp {
                step: LobbyStep::ConnectionBlocked,
            },
        ),
    ] {
        let then = decide(&state, by, &command, BEGUN, &rules);
        assert_eq!(then, Err(Refusal::LimitReached), "{command:?}");
    }
    for (by, command) in [
        (CUSTOMER, PageCommand::Rename { name: name("Bo") }),
        (CUSTOMER, PageCommand::Leave),
        (CUSTOMER, media(true, true)),
        (AGENT, say("hi")),
    ] {
        let then = decide(&state, by, &command, BEGUN, &rules);
        assert_eq!(then, Err(Refusal::LimitReached), "{command:?}");
    }
    for (by, why) in [
        (CUSTOMER, EndReason::CustomerEnded),
        (AGENT, EndReason::AgentEnded),
    ] {
        let then = decide(&state, by, &PageCommand::End, BEGUN, &rules);
        assert_eq!(then, Ok(vec![ended(why)]));
    }
    let waiting = after([]);
    let rules = rules_with_room(&waiting, 0);
    let then = decide(
        &waiting,
        Actor::AgentApi,
        &SystemCommand::Cancel,
        BEGUN,
        &rules,
    );
    assert_eq!(then, Ok(vec![ended(EndReason::InviteCancelled)]));
}

#[test]
fn a_seat_that_used_up_its_share_leaves_the_other_room_to_go_on() {
    let mut state = live();
    let made = state.seats.get(Seat::Agent).made;
    assert_eq!(made, 1, "its joining");
    let rules = Rules {
        seat_events_max: made + 2,
        ..Rules::default()
    };
    for line in 0..3 {
        let then = decide(&state, AGENT, &say("hi"), BEGUN, &rules);
        if line < 2 {
            assert_eq!(then, Ok(vec![said(Seat::Agent, "hi")]));
            apply(&mut state, said(Seat::Agent, "hi"), BEGUN);
        } else {
            assert_eq!(then, Err(Refusal::LimitReached));
        }
    }
    let refused = decide(&state, AGENT, &media(true, true), BEGUN, &rules);
    assert_eq!(refused, Err(Refusal::LimitReached));
    let same = decide(&state, AGENT, &media(false, false), BEGUN, &rules);
    assert_eq!(same, Ok(vec![]));
    assert!(decide(&state, CUSTOMER, &say("hi"), BEGUN, &rules).is_ok());
    assert!(decide(&state, AGENT, &PageCommand::End, BEGUN, &rules).is_ok());
}

/// Security finding 10. The numbers are those of the deployment.
#[test]
fn finding_10_a_share_ends_for_drawing_first_then_for_chat_and_last_for_leaving() {
    let rules = Rules::default();
    let bounds = [6 << 20, (6 << 20) + (256 << 10), (6 << 20) + (320 << 10)];
    let mut state = after(kept_then([]).into_iter().map(|fact| (0, fact)));
    let picture = PICTURE;
    let all = [
        (draw(picture, 1), 0),
        (say("hi"), 1),
        (PageCommand::Rename { name: name("Bo") }, 1),
        (media(false, false), 2),
        (PageCommand::Delete { picture }, 2),
        (PageCommand::Leave, 2),
    ];
    for (command, bound) in all {
        let mut state = state.clone();
        let facts = decide(&state, CUSTOMER, &command, BEGUN, &rules).expect("there is room");
        let size: u32 = facts.iter().map(json_bytes).sum();
        state.seats.get_mut(Seat::Customer).bytes = bounds[bound] - size;
        let then = decide(&state, CUSTOMER, &command, BEGUN, &rules);
        assert_eq!(then, Ok(facts), "{command:?}");
        state.seats.get_mut(Seat::Customer).bytes += 1;
        let then = decide(&state, CUSTOMER, &command, BEGUN, &rules);
        assert_eq!(then, Err(Refusal::LimitReached), "{command:?}");
    }
    state.seats.get_mut(Seat::Customer).bytes = u32::MAX;
    assert!(decide(&state, CUSTOMER, &PageCommand::End, BEGUN, &rules).is_ok());
    assert!(decide(&state, AGENT, &say("hi"), BEGUN, &rules).is_ok());
}

#[test]
fn both_shares_fit_into_the_session_with_room_for_what_no_page_does() {
    let rules = Rules::default();
    let apart = 2 * rules.sms_max + rules.links_max + 2;
    assert!(2 * rules.seat_events_max + apart <= rules.events_max);
}

#[test]
fn at_the_limit_what_is_so_already_is_still_answered() {
    let state = live();
    let rules = rules_with_room(&state, 0);
    let same = [
        media(false, false),
        join("Guest", false),
        PageCommand::Return,
    ];
    for command in same {
        assert_eq!(
            decide(&state, CUSTOMER, &command, BEGUN, &rules),
            Ok(vec![])
        );
    }
}

#[test]
fn beyond_the_limit_at_most_four_events_follow() {
    let mut state = live();
    let asked = PublicFact::GuestAsked {
        wish: GuestWish::Location,
    };
    apply(&mut state, asked, BEGUN);
    let rules = rules_with_room(&state, 0);
    let silent = Some(Heard {
        at_ms: BEGUN,
        closed_at_ms: None,
    });
    let heard = Seats::from_fn(|_| silent);
    let minutes = (1..300).map(|minute| minute * MINUTE);
    for at_ms in std::iter::once(rules.ask_ms).chain(minutes) {
        let now_ms = BEGUN + at_ms;
        for fact in due(&state, &heard, now_ms, &rules) {
            apply(&mut state, fact, now_ms);
        }
        for (by, command) in [(CUSTOMER, PageCommand::Return), (AGENT, join("Ada", false))] {
            let more = decide(&state, by, &command, now_ms, &rules).unwrap_or_default();
            assert_eq!(more, []);
        }
    }
    assert_eq!(state.ended, Some(EndReason::NobodyHeard));
    assert_eq!(state.head, rules.events_max + 4);
}

#[test]
fn a_state_at_all_limits_remembers_eight_pages_of_a_seat_and_nothing_that_grows() {
    let mut state = live();
    let rules = Rules {
        events_max: 2_000,
        move_again_ms: 0,
        ..Rules::default()
    };
    let steps = [LobbyStep::InLobby, LobbyStep::Asking];
    for round in 0..3_000_u32 {
        let page = PageId::from_bytes(u128::from(round % 100).to_be_bytes());
        for seat in Seat::ALL {
            let n = sightline_session::next_number(&state, seat, page);
            let command = match round % 4 {
                0 => PageCommand::Lobby {
                    step: steps[round as usize / 4 % 2],
                },
                1 => join(&format!("Guest {round}"), true),
                2 => say(&format!("line {round}")),
                _ => media(round % 8 == 3, true),
            };
            take(&mut state, Turn { seat, page, n }, &command, BEGUN, &rules);
        }
    }
    assert_eq!(state.head, rules.events_max);
    for seat in Seat::ALL {
        let seat = state.seats.get(seat);
        assert_eq!(seat.pages.len(), SeatState::PAGES_MAX);
        assert_eq!(seat.pages.capacity(), SeatState::PAGES_MAX);
    }
}
