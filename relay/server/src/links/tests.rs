//! Tables: an event at a time, and the actions that follow.

use super::LinkAction::*;
use super::LinkEvent::*;
use super::LinkRole::*;
use super::*;

const ROTATION: Rotation = Rotation {
    after: Duration::from_secs(6_600),
    jitter: Duration::ZERO,
    overlap: Duration::from_secs(10),
};

/// Runs a table. Times are milliseconds since the start; `due` is the deadline after the event.
fn check(table: &[(u64, LinkEvent, &[LinkAction], Option<u64>)]) -> Links {
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning"
    )]
    let start = Instant::now();
    let mut links = Links::new(ROTATION, start, 0);
    for (row, (at_ms, event, actions, due_ms)) in table.iter().enumerate() {
        let now = start + Duration::from_millis(*at_ms);
        // The shortest back-off: no chance.
        assert_eq!(links.on(*event, now, 0), *actions, "row {row}: {event:?}");
        let due = links.deadline().map(|at| (at - start).as_millis());
        assert_eq!(due, due_ms.map(u128::from), "row {row}: {event:?}");
    }
    links
}

#[test]
fn the_first_welcome_connects_and_later_ones_only_answer_the_lease() {
    let links = check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (15_000, LeaseSent, &[], Some(25_000)),
        (15_040, Welcomed(Current), &[], Some(6_600_000)),
    ]);
    assert!(links.is_welcome());
}

#[test]
fn a_link_without_an_answer_for_ten_seconds_ends() {
    let links = check(&[
        (9_999, Timeout, &[], Some(10_000)),
        (10_000, Timeout, &[GiveUp], Some(10_000)),
    ]);
    assert!(!links.is_welcome());
    check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (15_000, LeaseSent, &[], Some(25_000)),
        // A further lease does not give the host more time for the first.
        (20_000, LeaseSent, &[], Some(25_000)),
        (25_000, Timeout, &[GiveUp], Some(25_000)),
    ]);
}

#[test]
fn a_link_is_replaced_by_its_successor_and_closed_after_the_overlap() {
    let links = check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (6_599_999, Timeout, &[], Some(6_600_000)),
        (6_600_000, Timeout, &[DialSuccessor], None),
        (6_600_100, Dialled, &[], Some(6_610_100)),
        (
            6_600_200,
            Welcomed(Successor),
            &[SwitchOver, Connected],
            Some(6_610_200),
        ),
        (6_600_300, Welcomed(Previous), &[], Some(6_610_200)),
        (6_610_199, Timeout, &[], Some(6_610_200)),
        (6_610_200, Timeout, &[ClosePrevious], Some(13_200_200)),
    ]);
    assert!(links.is_welcome());
}

#[test]
fn the_previous_link_is_closed_when_the_host_ends_it() {
    check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (6_600_000, Timeout, &[DialSuccessor], None),
        (6_600_100, Dialled, &[], Some(6_610_100)),
        (
            6_600_200,
            Welcomed(Successor),
            &[SwitchOver, Connected],
            Some(6_610_200),
        ),
        (
            6_600_300,
            Ended(Previous),
            &[ClosePrevious],
            Some(13_200_200),
        ),
    ]);
}

#[test]
fn without_an_open_successor_the_end_of_the_current_link_is_final() {
    check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (1_000, Ended(Current), &[GiveUp], Some(6_600_000)),
    ]);
    check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (6_600_000, Timeout, &[DialSuccessor], None),
        (6_600_050, Ended(Current), &[GiveUp], None),
    ]);
}

#[test]
fn an_open_successor_takes_the_place_of_a_link_that_ended() {
    let table: &[(u64, LinkEvent, &[LinkAction], Option<u64>)] = &[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (6_600_000, Timeout, &[DialSuccessor], None),
        (6_600_100, Dialled, &[], Some(6_610_100)),
        (6_600_150, Ended(Current), &[FallBack], Some(6_610_100)),
    ];
    assert!(!check(table).is_welcome(), "not before its own welcome");
    let welcomed = (
        6_600_200,
        Welcomed(Current),
        &[Connected][..],
        Some(13_200_150),
    );
    assert!(check(&[table, &[welcomed]].concat()).is_welcome());
}

#[test]
fn a_successor_that_fails_is_dialled_again_and_the_current_link_stays() {
    let links = check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (6_600_000, Timeout, &[DialSuccessor], None),
        (6_600_010, DialFailed, &[DropSuccessor], Some(6_600_210)),
        (6_600_210, Timeout, &[DialSuccessor], None),
        (6_600_300, Dialled, &[], Some(6_610_300)),
        (
            6_600_400,
            Ended(Successor),
            &[DropSuccessor],
            Some(6_600_600),
        ),
        (6_600_600, Timeout, &[DialSuccessor], None),
        (6_600_700, Dialled, &[], Some(6_610_700)),
        // It never answers.
        (6_610_700, Timeout, &[DropSuccessor], Some(6_610_900)),
    ]);
    assert!(links.is_welcome());
    assert_eq!(links.failures, 3, "the waits grow");
}

#[test]
fn a_successor_that_serves_ends_the_row_of_failures() {
    let links = check(&[
        (20, Welcomed(Current), &[Connected], Some(6_600_000)),
        (6_600_000, Timeout, &[DialSuccessor], None),
        (6_600_010, DialFailed, &[DropSuccessor], Some(6_600_210)),
        (6_600_210, Timeout, &[DialSuccessor], None),
        (6_600_300, Dialled, &[], Some(6_610_300)),
        (
            6_600_400,
            Welcomed(Successor),
            &[SwitchOver, Connected],
            Some(6_610_400),
        ),
    ]);
    assert_eq!(links.failures, 0);
}

#[test]
fn waits_grow_to_five_seconds_and_never_leave_their_bounds() {
    for failures in 0..40 {
        for chance in [0, 1, 12_345, u64::MAX] {
            let wait = backoff(failures, chance);
            assert!((BACKOFF_MIN..=BACKOFF_MAX).contains(&wait), "{wait:?}");
        }
    }
    assert!(backoff(0, u64::MAX) <= 2 * BACKOFF_MIN);
    assert_eq!(backoff(20, 4800), BACKOFF_MAX);
}
