//! How many connections one person has: a link that many hands hold, or one script, must not take
//! the sockets of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sightline_host::ports::ConnectionKey;
use sightline_wire::{AgentId, SessionId};

/// Connections one person keeps: beyond it the oldest is closed.
pub const KEPT_MAX: usize = 16;

/// Connections one person may have with those that are being closed: a peer that takes no goodbye
/// is waited for, and meanwhile further ones are refused.
pub const HELD_MAX: usize = 2 * KEPT_MAX;

/// Who is behind a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// A signed-in agent, whatever other cookies the browser has.
    Agent(AgentId),
    /// Whoever has the customer's cookie of a session.
    Customer(SessionId),
}

/// Everybody's connections, oldest first.
#[derive(Debug, Default)]
pub struct Crowd(Mutex<BTreeMap<Person, Vec<ConnectionKey>>>);

/// This person has too many connections.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Crowd {
    /// Counts a connection until its place is dropped. Also returns which others must be closed for
    /// it.
    pub fn enter(
        self: &Arc<Self>,
        persons: Vec<Person>,
        connection: &ConnectionKey,
    ) -> Result<(Place, Vec<ConnectionKey>), Full> {
        let mut inner = self.inner();
        let held = |person| inner.get(person).map_or(0, Vec::len);
        if persons.iter().any(|person| held(person) >= HELD_MAX) {
            return Err(Full);
        }
        let mut closing = Vec::new();
        for person in &persons {
            let theirs = inner.entry(*person).or_default();
            theirs.push(connection.clone());
            let beyond = theirs.len().saturating_sub(KEPT_MAX);
            closing.extend(theirs.iter().take(beyond).cloned());
        }
        let place = Place {
            crowd: self.clone(),
            persons,
            connection: connection.clone(),
        };
        Ok((place, closing))
    }

    fn inner(&self) -> MutexGuard<'_, BTreeMap<Person, Vec<ConnectionKey>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One counted connection.
#[derive(Debug)]
pub struct Place {
    crowd: Arc<Crowd>,
    persons: Vec<Person>,
    connection: ConnectionKey,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.crowd.inner();
        for person in &self.persons {
            if let Some(theirs) = inner.get_mut(person) {
                theirs.retain(|connection| *connection != self.connection);
                if theirs.is_empty() {
                    inner.remove(person);
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
        let crowd = Arc::new(Crowd::default());
        let person = Person::Customer(SessionId::from_bytes([1; 16]));
        let mut places = Vec::new();
        for number in 0..HELD_MAX {
            let (place, closing) = crowd.enter(vec![person], &key(number)).unwrap();
            let beyond = (number + 1).saturating_sub(KEPT_MAX);
            assert_eq!(closing, (0..beyond).map(key).collect::<Vec<_>>());
            places.push(place);
        }
        assert_eq!(crowd.enter(vec![person], &key(99)).err(), Some(Full));
        let other = Person::Customer(SessionId::from_bytes([2; 16]));
        assert_eq!(crowd.enter(vec![other, person], &key(99)).err(), Some(Full));
        let agent = Person::Agent(AgentId::from_bytes([1; 16]));
        assert!(crowd.enter(vec![agent], &key(99)).is_ok());

        places.remove(0);
        let (_place, closing) = crowd.enter(vec![person], &key(99)).unwrap();
        assert_eq!(closing.first(), Some(&key(1)));
    }

    #[test]
    fn nothing_is_kept_of_who_has_gone() {
        let crowd = Arc::new(Crowd::default());
        let persons = [1, 2].map(|byte| Person::Customer(SessionId::from_bytes([byte; 16])));
        drop(crowd.enter(persons.to_vec(), &key(1)).unwrap());
        assert!(crowd.inner().is_empty());
    }
}
