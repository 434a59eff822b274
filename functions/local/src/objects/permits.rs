//! Limits uploads under way: each holds a file and a thread, and who sends slowly, or nothing, must
//! not use up the permits of all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sightline_host::ports::UploadKey;
use sightline_wire::{SessionId, UploadBytes};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Held;

/// Most uploads at a time.
pub const PERMITS_MAX: usize = 32;

/// Most uploads of one session at a time: two people, each with attempts that hang after a broken
/// connection.
pub const SESSION_MAX: usize = 8;

/// How long an upload may take before it may be displaced: too short to tell who is slow.
pub const UNTOUCHED: Duration = Duration::from_secs(2);

/// An upload of which nothing came for this long leaves its key to another one: a phone that
/// changed its network begins again.
pub const SILENT: Duration = Duration::from_secs(3);

/// The uploads under way.
#[derive(Debug, Default)]
pub struct UploadPermits(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    last: u64,
    under_way: BTreeMap<u64, UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    key: UploadKey,
    bytes: u64,
    received: u64,
    began: Instant,
    heard: Instant,
    leave: Arc<Notify>,
}

/// Why there is no permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPermit {
    /// Another upload to the same key is under way.
    UnderWay,
    /// All are taken.
    Full,
}

/// The permit for one upload. Dropping it frees it.
#[derive(Debug)]
pub struct UploadPermit {
    permits: Arc<UploadPermits>,
    number: u64,
    leave: Arc<Notify>,
}

impl UploadPermits {
    /// Returns a permit for an upload, perhaps that of a slower one.
    ///
    /// # Errors
    /// When the key is in use, or no permit is to be had.
    pub fn take(
        self: &Arc<Self>,
        key: &UploadKey,
        bytes: UploadBytes,
    ) -> Result<UploadPermit, NoPermit> {
        self.take_at(key, bytes, Instant::now())
    }

    fn take_at(
        self: &Arc<Self>,
        key: &UploadKey,
        bytes: UploadBytes,
        now: Instant,
    ) -> Result<UploadPermit, NoPermit> {
        let mut inner = self.inner();
        inner.make_room(key, now)?;
        inner.last += 1;
        let (number, leave) = (inner.last, Arc::new(Notify::new()));
        let under_way = UnderWay {
            key: key.clone(),
            bytes: bytes.get().into(),
            received: 0,
            began: now,
            heard: now,
            leave: leave.clone(),
        };
        inner.under_way.insert(number, under_way);
        Ok(UploadPermit {
            permits: self.clone(),
            number,
            leave,
        })
    }

    /// Returns the uploads of a session that are under way.
    #[must_use]
    pub fn taken(&self, session: SessionId) -> Held {
        let inner = self.inner();
        let theirs = || {
            let all = inner.under_way.values();
            all.filter(|upload| upload.key.session == session)
        };
        Held {
            files: theirs().count() as u64,
            bytes: theirs().map(|upload| upload.bytes).sum(),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn make_room(&mut self, key: &UploadKey, now: Instant) -> Result<(), NoPermit> {
        let same = self.under_way.iter().find(|(_, upload)| upload.key == *key);
        if let Some((number, upload)) = same {
            if now.duration_since(upload.heard) < SILENT {
                return Err(NoPermit::UnderWay);
            }
            let number = *number;
            self.displace(number);
        }
        let theirs = self.count(key.session);
        let only = (theirs >= SESSION_MAX).then_some(key.session);
        if only.is_some() || self.under_way.len() >= PERMITS_MAX {
            let slowest = self.slowest(only, now).ok_or(NoPermit::Full)?;
            self.displace(slowest);
        }
        Ok(())
    }

    /// The slowest upload of the session that has most under way.
    fn slowest(&self, only: Option<SessionId>, now: Instant) -> Option<u64> {
        let may = |upload: &UnderWay| {
            only.is_none_or(|only| only == upload.key.session)
                && now.duration_since(upload.began) >= UNTOUCHED
        };
        let all = self.under_way.iter().filter(|(_, upload)| may(upload));
        let slowest = all.max_by_key(|(_, upload)| {
            let lasted = now.duration_since(upload.began).as_nanos();
            // The time for a byte grows as the rate falls.
            let slow = lasted / u128::from(upload.received.max(1));
            (self.count(upload.key.session), slow)
        });
        slowest.map(|(number, _)| *number)
    }

    fn count(&self, session: SessionId) -> usize {
        let all = self.under_way.values();
        all.filter(|upload| upload.key.session == session).count()
    }

    fn displace(&mut self, number: u64) {
        if let Some(upload) = self.under_way.remove(&number) {
            upload.leave.notify_one();
        }
    }
}

impl UploadPermit {
    /// Counts bytes that arrived.
    pub fn received(&self, bytes: usize) {
        self.received_at(bytes, Instant::now());
    }

    fn received_at(&self, bytes: usize, now: Instant) {
        if let Some(upload) = self.permits.inner().under_way.get_mut(&self.number) {
            upload.received += bytes as u64;
            upload.heard = now;
        }
    }

    /// Resolves when another upload has the permit.
    pub async fn displaced(&self) {
        self.leave.notified().await;
    }
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        self.permits.inner().under_way.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use sightline_wire::Upload;

    use super::*;

    fn key(session: u8, picture: u32) -> UploadKey {
        UploadKey {
            session: SessionId::from_bytes([session; 16]),
            upload: Upload::Quick { picture },
        }
    }

    fn one() -> UploadBytes {
        UploadBytes::new(9).unwrap()
    }

    async fn is_displaced(permit: &UploadPermit) -> bool {
        let displaced = std::pin::pin!(permit.displaced());
        futures_util::poll!(displaced).is_ready()
    }

    #[tokio::test]
    async fn permits_are_limited_per_session_and_in_total() {
        let (permits, now) = (Arc::new(UploadPermits::default()), Instant::now());
        let mut taken = Vec::new();
        for session in 1..=4 {
            let theirs = (0..).map_while(|n| permits.take_at(&key(session, n), one(), now).ok());
            let theirs: Vec<_> = theirs.collect();
            assert_eq!(theirs.len(), SESSION_MAX);
            let held = permits.taken(key(session, 0).session);
            assert_eq!(held.bytes, SESSION_MAX as u64 * 9);
            taken.extend(theirs);
        }
        assert_eq!(taken.len(), PERMITS_MAX);
        let fifth = permits.take_at(&key(5, 0), one(), now);
        assert_eq!(fifth.err(), Some(NoPermit::Full), "none is slow yet");
        taken.pop();
        assert!(permits.take_at(&key(5, 0), one(), now).is_ok());
        taken.clear();
        assert!(permits.inner().under_way.is_empty());
    }

    #[tokio::test]
    async fn the_slowest_of_the_session_with_most_is_displaced() {
        let (permits, now) = (Arc::new(UploadPermits::default()), Instant::now());
        let single = permits.take_at(&key(9, 0), one(), now).unwrap();
        let mut taken = Vec::new();
        for number in 0..PERMITS_MAX as u32 - 1 {
            let session = (number / 8 + 1).try_into().unwrap();
            let permit = permits.take_at(&key(session, number), one(), now).unwrap();
            permit.received_at(1_000 + number as usize, now);
            taken.push(permit);
        }
        let later = now + UNTOUCHED;
        let mut newer = Vec::new();
        for session in 10..13 {
            newer.push(permits.take_at(&key(session, 0), one(), later).unwrap());
        }
        assert!(!is_displaced(&single).await, "its session has no other");
        let mut gone = Vec::new();
        for (number, permit) in taken.iter().enumerate() {
            if is_displaced(permit).await {
                gone.push(number);
            }
        }
        // The first one goes, then the slowest of the two sessions that still have eight.
        assert_eq!(gone, [0, 8, 16]);
        drop(taken);
        assert_eq!(permits.inner().under_way.len(), 1 + newer.len());
    }

    #[tokio::test]
    async fn a_key_has_one_upload_and_a_silent_one_leaves_it() {
        let (permits, now) = (Arc::new(UploadPermits::default()), Instant::now());
        let first = permits.take_at(&key(1, 1), one(), now).unwrap();
        let soon = now + SILENT - Duration::from_millis(1);
        let second = permits.take_at(&key(1, 1), one(), soon);
        assert_eq!(second.err(), Some(NoPermit::UnderWay));
        first.received_at(1, soon);
        let second = permits.take_at(&key(1, 1), one(), now + SILENT);
        assert_eq!(second.err(), Some(NoPermit::UnderWay), "it was heard");
        let second = permits.take_at(&key(1, 1), one(), soon + SILENT).unwrap();
        assert!(is_displaced(&first).await && !is_displaced(&second).await);
        drop(first);
        assert_eq!(permits.taken(key(1, 1).session).files, 1);
    }
}
