//! Which media thread has which room. A room stays with its thread for its whole life, so that its
//! pages meet.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sightline_wire::SessionId;

/// Most media threads.
pub(crate) const THREADS_MAX: usize = 16;

/// The letter with which the ICE names (ufrags) of a thread's transports begin.
pub(crate) fn mark_of(thread: usize) -> char {
    let thread = u8::try_from(thread).unwrap_or_default();
    char::from(b'a'.saturating_add(thread))
}

/// The thread of a transport. Others may have made the name up.
pub(crate) fn thread_of(ufrag: &str) -> Option<usize> {
    let mark = ufrag.bytes().next()?;
    Some(usize::from(mark.checked_sub(b'a')?))
}

/// Divides rooms among threads.
pub(crate) fn divided(rooms: usize, threads: usize) -> Vec<usize> {
    let each = rooms.checked_div(threads).unwrap_or_default();
    let more = rooms.checked_rem(threads).unwrap_or_default();
    let share = |thread| each + usize::from(thread < more);
    (0..threads).map(share).collect()
}

/// Which thread has which room.
#[derive(Debug)]
pub(crate) struct Shares(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    /// Rooms that each thread may have more than it has. Negative while offers for more are on
    /// their way, which the thread refuses.
    free: Vec<i64>,
    places: HashMap<SessionId, Place>,
}

#[derive(Debug)]
struct Place {
    thread: usize,
    /// Offers that the thread has not taken yet.
    on_the_way: u32,
    open: bool,
}

impl Shares {
    /// With the most rooms of each thread.
    pub(crate) fn new(rooms_max: &[usize]) -> Self {
        let free = rooms_max.iter().map(|max| i64::try_from(*max));
        Self(Mutex::new(Inner {
            free: free.map(|max| max.unwrap_or(i64::MAX)).collect(),
            places: HashMap::new(),
        }))
    }

    /// The thread for an offer, which goes there now: that of the session's room, or else the one
    /// that may have most rooms more.
    pub(crate) fn send_offer(&self, session: SessionId) -> Option<usize> {
        let mut inner = self.lock();
        let Inner { free, places } = &mut *inner;
        if let Some(place) = places.get_mut(&session) {
            place.on_the_way += 1;
            return Some(place.thread);
        }
        // Of equal ones the first.
        let freest = free.iter_mut().enumerate().rev();
        let (thread, left) = freest.max_by_key(|(_, left)| **left)?;
        *left -= 1;
        let place = Place {
            thread,
            on_the_way: 1,
            open: false,
        };
        places.insert(session, place);
        Some(thread)
    }

    /// The thread that has the session's room.
    pub(crate) fn thread_of(&self, session: SessionId) -> Option<usize> {
        self.lock().places.get(&session).map(|place| place.thread)
    }

    /// An offer was lost on the way to its thread.
    pub(crate) fn lost(&self, session: SessionId) {
        self.change(session, |place| place.on_the_way -= 1);
    }

    /// The thread takes an offer, and may have a room for it from now on.
    pub(crate) fn taken(&self, session: SessionId) {
        self.change(session, |place| {
            place.on_the_way -= 1;
            place.open = true;
        });
    }

    /// The thread has no room for the session, or none any more.
    pub(crate) fn ended(&self, session: SessionId) {
        self.change(session, |place| place.open = false);
    }

    /// All rooms of a thread ended.
    pub(crate) fn all_ended(&self, thread: usize) {
        let inner = self.lock();
        let of_it = inner.places.iter().filter(|(_, p)| p.thread == thread);
        let sessions: Vec<SessionId> = of_it.map(|(session, _)| *session).collect();
        drop(inner);
        for session in sessions {
            self.ended(session);
        }
    }

    fn change(&self, session: SessionId, change: impl FnOnce(&mut Place)) {
        let mut inner = self.lock();
        let Some(place) = inner.places.get_mut(&session) else {
            return;
        };
        change(place);
        let thread = place.thread;
        if !place.open && place.on_the_way == 0 {
            inner.places.remove(&session);
            if let Some(left) = inner.free.get_mut(thread) {
                *left += 1;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u8) -> SessionId {
        SessionId::from_bytes([n; 16])
    }

    /// Sends an offer, which the thread takes.
    fn open(shares: &Shares, n: u8) -> usize {
        let thread = shares.send_offer(session(n)).unwrap();
        shares.taken(session(n));
        thread
    }

    #[test]
    fn a_room_goes_where_there_is_most_room_and_stays() {
        let shares = Shares::new(&divided(5, 2));
        let first: Vec<usize> = (1..=5).map(|n| open(&shares, n)).collect();
        assert_eq!(first, [0, 0, 1, 0, 1], "the first may have one more");
        for n in 1..=5 {
            assert_eq!(
                open(&shares, n),
                first[usize::from(n) - 1],
                "the other seat"
            );
        }
        shares.ended(session(3));
        assert_eq!(open(&shares, 6), 1, "there is a place again");
        assert_eq!(shares.thread_of(session(3)), None);
    }

    #[test]
    fn an_offer_on_its_way_keeps_the_place_of_a_room_that_ends_meanwhile() {
        let shares = Shares::new(&[2, 2]);
        assert_eq!(open(&shares, 1), 0);
        assert_eq!(shares.send_offer(session(1)), Some(0));
        shares.ended(session(1));
        assert_eq!(
            shares.send_offer(session(1)),
            Some(0),
            "where the other one is"
        );
        shares.lost(session(1));
        shares.taken(session(1));
        assert_eq!(shares.thread_of(session(1)), Some(0));
        shares.ended(session(1));
        assert_eq!(shares.thread_of(session(1)), None, "refused by the thread");
        assert_eq!(shares.lock().free, [2, 2]);
    }

    #[test]
    fn the_rooms_of_a_thread_that_panicked_are_forgotten_and_no_others() {
        let shares = Shares::new(&[4, 4]);
        let threads: Vec<usize> = (1..=4).map(|n| open(&shares, n)).collect();
        assert_eq!(threads, [0, 1, 0, 1]);
        shares.send_offer(session(2));
        shares.all_ended(1);
        let known = (1..=4).map(|n| shares.thread_of(session(n)));
        assert_eq!(known.collect::<Vec<_>>(), [Some(0), Some(1), Some(0), None]);
    }

    #[test]
    fn a_mark_names_its_thread_and_other_bytes_name_none_that_exists() {
        for thread in 0..THREADS_MAX {
            let ufrag = format!("{}xyz", mark_of(thread));
            assert_eq!(thread_of(&ufrag), Some(thread));
        }
        for other in ["", "A", "0", "/", "\u{e9}", "z"] {
            let named = thread_of(other);
            assert!(named.is_none_or(|thread| thread >= THREADS_MAX), "{other}");
        }
    }
}
