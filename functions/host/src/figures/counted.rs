//! What one ended call counts as. Pure: it knows the state, the beginning of the log, and nothing
//! else.

use serde::Serialize;
use sightline_session::{Event, Fact, State};
use sightline_wire::{EndReason, LobbyStep, NotJoined, PublicFact, Seat};

use super::bins::{JOINING_S, LENGTH_S, PICTURES, bin};
use crate::records::Counts;

/// Events of a log that are looked at. A customer's way up to the first seconds in the call takes
/// about ten; one that takes more than these counts as having allowed nothing.
pub(super) const EVENTS: usize = 100;

const SECOND_MS: u64 = 1_000;
const DAY_MS: u64 = 24 * 60 * 60 * SECOND_MS;

/// The names of counts.
pub(super) const INVITED: &str = "invited";
pub(super) const OPENED: &str = "opened";
pub(super) const ALLOWED: &str = "allowed";
pub(super) const JOINED: &str = "joined";

/// How names of counts begin. A word, or the number of a bin, follows.
pub(super) const NOT_JOINED: &str = "not_joined_";
pub(super) const ENDED: &str = "ended_";
pub(super) const JOINING: &str = "joining_";
pub(super) const LENGTH: &str = "length_";
pub(super) const KEPT: &str = "pictures_";
pub(super) const BROWSER: &str = "browser_";
pub(super) const SYSTEM: &str = "system_";

/// How the names of a seat's ratings begin. The stars follow.
pub(super) const fn stars(seat: Seat) -> &'static str {
    match seat {
        Seat::Agent => "agent_stars_",
        Seat::Customer => "customer_stars_",
    }
}

/// The day on which a call ended (UTC), days since 1970.
pub(super) fn day(state: &State) -> u32 {
    day_of(ended_at_ms(state))
}

/// The day of a time of day, epoch milliseconds.
pub(super) fn day_of(at_ms: u64) -> u32 {
    u32::try_from(at_ms / DAY_MS).unwrap_or(u32::MAX)
}

/// Returns what a call counts as of which nothing is stored any more.
pub(super) fn unknown() -> Counts {
    let mut counts = Counts::default();
    counts.note(INVITED.to_owned());
    counts
}

/// Returns what a call that has ended counts as. `events` is the beginning of its log.
pub(super) fn counts(state: &State, events: &[Event]) -> Counts {
    let mut counts = Counts::default();
    let mut note = |name: String| counts.note(name);
    note(INVITED.to_owned());
    let joined = state.seats.get(Seat::Customer).joined();
    // A page of the version before may join without having said that it opened the link.
    if state.link_opened || joined {
        note(OPENED.to_owned());
    }
    if has_allowed(events) {
        note(ALLOWED.to_owned());
    }
    if !joined {
        note(named(NOT_JOINED, &not_joined(state)));
        return counts;
    }
    note(JOINED.to_owned());
    if let Some(why) = state.ended {
        note(named(ENDED, &why));
    }
    let joined_at_ms = state.joined_at_ms.unwrap_or(state.began_at_ms);
    let seconds = |from_ms: u64, to_ms: u64| to_ms.saturating_sub(from_ms) / SECOND_MS;
    let joining_s = seconds(state.began_at_ms, joined_at_ms);
    note(format!("{JOINING}{}", bin(&JOINING_S, joining_s)));
    let length_s = seconds(joined_at_ms, ended_at_ms(state));
    note(format!("{LENGTH}{}", bin(&LENGTH_S, length_s)));
    let kept = state.pictures.iter().filter(|kept| kept.base.is_some());
    note(format!("{KEPT}{}", bin(&PICTURES, kept.count() as u64)));
    for seat in Seat::ALL {
        if let Some(given) = state.seats.get(seat).stars {
            note(named(stars(seat), &given));
        }
    }
    if let Some(arrived) = &state.seats.get(Seat::Customer).arrival {
        note(named(BROWSER, &arrived.with.browser));
        note(named(SYSTEM, &arrived.with.system));
    }
    counts
}

fn ended_at_ms(state: &State) -> u64 {
    let newest_ms = || state.dated(state.head_at_ms);
    state.ended_at_ms.unwrap_or_else(newest_ms)
}

/// Whether the customer's browser gave a camera or a microphone: one of them was on, or the lobby
/// went on after the browser's question.
fn has_allowed(events: &[Event]) -> bool {
    let mut asking = false;
    events.iter().any(|event| match &event.fact {
        Fact::Public(PublicFact::MediaChanged {
            seat: Seat::Customer,
            microphone,
            camera,
        }) => *microphone || *camera,
        Fact::Public(PublicFact::LobbyReached { step }) => {
            let answered = asking && matches!(step, LobbyStep::InLobby | LobbyStep::Joining);
            asking = matches!(step, LobbyStep::Asking | LobbyStep::NoAnswer);
            answered
        }
        _ => false,
    })
}

fn not_joined(state: &State) -> NotJoined {
    let in_the_way = match state.lobby {
        Some(LobbyStep::CameraDenied) => Some(NotJoined::CameraDenied),
        Some(LobbyStep::CameraAbsent) => Some(NotJoined::CameraAbsent),
        Some(LobbyStep::CameraBusy) => Some(NotJoined::CameraBusy),
        Some(LobbyStep::MicrophoneDenied) => Some(NotJoined::MicrophoneDenied),
        Some(LobbyStep::MicrophoneAbsent) => Some(NotJoined::MicrophoneAbsent),
        Some(LobbyStep::NoAnswer | LobbyStep::Asking) => Some(NotJoined::NoAnswer),
        Some(LobbyStep::InAppBrowser) => Some(NotJoined::InAppBrowser),
        Some(LobbyStep::ConnectionBlocked) => Some(NotJoined::ConnectionBlocked),
        Some(LobbyStep::CookiesBlocked) => Some(NotJoined::CookiesBlocked),
        Some(LobbyStep::InLobby | LobbyStep::Joining) | None => None,
    };
    in_the_way.unwrap_or(match state.ended {
        _ if state.link_opened => NotJoined::WentAway,
        Some(EndReason::InviteCancelled) => NotJoined::Cancelled,
        _ => NotJoined::NotOpened,
    })
}

/// A name that ends with a word, or a number, as it has them on the wire.
pub(super) fn named(start: &str, word: &impl Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(serde_json::Value::String(word)) => format!("{start}{word}"),
        Ok(other) => format!("{start}{other}"),
        Err(_) => start.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(facts: impl IntoIterator<Item = PublicFact>) -> Vec<Event> {
        let facts = (1..).zip(facts);
        let event = |(seq, fact): (u32, PublicFact)| Event {
            seq,
            at_ms: 0,
            fact: fact.into(),
        };
        facts.map(event).collect()
    }

    fn lobby(steps: &[LobbyStep]) -> bool {
        let facts = steps
            .iter()
            .map(|step| PublicFact::LobbyReached { step: *step });
        has_allowed(&log(facts))
    }

    #[test]
    fn a_lobby_that_goes_on_after_the_browsers_question_was_allowed_something() {
        use LobbyStep::{Asking, CameraDenied, InLobby, Joining, NoAnswer};
        for (steps, allowed) in [
            (&[InLobby][..], false),
            (&[InLobby, Joining], false),
            (&[InLobby, Asking], false),
            (&[InLobby, Asking, InLobby], true),
            (&[Asking, Joining], true),
            (&[Asking, NoAnswer, InLobby], true),
            (&[Asking, CameraDenied, InLobby], false),
            (&[Asking, CameraDenied, Asking, InLobby], true),
        ] {
            assert_eq!(lobby(steps), allowed, "{steps:?}");
        }
    }

    #[test]
    fn a_device_of_the_customer_that_was_on_was_allowed() {
        for (seat, microphone, camera, allowed) in [
            (Seat::Customer, false, false, false),
            (Seat::Customer, true, false, true),
            (Seat::Customer, false, true, true),
            (Seat::Agent, true, true, false),
        ] {
            let switched = PublicFact::MediaChanged {
                seat,
                microphone,
                camera,
            };
            assert_eq!(
                has_allowed(&log([switched.clone()])),
                allowed,
                "{switched:?}"
            );
        }
    }
}
