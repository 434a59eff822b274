//! Backups of a data folder, and the way back.
//!
//! A backup is a folder with the same parts as a data folder, taken at one moment: the database
//! from one snapshot, then the pictures. Its last file says that it is whole.

mod restored;
mod tree;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sightline_host::ports::{Ports as _, StoreError};

use crate::data::{
    CASE_KEY, DATABASE, DataError, DataFolder, LAN, OBJECTS, PICTURES, write_synced,
};
use crate::desk::Desk;
use crate::erased;

pub use restored::restore;

/// Says that a backup is whole, and of when it is.
const WHOLE: &str = "backup.json";

/// Counts changes of backups that an older binary must not restore.
const FORMAT: u32 = 1;

/// What a backup holds, as its last file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMark {
    format: u32,
    /// When it was made, epoch milliseconds.
    pub made_ms: u64,
    /// Calls in it, running ones too.
    pub calls: u64,
    /// Its pictures.
    pub pictures: u64,
}

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The target is in use.
    #[error("{0} is not empty: choose a new folder")]
    NotEmpty(PathBuf),
    /// The target lies in the folder itself.
    #[error("{0} lies inside the data folder: choose a folder on another disk")]
    Inside(PathBuf),
    /// A file cannot be read or written.
    #[error("cannot use {0}")]
    Io(PathBuf, #[source] io::Error),
    /// The folder was begun and not finished, or is something else.
    #[error("{0} is not a whole backup: it has no {WHOLE}")]
    NotWhole(PathBuf),
    /// A later version made the backup.
    #[error("{0} was made by a newer sightline (format {1}, this version reads up to {FORMAT})")]
    Newer(PathBuf, u32),
    /// The database cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of a data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Makes a backup of a desk in a new or empty folder, while the desk works on.
///
/// # Errors
/// When the folder is not usable, or the disk fails. What was begun there has no mark then, and no
/// restore takes it.
pub async fn make(desk: &Desk, data: &DataFolder, to: &Path) -> Result<BackupMark, BackupError> {
    tree::begin(to)?;
    if lies_in(to, data.path()) {
        return Err(BackupError::Inside(to.to_owned()));
    }
    // First, so that no erasure is missed between the copy and this line.
    erased::remember(data.path(), to).map_err(|error| BackupError::Io(to.to_owned(), error))?;
    // The seal of before: a database may know more than its seal, never less.
    let seal = desk.store.seal().await?;
    let calls = desk.store.copy_to(to.join(DATABASE)).await?;
    let (from, into) = (data.path().to_owned(), to.to_owned());
    let copied = tokio::task::spawn_blocking(move || copy_beside(&from, &into));
    let pictures = copied
        .await
        .unwrap_or_else(|error| Err(BackupError::Io(to.to_owned(), io::Error::other(error))))?;
    let backup = DataFolder::named(Some(to.to_owned()))?;
    if let Some(seal) = seal {
        backup.leave_seal(seal)?;
    }
    let held = BackupMark {
        format: FORMAT,
        made_ms: desk.now_ms(),
        calls,
        pictures,
    };
    held.leave(to)?;
    Ok(held)
}

/// Copies what lies beside the database. Returns the number of pictures.
fn copy_beside(from: &Path, to: &Path) -> Result<u64, BackupError> {
    for key in ["key", CASE_KEY] {
        tree::copy_file(&from.join(key), &to.join(key))?;
    }
    tree::copy(&from.join(LAN), &to.join(LAN))?;
    let objects = to.join(OBJECTS);
    tree::make_folder(&objects)?;
    let pictures = tree::copy(&from.join(OBJECTS).join(PICTURES), &objects.join(PICTURES))?;
    tree::sync(&objects)?;
    tree::sync(to)?;
    Ok(pictures)
}

/// Whether a folder that exists lies in another.
fn lies_in(inner: &Path, outer: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real(inner).starts_with(real(outer))
}

impl BackupMark {
    /// Marks a backup as whole.
    fn leave(&self, folder: &Path) -> Result<(), BackupError> {
        let path = folder.join(WHOLE);
        let text = serde_json::to_vec(self).unwrap_or_default();
        write_synced(&path, &text)
            .and_then(|()| fs::File::open(folder)?.sync_all())
            .map_err(|error| BackupError::Io(path, error))
    }

    /// Reads the mark of a whole backup.
    fn of(folder: &Path) -> Result<Self, BackupError> {
        let not_whole = || BackupError::NotWhole(folder.to_owned());
        let text = fs::read(folder.join(WHOLE)).map_err(|_| not_whole())?;
        let format = serde_json::from_slice::<serde_json::Value>(&text)
            .ok()
            .and_then(|mark| u32::try_from(mark.get("format")?.as_u64()?).ok());
        match format {
            Some(FORMAT) => serde_json::from_slice(&text).map_err(|_| not_whole()),
            Some(newer) => Err(BackupError::Newer(folder.to_owned(), newer)),
            None => Err(not_whole()),
        }
    }
}
