//! Numbers of a running relay.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::histogram::Histogram;

/// Most rooms that opened or closed without a lease. The host chooses relays by the number of the
/// last one.
const ROOMS_UNTOLD_MAX: u32 = 3;

/// Numbers of a running relay, shared by its tasks and threads.
#[derive(Debug, Default)]
pub struct RelayCounters {
    latest: Mutex<Snapshot>,
    media_addresses: Mutex<Vec<SocketAddr>>,
    participants_changed: Notify,
    /// Something changed that the host should know before the next lease is due.
    lease_wanted: Notify,
    /// The number of rooms in the last lease.
    rooms_told: AtomicU32,
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
    /// Processor time of some of the datagrams that arrived.
    pub datagram_time: Histogram,
}

impl RelayCounters {
    /// The numbers at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The UDP addresses that answers name. Empty while they are not known.
    #[must_use]
    pub fn media_addresses(&self) -> Vec<SocketAddr> {
        self.media_addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set_media_addresses(&self, addresses: Vec<SocketAddr>) {
        *self
            .media_addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = addresses;
        self.lease_wanted.notify_one();
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *latest;
        change(&mut latest);
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
