//! How much each connection may say, as far as this process receives its messages.
//!
//! Lambda runs one process of a function for each message in progress, so the messages of a
//! flooding connection spread over several processes, and each process counts its own share here.
//! A page that always reaches the same process is held to [`sightline_host::limits::flood`]. What
//! many processes let through together is counted in the table: one message in [`SAMPLE`], by
//! chance, so that a line of chat does not cost a write more.

use std::num::NonZeroUsize;

use lru::LruCache;
use sightline_host::limits::flood::{Bucket, Flow, SUSTAINED_PER_S};
use sightline_host::ports::ConnectionKey;

/// Connections that are remembered. The one that was silent longest is forgotten first, and starts
/// with a full bucket when it speaks again.
pub const KEPT_MAX: NonZeroUsize = NonZeroUsize::new(2_000).expect("not zero");

/// One message in so many is counted for all processes, as so many.
pub const SAMPLE: u8 = 8;

/// Messages of a connection are counted in stretches of this length, milliseconds.
pub const STRETCH_MS: u64 = 10_000;

/// Most messages of a connection in a stretch, as counted by chance: twice what one process lets
/// through, so that no page within the limit is ever counted beyond it.
pub const STRETCH_MAX: u64 = 2 * SUSTAINED_PER_S as u64 * STRETCH_MS / 1_000;

/// The token buckets of the connections that this process received messages from.
#[derive(Debug)]
pub struct ConnectionLimits {
    /// `None` for a connection without a limit.
    buckets: LruCache<ConnectionKey, Option<Bucket>>,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self::new(KEPT_MAX)
    }
}

impl ConnectionLimits {
    /// Remembers at most `kept_max` connections.
    #[must_use]
    pub fn new(kept_max: NonZeroUsize) -> Self {
        Self {
            buckets: LruCache::new(kept_max),
        }
    }

    /// Counts a message of a connection.
    pub fn take(&mut self, connection: &ConnectionKey, now_ms: u64) -> Flow {
        let bucket = self
            .buckets
            .get_or_insert_mut_ref(connection, || Some(Bucket::new(now_ms)));
        bucket
            .as_mut()
            .map_or(Flow::Pass, |bucket| bucket.take(now_ms))
    }

    /// Lifts the limit of a connection: it belongs to a relay, whose messages are bounded by what
    /// pages ask of it.
    pub fn exempt(&mut self, connection: &ConnectionKey) {
        if let Some(bucket) = self.buckets.peek_mut(connection) {
            *bucket = None;
        }
    }

    /// Whether no connection is remembered.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Forgets a connection that closed.
    pub fn forget(&mut self, connection: &ConnectionKey) {
        self.buckets.pop(connection);
    }
}

#[cfg(test)]
mod tests {
    use sightline_host::limits::flood::BURST;

    use super::*;

    fn key(number: usize) -> ConnectionKey {
        ConnectionKey(number.to_string())
    }

    fn flood(limits: &mut ConnectionLimits, connection: &ConnectionKey) {
        for _ in 0..BURST {
            assert_eq!(limits.take(connection, 0), Flow::Pass);
        }
        assert_eq!(limits.take(connection, 0), Flow::Warn);
    }

    #[test]
    fn a_flood_limits_only_its_own_connection() {
        let mut limits = ConnectionLimits::default();
        flood(&mut limits, &key(1));
        assert_eq!(limits.take(&key(1), 0), Flow::Drop);
        assert_eq!(limits.take(&key(2), 0), Flow::Pass);
    }

    #[test]
    fn the_connection_silent_longest_is_forgotten_first_with_everything_about_it() {
        let mut limits = ConnectionLimits::new(NonZeroUsize::new(2).unwrap());
        flood(&mut limits, &key(1));
        flood(&mut limits, &key(2));
        assert_eq!(limits.take(&key(1), 0), Flow::Drop);
        assert_eq!(limits.take(&key(3), 0), Flow::Pass);
        assert_eq!(limits.buckets.len(), 2);
        assert_eq!(limits.take(&key(1), 0), Flow::Drop);
        assert_eq!(limits.take(&key(2), 0), Flow::Pass);
        assert_eq!(limits.buckets.len(), 2);
    }

    #[test]
    fn memory_stays_bounded_however_many_connect() {
        let mut limits = ConnectionLimits::default();
        for number in 0..3 * KEPT_MAX.get() {
            limits.take(&key(number), 0);
            limits.take(&key(number / 2), 0);
        }
        assert_eq!(limits.buckets.len(), KEPT_MAX.get());
    }

    #[test]
    fn an_exempt_connection_has_no_limit_until_it_closes() {
        let mut limits = ConnectionLimits::default();
        flood(&mut limits, &key(1));
        limits.exempt(&key(1));
        for _ in 0..10 * BURST {
            assert_eq!(limits.take(&key(1), 0), Flow::Pass);
        }
        limits.forget(&key(1));
        assert_eq!(limits.buckets.len(), 0);
        flood(&mut limits, &key(1));
    }
}
