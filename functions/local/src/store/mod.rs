//! The desk's database: one file that survives `kill -9` and a power cut.
//!
//! The database is redb: embedded and pure Rust (no C to build, one binary to ship), a single file
//! with a lock against a second process, ACID with one `fsync` per commit, readers that never wait
//! for the writer, and a stable format. SQLite would give the same and queries besides, for a C
//! library; nothing here asks for a query.
//!
//! Every write goes through one thread ([`writer`]) that puts all waiting work into one
//! transaction: an acknowledged commit has been synced to the disk, and concurrent commits share
//! the wait for the sync.
//!
//! Connections and leases belong to one process and stay in memory. Attachments are in memory and
//! in the file: see [`attachments`].

pub mod attachments;
mod connections;
mod failure;
pub mod outbox;
mod probe;
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
use failure::DatabaseFailure;
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
    /// A later version wrote the tables.
    #[error(
        "data folder {folder} was written by a newer sightline \
         (format {found}, this version reads up to {FORMAT})"
    )]
    Newer {
        /// The data folder.
        folder: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file is damaged or not a database.
    #[error("{0} is damaged or not a sightline database: {1}")]
    Damaged(PathBuf, String),
    /// The file cannot be read or written.
    #[error("cannot open {0}")]
    Io(PathBuf, #[source] std::io::Error),
    /// The writer thread does not start.
    #[error("cannot start the writer thread")]
    Thread(#[source] std::io::Error),
}

/// The open database.
pub struct Store {
    file: Arc<DatabaseFile>,
    writer: Mutex<Option<Writer>>,
    attachments: AttachmentCache,
    connections: Mutex<BTreeMap<ConnectionKey, ConnectionRecord>>,
    relays: Mutex<BTreeMap<RelayId, RelayRecord>>,
}

impl Store {
    /// Opens or creates the database in a data folder. Attachments that were open are closed as of
    /// `now_ms`.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be read.
    pub fn open(folder: &Path, now_ms: u64) -> Result<Self, OpenError> {
        let file = Arc::new(DatabaseFile {
            path: folder.join(FILE),
            database: RwLock::new(None),
        });
        file.open(folder)?;
        let damaged =
            |failure: DatabaseFailure| OpenError::Damaged(file.path.clone(), failure.to_string());
        let attachments = AttachmentCache::default();
        attachments.restore(&file, now_ms).map_err(damaged)?;
        let writer = Writer::start(file.clone()).map_err(OpenError::Thread)?;
        Ok(Self {
            file,
            writer: Mutex::new(Some(writer)),
            attachments,
            connections: Mutex::default(),
            relays: Mutex::default(),
        })
    }

    /// The folder of the database.
    pub(crate) fn folder(&self) -> &Path {
        self.file.path.parent().unwrap_or(Path::new("."))
    }

    /// Finishes waiting work, syncs, and closes the file. Later calls fail.
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
        self.file.close();
    }

    /// Reads from one consistent snapshot.
    async fn read<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&ReadTransaction) -> Result<T, DatabaseFailure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let file = self.file.clone();
        tokio::task::spawn_blocking(move || file.read(work))
            .await
            .unwrap_or_else(|_| Err(DatabaseFailure::closed()))
            .map_err(|failure| failure.error(what))
    }

    /// Writes in a transaction, possibly shared with other work. On return all of it is on the
    /// disk, or none of it.
    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<T, DatabaseFailure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = {
            let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            writer.as_ref().map(|writer| writer.submit(work))
        };
        let Some(answer) = answer else {
            return Err(DatabaseFailure::closed().error(what));
        };
        answer
            .await
            .unwrap_or_else(|_| Err(DatabaseFailure::closed()))
            .map_err(|failure| failure.error(what))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

/// The database file, which is reopened after an I/O error: until then redb refuses all requests,
/// and the store must recover when a full disk has room again.
struct DatabaseFile {
    path: PathBuf,
    database: RwLock<Option<Database>>,
}

impl DatabaseFile {
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
        // Created here and not by redb, so that only its owner may read it: it holds phone numbers.
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

    /// Reopens the file after an I/O error.
    fn reopen(&self) -> Result<(), DatabaseFailure> {
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
        work: impl FnOnce(&ReadTransaction) -> Result<T, DatabaseFailure>,
    ) -> Result<T, DatabaseFailure> {
        let place = self.borrow();
        let database = place.as_ref().ok_or_else(DatabaseFailure::closed)?;
        work(&database.begin_read()?)
    }
}
