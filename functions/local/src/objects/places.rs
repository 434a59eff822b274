//! How many upload at a time: each holds a file and a thread, and one session must not take the
//! places of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sightline_wire::{SessionId, UploadBytes};

use super::Held;

/// Uploads at a time.
pub const PLACES_MAX: u64 = 32;

/// Uploads of one session at a time: two people, each with tries that a broken link has left
/// hanging.
pub const SESSION_MAX: u64 = 8;

/// Who is uploading.
#[derive(Debug, Default)]
pub struct Places(Mutex<BTreeMap<SessionId, Held>>);

impl Places {
    /// A place for an upload of so many bytes until it is dropped; none when there is none left.
    #[must_use]
    pub fn take(self: &Arc<Self>, session: SessionId, bytes: UploadBytes) -> Option<Place> {
        let mut taken = self.inner();
        let all: u64 = taken.values().map(|theirs| theirs.files).sum();
        let theirs = taken.get(&session).copied().unwrap_or_default();
        if all >= PLACES_MAX || theirs.files >= SESSION_MAX {
            return None;
        }
        let bytes = u64::from(bytes.get());
        let more = Held {
            files: theirs.files + 1,
            bytes: theirs.bytes + bytes,
        };
        taken.insert(session, more);
        Some(Place {
            places: self.clone(),
            session,
            bytes,
        })
    }

    /// What a session has on its way.
    #[must_use]
    pub fn taken(&self, session: SessionId) -> Held {
        self.inner().get(&session).copied().unwrap_or_default()
    }

    fn inner(&self) -> MutexGuard<'_, BTreeMap<SessionId, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One place.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    session: SessionId,
    bytes: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.inner();
        if let Some(theirs) = taken.get_mut(&self.session) {
            theirs.files -= 1;
            theirs.bytes -= self.bytes;
            if theirs.files == 0 {
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
        let bytes = UploadBytes::new(9).unwrap();
        let mut taken = Vec::new();
        for session in (1..).map(|byte| SessionId::from_bytes([byte; 16])).take(4) {
            let theirs = (0..).map_while(|_| places.take(session, bytes));
            let theirs: Vec<_> = theirs.collect();
            assert_eq!(theirs.len() as u64, SESSION_MAX);
            assert_eq!(places.taken(session).bytes, SESSION_MAX * 9);
            taken.extend(theirs);
        }
        assert_eq!(taken.len() as u64, PLACES_MAX);
        let fifth = SessionId::from_bytes([5; 16]);
        assert!(places.take(fifth, bytes).is_none());
        taken.pop();
        assert!(places.take(fifth, bytes).is_some());
        taken.clear();
        assert!(places.inner().is_empty());
    }
}
