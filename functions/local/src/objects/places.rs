//! How many upload at a time: each holds a file and a thread, and one session must not take the places of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sightline_wire::SessionId;

/// Uploads at a time.
pub const PLACES_MAX: usize = 32;

/// Uploads of one session at a time: two people, each with tries that a broken link has left hanging.
pub const SESSION_MAX: usize = 8;

/// Who is uploading.
#[derive(Debug, Default)]
pub struct Places(Mutex<BTreeMap<SessionId, usize>>);

impl Places {
    /// A place until it is dropped; none when there is none left.
    #[must_use]
    pub fn take(self: &Arc<Self>, session: SessionId) -> Option<Place> {
        let mut taken = self.inner();
        let all: usize = taken.values().sum();
        let theirs = taken.get(&session).copied().unwrap_or_default();
        if all >= PLACES_MAX || theirs >= SESSION_MAX {
            return None;
        }
        taken.insert(session, theirs + 1);
        Some(Place {
            places: self.clone(),
            session,
        })
    }

    fn inner(&self) -> MutexGuard<'_, BTreeMap<SessionId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    session: SessionId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.inner();
        if let Some(theirs) = taken.get_mut(&self.session) {
            *theirs -= 1;
            if *theirs == 0 {
                taken.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_session_leaves_places_to_others_and_all_together_end_somewhere() {
        let places = Arc::new(Places::default());
        let mut taken = Vec::new();
        for session in (1..).map(|byte| SessionId::from_bytes([byte; 16])).take(4) {
            let theirs = (0..).map_while(|_| places.take(session));
            let theirs: Vec<_> = theirs.collect();
            assert_eq!(theirs.len(), SESSION_MAX);
            taken.extend(theirs);
        }
        assert_eq!(taken.len(), PLACES_MAX);
        let fifth = SessionId::from_bytes([5; 16]);
        assert!(places.take(fifth).is_none());
        taken.pop();
        assert!(places.take(fifth).is_some());
        taken.clear();
        assert!(places.inner().is_empty());
    }
}
