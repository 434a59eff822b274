//! Taking a seat, returning to it, moving it, and the holder's commands.

use sightline_session::{Away, Fact, PageCommand};
use sightline_wire::{EndReason, Refusal, Seat};

use crate::given::{
    A1, A2, AGENT, AGENT_ELSEWHERE, C1, C2, CUSTOMER, CUSTOMER_ELSEWHERE, SECOND, after,
    both_joined, both_joined_then, check, check_at, ended, join, joined, left, lost, media,
    media_changed, moved, name, renamed, resumed, said, say,
};

fn join_with(called: &str, microphone: bool, camera: bool) -> PageCommand {
    PageCommand::Join {
        name: name(called),
        video_only: false,
        arrival: None,
        microphone,
        camera,
        take: true,
    }
}

#[test]
fn the_first_join_takes_the_seat() {
    let guest = joined(Seat::Customer, C1);
    check(
        &[],
        CUSTOMER,
        join("Guest", false),
        Ok(std::slice::from_ref(&guest)),
    );
    check(
        &[],
        CUSTOMER,
        join("Guest", true),
        Ok(std::slice::from_ref(&guest)),
    );
    check(
        &[guest],
        AGENT,
        join("Ada", false),
        Ok(&[joined(Seat::Agent, A1)]),
    );
    check(
        &[],
        AGENT,
        join("Ada", false),
        Ok(&[joined(Seat::Agent, A1)]),
    );
}

#[test]
fn joining_tells_of_devices_that_are_on() {
    for (microphone, camera) in [(true, false), (false, true), (true, true)] {
        let then = [
            joined(Seat::Customer, C1),
            media_changed(Seat::Customer, microphone, camera),
        ];
        check(
            &[],
            CUSTOMER,
            join_with("Guest", microphone, camera),
            Ok(&then),
        );
    }
}

#[test]
fn joining_for_video_only_is_remembered() {
    let command = PageCommand::Join {
        name: name("Guest"),
        video_only: true,
        arrival: None,
        microphone: false,
        camera: false,
        take: false,
    };
    let then = Fact::Joined {
        seat: Seat::Customer,
        page: C1,
        name: name("Guest"),
        video_only: true,
        arrival: None,
    };
    check(&[], CUSTOMER, command, Ok(std::slice::from_ref(&then)));
    assert!(after([(0, then)]).seats.get(Seat::Customer).video_only);
}

#[test]
fn the_holder_joins_again_without_a_trace_unless_something_changed() {
    let given = both_joined();
    check(&given, CUSTOMER, join("Guest", false), Ok(&[]));
    check(&given, AGENT, join("Ada", false), Ok(&[]));
    for (seat, by, called) in [
        (Seat::Customer, CUSTOMER, "Guest"),
        (Seat::Agent, AGENT, "Ada"),
    ] {
        let given = both_joined_then([lost(seat)]);
        let then = [resumed(seat), media_changed(seat, true, false)];
        check(&given, by, join(called, false), Ok(&then[..1]));
        check(&given, by, join_with(called, true, false), Ok(&then));
    }
    check(&given, CUSTOMER, join("Bo", false), Ok(&[renamed("Bo")]));
    // The sign-in names the agent; the log has the name once.
    check(&given, AGENT, join("Eve", false), Ok(&[]));
}

#[test]
fn another_page_of_the_customer_must_ask_for_the_seat() {
    let given = both_joined();
    check(
        &given,
        CUSTOMER_ELSEWHERE,
        join("Guest", false),
        Err(Refusal::SeatTaken),
    );
    let away = both_joined_then([left(Seat::Customer)]);
    check(
        &away,
        CUSTOMER_ELSEWHERE,
        join("Guest", false),
        Err(Refusal::SeatTaken),
    );
    let then = [moved(Seat::Customer, C2)];
    check(&given, CUSTOMER_ELSEWHERE, join("Guest", true), Ok(&then));
}

#[test]
fn whoever_moves_says_anew_whether_they_are_on_the_telephone() {
    let command = PageCommand::Join {
        name: name("Guest"),
        video_only: true,
        arrival: None,
        microphone: false,
        camera: false,
        take: true,
    };
    let then = [Fact::Moved {
        seat: Seat::Customer,
        page: C2,
        video_only: true,
        arrival: None,
    }];
    check(&both_joined(), CUSTOMER_ELSEWHERE, command, Ok(&then));
}

#[test]
fn the_newest_page_of_the_agent_wins() {
    for take in [false, true] {
        let then = [moved(Seat::Agent, A2)];
        check(
            &both_joined(),
            AGENT_ELSEWHERE,
            join("Ada", take),
            Ok(&then),
        );
    }
}

#[test]
fn a_seat_that_moves_tells_what_changed_with_it() {
    let given = both_joined_then([
        media_changed(Seat::Customer, true, true),
        lost(Seat::Customer),
    ]);
    let then = [
        moved(Seat::Customer, C2),
        resumed(Seat::Customer),
        renamed("Bo"),
        media_changed(Seat::Customer, false, true),
    ];
    check(
        &given,
        CUSTOMER_ELSEWHERE,
        join_with("Bo", false, true),
        Ok(&then),
    );
}

#[test]
fn a_page_that_lost_the_seat_may_take_it_back() {
    let state = after(
        both_joined_then([moved(Seat::Customer, C2)])
            .into_iter()
            .map(|fact| (0, fact)),
    );
    let stays = Err(Refusal::SeatTaken);
    check_at(&state, 31 * SECOND, CUSTOMER, join("Guest", false), stays);
    let then = [moved(Seat::Customer, C1)];
    check_at(
        &state,
        31 * SECOND,
        CUSTOMER,
        join("Guest", true),
        Ok(&then),
    );
}

/// Security finding 12: two browsers with one link took the seat from each other without end.
#[test]
fn finding_12_a_present_customer_is_displaced_at_once_and_then_not_for_30_s() {
    let take = || join("Guest", true);
    let taken = [moved(Seat::Customer, C2)];
    check(&both_joined(), CUSTOMER_ELSEWHERE, take(), Ok(&taken));
    let state = after(both_joined_then(taken).into_iter().map(|fact| (0, fact)));
    let back = [moved(Seat::Customer, C1)];
    for (at_ms, then) in [
        (0, Err(Refusal::TooSoon { wait_ms: 30_000 })),
        (29_999, Err(Refusal::TooSoon { wait_ms: 1 })),
        (30_000, Ok(&back[..])),
    ] {
        check_at(&state, at_ms, CUSTOMER, take(), then);
    }
    // The holder itself joins again at any time.
    check_at(&state, 1, CUSTOMER_ELSEWHERE, take(), Ok(&[]));
}

#[test]
fn finding_12_a_holder_who_is_away_is_no_brake() {
    for away in [lost(Seat::Customer), left(Seat::Customer)] {
        let given = both_joined_then([moved(Seat::Customer, C2), away.clone()]);
        let then = [moved(Seat::Customer, C1), resumed(Seat::Customer)];
        check(&given, CUSTOMER, join("Guest", true), Ok(&then));
        // Nor does such a move count as the first one.
        let given = both_joined_then([away, moved(Seat::Customer, C2), resumed(Seat::Customer)]);
        let then = [moved(Seat::Customer, C1)];
        check(&given, CUSTOMER, join("Guest", true), Ok(&then));
    }
}

#[test]
fn the_newer_holder_of_a_seat_has_the_higher_number() {
    for seat in Seat::ALL {
        let page = if seat == Seat::Agent { A2 } else { C2 };
        let mut since = Vec::new();
        for given in [
            vec![],
            both_joined_then([]),
            both_joined_then([moved(seat, page)]),
            both_joined_then([moved(seat, page), lost(seat), resumed(seat)]),
        ] {
            let state = after(given.into_iter().map(|fact| (0, fact)));
            since.push(state.seats.get(seat).held_since);
        }
        assert!(since[0] < since[1] && since[1] < since[2] && since[2] == since[3]);
    }
}

#[test]
fn only_the_holder_speaks() {
    let given = both_joined();
    check(
        &given,
        CUSTOMER,
        say("hi"),
        Ok(&[said(Seat::Customer, "hi")]),
    );
    check(&given, AGENT, say("hi"), Ok(&[said(Seat::Agent, "hi")]));
    for by in [CUSTOMER_ELSEWHERE, AGENT_ELSEWHERE] {
        for command in [say("hi"), media(true, true), PageCommand::End] {
            check(&given, by, command, Err(Refusal::Moved));
        }
    }
    let given = both_joined_then([moved(Seat::Customer, C2)]);
    check(&given, CUSTOMER, say("hi"), Err(Refusal::Moved));
    check(
        &given,
        CUSTOMER_ELSEWHERE,
        say("hi"),
        Ok(&[said(Seat::Customer, "hi")]),
    );
}

#[test]
fn each_speaks_once_joined_whether_the_other_joined_or_not() {
    let given = [joined(Seat::Agent, A1)];
    check(&given, AGENT, say("hi"), Ok(&[said(Seat::Agent, "hi")]));
    check(&given, CUSTOMER, say("hi"), Err(Refusal::NotJoined));
    let given = [joined(Seat::Customer, C1)];
    check(
        &given,
        CUSTOMER,
        say("hi"),
        Ok(&[said(Seat::Customer, "hi")]),
    );
    check(&given, AGENT, say("hi"), Err(Refusal::NotJoined));
}

#[test]
fn a_device_is_told_when_it_was_switched() {
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        check(&both_joined(), by, media(false, false), Ok(&[]));
        let settings = [(false, false), (true, false), (false, true), (true, true)];
        for was in settings {
            let given = both_joined_then([media_changed(seat, was.0, was.1)]);
            for is in settings {
                let told = media_changed(seat, is.0, is.1);
                let then = if is == was { &[][..] } else { &[told] };
                check(&given, by, media(is.0, is.1), Ok(then));
            }
        }
    }
}

#[test]
fn whoever_speaks_is_back() {
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        for away in [lost(seat), left(seat)] {
            let given = both_joined_then([away]);
            check(
                &given,
                by,
                say("hi"),
                Ok(&[resumed(seat), said(seat, "hi")]),
            );
            let then = [resumed(seat), media_changed(seat, true, true)];
            check(&given, by, media(true, true), Ok(&then));
            check(&given, by, media(false, false), Ok(&[resumed(seat)]));
        }
    }
}

#[test]
fn the_holder_leaves_once_and_returns() {
    for (seat, by, elsewhere) in [
        (Seat::Customer, CUSTOMER, CUSTOMER_ELSEWHERE),
        (Seat::Agent, AGENT, AGENT_ELSEWHERE),
    ] {
        check(&both_joined(), by, PageCommand::Leave, Ok(&[left(seat)]));
        check(&both_joined(), by, PageCommand::Return, Ok(&[]));
        check(&both_joined(), elsewhere, PageCommand::Leave, Ok(&[]));
        for (away, how) in [(lost(seat), Away::Lost), (left(seat), Away::Left)] {
            let given = both_joined_then([away]);
            let state = after(given.iter().map(|fact| (0, fact.clone())));
            assert_eq!(state.seats.get(seat).away, Some(how));
            check(&given, by, PageCommand::Leave, Ok(&[]));
            check(&given, by, PageCommand::Return, Ok(&[resumed(seat)]));
            check(&given, elsewhere, PageCommand::Return, Ok(&[]));
        }
    }
}

#[test]
fn either_ends_the_call_for_both() {
    let given = both_joined();
    check(
        &given,
        CUSTOMER,
        PageCommand::End,
        Ok(&[ended(EndReason::CustomerEnded)]),
    );
    check(
        &given,
        AGENT,
        PageCommand::End,
        Ok(&[ended(EndReason::AgentEnded)]),
    );
    let alone = [joined(Seat::Customer, C1)];
    check(
        &alone,
        CUSTOMER,
        PageCommand::End,
        Ok(&[ended(EndReason::CustomerEnded)]),
    );
    check(&alone, AGENT, PageCommand::End, Err(Refusal::NotJoined));
}

#[test]
fn an_agent_who_ends_before_the_customer_joined_takes_the_invite_back() {
    let given = [joined(Seat::Agent, A1)];
    check(
        &given,
        AGENT,
        PageCommand::End,
        Ok(&[ended(EndReason::InviteCancelled)]),
    );
}
