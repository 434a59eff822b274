//! Uploads and pictures: files beside the database, reached by a browser through requests that were
//! signed beforehand.
//!
//! The bucket of the cloud, on one machine: [`signed`] says who may do what, [`files`] does it so
//! that nothing is ever there by half, [`receive`] takes an upload piece by piece, [`sweep`] takes
//! away what nobody will ask for again. The door itself is `server/objects.rs`.

mod files;
mod keys;
mod places;
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
use sightline_wire::{SessionId, UploadBytes};

pub use files::Stored;
pub use places::{Place, Places};
pub use receive::Receiving;
pub use signed::{FREE, Signer};

use files::{Files, INCOMING};

use crate::data::{DataError, KEY_BYTES};

/// The folder in the data folder.
pub const FOLDER: &str = "objects";

/// Uploads of one session that wait to be checked or are on their way. One at a time is what a page
/// has.
pub const SESSION_FILES_MAX: u64 = 16;

/// Bytes of these.
pub const SESSION_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Some files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// How long an upload is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For another byte.
    pub byte: Duration,
    /// For all of them: 8 MiB at 230 kbit/s.
    pub whole: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            byte: Duration::from_secs(30),
            whole: Duration::from_secs(5 * 60),
        }
    }
}

/// The open folder, lent to ports and door.
pub struct Objects {
    /// Who may do what.
    pub signer: Signer,
    /// Who is uploading.
    pub places: Arc<Places>,
    /// How long uploads are waited for.
    pub patience: Patience,
    files: Arc<Files>,
}

impl Objects {
    /// Opens or makes the folder, and clears what a killed process left half-written. Whoever opens
    /// it holds the database, which keeps a second process out.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(data: &Path, key: &[u8; KEY_BYTES]) -> Result<Self, DataError> {
        let folder = data.join(FOLDER);
        let files = Files::open(&folder).map_err(|error| DataError::Io(folder, error))?;
        Ok(Self {
            signer: Signer::of(key),
            places: Arc::default(),
            patience: Patience::default(),
            files: Arc::new(files),
        })
    }

    /// Whether another upload fits, counting what a session has waiting and what is on its way,
    /// this one included.
    pub async fn has_room(&self, session: SessionId) -> Result<bool, StoreError> {
        // Looked at first: what arrives in between is counted twice and not missed.
        let coming = self.places.taken(session);
        let waiting = self
            .work("count uploads", move |files| {
                files.held(&format!("{INCOMING}/{session}"))
            })
            .await?;
        Ok(coming.files + waiting.files <= SESSION_FILES_MAX
            && coming.bytes + waiting.bytes <= SESSION_BYTES_MAX)
    }

    /// A picture to be read, and its length.
    pub async fn picture(&self, key: &PictureKey) -> Result<Option<(File, u64)>, StoreError> {
        let path = key.path();
        self.work("open a picture", move |files| files.look(&path))
            .await
    }

    /// Begins to take an upload in.
    #[must_use]
    pub fn receive(&self, key: &UploadKey) -> Receiving {
        Receiving::begin(self.files.clone(), key.path())
    }

    async fn work<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Files) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let files = self.files.clone();
        tokio::task::spawn_blocking(move || work(&files))
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(|error| StoreError {
                operation: what,
                cause: error.to_string(),
                // A full disk heals, and so does most of what disks do.
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
        self.work("discard uploads", move |files| files.remove_all(&prefix))
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
}
