//! Deadlines: just before, at and after each.

use sightline_session::{Fact, Heard, Rules, State, due};
use sightline_wire::{EndReason, LobbyStep, Seat, Seats};

use crate::given::{
    A1, BEGUN, C1, MINUTE, SECOND, after, both_joined, ended, joined, left, lost, nobody, reached,
};

const HOUR: u64 = 60 * MINUTE;

fn overdue(state: &State, heard: &Seats<Option<Heard>>, at_ms: u64) -> Vec<Fact> {
    due(state, heard, BEGUN + at_ms, &Rules::default())
}

/// Nothing just before the deadline, `then` at it and a moment after.
#[track_caller]
fn check_edge(state: &State, heard: &Seats<Option<Heard>>, date_ms: u64, then: &[Fact]) {
    assert_eq!(overdue(state, heard, date_ms - 1), [], "before");
    assert_eq!(overdue(state, heard, date_ms), then, "at");
    assert_eq!(overdue(state, heard, date_ms + 1), then, "after");
}

fn live() -> State {
    after(both_joined().into_iter().map(|fact| (0, fact)))
}

const fn heard(at_ms: u64) -> Option<Heard> {
    Some(Heard {
        at_ms: BEGUN + at_ms,
        closed_at_ms: None,
    })
}

const fn closed(at_ms: u64, closed_at_ms: u64) -> Option<Heard> {
    Some(Heard {
        at_ms: BEGUN + at_ms,
        closed_at_ms: Some(BEGUN + closed_at_ms),
    })
}

fn both(agent: Option<Heard>, customer: Option<Heard>) -> Seats<Option<Heard>> {
    Seats::from_fn(|seat| match seat {
        Seat::Agent => agent,
        Seat::Customer => customer,
    })
}

#[test]
fn an_invite_expires_after_an_hour_unless_the_customer_joined() {
    let then = [ended(EndReason::InviteExpired)];
    check_edge(&after([]), &nobody(), HOUR, &then);
    let agent = after([(0, joined(Seat::Agent, A1))]);
    check_edge(&agent, &both(heard(HOUR), None), HOUR, &then);
    let lobby = after([(0, reached(LobbyStep::Joining))]);
    check_edge(&lobby, &both(None, heard(HOUR)), HOUR, &then);
    let customer = after([(0, joined(Seat::Customer, C1))]);
    assert_eq!(overdue(&customer, &both(None, heard(HOUR)), HOUR + 1), []);
}

#[test]
fn a_call_is_over_after_four_hours_in_any_case() {
    let date = 4 * HOUR;
    let talking = both(heard(date), heard(date));
    check_edge(&live(), &talking, date, &[ended(EndReason::TooLong)]);
}

#[test]
fn a_call_is_over_when_nobody_was_heard_for_a_quarter_of_an_hour() {
    let silent = after(
        both_joined()
            .into_iter()
            .chain([lost(Seat::Agent), lost(Seat::Customer)])
            .map(|fact| (0, fact)),
    );
    let then = [ended(EndReason::NobodyHeard)];
    check_edge(&silent, &both(heard(5), heard(9)), 9 + 15 * MINUTE, &then);
    check_edge(&silent, &both(heard(9), heard(5)), 9 + 15 * MINUTE, &then);
    check_edge(&silent, &both(None, heard(9)), 9 + 15 * MINUTE, &then);
    // Closing a connection does not make its last message newer.
    check_edge(
        &silent,
        &both(None, closed(9, MINUTE)),
        9 + 15 * MINUTE,
        &then,
    );
    assert_eq!(overdue(&silent, &nobody(), HOUR), []);
}

#[test]
fn an_invite_waits_for_its_customer_however_silent_it_is() {
    let waiting = after([(0, joined(Seat::Agent, A1)), (0, lost(Seat::Agent))]);
    assert_eq!(overdue(&waiting, &both(heard(0), None), 30 * MINUTE), []);
}

#[test]
fn a_seat_is_lost_ten_seconds_after_its_connection_closed() {
    let gone = closed(MINUTE, MINUTE);
    let here = heard(MINUTE + 5 * SECOND);
    let date = MINUTE + 10 * SECOND;
    check_edge(&live(), &both(here, gone), date, &[lost(Seat::Customer)]);
    check_edge(&live(), &both(gone, here), date, &[lost(Seat::Agent)]);
    let then = [lost(Seat::Agent), lost(Seat::Customer)];
    check_edge(&live(), &both(gone, gone), date, &then);
}

#[test]
fn a_seat_is_lost_forty_seconds_after_its_last_word() {
    let silent = heard(MINUTE);
    let here = heard(2 * MINUTE);
    let date = MINUTE + 40 * SECOND;
    check_edge(&live(), &both(here, silent), date, &[lost(Seat::Customer)]);
    check_edge(&live(), &both(silent, here), date, &[lost(Seat::Agent)]);
    // Closed a moment before its silence counts: the earlier date holds.
    let late = closed(MINUTE, MINUTE + 39 * SECOND);
    check_edge(&live(), &both(here, late), date, &[lost(Seat::Customer)]);
}

#[test]
fn a_customer_in_the_lobby_can_be_lost_and_a_seat_nobody_was_seen_in_cannot() {
    let silent = both(heard(0), heard(0));
    let lobby = after([(0, reached(LobbyStep::InLobby))]);
    check_edge(&lobby, &silent, 40 * SECOND, &[lost(Seat::Customer)]);
    assert_eq!(overdue(&after([]), &silent, MINUTE), []);
}

#[test]
fn a_seat_is_lost_once_and_not_while_nothing_is_known_of_it() {
    let silent = both(heard(0), heard(0));
    let facts = both_joined().into_iter();
    let away = after(
        facts
            .chain([lost(Seat::Agent), left(Seat::Customer)])
            .map(|fact| (0, fact)),
    );
    assert_eq!(overdue(&away, &silent, MINUTE), []);
    assert_eq!(overdue(&live(), &nobody(), MINUTE), []);
}

#[test]
fn of_several_overdue_ends_the_earliest_is_told_and_nothing_after_it() {
    let gone = both(heard(0), heard(0));
    let tell = |state: &State, heard| overdue(state, heard, 10 * HOUR);
    assert_eq!(tell(&after([]), &gone), [ended(EndReason::InviteExpired)]);
    assert_eq!(tell(&live(), &gone), [ended(EndReason::NobodyHeard)]);
    let talked = both(None, heard(4 * HOUR - 15 * MINUTE + 1));
    assert_eq!(tell(&live(), &talked), [ended(EndReason::TooLong)]);
    let equal = both(None, heard(4 * HOUR - 15 * MINUTE));
    assert_eq!(tell(&live(), &equal), [ended(EndReason::TooLong)]);
    let earlier = both(None, heard(4 * HOUR - 15 * MINUTE - 1));
    assert_eq!(tell(&live(), &earlier), [ended(EndReason::NobodyHeard)]);
}

#[test]
fn nothing_is_overdue_after_the_end() {
    let over = after([(0, ended(EndReason::InviteCancelled))]);
    assert_eq!(overdue(&over, &both(heard(0), heard(0)), 10 * HOUR), []);
}

#[test]
fn the_last_moment_of_all_time_is_a_date_like_others() {
    let never = Some(Heard {
        at_ms: u64::MAX,
        closed_at_ms: Some(u64::MAX),
    });
    let mut state = live();
    state.ends_at_ms = u64::MAX;
    let rules = Rules::default();
    assert_eq!(due(&state, &both(never, never), u64::MAX - 1, &rules), []);
    let then = [ended(EndReason::TooLong)];
    assert_eq!(due(&state, &both(never, never), u64::MAX, &rules), then);
}
