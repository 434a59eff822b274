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

mod agents;
mod api_keys;
pub mod attachments;
mod audit;
mod beside;
mod case_keys;
mod claims;
mod connections;
pub mod dates;
mod erasures;
mod failure;
mod figures;
mod lines;
mod lists;
mod logos;
mod minutes;
pub mod outbox;
mod probe;
pub mod rate_counters;
pub mod relays;
mod reserve;
mod rewrite;
mod seals;
pub mod sessions;
mod sign_ins;
pub mod spent_tokens;
pub mod sweep;
mod tables;
#[cfg(test)]
mod tests;
mod webhooks;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use redb::backends::FileBackend;
use redb::{
    Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata as _, StorageError, WriteTransaction,
};
use sightline_host::ports::{ConnectionKey, StoreError};
use sightline_host::records::{ConnectionRecord, RelayRecord};
use sightline_wire::{RelayId, SignInId};

use attachments::AttachmentCache;
use failure::DatabaseFailure;
use reserve::Reserve;
pub use seals::FileLook;
use tables::{SESSIONS, SUMMARIES};
use tokio::sync::Notify;
use writer::Writer;

use crate::data::{DATABASE, DataError, open_no_link};
use crate::place::{Displaced, Place};

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
         (format {found}, this version reads up to {FORMAT}): start that version"
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
    #[error(transparent)]
    File(#[from] DataError),
    /// The writer thread does not start.
    #[error("cannot start the writer thread")]
    Thread(#[source] std::io::Error),
}

/// The open database.
pub struct Store {
    file: Arc<DatabaseFile>,
    writer: Mutex<Option<Writer>>,
    attachments: AttachmentCache,
    reserve: Reserve,
    connections: Mutex<BTreeMap<ConnectionKey, ConnectionRecord>>,
    sign_ins: Mutex<BTreeMap<SignInId, BTreeSet<ConnectionKey>>>,
    relays: Mutex<BTreeMap<RelayId, RelayRecord>>,
    /// Tells who sends webhooks' messages that there may be another one.
    pub deliveries_changed: Notify,
}

impl Store {
    /// Opens or creates the database in a data folder. Attachments that were open are closed as of
    /// `now_ms`.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be read.
    pub fn open(folder: &Path, now_ms: u64) -> Result<Self, OpenError> {
        let file = Arc::new(DatabaseFile {
            path: folder.join(DATABASE),
            place: OnceLock::new(),
            database: RwLock::new(None),
            astray: AtomicBool::new(false),
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
            reserve: Reserve::of(folder),
            connections: Mutex::default(),
            sign_ins: Mutex::default(),
            relays: Mutex::default(),
            deliveries_changed: Notify::new(),
        })
    }

    /// The folder of the database.
    pub(crate) fn folder(&self) -> &Path {
        self.file.path.parent().unwrap_or(Path::new("."))
    }

    /// Whether an open connection speaks for a seat.
    #[must_use]
    pub fn is_attached(&self, connection: &ConnectionKey) -> bool {
        self.attachments.speaks(connection)
    }

    /// Keeps space for deleting, while there is some.
    pub fn keep_reserve(&self) {
        if self.file.in_place().is_ok()
            && let Err(error) = self.reserve.keep()
        {
            tracing::warn!(error = %error, "failed to keep space for deleting");
        }
    }

    /// Returns when the newest call began, epoch milliseconds.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn newest_ms(&self) -> Result<Option<u64>, OpenError> {
        let newest = self.file.read(|transaction| {
            let mut newest = None;
            for row in transaction.open_table(SUMMARIES)?.iter()? {
                // The key counts time downwards.
                newest = newest.max(Some(u64::MAX - row?.0.value().1));
            }
            Ok(newest)
        });
        newest.map_err(|failure| OpenError::Damaged(self.file.path.clone(), failure.to_string()))
    }

    /// Copies the database, as it is at one moment, into a new file. Returns the number of
    /// sessions.
    ///
    /// # Errors
    /// When the database cannot be read, or the file cannot be written.
    pub async fn copy_to(&self, path: PathBuf) -> Result<u64, StoreError> {
        const WHAT: &str = "copy the database";
        let (file, folder) = (self.file.clone(), self.folder().to_owned());
        let copied = tokio::task::spawn_blocking(move || {
            let place = file.borrow();
            let database = place.as_ref().ok_or_else(DatabaseFailure::closed)?;
            let copied = rewrite::copy(database, &path);
            let (copy, _) = copied.map_err(|error| {
                DatabaseFailure::copy(&file.not_open(error, &folder).to_string())
            })?;
            Ok(copy.begin_read()?.open_table(SESSIONS)?.len()?)
        });
        copied
            .await
            .unwrap_or_else(|_| Err(DatabaseFailure::closed()))
            .map_err(|failure| failure.error(WHAT))
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

    /// Writes in a transaction, possibly shared with other work, because of which it may run again.
    /// On return all of it is on the
    /// disk, or none of it.
    async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnMut(&WriteTransaction) -> Result<T, DatabaseFailure> + Send + 'static,
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
    /// The file that was opened at the start. No other one is opened later.
    place: OnceLock<Place>,
    database: RwLock<Option<Database>>,
    /// A commit went into the file after it had left its place. Until it is back nobody may read
    /// that, and answer a repeated command by it.
    astray: AtomicBool,
}

/// Makes a whole database without rows.
fn begin_in(draft: &Path) -> Result<(), NotOpen> {
    // A process of this number may have been killed here.
    let _ = fs::remove_file(draft);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    let file = open_no_link(draft, &mut options).map_err(NotOpen::File)?;
    let database = open_or_create(file)?;
    tables::prepare(&database, FORMAT).map_err(NotOpen::Tables)?;
    Ok(())
}

fn open_or_create(file: fs::File) -> Result<Database, NotOpen> {
    let backend = FileBackend::new(file).map_err(NotOpen::Database)?;
    Database::builder()
        .set_cache_size(CACHE_BYTES)
        .create_with_backend(backend)
        .map_err(NotOpen::Database)
}

fn is_missing(path: &Path) -> bool {
    let looked = fs::symlink_metadata(path);
    looked.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// What opening may find.
enum NotOpen {
    File(DataError),
    Database(DatabaseError),
    Tables(DatabaseFailure),
    Displaced(Displaced),
}

impl DatabaseFile {
    /// Opens the file, or begins a database if it is missing.
    fn open(&self, folder: &Path) -> Result<(), OpenError> {
        if is_missing(&self.path) {
            self.begin().map_err(|error| self.not_open(error, folder))?;
        }
        let began = fs::metadata(&self.path).map_or(0, |data| data.len()) == 0;
        let opened = self.prepare(folder);
        if opened.is_err() && began && !matches!(opened, Err(OpenError::InUse(_))) {
            // What a full disk left of a new database is no database, and would be refused later.
            let _ = fs::remove_file(&self.path);
        }
        *self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(opened?);
        Ok(())
    }

    /// Begins a database in a file of its own, which gets its name when it is whole. After a kill
    /// in between there is no file that looks damaged.
    fn begin(&self) -> Result<(), NotOpen> {
        let draft = self.draft();
        let begun = begin_in(&draft).and_then(|()| match fs::hard_link(&draft, &self.path) {
            // Another process was first. Its file is opened, or is in use.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked.map_err(|error| self.file_error(error)),
        });
        let _ = fs::remove_file(&draft);
        begun?;
        self.sync_folder()
    }

    /// The name of a file that is not whole. The next start removes it.
    fn draft(&self) -> PathBuf {
        let process = std::process::id();
        self.path.with_file_name(format!("{DATABASE}.{process}"))
    }

    fn sync_folder(&self) -> Result<(), NotOpen> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| self.file_error(error))
    }

    /// Puts a new file with the same rows in the place of the database if something was erased.
    /// Without room for it the database stays, and the next start tries again.
    fn rewritten(&self, old: Database, place: Place) -> Result<(Database, Place), NotOpen> {
        if !rewrite::is_wanted(&old).map_err(NotOpen::Tables)? {
            return Ok((old, place));
        }
        let draft = self.draft();
        let copied = rewrite::copy(&old, &draft).and_then(|copied| {
            place.check().map_err(NotOpen::Displaced)?;
            fs::rename(&draft, &self.path).map_err(|error| self.file_error(error))?;
            Ok(copied)
        });
        let (database, data) = match copied {
            Ok(copied) => copied,
            Err(error) => {
                let _ = fs::remove_file(&draft);
                let error = self.not_open(error, self.path.parent().unwrap_or(Path::new(".")));
                let error: &dyn std::error::Error = &error;
                tracing::warn!(
                    error,
                    "bytes of erased calls stay in the database until the next start"
                );
                return Ok((old, place));
            }
        };
        // A name that is not on the disk could lead to the old file again after a power cut.
        self.sync_folder()?;
        tracing::info!("database copied without the bytes of erased calls");
        Ok((database, Place::new(&self.path, &data)))
    }

    fn file_error(&self, error: std::io::Error) -> NotOpen {
        NotOpen::File(DataError::Io(self.path.clone(), error))
    }

    fn not_open(&self, error: NotOpen, folder: &Path) -> OpenError {
        let damaged = |why: String| OpenError::Damaged(self.path.clone(), why);
        match error {
            NotOpen::File(error) => OpenError::File(error),
            NotOpen::Database(DatabaseError::DatabaseAlreadyOpen) => {
                OpenError::InUse(folder.to_owned())
            }
            NotOpen::Database(DatabaseError::Storage(StorageError::Io(error)))
                if is_no_damage(&error) =>
            {
                OpenError::File(DataError::Io(self.path.clone(), error))
            }
            NotOpen::Database(error) => damaged(error.to_string()),
            NotOpen::Tables(failure) => damaged(failure.to_string()),
            NotOpen::Displaced(displaced) => damaged(displaced.to_string()),
        }
    }

    fn prepare(&self, folder: &Path) -> Result<Database, OpenError> {
        let prepared = self.opened(true).and_then(|(database, place)| {
            let found = tables::prepare(&database, FORMAT).map_err(NotOpen::Tables)?;
            Ok((database, place, found))
        });
        let not_open = |error| self.not_open(error, folder);
        let (database, place, found) = prepared.map_err(not_open)?;
        if found > FORMAT {
            return Err(OpenError::Newer {
                folder: folder.to_owned(),
                found,
            });
        }
        let (database, place) = self.rewritten(database, place).map_err(not_open)?;
        let _ = self.place.set(place);
        Ok(database)
    }

    /// Opens the database; with `or_new` it begins one.
    fn opened(&self, or_new: bool) -> Result<(Database, Place), NotOpen> {
        let mut options = OpenOptions::new();
        // Created here and not by redb, so that only its owner may read it: it holds phone numbers.
        options.read(true).write(true).create(or_new);
        let file = open_no_link(&self.path, &mut options).map_err(NotOpen::File)?;
        let data = file
            .metadata()
            .map_err(|error| NotOpen::File(DataError::Io(self.path.clone(), error)))?;
        if let Some(place) = self.place.get() {
            place.is(&data).map_err(NotOpen::Displaced)?;
        }
        Ok((open_or_create(file)?, Place::new(&self.path, &data)))
    }

    fn close(&self) {
        *self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Reopens the file after an I/O error. Only the file that was open before is opened.
    fn reopen(&self) -> Result<(), DatabaseFailure> {
        self.in_place()?;
        let mut place = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = None;
        let (database, _) = self.opened(false).map_err(|error| match error {
            NotOpen::File(error) => DatabaseFailure::file(&error),
            NotOpen::Database(error) => error.into(),
            NotOpen::Tables(failure) => failure,
            NotOpen::Displaced(displaced) => DatabaseFailure::displaced(&displaced),
        })?;
        *place = Some(database);
        Ok(())
    }

    /// Fails while the path does not lead to the open file.
    fn in_place(&self) -> Result<(), DatabaseFailure> {
        let checked = self.place.get().map_or(Ok(()), Place::check);
        checked.map_err(|displaced| DatabaseFailure::displaced(&displaced))
    }

    fn borrow(&self) -> RwLockReadGuard<'_, Option<Database>> {
        self.database.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&ReadTransaction) -> Result<T, DatabaseFailure>,
    ) -> Result<T, DatabaseFailure> {
        if self.astray.load(Ordering::Acquire) {
            self.in_place()?;
            self.astray.store(false, Ordering::Release);
        }
        let place = self.borrow();
        let database = place.as_ref().ok_or_else(DatabaseFailure::closed)?;
        work(&database.begin_read()?)
    }
}

/// Whether an I/O error says something of the disk and nothing of the file.
fn is_no_damage(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    !matches!(error.kind(), InvalidData | UnexpectedEof)
}
