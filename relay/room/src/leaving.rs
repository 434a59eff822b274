//! Which room is reported next while a relay drains: one at a time, so that neither the host nor
//! the relays that take the rooms over get all of them at once.

use std::time::{Duration, Instant};

/// Time between the reports of two rooms: fifty rooms per second.
const NEXT_ROOM: Duration = Duration::from_millis(20);
/// Time between two rounds. Rooms that are still here are reported again, because another relay may
/// have become available.
const NEXT_ROUND: Duration = Duration::from_secs(5);

/// The rounds of reports. Nothing is due before the first one begins.
#[derive(Debug)]
pub(crate) struct Rounds<K> {
    begun: Option<Instant>,
    due: Option<Instant>,
    last: Option<K>,
}

impl<K> Default for Rounds<K> {
    fn default() -> Self {
        Self {
            begun: None,
            due: None,
            last: None,
        }
    }
}

impl<K: Copy + Ord> Rounds<K> {
    /// Begins the first round. Does nothing if it has begun.
    pub(crate) fn begin(&mut self, now: Instant) {
        if self.begun.is_none() {
            self.begun = Some(now);
            self.due = Some(now);
        }
    }

    /// When [`Self::take`] returns the next room.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Takes the room whose report is due. `after` finds the next room, in their order.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        after: impl FnOnce(Option<K>) -> Option<K>,
    ) -> Option<K> {
        self.due.filter(|due| *due <= now)?;
        self.last = after(self.last);
        if self.last.is_some() {
            self.due = Some(now + NEXT_ROOM);
        } else {
            let round = self.begun.unwrap_or(now) + NEXT_ROUND;
            let next = round.max(now + NEXT_ROOM);
            self.begun = Some(next);
            self.due = Some(next);
        }
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_tells_of_each_room_once_and_the_next_begins_five_seconds_after_it_began() {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let start = Instant::now();
        let rooms = [3, 5, 8];
        let after = |last: Option<u32>| rooms.into_iter().find(|room| Some(*room) > last);
        let mut rounds = Rounds::default();
        assert_eq!((rounds.due(), rounds.take(start, after)), (None, None));
        rounds.begin(start);
        let mut told = vec![];
        while let Some(due) = rounds
            .due()
            .filter(|due| *due < start + Duration::from_secs(7))
        {
            rounds.begin(due);
            if let Some(room) = rounds.take(due, after) {
                told.push(((due - start).as_millis(), room));
            }
        }
        let wanted = [(0, 3), (20, 5), (40, 8), (5000, 3), (5020, 5), (5040, 8)];
        assert_eq!(told, wanted);
    }
}
