//! The next deadline of each room, in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::io::RoomKey;

/// At most one deadline per room.
#[derive(Default)]
pub(crate) struct Deadlines {
    queue: BTreeSet<(Instant, RoomKey)>,
    by_room: BTreeMap<RoomKey, Instant>,
}

impl Deadlines {
    /// Replaces the deadline of a room, unless it has an earlier one: waking too early costs less
    /// than moving the deadline with each packet.
    pub(crate) fn keep(&mut self, room: RoomKey, deadline: Option<Instant>, now: Instant) {
        let earlier = self.by_room.get(&room).copied();
        let stays = earlier.is_some_and(|at| at > now && deadline.is_some_and(|new| at <= new));
        if !stays {
            self.set(room, deadline);
        }
    }

    /// Replaces the deadline of a room.
    pub(crate) fn set(&mut self, room: RoomKey, deadline: Option<Instant>) {
        let earlier = self.by_room.get(&room).copied();
        if earlier == deadline {
            return;
        }
        if let Some(at) = earlier {
            self.queue.remove(&(at, room));
        }
        match deadline {
            Some(at) => {
                self.queue.insert((at, room));
                self.by_room.insert(room, at);
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

    /// The rooms whose deadline has come, the earliest first.
    pub(crate) fn due(&self, now: Instant) -> Vec<RoomKey> {
        self.queue
            .range(..=(now, RoomKey(u64::MAX)))
            .map(|(_, room)| *room)
            .collect()
    }
}
