//! Records of a call afterwards.

use sightline_session::Arrived;
use sightline_wire::{Arrival, BrowserKind, SystemKind};

use super::*;
use crate::contract::beside::{note, rating};

#[test]
fn notes_and_ratings_of_every_version_are_read() {
    check(&note(2, 1), &[include_str!("../../../samples/note.1.json")]);
    check(
        &rating(5),
        &[include_str!("../../../samples/rating.1.json")],
    );
}

pub(super) fn arrived(language: &str, kept_days: Option<[u32; 2]>) -> Arrived {
    let with = Arrival {
        browser: BrowserKind::Samsung,
        system: SystemKind::Android,
        language: Language::new(language).unwrap(),
    };
    Arrived { with, kept_days }
}

#[test]
fn a_state_with_notes_stars_and_an_arrival_is_read() {
    let mut rated = State {
        notes: vec![1, 3],
        ..state()
    };
    rated.seats.get_mut(Seat::Agent).stars = Stars::new(2);
    rated.seats.get_mut(Seat::Customer).arrival = Some(arrived("de", None));
    check(
        &rated,
        &[include_str!("../../../samples/state.1.case.json")],
    );
}

#[test]
fn an_arrival_is_read_with_and_without_the_days_that_the_lobby_named() {
    let joined = |kept_days| Event {
        seq: 5,
        at_ms: 1_800_000_005_000,
        fact: Fact::Joined {
            seat: Seat::Customer,
            page: page(1),
            name: DisplayName::new("Guest").unwrap(),
            video_only: false,
            arrival: Some(arrived("de", kept_days)),
        },
    };
    check(
        &joined(None),
        &[include_str!("../../../samples/event.1.arrival.json")],
    );
    check(
        &joined(Some([14, 90])),
        &[include_str!("../../../samples/event.1.days.json")],
    );
}
