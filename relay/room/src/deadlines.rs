//! The next deadline of each room, in their order. What may wait a little is done together with
//! what may not, because each time that the relay wakes costs as much as a packet.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::io::RoomKey;

/// When a room has something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    /// From here on, if the relay is awake.
    pub(crate) from: Instant,
    /// Until then, even if it has to wake.
    pub(crate) by: Instant,
}

impl Deadline {
    /// At this time.
    pub(crate) const fn at(at: Instant) -> Self {
        Self { from: at, by: at }
    }

    /// What covers both.
    pub(crate) fn min(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            by: self.by.min(other.by),
        }
    }
}

/// At most one deadline per room.
#[derive(Default)]
pub(crate) struct Deadlines {
    queue: BTreeSet<(Instant, RoomKey)>,
    by_room: BTreeMap<RoomKey, Deadline>,
}

impl Deadlines {
    /// Replaces the deadline of a room, unless it has an earlier one: waking too early costs less
    /// than moving the deadline with each packet.
    pub(crate) fn keep(&mut self, room: RoomKey, deadline: Option<Deadline>, now: Instant) {
        let earlier = self.by_room.get(&room).copied();
        let is_earlier = |at: Deadline| {
            at.by > now && deadline.is_some_and(|new| at.by <= new.by && at.from <= new.from)
        };
        if !earlier.is_some_and(is_earlier) {
            self.set(room, deadline);
        }
    }

    /// Replaces the deadline of a room.
    pub(crate) fn set(&mut self, room: RoomKey, deadline: Option<Deadline>) {
        let earlier = self.by_room.get(&room).copied();
        if earlier == deadline {
            return;
        }
        if let Some(earlier) = earlier {
            self.queue.remove(&(earlier.by, room));
        }
        match deadline {
            Some(deadline) => {
                self.queue.insert((deadline.by, room));
                self.by_room.insert(room, deadline);
            }
            None => {
                self.by_room.remove(&room);
            }
        }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Once one room may not wait any longer: all that have something to do, the most urgent first.
    /// `apart` is how far apart the two times of a deadline are at most.
    pub(crate) fn due(&self, now: Instant, apart: Duration) -> Vec<RoomKey> {
        if self.next().is_none_or(|at| at > now) {
            return Vec::new();
        }
        let has_begun = |room: &RoomKey| self.by_room.get(room).is_some_and(|at| at.from <= now);
        self.queue
            .range(..=(now + apart, RoomKey(u64::MAX)))
            .map(|(_, room)| *room)
            .filter(has_begun)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APART: Duration = Duration::from_millis(4);

    /// Rooms 1, 2 and so on, whose deadlines are these in ms: from, by.
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning"
    )]
    fn with(deadlines: &[(u64, u64)]) -> (Deadlines, impl Fn(u64) -> Instant) {
        let began = Instant::now();
        let at = move |ms| began + Duration::from_millis(ms);
        let mut all = Deadlines::default();
        for (room, (from, by)) in (1..).zip(deadlines) {
            let (from, by) = (at(*from), at(*by));
            all.set(RoomKey(room), Some(Deadline { from, by }));
        }
        (all, at)
    }

    fn due(deadlines: &Deadlines, now: Instant) -> Vec<u64> {
        let due = deadlines.due(now, APART);
        due.into_iter().map(|RoomKey(room)| room).collect()
    }

    #[test]
    fn what_may_wait_is_done_when_something_else_may_not() {
        let (deadlines, at) = with(&[(1, 5), (9, 13), (4, 8), (6, 6)]);
        assert_eq!(deadlines.next(), Some(at(5)));
        assert!(due(&deadlines, at(4)).is_empty(), "all may wait");
        assert_eq!(due(&deadlines, at(5)), [1, 3], "4 and 2 have nothing yet");
        assert_eq!(due(&deadlines, at(6)), [1, 4, 3]);
        assert_eq!(due(&deadlines, at(20)), [1, 4, 3, 2]);
    }

    #[test]
    fn an_earlier_deadline_is_kept_until_it_has_passed() {
        let (mut deadlines, at) = with(&[(1, 5)]);
        let room = RoomKey(1);
        let later = Some(Deadline::at(at(7)));
        deadlines.keep(room, later, at(3));
        assert_eq!(deadlines.next(), Some(at(5)));
        deadlines.keep(room, later, at(5));
        assert_eq!(deadlines.next(), Some(at(7)));
        deadlines.keep(room, Some(Deadline::at(at(6))), at(5));
        assert_eq!(deadlines.next(), Some(at(6)));
        deadlines.keep(room, None, at(5));
        assert_eq!(deadlines.next(), None);
    }
}
