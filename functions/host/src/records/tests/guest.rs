//! The guest's controls.

use sightline_session::Asking;
use sightline_wire::{
    Degrees, GeoPlace, GuestAnswer, GuestDevice, GuestWish, LocatedAt, ZoomLevel,
};

use super::*;

const fn place() -> GeoPlace {
    GeoPlace {
        latitude_e5: Degrees::new(-3_391_701).unwrap(),
        longitude_e5: Degrees::new(15_122_499).unwrap(),
        accuracy_m: 14,
    }
}

pub fn facts_of_guest() -> [Fact; 5] {
    [
        PublicFact::GuestSwitchedOff {
            device: GuestDevice::Microphone,
        },
        PublicFact::GuestZoomed {
            zoom: ZoomLevel::new(ZoomLevel::MAX).unwrap(),
        },
        PublicFact::GuestAsked {
            wish: GuestWish::Location,
        },
        PublicFact::GuestAnswered {
            asked: 42,
            answer: GuestAnswer::NotNow,
        },
        PublicFact::Located {
            asked: 42,
            place: place(),
        },
    ]
    .map(Fact::Public)
}

#[test]
fn a_state_with_a_request_and_a_place_is_read() {
    let with_request = State {
        asking: Some(Asking {
            id: 42,
            wish: GuestWish::Location,
            allowed: true,
            since_ms: 1_800_000_008_000,
        }),
        located: Some(LocatedAt {
            place: place(),
            at_ms: 1_800_000_007_000,
        }),
        ..state()
    };
    check(
        &with_request,
        &[include_str!("../../../samples/state.1.guest.json")],
    );
}
