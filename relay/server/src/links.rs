//! Which link home is in use, and when the next one is dialled.
//!
//! There are up to three links at a time. The relay sends on the *current* one. Its *successor* is
//! dialled before the current link's time is up, and takes over as soon as the host has answered
//! `hello` on it. The *previous* link is read from for a moment longer, because messages of the
//! host may still be on their way on it.
//!
//! This is a pure state machine: events and time come in, actions come out. `home` owns the sockets
//! and carries the actions out.

use std::time::{Duration, Instant};

use crate::config::Rotation;

/// How long the host may take to answer `hello` or `lease`. After that the link is dead, even if
/// TCP does not know it yet.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Shortest and longest wait before another dial. The wait in between is random (full jitter), so
/// that relays that lost the same host do not come back together.
pub(crate) const BACKOFF_MIN: Duration = Duration::from_millis(200);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// One of the three links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkRole {
    Current,
    Successor,
    Previous,
}

/// What happened to the links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkEvent {
    /// The host answered `hello` or `lease` on this link.
    Welcomed(LinkRole),
    /// This link ended.
    Ended(LinkRole),
    /// The successor is open, and `hello` was sent on it.
    Dialled,
    /// The dial for the successor failed.
    DialFailed,
    /// `lease` was sent on the current link.
    LeaseSent,
    /// The time of [`Links::deadline`] has come.
    Timeout,
}

/// What `home` must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkAction {
    /// Dial the successor and say `hello`.
    DialSuccessor,
    /// Drop the successor, or what is left of it.
    DropSuccessor,
    /// The successor becomes the current link, and the current link the previous one.
    SwitchOver,
    /// The current link ended. The successor takes its place, though the host has not answered on
    /// it yet.
    FallBack,
    /// The host has answered `hello` on the current link.
    Connected,
    /// Close the previous link.
    ClosePrevious,
    /// The current link ended and there is no other.
    GiveUp,
}

/// The states of the links.
#[derive(Debug)]
pub(crate) struct Links {
    rotation: Rotation,
    current: Link,
    successor: Successor,
    /// When the previous link is closed.
    previous: Option<Instant>,
    /// Failed dials for the successor in a row.
    failures: u32,
}

#[derive(Debug)]
struct Link {
    /// The host answered `hello`: it knows which relay this link belongs to.
    is_welcome: bool,
    /// When the host must have answered by. `None` if nothing is unanswered.
    answer_by: Option<Instant>,
}

#[derive(Debug)]
enum Successor {
    DialAt(Instant),
    Dialling,
    /// It said `hello`.
    Open {
        answer_by: Instant,
    },
}

impl Links {
    /// Begins with a current link on which `hello` was just sent.
    pub(crate) fn new(rotation: Rotation, now: Instant, chance: u64) -> Self {
        Self {
            rotation,
            current: Link::greeted(now + ANSWER_WITHIN),
            successor: Successor::DialAt(now + rotation.wait(chance)),
            previous: None,
            failures: 0,
        }
    }

    /// Whether messages may be sent on the current link: the host knows whose they are. Messages
    /// sent right after `hello` could overtake it.
    pub(crate) fn is_welcome(&self) -> bool {
        self.current.is_welcome
    }

    /// When [`LinkEvent::Timeout`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let successor = match self.successor {
            Successor::DialAt(at) => Some(at),
            Successor::Dialling => None,
            Successor::Open { answer_by } => Some(answer_by),
        };
        let deadlines = [self.current.answer_by, successor, self.previous];
        deadlines.into_iter().flatten().min()
    }

    /// Handles an event. `chance` is a fresh random number.
    pub(crate) fn on(&mut self, event: LinkEvent, now: Instant, chance: u64) -> Vec<LinkAction> {
        match event {
            LinkEvent::Welcomed(LinkRole::Current) => self.welcomed(),
            LinkEvent::Welcomed(LinkRole::Successor) => self.switch_over(now, chance),
            LinkEvent::Welcomed(LinkRole::Previous) => vec![],
            LinkEvent::Ended(LinkRole::Current) => self.current_ended(now, chance),
            LinkEvent::Ended(LinkRole::Successor) | LinkEvent::DialFailed => {
                self.successor_failed(now, chance)
            }
            LinkEvent::Ended(LinkRole::Previous) => self.close_previous(),
            LinkEvent::Dialled => {
                let answer_by = now + ANSWER_WITHIN;
                self.successor = Successor::Open { answer_by };
                vec![]
            }
            LinkEvent::LeaseSent => {
                self.current.answer_by.get_or_insert(now + ANSWER_WITHIN);
                vec![]
            }
            LinkEvent::Timeout => self.timeout(now, chance),
        }
    }

    fn welcomed(&mut self) -> Vec<LinkAction> {
        self.current.answer_by = None;
        if self.current.is_welcome {
            return vec![];
        }
        self.current.is_welcome = true;
        vec![LinkAction::Connected]
    }

    fn switch_over(&mut self, now: Instant, chance: u64) -> Vec<LinkAction> {
        self.current = Link {
            is_welcome: true,
            answer_by: None,
        };
        self.previous = Some(now + self.rotation.overlap);
        self.failures = 0;
        self.successor = Successor::DialAt(now + self.rotation.wait(chance));
        vec![LinkAction::SwitchOver, LinkAction::Connected]
    }

    fn current_ended(&mut self, now: Instant, chance: u64) -> Vec<LinkAction> {
        let Successor::Open { answer_by } = self.successor else {
            return vec![LinkAction::GiveUp];
        };
        self.current = Link::greeted(answer_by);
        self.successor = Successor::DialAt(now + self.rotation.wait(chance));
        vec![LinkAction::FallBack]
    }

    fn successor_failed(&mut self, now: Instant, chance: u64) -> Vec<LinkAction> {
        let wait = backoff(self.failures, chance);
        self.failures += 1;
        self.successor = Successor::DialAt(now + wait);
        vec![LinkAction::DropSuccessor]
    }

    fn close_previous(&mut self) -> Vec<LinkAction> {
        self.previous = None;
        vec![LinkAction::ClosePrevious]
    }

    fn timeout(&mut self, now: Instant, chance: u64) -> Vec<LinkAction> {
        let is_due = |at: Instant| at <= now;
        if self.current.answer_by.is_some_and(is_due) {
            return self.current_ended(now, chance);
        }
        match self.successor {
            Successor::DialAt(at) if is_due(at) => {
                self.successor = Successor::Dialling;
                return vec![LinkAction::DialSuccessor];
            }
            Successor::Open { answer_by } if is_due(answer_by) => {
                return self.successor_failed(now, chance);
            }
            _ => {}
        }
        if self.previous.is_some_and(is_due) {
            return self.close_previous();
        }
        vec![]
    }
}

impl Link {
    fn greeted(answer_by: Instant) -> Self {
        Self {
            is_welcome: false,
            answer_by: Some(answer_by),
        }
    }
}

/// A random wait between the shortest one and a limit that doubles with each failure.
pub(crate) fn backoff(failures: u32, chance: u64) -> Duration {
    let cap = BACKOFF_MIN
        .saturating_mul(1_u32.checked_shl(failures + 1).unwrap_or(u32::MAX))
        .min(BACKOFF_MAX);
    let span = (cap - BACKOFF_MIN).as_millis() as u64 + 1;
    BACKOFF_MIN + Duration::from_millis(chance % span)
}

#[cfg(test)]
mod tests;
