//! What the desk remembers, in one file that survives `kill -9` and a power cut.
//!
//! The database is redb: embedded and pure Rust (no C to build, one binary to ship), a single file
//! with a lock against a second process, ACID with one `fsync` per commit, readers that never wait
//! for the writer, and a stable format. SQLite would give the same and queries besides, for a C
//! library; nothing here asks for a query.
//!
//! Every write goes through one thread ([`writer`]) that puts whatever waits into one transaction:
//! an acknowledged commit has been synced to the disk, and people who speak at the same time share
//! the wait for it.
//!
//! Connections and leases are of one process and stay in memory. Attachments are in between: see
//! [`attachments`].

pub mod attachments;
mod connections;
mod failure;
pub mod outbox;
pub mod rate_counters;
pub mod relays;
pub mod sessions;
pub mod spent_tokens;
pub mod sweep;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use redb::{
    Database, DatabaseError, ReadTransaction, ReadableDatabase, StorageError, WriteTransaction,
};
use sightline_host::ports::{ConnectionKey, StoreError};
use sightline_host::records::{ConnectionRecord, RelayRecord};
use sightline_wire::RelayId;

use attachments::AttachmentCache;
use failure::Failure;
use writer::Writer;

/// The database file in the data folder.
pub const FILE: &str = "sightline.redb";

/// Counts changes of the tables that an older binary could not read.
const FORMAT: u32 = 1;

/// The working set of a desk is small; redb's default of 1 GiB is for servers.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the database.
    #[error("data folder {0} is in use by another sightline")]
    InUse(PathBuf),
    /// The tables are of a later version.
    #[error(
        "data folder {folder} was written by a newer sightline (format {found}, this one reads up to {FORMAT})"
    )]
    Newer {
        /// The data folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file is no database, or damaged.
    #[error("{0} is damaged or is no sightline database: {1}")]
    Damaged(PathBuf, String),
    /// The file cannot be read or written.
    #[error("cannot open {0}")]
    Io(PathBuf, #[source] std::io::Error),
    /// The thread that writes could not be started.
    #[error("cannot start the writing thread")]
    Thread(#[source] std::io::Error),
}

/// The open database, lent to all ports.
pub struct Store {
    shelf: Arc<Shelf>,
    writer: Mutex<Option<Writer>>,
    attachments: AttachmentCache,
    connections: Mutex<BTreeMap<ConnectionKey, ConnectionRecord>>,
    relays: Mutex<BTreeMap<RelayId, RelayRecord>>,
}

impl Store {
    /// Opens or makes the database in a data folder. Connections of before are closed as of
    /// `now_ms`.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be read.
    pub fn open(folder: &Path, now_ms: u64) -> Result<Self, OpenError> {
        let shelf = Arc::new(Shelf {
            path: folder.join(FILE),
            database: RwLock::new(None),
        });
        shelf.open(folder)?;
        let damaged =
            |failure: Failure| OpenError::Damaged(shelf.path.clone(), failure.to_string());
        let attachments = AttachmentCache::default();
        attachments.restore(&shelf, now_ms).map_err(damaged)?;
        let writer = Writer::start(shelf.clone()).map_err(OpenError::Thread)?;
        Ok(Self {
            shelf,
            writer: Mutex::new(Some(writer)),
            attachments,
            connections: Mutex::default(),
            relays: Mutex::default(),
        })
    }

    /// Finishes what waits, syncs, and lets go of the file. Later calls are refused.
    pub fn close(&self) {
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            self.attachments.flush(&writer);
            writer.finish();
        }
        self.shelf.close();
    }

    /// Reads one consistent moment of the database.
    async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shelf = self.shelf.clone();
        tokio::task::spawn_blocking(move || shelf.read(work))
            .await
            .unwrap_or_else(|_| Err(Failure::closed()))
            .map_err(|failure| failure.trouble(what))
    }

    /// Writes in a transaction, possibly shared with others. On return it is on the disk, or
    /// nothing of it is.
    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = {
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.as_ref().map(|writer| writer.submit(work))
        };
        let Some(answer) = answer else {
            return Err(Failure::closed().trouble(what));
        };
        answer
            .await
            .unwrap_or_else(|_| Err(Failure::closed()))
            .map_err(|failure| failure.trouble(what))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

/// The database, which may be away for a moment: redb refuses everything after an I/O error until
/// the file is opened anew, and a full disk must heal when there is room again.
struct Shelf {
    path: PathBuf,
    database: RwLock<Option<Database>>,
}

impl Shelf {
    fn open(&self, folder: &Path) -> Result<(), OpenError> {
        let damaged = |why: String| OpenError::Damaged(self.path.clone(), why);
        let database = self.database().map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse(folder.to_owned()),
            DatabaseError::Storage(StorageError::Io(error))
                if error.kind() != std::io::ErrorKind::InvalidData =>
            {
                OpenError::Io(self.path.clone(), error)
            }
            error => damaged(error.to_string()),
        })?;
        let found =
            tables::prepare(&database, FORMAT).map_err(|failure| damaged(failure.to_string()))?;
        if found > FORMAT {
            return Err(OpenError::Newer {
                folder: folder.to_owned(),
                found,
            });
        }
        *self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(database);
        Ok(())
    }

    fn database(&self) -> Result<Database, DatabaseError> {
        // Made here rather than by redb, so that only its owner may read it: it holds telephone
        // numbers.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&self.path)?;
        Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(&self.path)
    }

    fn close(&self) {
        *self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Opens the file anew after an I/O error.
    fn reopen(&self) -> Result<(), Failure> {
        let mut place = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = None;
        *place = Some(self.database()?);
        Ok(())
    }

    fn borrow(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let place = self.borrow();
        let database = place.as_ref().ok_or_else(Failure::closed)?;
        work(&database.begin_read()?)
    }
}
