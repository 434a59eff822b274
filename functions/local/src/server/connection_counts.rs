//! Counts connections by cookie: a shared link or a script must not use up the connections of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sightline_host::ports::ConnectionKey;
use sightline_wire::{AgentId, SessionId};

/// Most connections of an agent, or of the page that holds a customer's seat; beyond it the oldest
/// one is closed.
pub const KEPT_MAX: usize = 16;

/// Most connections of all other pages with one customer's link, likewise. They cannot displace the
/// page that holds the seat.
pub const GUESTS_MAX: usize = 4;

/// The holder of a cookie, as far as its connections are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CookieHolder {
    /// A signed-in agent, whatever other cookies the browser sends.
    Agent(AgentId),
    /// The page that holds a customer's seat.
    Customer(SessionId),
    /// Any other page with the cookie of a customer's seat.
    Guest(SessionId),
}

impl CookieHolder {
    const fn kept_max(self) -> usize {
        match self {
            Self::Agent(_) | Self::Customer(_) => KEPT_MAX,
            Self::Guest(_) => GUESTS_MAX,
        }
    }

    /// Including connections that are closing: a peer may delay its close, and until then further
    /// ones are refused.
    const fn held_max(self) -> usize {
        2 * self.kept_max()
    }
}

/// The connections of each holder, oldest first.
#[derive(Debug, Default)]
pub struct ConnectionCounts(Mutex<BTreeMap<CookieHolder, Vec<ConnectionKey>>>);

/// The holder has too many connections.
#[derive(Debug, PartialEq, Eq)]
pub struct TooManyConnections;

impl ConnectionCounts {
    /// Counts a connection until the returned value is dropped. Also returns the connections that
    /// must be closed for it; of guests those that `may_go`.
    pub fn enter(
        self: &Arc<Self>,
        holders: Vec<CookieHolder>,
        connection: &ConnectionKey,
        may_go: impl Fn(&ConnectionKey) -> bool,
    ) -> Result<(CountedConnection, Vec<ConnectionKey>), TooManyConnections> {
        let mut inner = self.inner();
        let held = |holder| inner.get(holder).map_or(0, Vec::len);
        if holders
            .iter()
            .any(|holder| held(holder) >= holder.held_max())
        {
            return Err(TooManyConnections);
        }
        let mut closing = Vec::new();
        for holder in &holders {
            let theirs = inner.entry(*holder).or_default();
            let beyond = (theirs.len() + 1).saturating_sub(holder.kept_max());
            let is_guest = matches!(holder, CookieHolder::Guest(_));
            let going = theirs
                .iter()
                .filter(|connection| !is_guest || may_go(connection));
            closing.extend(going.take(beyond).cloned());
            theirs.push(connection.clone());
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
        let enter = |holders: &[CookieHolder], number| {
            counts.enter(holders.to_vec(), &key(number), |_| true)
        };
        let session = SessionId::from_bytes([1; 16]);
        let agent = CookieHolder::Agent(AgentId::from_bytes([1; 16]));
        let (holder, guest) = (
            CookieHolder::Customer(session),
            CookieHolder::Guest(session),
        );
        for (who, kept) in [(holder, KEPT_MAX), (guest, GUESTS_MAX), (agent, KEPT_MAX)] {
            let mut places = Vec::new();
            for number in 0..2 * kept {
                let (counted, closing) = enter(&[who], number).unwrap();
                let beyond = (number + 1).saturating_sub(kept);
                assert_eq!(closing, (0..beyond).map(key).collect::<Vec<_>>());
                places.push(counted);
            }
            assert_eq!(enter(&[who], 99).err(), Some(TooManyConnections));
            let other = CookieHolder::Guest(SessionId::from_bytes([2; 16]));
            assert_eq!(enter(&[other, who], 99).err(), Some(TooManyConnections));
            assert!(enter(&[other], 99).is_ok());

            places.remove(0);
            let (_counted, closing) = enter(&[who], 99).unwrap();
            assert_eq!(closing.first(), Some(&key(1)));
        }
    }

    #[test]
    fn who_may_not_go_stays() {
        let counts = Arc::new(ConnectionCounts::default());
        let guest = vec![CookieHolder::Guest(SessionId::from_bytes([1; 16]))];
        let mut places = Vec::new();
        for number in 0..=GUESTS_MAX {
            let stays = |connection: &ConnectionKey| *connection != key(0);
            let (counted, closing) = counts.enter(guest.clone(), &key(number), stays).unwrap();
            let gone = (number == GUESTS_MAX).then(|| key(1));
            assert_eq!(closing, gone.into_iter().collect::<Vec<_>>());
            places.push(counted);
        }
    }

    #[test]
    fn nothing_is_kept_of_who_has_gone() {
        let counts = Arc::new(ConnectionCounts::default());
        let holders = [1, 2].map(|byte| CookieHolder::Guest(SessionId::from_bytes([byte; 16])));
        drop(counts.enter(holders.to_vec(), &key(1), |_| true).unwrap());
        assert!(counts.inner().is_empty());
    }
}
