//! How much each connection may say, as far as this process hears it.
//!
//! The service runs as many processes of a function as there are messages under way, so a flooder's
//! messages spread over several and each counts its own share. A page alone in a process is held to
//! [`sightline_host::flood`]; what many processes let through together is bounded by the stage's
//! throttle.

use std::collections::{BTreeMap, HashMap};

use sightline_host::flood::{Bucket, Flow};
use sightline_host::ports::ConnectionKey;

/// Connections that are remembered. The one that was silent longest is forgotten first, and starts
/// with a full bucket should it speak again.
pub const KEPT_MAX: usize = 2_000;

/// The connections this process has heard.
#[derive(Debug)]
pub struct Crowd {
    kept_max: usize,
    /// Counts up with each message: who was heard later has the higher turn.
    turn: u64,
    heard: HashMap<ConnectionKey, Heard>,
    by_turn: BTreeMap<u64, ConnectionKey>,
}

#[derive(Debug)]
struct Heard {
    turn: u64,
    /// None for whom there is no limit.
    bucket: Option<Bucket>,
}

impl Default for Crowd {
    fn default() -> Self {
        Self::new(KEPT_MAX)
    }
}

impl Crowd {
    /// One that remembers so many connections.
    #[must_use]
    pub fn new(kept_max: usize) -> Self {
        Self {
            kept_max,
            turn: 0,
            heard: HashMap::new(),
            by_turn: BTreeMap::new(),
        }
    }

    /// A connection said something.
    pub fn take(&mut self, connection: &ConnectionKey, now_ms: u64) -> Flow {
        self.turn += 1;
        let heard = self
            .heard
            .entry(connection.clone())
            .or_insert_with(|| Heard {
                turn: 0,
                bucket: Some(Bucket::new(now_ms)),
            });
        self.by_turn.remove(&heard.turn);
        heard.turn = self.turn;
        self.by_turn.insert(self.turn, connection.clone());
        let flow = heard
            .bucket
            .as_mut()
            .map_or(Flow::Pass, |bucket| bucket.take(now_ms));
        while self.heard.len() > self.kept_max {
            let Some((_, oldest)) = self.by_turn.pop_first() else {
                break;
            };
            self.heard.remove(&oldest);
        }
        flow
    }

    /// There is no limit for this connection: it is a relay's, whose words are bounded by what
    /// pages ask of it.
    pub fn exempt(&mut self, connection: &ConnectionKey) {
        if let Some(heard) = self.heard.get_mut(connection) {
            heard.bucket = None;
        }
    }

    /// The connection is gone.
    pub fn forget(&mut self, connection: &ConnectionKey) {
        if let Some(heard) = self.heard.remove(connection) {
            self.by_turn.remove(&heard.turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use sightline_host::flood::BURST;

    use super::*;

    fn key(number: usize) -> ConnectionKey {
        ConnectionKey(number.to_string())
    }

    fn flood(crowd: &mut Crowd, connection: &ConnectionKey) {
        for _ in 0..BURST {
            assert_eq!(crowd.take(connection, 0), Flow::Pass);
        }
        assert_eq!(crowd.take(connection, 0), Flow::Warn);
    }

    #[test]
    fn one_connections_flood_is_nobody_elses() {
        let mut crowd = Crowd::default();
        flood(&mut crowd, &key(1));
        assert_eq!(crowd.take(&key(1), 0), Flow::Drop);
        assert_eq!(crowd.take(&key(2), 0), Flow::Pass);
    }

    #[test]
    fn who_was_silent_longest_is_forgotten_first_and_nothing_is_kept_of_them() {
        let mut crowd = Crowd::new(2);
        flood(&mut crowd, &key(1));
        flood(&mut crowd, &key(2));
        assert_eq!(crowd.take(&key(1), 0), Flow::Drop);
        assert_eq!(crowd.take(&key(3), 0), Flow::Pass);
        assert_eq!((crowd.heard.len(), crowd.by_turn.len()), (2, 2));
        assert_eq!(crowd.take(&key(1), 0), Flow::Drop);
        assert_eq!(crowd.take(&key(2), 0), Flow::Pass);
        assert_eq!((crowd.heard.len(), crowd.by_turn.len()), (2, 2));
    }

    #[test]
    fn memory_stays_bounded_whoever_comes() {
        let mut crowd = Crowd::default();
        for number in 0..3 * KEPT_MAX {
            crowd.take(&key(number), 0);
            crowd.take(&key(number / 2), 0);
        }
        assert_eq!(crowd.heard.len(), KEPT_MAX);
        assert_eq!(crowd.by_turn.len(), KEPT_MAX);
    }

    #[test]
    fn who_is_exempt_has_no_limit_until_they_are_gone() {
        let mut crowd = Crowd::default();
        flood(&mut crowd, &key(1));
        crowd.exempt(&key(1));
        for _ in 0..10 * BURST {
            assert_eq!(crowd.take(&key(1), 0), Flow::Pass);
        }
        crowd.forget(&key(1));
        assert_eq!((crowd.heard.len(), crowd.by_turn.len()), (0, 0));
        flood(&mut crowd, &key(1));
    }
}
