//! Effects of commits.

use sightline_session::{Effect, Fact, SeatState, State, apply, react};
use sightline_wire::{EndReason, LobbyStep, PublicFact, Seat, SmsFailure};

use crate::given::{
    A1, A2, BEGUN, C1, C2, after, both_joined, ended, joined, left, lost, media_changed, moved,
    reached, renamed, resumed, said,
};
use crate::shown::{PICTURE, asked, deleted, drawn, kept};

const BOTH_HEAR: [Effect; 2] = [Effect::Push(Seat::Agent), Effect::Push(Seat::Customer)];

#[track_caller]
fn check(given: &[Fact], happens: &[Fact], then: &[Effect]) {
    let before = after(given.iter().map(|fact| (0, fact.clone())));
    let mut now = before.clone();
    let apply_one = |fact: &Fact| apply(&mut now, fact.clone(), BEGUN);
    let events: Vec<_> = happens.iter().map(apply_one).collect();
    let effects = react(&before, &events, &now);
    if happens.is_empty() {
        assert_eq!(effects, then);
    } else {
        assert_eq!(effects[..2], BOTH_HEAR);
        assert_eq!(&effects[2..], then, "{happens:?}");
    }
}

#[test]
fn nothing_follows_from_nothing() {
    check(&[], &[], &[]);
    check(&both_joined(), &[], &[]);
}

#[test]
fn both_hear_of_everything() {
    for fact in [
        Fact::Public(PublicFact::LinkMade),
        Fact::Public(PublicFact::LinkOpened),
        Fact::Public(PublicFact::SmsAccepted { attempt: 1 }),
        reached(LobbyStep::InLobby),
        renamed("Bo"),
        lost(Seat::Agent),
        resumed(Seat::Customer),
        media_changed(Seat::Agent, true, true),
        said(Seat::Agent, "hi"),
        asked(Seat::Customer),
        kept(PICTURE),
        drawn(Seat::Agent, PICTURE),
        deleted(Seat::Agent, PICTURE),
    ] {
        check(&both_joined(), &[fact], &[]);
    }
}

#[test]
fn a_message_that_was_attempted_is_handed_over() {
    for attempt in [1, 2] {
        let happens = [Fact::Public(PublicFact::SmsAttempted { attempt })];
        check(&[], &happens, &[Effect::SendSms { attempt }]);
    }
}

#[test]
fn an_attempt_that_failed_in_the_same_commit_is_not_handed_over() {
    let happens = [
        Fact::Public(PublicFact::SmsAttempted { attempt: 1 }),
        Fact::Public(PublicFact::SmsFailed {
            attempt: 1,
            why: SmsFailure::NumberLimit,
        }),
    ];
    check(&[], &happens, &[]);
}

#[test]
fn a_page_that_joined_is_told_to_the_relay() {
    for (seat, page) in [(Seat::Agent, A1), (Seat::Customer, C1)] {
        check(
            &[],
            &[joined(seat, page)],
            &[Effect::Promote { seat, page }],
        );
    }
}

#[test]
fn a_page_that_lost_its_seat_is_told_before_the_relay_hears_of_the_new_one() {
    for (seat, old, new) in [(Seat::Agent, A1, A2), (Seat::Customer, C1, C2)] {
        let then = [
            Effect::TellMoved { seat, page: old },
            Effect::Promote { seat, page: new },
        ];
        check(&both_joined(), &[moved(seat, new)], &then);
        check(&both_joined(), &[moved(seat, new), resumed(seat)], &then);
        // Moved there and back in one commit: no page lost its seat.
        check(&both_joined(), &[moved(seat, new), moved(seat, old)], &[]);
    }
}

#[test]
fn who_left_is_nobody_at_the_relay_until_they_are_back() {
    for (seat, page) in [(Seat::Agent, A1), (Seat::Customer, C1)] {
        let nobody = Effect::Promote {
            seat,
            page: SeatState::NOBODY,
        };
        let back = Effect::Promote { seat, page };
        let gone = [both_joined(), vec![left(seat)]].concat();
        check(&both_joined(), &[left(seat)], &[nobody]);
        check(&gone, &[resumed(seat)], &[back]);
        // They did not go after all.
        check(&both_joined(), &[left(seat), resumed(seat)], &[]);
        let lost = [both_joined(), vec![lost(seat)]].concat();
        check(&lost, &[resumed(seat)], &[]);
    }
}

#[test]
fn the_end_closes_the_room_once() {
    let over = ended(EndReason::AgentEnded);
    check(
        &both_joined(),
        std::slice::from_ref(&over),
        &[Effect::CloseRoom],
    );
    check(
        &[],
        &[ended(EndReason::InviteExpired)],
        &[Effect::CloseRoom],
    );
    let state: State = after([(0, over)]);
    assert_eq!(react(&state, &[], &state), []);
}

#[test]
fn whoever_had_a_link_that_was_taken_back_is_dismissed_before_the_relay_hears_of_it() {
    let renewed = [Fact::Public(PublicFact::LinksRenewed)];
    let seat = Seat::Customer;
    check(&[], &renewed, &[Effect::Dismiss(seat)]);
    let page = SeatState::NOBODY;
    let then = [Effect::Dismiss(seat), Effect::Promote { seat, page }];
    check(&both_joined(), &renewed, &then);
}
