//! How many connections a cookie may have, across all processes, and who waits after a flood.
//!
//! The places of an owner are one record. A handshake takes a place, `$disconnect` gives it back.
//! API Gateway may not deliver the latter, so a place is void when its connection cannot be open
//! any more, and when none is left, the one that was taken first is given away.

use std::future::Future;

use serde::{Deserialize, Serialize};
use sightline_host::ports::{ConnectionKey, StoreError};
use sightline_host::records::ConnectionRecord;
use sightline_wire::{AgentId, SessionId};

/// Most connections of a customer's seat, as on the desk. Everybody who has its link shares them.
pub const SEAT_MAX: usize = 16;

/// Most connections of an agent.
pub const AGENT_MAX: usize = 32;

/// How long a connection can be open, seconds: 2 h (API Gateway quotas), and a minute for clocks.
pub const OPEN_S: u64 = 2 * 3_600 + 60;

/// How long an address waits after it flooded, seconds: long enough that coming back gives less
/// than staying within the limit.
pub const WAIT_S: u64 = 30;

/// Most addresses that wait for one owner, the newest ones.
const WAITING_MAX: usize = 32;

/// The owner of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CookieOwner {
    /// A signed-in agent, whatever other cookies the browser sends.
    Agent(AgentId),
    /// Everybody who has the customer's link of a session.
    Customer(SessionId),
}

impl CookieOwner {
    /// Returns the owners of the cookies that a connection came with.
    #[must_use]
    pub fn of(record: &ConnectionRecord) -> Vec<Self> {
        match record.agent {
            Some((agent, _)) => vec![Self::Agent(agent)],
            None => {
                let seats = record.seats.iter();
                let mut seats: Vec<_> = seats.map(|(session, _)| *session).collect();
                seats.sort_unstable();
                seats.dedup();
                seats.into_iter().map(Self::Customer).collect()
            }
        }
    }

    /// Most connections.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Agent(_) => AGENT_MAX,
            Self::Customer(_) => SEAT_MAX,
        }
    }
}

/// The open connections of an owner, and the addresses that wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Oldest first.
    taken: Vec<TakenPlace>,
    waiting: Vec<Waiting>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TakenPlace {
    connection: String,
    since_s: u64,
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    source: String,
    until_s: u64,
}

impl Places {
    /// Drops what is void by now.
    #[must_use]
    pub fn at(mut self, now_s: u64) -> Self {
        self.taken.retain(|place| place.since_s + OPEN_S > now_s);
        self.waiting.retain(|waiting| waiting.until_s > now_s);
        self
    }

    /// Whether an address flooded a short while ago. Another address of the same owner does not
    /// wait: somebody else may have the link.
    #[must_use]
    pub fn waits(&self, source: &str) -> bool {
        self.waiting.iter().any(|waiting| waiting.source == source)
    }

    /// Returns the connections, oldest first.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionKey> {
        let keys = self.taken.iter().map(|place| place.connection.clone());
        keys.map(ConnectionKey)
    }

    /// Returns how many places are taken.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.taken.len()
    }

    /// Gives a place to a connection from an address, once.
    pub fn take(&mut self, connection: &ConnectionKey, source: &str, now_s: u64) {
        self.give_back(connection);
        self.taken.push(TakenPlace {
            connection: connection.0.clone(),
            since_s: now_s,
            source: source.to_owned(),
        });
    }

    /// Gives back the place of a connection. Returns whether it had one.
    pub fn give_back(&mut self, connection: &ConnectionKey) -> bool {
        let before = self.taken.len();
        self.taken.retain(|place| place.connection != connection.0);
        self.taken.len() < before
    }

    /// Makes the address of a connection wait. Returns whether the connection has a place.
    pub fn bar(&mut self, connection: &ConnectionKey, now_s: u64) -> bool {
        let mut taken = self.taken.iter();
        let Some(place) = taken.find(|place| place.connection == connection.0) else {
            return false;
        };
        let source = place.source.clone();
        self.waiting.retain(|waiting| waiting.source != source);
        self.waiting.push(Waiting {
            source,
            until_s: now_s + WAIT_S,
        });
        let surplus = self.waiting.len().saturating_sub(WAITING_MAX);
        self.waiting.drain(..surplus);
        true
    }
}

/// Stores places, and counts messages.
pub trait PlaceStore: Send + Sync {
    /// Reads the places of an owner and the revision of their record.
    fn places(
        &self,
        owner: CookieOwner,
    ) -> impl Future<Output = Result<(Places, u64), StoreError>> + Send;
    /// Stores the places of an owner on the condition that the record still has this revision.
    /// Returns whether it had.
    fn set_places(
        &self,
        owner: CookieOwner,
        places: &Places,
        revision: u64,
        now_s: u64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Adds to the messages of a connection in a stretch of time. Returns their sum. A lost answer
    /// may count twice.
    fn count_messages(
        &self,
        connection: &ConnectionKey,
        stretch: u64,
        messages: u32,
        now_s: u64,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> ConnectionKey {
        ConnectionKey(number.to_string())
    }

    #[test]
    fn a_place_is_void_when_its_connection_cannot_be_open_any_more() {
        let mut places = Places::default();
        places.take(&key(1), "here", 1_000);
        places.take(&key(2), "here", 1_001);
        let later = |s| places.clone().at(1_000 + s).count();
        assert_eq!([later(0), later(OPEN_S - 1), later(OPEN_S)], [2, 2, 1]);
        assert_eq!(later(OPEN_S + 1), 0);
    }

    #[test]
    fn a_flood_makes_its_own_address_wait_and_no_other() {
        let mut places = Places::default();
        places.take(&key(1), "here", 1_000);
        places.take(&key(2), "there", 1_000);
        assert!(places.bar(&key(1), 1_000));
        assert!(!places.bar(&key(3), 1_000), "it has no place");
        assert!(places.waits("here") && !places.waits("there"));
        assert!(places.clone().at(1_000 + WAIT_S - 1).waits("here"));
        assert!(!places.at(1_000 + WAIT_S).waits("here"));
    }

    #[test]
    fn the_record_stays_short_whoever_floods() {
        let mut places = Places::default();
        for number in 0..10 * WAITING_MAX {
            places.take(&key(0), &number.to_string(), 1_000);
            assert!(places.bar(&key(0), 1_000));
        }
        assert_eq!((places.count(), places.waiting.len()), (1, WAITING_MAX));
        assert!(places.waits("319") && !places.waits("0"));
    }

    #[test]
    fn a_connection_has_the_holders_of_its_cookies() {
        let agent = AgentId::from_bytes([1; 16]);
        let seat = |byte| SessionId::from_bytes([byte; 16]);
        let mut record = ConnectionRecord {
            seats: vec![(seat(3), 0), (seat(2), 0), (seat(3), 1)],
            ..ConnectionRecord::default()
        };
        let seats = [seat(2), seat(3)].map(CookieOwner::Customer);
        assert_eq!(CookieOwner::of(&record), seats);
        record.agent = Some((agent, sightline_wire::api::Role::Agent));
        assert_eq!(CookieOwner::of(&record), [CookieOwner::Agent(agent)]);
        assert_eq!(
            [seats[0].most(), CookieOwner::Agent(agent).most()],
            [16, 32]
        );
    }

    #[test]
    fn a_stored_record_is_read_on() {
        let stored = r#"{"taken":[{"connection":"c=","since_s":7,"source":"s"}],"waiting":[{"source":"s","until_s":9}]}"#;
        let places: Places = serde_json::from_str(stored).unwrap();
        assert!(places.waits("s") && places.connections().eq([ConnectionKey("c=".to_owned())]));
        assert_eq!(serde_json::to_string(&places).unwrap(), stored);
    }
}
