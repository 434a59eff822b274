//! What the agent did to the customer's devices, in words, and where the customer was.

use serde::Serialize;
use sightline_wire::{Event, EventKind, GeoPlace, GuestAnswer, GuestDevice, GuestWish, PublicFact};

use super::date::utc;

/// Returns an event of the guest's controls in words; `None` for others. Places stand in a file of
/// their own.
#[must_use]
pub fn told(fact: &PublicFact, agent: &str, customer: &str) -> Option<String> {
    Some(match fact {
        PublicFact::GuestSwitchedOff { device } => {
            format!("{agent} switched {customer}'s {} off", device_word(*device))
        }
        PublicFact::GuestZoomed { .. } => format!("{agent} zoomed {customer}'s camera"),
        PublicFact::GuestAsked { wish } => format!("{agent} asked {}", wish_words(*wish)),
        PublicFact::GuestAnswered { asked, answer } => {
            format!("request {asked}: {}", answer_words(*answer))
        }
        PublicFact::Located { asked, .. } => format!("request {asked}: the phone told its place"),
        _ => return None,
    })
}

#[derive(Serialize)]
struct Located {
    seq: u32,
    at: String,
    at_ms: u64,
    latitude: f64,
    longitude: f64,
    accuracy_m: u32,
}

/// Returns each place that the customer's phone told, in degrees (WGS 84).
#[must_use]
pub fn places(events: &[Event]) -> impl Serialize {
    let located = events.iter().filter_map(|event| match &event.kind {
        EventKind::Public(PublicFact::Located { place, .. }) => Some((event, place)),
        _ => None,
    });
    let places = located.map(|(event, place)| {
        let GeoPlace {
            latitude_e5,
            longitude_e5,
            accuracy_m,
        } = *place;
        Located {
            seq: event.seq,
            at: utc(event.at_ms),
            at_ms: event.at_ms,
            latitude: latitude_e5.degrees(),
            longitude: longitude_e5.degrees(),
            accuracy_m,
        }
    });
    places.collect::<Vec<_>>()
}

const fn device_word(device: GuestDevice) -> &'static str {
    match device {
        GuestDevice::Microphone => "microphone",
        GuestDevice::Camera => "camera",
        GuestDevice::Torch => "light",
    }
}

const fn wish_words(wish: GuestWish) -> &'static str {
    match wish {
        GuestWish::Microphone => "to turn the microphone on",
        GuestWish::Camera => "to turn the camera on",
        GuestWish::Flip => "to use the other camera",
        GuestWish::Torch => "to turn the light on",
        GuestWish::Location => "for the location",
    }
}

const fn answer_words(answer: GuestAnswer) -> &'static str {
    match answer {
        GuestAnswer::Allowed => "the customer allowed it",
        GuestAnswer::Done => "done",
        GuestAnswer::NotNow => "the customer said not now",
        GuestAnswer::NoAnswer => "no answer",
        GuestAnswer::Denied => "the browser or the system refused it",
        GuestAnswer::Absent => "the phone does not have it",
        GuestAnswer::Busy => "it did not start",
        GuestAnswer::Unsupported => "this browser cannot do it",
        GuestAnswer::NoPosition => "the phone does not know where it is",
        GuestAnswer::Interrupted => "the page was loaded again",
    }
}
