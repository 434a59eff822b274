//! The day's text messages of the whole deployment, counted in several places.
//!
//! Every message raises this count in a transaction, and DynamoDB lets one item take part in some
//! seventeen a second. A deployment that may send thousands a day gets several counters, and each
//! session begins at one of them. A count that is full leads to the next one, so that together they
//! hold exactly the limit.

use sightline_session::budget::{Ration, Share};
use sightline_wire::SessionId;

/// Least room of a counter. Below it a full counter would lead to the next one all the time.
const ROOM_MIN: u32 = 250;

/// Most counters: 16 times 17 messages a second are more than SNS sends.
const COUNTERS_MAX: u32 = 16;

/// The counters of one day, from the session's first one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tally {
    most: u32,
    counters: u32,
    at: u32,
    left: u32,
}

impl Tally {
    /// Returns the tally of a message's rations.
    pub(super) fn of(rations: &[Ration], session: SessionId) -> Self {
        let everybody = rations.iter().find(|ration| is_tally(ration));
        let most = everybody.map_or(0, |ration| ration.most);
        let counters = (most / ROOM_MIN).clamp(1, COUNTERS_MAX);
        Self {
            most,
            counters,
            at: u32::from(session.as_bytes()[0]) % counters,
            left: counters - 1,
        }
    }

    /// Goes on to the next counter. Returns whether there is one that was not tried.
    pub(super) const fn goes_on(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        self.at = (self.at + 1) % self.counters;
        true
    }

    /// Returns the end of the counter's name. A single one has none.
    pub(super) fn suffix(&self) -> String {
        if self.counters == 1 {
            return String::new();
        }
        format!(" {} of {}", self.at, self.counters)
    }

    /// Returns the counter's part of the limit.
    pub(super) fn room(&self) -> u32 {
        let rest = self.most % self.counters;
        self.most / self.counters + u32::from(self.at < rest)
    }
}

/// Whether a ration counts the whole deployment.
pub(super) const fn is_tally(ration: &Ration) -> bool {
    matches!(ration.share, Share::Everybody)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(most: u32, first: u8) -> Tally {
        let ration = Ration {
            share: Share::Everybody,
            most,
            takes: 1,
            day: 1,
            until_ms: 2,
        };
        Tally::of(&[ration], SessionId::from_bytes([first; 16]))
    }

    #[test]
    fn all_counters_are_tried_once_and_hold_the_limit_together() {
        for most in [0, 1, 300, 499, 500, 1_003, 9_999, 1_000_000, u32::MAX] {
            for first in [0, 1, 7, 255] {
                let mut tally = tally(most, first);
                let counters = tally.counters;
                let mut names = std::collections::BTreeSet::from([tally.suffix()]);
                let mut room = u64::from(tally.room());
                while tally.goes_on() {
                    assert!(names.insert(tally.suffix()), "{most}: tried twice");
                    room += u64::from(tally.room());
                }
                assert_eq!(names.len() as u32, counters, "{most}");
                assert_eq!(room, u64::from(most), "{most} from {first}");
            }
        }
    }

    #[test]
    fn a_small_limit_has_one_counter_and_a_large_one_as_many_as_help() {
        for (most, counters) in [
            (0, 1),
            (300, 1),
            (499, 1),
            (500, 2),
            (4_000, 16),
            (100_000, 16),
        ] {
            assert_eq!(tally(most, 3).counters, counters, "{most}");
        }
        assert_eq!(tally(300, 3).suffix(), "", "the name that it always had");
    }
}
