//! Numbers of a running relay.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::histogram::Histogram;

/// Most rooms that opened or closed without a lease. The host chooses relays by the number of the
/// last one.
const ROOMS_UNTOLD_MAX: u32 = 3;

/// Numbers of a running relay, shared by its tasks and threads.
#[derive(Debug, Default)]
pub struct RelayCounters {
    latest: Mutex<Numbers>,
    /// Those of each media thread.
    media_addresses: Mutex<Vec<Vec<SocketAddr>>>,
    participants_changed: Notify,
    /// Something changed that the host should know before the next lease is due.
    lease_wanted: Notify,
    /// The number of rooms in the last lease.
    rooms_told: AtomicU32,
}

/// Where the numbers come from.
#[derive(Debug, Default)]
struct Numbers {
    /// The link home and the listeners.
    others: Snapshot,
    threads: Vec<Snapshot>,
}

impl Numbers {
    fn sum(&self) -> Snapshot {
        let mut sum = self.others;
        for thread in &self.threads {
            sum.add(thread);
        }
        sum
    }
}

/// The numbers at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Open rooms.
    pub rooms: u32,
    /// Open transports, connected or not.
    pub participants: u32,
    /// Whether the relay listens for media over TCP.
    pub listens_tcp: bool,
    /// TCP connections for media.
    pub streams: u32,
    /// Whether new rooms are refused.
    pub draining: bool,
    /// Whether the link home is up: the host answered `hello` on it.
    pub at_home: bool,
    /// How often the link home came up.
    pub welcomes: u64,
    /// Messages on the link home that were skipped: of the host, longer than the protocol allows or
    /// malformed, or to the host, longer than it reads.
    pub messages_skipped: u64,
    /// Datagrams that arrived, over UDP and TCP.
    pub datagrams_in: u64,
    /// Datagrams that were sent.
    pub datagrams_out: u64,
    /// Their bytes, without the headers of UDP, TCP and IP.
    pub bytes_out: u64,
    /// Datagrams dropped because the kernel or the queue of their TCP connection was full.
    pub datagrams_unsent: u64,
    /// Datagrams that belong to no transport.
    pub datagrams_foreign: u64,
    /// Datagrams refused: beyond what a transport may receive, or checks from the address of
    /// another.
    pub datagrams_refused: u64,
    /// RTP packets forwarded.
    pub packets_forwarded: u64,
    /// RTP packets dropped.
    pub packets_dropped: u64,
    /// Data channel messages forwarded.
    pub messages_forwarded: u64,
    /// Data channel messages dropped.
    pub messages_dropped: u64,
    /// Key frames requested.
    pub keyframe_requests: u64,
    /// Offers answered.
    pub offers_answered: u64,
    /// Offers refused.
    pub offers_refused: u64,
    /// Rooms that ended by a panic.
    pub rooms_panicked: u64,
    /// How often a media thread panicked and began again.
    pub threads_panicked: u64,
    /// Processor time of some of the datagrams that arrived.
    pub datagram_time: Histogram,
}

impl Snapshot {
    /// Adds the numbers of a media thread.
    fn add(&mut self, thread: &Self) {
        self.rooms += thread.rooms;
        self.participants += thread.participants;
        self.listens_tcp |= thread.listens_tcp;
        self.streams += thread.streams;
        self.draining |= thread.draining;
        self.datagrams_in += thread.datagrams_in;
        self.datagrams_out += thread.datagrams_out;
        self.bytes_out += thread.bytes_out;
        self.datagrams_unsent += thread.datagrams_unsent;
        self.datagrams_foreign += thread.datagrams_foreign;
        self.datagrams_refused += thread.datagrams_refused;
        self.packets_forwarded += thread.packets_forwarded;
        self.packets_dropped += thread.packets_dropped;
        self.messages_forwarded += thread.messages_forwarded;
        self.messages_dropped += thread.messages_dropped;
        self.keyframe_requests += thread.keyframe_requests;
        self.offers_answered += thread.offers_answered;
        self.offers_refused += thread.offers_refused;
        self.rooms_panicked += thread.rooms_panicked;
        self.threads_panicked += thread.threads_panicked;
        self.datagram_time.add(&thread.datagram_time);
    }
}

impl RelayCounters {
    /// The numbers at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.numbers().sum()
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The UDP addresses that answers name. Empty while those of a media thread are not known.
    #[must_use]
    pub fn media_addresses(&self) -> Vec<SocketAddr> {
        let addresses = self.media_addresses.lock();
        let addresses = addresses.unwrap_or_else(PoisonError::into_inner);
        match addresses.iter().any(Vec::is_empty) {
            true => Vec::new(),
            false => addresses.concat(),
        }
    }

    /// Sets the addresses of a media thread.
    pub(crate) fn set_media_addresses(&self, thread: usize, addresses: Vec<SocketAddr>) {
        let all = self.media_addresses.lock();
        let mut all = all.unwrap_or_else(PoisonError::into_inner);
        if all.len() <= thread {
            all.resize(thread + 1, Vec::new());
        }
        if let Some(own) = all.get_mut(thread) {
            *own = addresses;
        }
        drop(all);
        self.lease_wanted.notify_one();
    }

    /// Sets the numbers of a media thread.
    pub(crate) fn publish(&self, thread: usize, numbers: Snapshot) {
        self.change(|latest| {
            if latest.threads.len() <= thread {
                latest.threads.resize(thread + 1, Snapshot::default());
            }
            if let Some(own) = latest.threads.get_mut(thread) {
                *own = numbers;
            }
        });
    }

    /// Changes numbers that are of no media thread.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        self.change(|latest| change(&mut latest.others));
    }

    fn change(&self, change: impl FnOnce(&mut Numbers)) {
        let mut numbers = self.numbers();
        let before = numbers.sum();
        change(&mut numbers);
        let latest = numbers.sum();
        drop(numbers);
        if latest.participants != before.participants {
            self.participants_changed.notify_waiters();
        }
        let rooms_told = self.rooms_told.load(Ordering::Relaxed);
        let untold =
            latest.rooms != before.rooms && latest.rooms.abs_diff(rooms_told) > ROOMS_UNTOLD_MAX;
        if untold || (latest.draining && !before.draining) {
            self.lease_wanted.notify_one();
        }
    }

    /// Notes the number of rooms that a lease tells.
    pub(crate) fn told_rooms(&self, rooms: u32) {
        self.rooms_told.store(rooms, Ordering::Relaxed);
    }

    /// Waits for a change that the host should know at once.
    pub(crate) async fn lease_wanted(&self) {
        self.lease_wanted.notified().await;
    }

    /// Waits until no participant is left, at most for `patience`.
    pub(crate) async fn wait_until_empty(&self, patience: Duration) {
        let empty = async {
            loop {
                let changed = self.participants_changed.notified();
                if self.snapshot().participants == 0 {
                    break;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(patience, empty).await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_lease_is_wanted_when_more_than_three_rooms_are_untold() {
        let counters = RelayCounters::default();
        let wanted = |rooms| {
            counters.update(|latest| latest.rooms = rooms);
            counters.lease_wanted().now_or_never().is_some()
        };
        assert_eq!([3, 4, 4, 5].map(wanted), [false, true, false, true]);
        counters.told_rooms(5);
        assert_eq!([8, 5, 2, 1].map(wanted), [false, false, false, true]);
    }
}
