//! Limits concurrent uploads: each holds a file and a thread, and one session must not use up the
//! permits of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sightline_wire::{SessionId, UploadBytes};

use super::Held;

/// Most uploads at a time.
pub const PERMITS_MAX: u64 = 32;

/// Most uploads of one session at a time: two people, each with attempts that hang after a broken
/// connection.
pub const SESSION_MAX: u64 = 8;

/// The uploads in progress, by session.
#[derive(Debug, Default)]
pub struct UploadPermits(Mutex<BTreeMap<SessionId, Held>>);

impl UploadPermits {
    /// Returns a permit for an upload, or `None` if all are taken. Dropping it frees it.
    #[must_use]
    pub fn take(self: &Arc<Self>, session: SessionId, bytes: UploadBytes) -> Option<UploadPermit> {
        let mut taken = self.inner();
        let all: u64 = taken.values().map(|theirs| theirs.files).sum();
        let theirs = taken.get(&session).copied().unwrap_or_default();
        if all >= PERMITS_MAX || theirs.files >= SESSION_MAX {
            return None;
        }
        let bytes = u64::from(bytes.get());
        let more = Held {
            files: theirs.files + 1,
            bytes: theirs.bytes + bytes,
        };
        taken.insert(session, more);
        Some(UploadPermit {
            permits: self.clone(),
            session,
            bytes,
        })
    }

    /// Returns the uploads of a session that are in progress.
    #[must_use]
    pub fn taken(&self, session: SessionId) -> Held {
        self.inner().get(&session).copied().unwrap_or_default()
    }

    fn inner(&self) -> MutexGuard<'_, BTreeMap<SessionId, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The permit for one upload.
#[derive(Debug)]
pub struct UploadPermit {
    permits: Arc<UploadPermits>,
    session: SessionId,
    bytes: u64,
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        let mut taken = self.permits.inner();
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
    fn permits_are_limited_per_session_and_in_total() {
        let permits = Arc::new(UploadPermits::default());
        let bytes = UploadBytes::new(9).unwrap();
        let mut taken = Vec::new();
        for session in (1..).map(|byte| SessionId::from_bytes([byte; 16])).take(4) {
            let theirs = (0..).map_while(|_| permits.take(session, bytes));
            let theirs: Vec<_> = theirs.collect();
            assert_eq!(theirs.len() as u64, SESSION_MAX);
            assert_eq!(permits.taken(session).bytes, SESSION_MAX * 9);
            taken.extend(theirs);
        }
        assert_eq!(taken.len() as u64, PERMITS_MAX);
        let fifth = SessionId::from_bytes([5; 16]);
        assert!(permits.take(fifth, bytes).is_none());
        taken.pop();
        assert!(permits.take(fifth, bytes).is_some());
        taken.clear();
        assert!(permits.inner().is_empty());
    }
}
