//! Counts connections by cookie: a shared link or a script must not use up the connections of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sightline_host::ports::ConnectionKey;
use sightline_wire::{AgentId, SessionId};

/// Most connections of one cookie; beyond it the oldest one is closed.
pub const KEPT_MAX: usize = 16;

/// Most connections of one cookie including those that are closing: a peer may delay its close, and
/// until then further connections are refused.
pub const HELD_MAX: usize = 2 * KEPT_MAX;

/// The holder of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CookieHolder {
    /// A signed-in agent, whatever other cookies the browser sends.
    Agent(AgentId),
    /// The holder of a customer's seat cookie.
    Customer(SessionId),
}

/// The connections of each holder, oldest first.
#[derive(Debug, Default)]
pub struct ConnectionCounts(Mutex<BTreeMap<CookieHolder, Vec<ConnectionKey>>>);

/// The holder has too many connections.
#[derive(Debug, PartialEq, Eq)]
pub struct TooManyConnections;

impl ConnectionCounts {
    /// Counts a connection until the returned value is dropped. Also returns the connections that
    /// must be closed for it.
    pub fn enter(
        self: &Arc<Self>,
        holders: Vec<CookieHolder>,
        connection: &ConnectionKey,
    ) -> Result<(CountedConnection, Vec<ConnectionKey>), TooManyConnections> {
        let mut inner = self.inner();
        let held = |holder| inner.get(holder).map_or(0, Vec::len);
        if holders.iter().any(|holder| held(holder) >= HELD_MAX) {
            return Err(TooManyConnections);
        }
        let mut closing = Vec::new();
        for holder in &holders {
            let theirs = inner.entry(*holder).or_default();
            theirs.push(connection.clone());
            let beyond = theirs.len().saturating_sub(KEPT_MAX);
            closing.extend(theirs.iter().take(beyond).cloned());
        }
        let counted = CountedConnection {
            counts: self.clone(),
            holders,
            connection: connection.clone(),
        };
        Ok((counted, closing))
    }

    fn inner(&self) -> MutexGuard<'_, BTreeMap<CookieHolder, Vec<ConnectionKey>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One counted connection.
#[derive(Debug)]
pub struct CountedConnection {
    counts: Arc<ConnectionCounts>,
    holders: Vec<CookieHolder>,
    connection: ConnectionKey,
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let mut inner = self.counts.inner();
        for holder in &self.holders {
            if let Some(theirs) = inner.get_mut(holder) {
                theirs.retain(|connection| *connection != self.connection);
                if theirs.is_empty() {
                    inner.remove(holder);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> ConnectionKey {
        ConnectionKey(number.to_string())
    }

    #[test]
    fn the_oldest_goes_first_and_who_does_not_go_keeps_further_ones_out() {
        let counts = Arc::new(ConnectionCounts::default());
        let holder = CookieHolder::Customer(SessionId::from_bytes([1; 16]));
        let mut places = Vec::new();
        for number in 0..HELD_MAX {
            let (counted, closing) = counts.enter(vec![holder], &key(number)).unwrap();
            let beyond = (number + 1).saturating_sub(KEPT_MAX);
            assert_eq!(closing, (0..beyond).map(key).collect::<Vec<_>>());
            places.push(counted);
        }
        assert_eq!(
            counts.enter(vec![holder], &key(99)).err(),
            Some(TooManyConnections)
        );
        let other = CookieHolder::Customer(SessionId::from_bytes([2; 16]));
        assert_eq!(
            counts.enter(vec![other, holder], &key(99)).err(),
            Some(TooManyConnections)
        );
        let agent = CookieHolder::Agent(AgentId::from_bytes([1; 16]));
        assert!(counts.enter(vec![agent], &key(99)).is_ok());

        places.remove(0);
        let (_counted, closing) = counts.enter(vec![holder], &key(99)).unwrap();
        assert_eq!(closing.first(), Some(&key(1)));
    }

    #[test]
    fn nothing_is_kept_of_who_has_gone() {
        let counts = Arc::new(ConnectionCounts::default());
        let holders = [1, 2].map(|byte| CookieHolder::Customer(SessionId::from_bytes([byte; 16])));
        drop(counts.enter(holders.to_vec(), &key(1)).unwrap());
        assert!(counts.inner().is_empty());
    }
}
