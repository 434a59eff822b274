//! The first event, numbering and time.

use sightline_session::{Fact, apply, link_state, phase};
use sightline_wire::api::{CallPhase, LinkState};
use sightline_wire::{EndReason, PublicFact, Seat};

use crate::given::{BEGUN, C1, MINUTE, after, begun, begun_ahead, ended, joined};

#[test]
fn a_session_begins_with_its_invite_and_its_dates() {
    let (state, event) = begun();
    assert_eq!((event.seq, event.at_ms), (1, BEGUN));
    let Fact::InviteIssued {
        expires_at_ms,
        ends_at_ms,
        number,
        ..
    } = event.fact
    else {
        panic!("the first event is the invite");
    };
    assert_eq!(expires_at_ms, BEGUN + 60 * MINUTE);
    assert_eq!(ends_at_ms, BEGUN + 240 * MINUTE);
    assert_eq!(
        (state.revision, state.head, state.head_at_ms),
        (1, 1, BEGUN)
    );
    assert_eq!(state.began_at_ms, BEGUN);
    assert_eq!(
        (state.expires_at_ms, state.ends_at_ms),
        (expires_at_ms, ends_at_ms)
    );
    assert_eq!(state.number, number);
    assert_eq!(state.ended, None);
}

#[test]
fn events_are_numbered_without_gaps_and_time_never_goes_back() {
    let (mut state, _) = begun();
    let times = [5, 3, 3, 9, 0].map(|at_ms| {
        let event = apply(
            &mut state,
            Fact::Public(PublicFact::LinkMade),
            BEGUN + at_ms,
        );
        (event.seq, event.at_ms - BEGUN)
    });
    assert_eq!(times, [(2, 5), (3, 5), (4, 5), (5, 9), (6, 9)]);
    assert_eq!((state.head, state.head_at_ms), (6, BEGUN + 9));
}

/// The time of day is set while a session runs. Its log follows, but never goes back, and its
/// deadlines do not notice.
#[test]
fn a_clock_that_is_set_dates_the_log_and_moves_no_deadline() {
    let (mut state, _) = begun();
    let dates = (state.expires_at_ms, state.ends_at_ms);
    let day = 24 * 60;
    let steps = [
        (1, 0),
        (2, 20),
        (3, -20),
        (4, 60),
        (5, -day),
        (6, day),
        (7, 0),
    ];
    let mut last_ms = 0;
    for (second, ahead_min) in steps {
        state.date(ahead_min * MINUTE as i64);
        let now_ms = BEGUN + second * 1_000;
        let event = apply(&mut state, Fact::Public(PublicFact::LinkMade), now_ms);
        assert!(event.at_ms > last_ms, "{ahead_min}");
        last_ms = event.at_ms;
        assert_eq!(state.head_at_ms, now_ms);
    }
    assert_eq!((state.expires_at_ms, state.ends_at_ms), dates);
    assert_eq!(last_ms, BEGUN + 7_000 + (day as u64) * MINUTE);
}

#[test]
fn a_session_that_begins_while_the_clocks_differ_shows_the_time_of_day() {
    const HOUR: u64 = 60 * MINUTE;
    for ahead_ms in [0, HOUR as i64, -(HOUR as i64)] {
        let (state, event) = begun_ahead(ahead_ms);
        let today_ms = BEGUN.saturating_add_signed(ahead_ms);
        assert_eq!((event.at_ms, state.began_at_ms), (today_ms, today_ms));
        assert_eq!(state.expires_at_ms, BEGUN + HOUR);
        assert_eq!(state.ends_at_ms, BEGUN + 4 * HOUR);
        let Fact::InviteIssued { expires_at_ms, .. } = event.fact else {
            panic!("the first event is the invite");
        };
        assert_eq!(expires_at_ms, today_ms + HOUR);
    }
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let (mut state, _) = begun();
    state.head = u32::MAX;
    state.links = u32::MAX;
    let event = apply(&mut state, Fact::Public(PublicFact::LinkMade), u64::MAX);
    assert_eq!((event.seq, event.at_ms), (u32::MAX, u64::MAX));
}

#[test]
fn outsiders_see_how_far_it_got() {
    let outlook = |facts: &[Fact]| {
        let state = after(facts.iter().map(|fact| (0, fact.clone())));
        (link_state(&state), phase(&state))
    };
    let customer = joined(Seat::Customer, C1);
    assert_eq!(outlook(&[]), (LinkState::Valid, CallPhase::Waiting));
    assert_eq!(
        outlook(&[joined(Seat::Agent, C1)]),
        (LinkState::Valid, CallPhase::Waiting)
    );
    assert_eq!(outlook(&[customer]), (LinkState::Valid, CallPhase::Live));
    for (why, link) in [
        (EndReason::InviteExpired, LinkState::Expired),
        (EndReason::InviteCancelled, LinkState::Cancelled),
        (EndReason::AgentEnded, LinkState::Ended),
        (EndReason::CustomerEnded, LinkState::Ended),
        (EndReason::NobodyHeard, LinkState::Ended),
        (EndReason::TooLong, LinkState::Ended),
    ] {
        assert_eq!(outlook(&[ended(why)]), (link, CallPhase::Ended));
    }
}
