//! Uploads, pictures and case files: files beside the database, which browsers reach with signed
//! requests.
//!
//! This is the bucket of the cloud, on one machine: [`signed`] signs and checks requests, [`files`]
//! stores files atomically, [`receive`] receives an upload in pieces, [`sweep`] removes files that
//! no session refers to. `server/objects.rs` serves the requests.

mod cases;
mod files;
mod keys;
mod lost;
mod permits;
mod receive;
mod signed;
mod sweep;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sightline_host::ports::{
    Found, PictureKey, PictureStore, SignedPut, StoreError, UploadKey, Uploads,
};
use sightline_wire::{Object, SessionId, UploadBytes};

pub use files::Stored;
pub use permits::{NoPermit, UploadPermit, UploadPermits};
pub use receive::Receiving;
pub use signed::{FREE, PutTerms, SignedObject, Signer};
pub use sweep::Gone;

use files::{Files, INCOMING};

use crate::data::{DataError, KEY_BYTES};

/// Most uploads of one session that are in progress or wait for their check. A page has one at a
/// time.
pub const SESSION_FILES_MAX: u64 = 16;

/// Most bytes of these uploads.
pub const SESSION_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of the file that a health check writes: a block of most file systems.
const PROBE_BYTES: usize = 4 * 1024;

/// A number of files and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Number of files.
    pub files: u64,
    /// Bytes of all files together.
    pub bytes: u64,
}

/// Time limits of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Longest wait for the next byte.
    pub byte: Duration,
    /// Longest time in total: 8 MiB at 230 kbit/s.
    pub whole: Duration,
    /// How long an upload may be slower than [`LEAST_PER_S`].
    pub slow: Duration,
}

/// Bytes per second that an upload must have on average, after a while: 32 kbit/s. This ends what
/// only holds a place. A link of 230 kbit/s, which [`Patience::whole`] asks of the longest upload,
/// may leave a picture that much less beside sound and video.
pub const LEAST_PER_S: u32 = 4 * 1024;

impl Default for Patience {
    fn default() -> Self {
        Self {
            byte: Duration::from_secs(30),
            whole: Duration::from_secs(5 * 60),
            slow: Duration::from_secs(10),
        }
    }
}

impl Patience {
    /// How long after its beginning an upload of which so many bytes came may still be waited for.
    #[must_use]
    pub fn after(&self, received: usize) -> Duration {
        let received = u32::try_from(received).unwrap_or(u32::MAX);
        self.slow + Duration::from_secs(1) * received / LEAST_PER_S
    }
}

/// The open folder of objects.
pub struct Objects {
    /// Signs and checks requests.
    pub signer: Signer,
    /// Uploads in progress.
    pub permits: Arc<UploadPermits>,
    /// Time limits of uploads.
    pub patience: Patience,
    files: Arc<Files>,
}

impl Objects {
    /// Opens or creates the folder, and removes files that a killed process left incomplete. The
    /// caller holds the lock of the database, which excludes a second process.
    ///
    /// # Errors
    /// When the folder cannot be created or read.
    pub fn open(data: &Path, key: &[u8; KEY_BYTES]) -> Result<Self, DataError> {
        let files = Files::open(data)?;
        Ok(Self {
            signer: Signer::of(key),
            permits: Arc::default(),
            patience: Patience::default(),
            files: Arc::new(files),
        })
    }

    /// Whether an upload fits, counting those of the session that wait or are in progress,
    /// including this one.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn has_room(&self, session: SessionId) -> Result<bool, StoreError> {
        // Read first, so that an upload that completes in between is counted twice and not missed.
        let coming = self.permits.taken(session);
        let waiting = self
            .work("count uploads", move |files| {
                files.held(&format!("{INCOMING}/{session}"))
            })
            .await?;
        Ok(coming.files + waiting.files <= SESSION_FILES_MAX
            && coming.bytes + waiting.bytes <= SESSION_BYTES_MAX)
    }

    /// Opens a picture or a case file; returns it with its length.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn open_wanted(
        &self,
        wanted: &SignedObject,
    ) -> Result<Option<(File, u64)>, StoreError> {
        let path = match wanted {
            SignedObject::Picture(key) => key.path(),
            SignedObject::Kept(key) => key.path(),
        };
        self.work("open an object", move |files| files.open_file(&path))
            .await
    }

    /// Begins to receive an upload.
    #[must_use]
    pub fn receive(&self, key: &UploadKey) -> Receiving {
        Receiving::begin(self.files.clone(), key.path())
    }

    /// Writes and removes a small file.
    ///
    /// # Errors
    /// When the disk fails.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.work("write a file", |files| {
            let mut draft = files.draft()?;
            draft.write(&[0; PROBE_BYTES])?;
            draft.sync()
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Files) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let files = self.files.clone();
        tokio::task::spawn_blocking(move || files.in_place().and_then(|()| work(&files)))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| StoreError {
                operation: what,
                cause: error.to_string(),
                // A full disk and most other disk errors are temporary.
                retryable: true,
            })
    }
}

impl Uploads for Objects {
    async fn sign_put(
        &self,
        key: &UploadKey,
        bytes: UploadBytes,
        now_ms: u64,
    ) -> Result<SignedPut, StoreError> {
        Ok(self.signer.sign_put(key, bytes, now_ms))
    }

    async fn read(&self, key: &UploadKey, bytes_max: u32) -> Result<Found, StoreError> {
        let path = key.path();
        self.work("read an upload", move |files| files.read(&path, bytes_max))
            .await
    }

    async fn discard(&self, key: &UploadKey) -> Result<(), StoreError> {
        let path = key.path();
        self.work("discard an upload", move |files| files.remove(&path))
            .await
    }

    async fn discard_all(&self, session: SessionId, picture: u32) -> Result<(), StoreError> {
        let prefix = UploadKey::prefix(session, picture);
        self.work("discard uploads", move |files| {
            files.remove_all(&prefix, None)
        })
        .await
    }
}

impl PictureStore for Objects {
    async fn keep(&self, key: &PictureKey, bytes: Vec<u8>) -> Result<(), StoreError> {
        let path = key.path();
        self.work("keep a picture", move |files| {
            let mut draft = files.draft()?;
            draft.write(&bytes)?;
            files.replace(draft, &path)
        })
        .await
    }

    async fn sign_get(
        &self,
        key: &PictureKey,
        _now_ms: u64,
        until_ms: u64,
    ) -> Result<String, StoreError> {
        Ok(self.signer.sign_get(key, until_ms))
    }

    async fn delete(&self, key: &PictureKey) -> Result<(), StoreError> {
        let path = key.path();
        self.work("delete a picture", move |files| files.remove(&path))
            .await
    }

    /// Does nothing: [`crate::erased`] has the list.
    async fn note_erased(&self, _session: SessionId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn erase_all(&self, session: SessionId) -> Result<(), StoreError> {
        self.work("erase pictures", move |files| files.erase(session))
            .await
    }

    async fn delete_others(
        &self,
        session: SessionId,
        object: Object,
        stands: Option<&PictureKey>,
    ) -> Result<(), StoreError> {
        let prefix = PictureKey::prefix(session, object);
        let stands = stands.map(PictureKey::path);
        self.work("delete pictures", move |files| {
            files.remove_all(&prefix, stands.as_deref())
        })
        .await
    }
}
