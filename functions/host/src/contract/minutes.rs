//! The call's record.

use sightline_wire::{Moment, Seat, SessionId};

use super::Case;
use crate::ports::CallMinutes;
use crate::records::{CallMinute, MINUTES_KEPT};

/// A minute with moments that tell it from others.
pub(super) fn minute(minute: u64) -> CallMinute {
    let moment = Moment {
        kbit: (minute % 1_000) as u16,
        trip_ms: Some(80),
        ..Moment::default()
    };
    CallMinute {
        minute,
        moments: vec![moment, Moment::default(), moment],
    }
}

/// Minutes of calls.
pub async fn minutes<P: CallMinutes>(ports: &P, case: &Case) {
    let (session, neighbour) = (case.session(210), case.session(211));
    let first = case.now_ms / 60_000;
    let note = async |session: SessionId, seat, at: u64| {
        let noted = ports.note_minute(session, seat, minute(at), case.delete_at_s());
        noted.await.expect("it is stored")
    };
    let kept = async |session: SessionId, seat| {
        let kept = ports.minutes(session, seat).await;
        kept.expect("they are read")
    };
    assert_eq!(kept(session, Seat::Agent).await, []);
    assert!(note(session, Seat::Agent, first).await, "the first time");
    assert!(!note(session, Seat::Agent, first).await, "once a minute");
    assert!(note(session, Seat::Customer, first).await, "each seat");
    assert!(note(neighbour, Seat::Agent, first).await, "each session");

    let last = first + MINUTES_KEPT + 2;
    for at in first + 1..=last {
        assert!(note(session, Seat::Agent, at).await, "a later one");
    }
    let early = note(session, Seat::Agent, first).await;
    assert!(!early, "its place holds a later one");
    let newest: Vec<_> = (last + 1 - MINUTES_KEPT..=last).map(minute).collect();
    assert_eq!(kept(session, Seat::Agent).await, newest, "the newest");
    assert_eq!(kept(session, Seat::Customer).await, [minute(first)]);
    assert_eq!(kept(neighbour, Seat::Agent).await, [minute(first)]);
}
