//! Numbers of a running relay.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Numbers of a running relay, kept by its media thread.
#[derive(Debug, Default)]
pub struct Counters {
    latest: Mutex<Snapshot>,
    place: Mutex<Vec<SocketAddr>>,
    /// How many are here has changed.
    changed: Notify,
    /// The host is to hear of something before the next lease is due.
    news: Notify,
}

/// The numbers at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Rooms.
    pub rooms: u32,
    /// Transports, connected or not.
    pub participants: u32,
    /// It listens for media over TCP.
    pub listens_tcp: bool,
    /// TCP connections for media.
    pub streams: u32,
    /// It takes no new rooms.
    pub draining: bool,
    /// The control link is up: the host said welcome on it.
    pub at_home: bool,
    /// Times the control link came up.
    pub welcomes: u64,
    /// Datagrams that arrived, over UDP and TCP.
    pub datagrams_in: u64,
    /// Datagrams that left.
    pub datagrams_out: u64,
    /// Bytes of these, without the headers of UDP, TCP and IP.
    pub bytes_out: u64,
    /// Datagrams the kernel did not take, or that waited behind too many on their TCP connection.
    pub datagrams_unsent: u64,
    /// Datagrams from nobody we know.
    pub datagrams_foreign: u64,
    /// RTP packets passed on.
    pub packets_forwarded: u64,
    /// RTP packets that ended here.
    pub packets_dropped: u64,
    /// Data channel messages passed on.
    pub messages_forwarded: u64,
    /// Data channel messages that ended here.
    pub messages_dropped: u64,
    /// Key frames asked for.
    pub keyframe_requests: u64,
    /// Offers answered.
    pub offers_answered: u64,
    /// Offers refused.
    pub offers_refused: u64,
    /// Rooms that a panic ended.
    pub rooms_panicked: u64,
}

impl Counters {
    /// The numbers at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where pages reach the relay; empty while it does not know.
    #[must_use]
    pub fn place(&self) -> Vec<SocketAddr> {
        self.place
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn placed(&self, place: Vec<SocketAddr>) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
        self.news.notify_one();
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *latest;
        change(&mut latest);
        if latest.participants != before.participants {
            self.changed.notify_waiters();
        }
        if latest.draining && !before.draining {
            self.news.notify_one();
        }
    }

    /// Waits for something that the host is to hear at once.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// Waits until no participant is left, but not longer than this.
    pub(crate) async fn wait_until_empty(&self, patience: Duration) {
        let empty = async {
            loop {
                let changed = self.changed.notified();
                if self.snapshot().participants == 0 {
                    break;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout(patience, empty).await;
    }
}
