//! Makes a data folder of a backup.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sightline_host::{Host, HostConfig, Keys};
use sightline_wire::SessionId;

use super::{BackupError, BackupMark, tree};
use crate::clock::DeskClock;
use crate::data::{CASE_KEY, DATABASE, DataFolder, LAN, OBJECTS};
use crate::desk::Desk;
use crate::erased;
use crate::objects::Objects;
use crate::serve_error::ServeError;
use crate::store::Store;

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// What the backup held.
    pub held: BackupMark,
    /// Calls that were erased after the backup, and were erased again.
    pub erased: usize,
}

/// Makes a data folder of a backup. `further` are data folders and backups that know of more
/// erased calls. The database comes last: without it no server starts with half of the folder.
///
/// # Errors
/// When the backup is not whole, the data folder is not new or empty, or the disk fails.
pub async fn restore(
    data: &Path,
    from: &Path,
    further: &[PathBuf],
) -> Result<Restored, ServeError> {
    let held = BackupMark::of(from)?;
    let mut ids = Vec::new();
    for folder in further.iter().map(PathBuf::as_path).chain([from]) {
        let listed = erased::listed(folder);
        ids.extend(listed.map_err(|error| BackupError::Io(folder.to_owned(), error))?);
    }
    tree::begin(data)?;
    for part in ["key", CASE_KEY, "seal.json"] {
        tree::copy_file(&from.join(part), &data.join(part))?;
    }
    for part in [LAN, OBJECTS] {
        tree::copy(&from.join(part), &data.join(part))?;
    }
    erased::begin(data, &ids).map_err(|error| BackupError::Io(data.to_owned(), error))?;
    tree::copy_file(&from.join(DATABASE), &data.join(DATABASE))?;
    tree::sync(data)?;
    let erased = erase(data, &ids).await?;
    Ok(Restored { held, erased })
}

/// Erases calls again. Returns how many of them were there.
async fn erase(data: &Path, ids: &[SessionId]) -> Result<usize, ServeError> {
    let folder = DataFolder::open(Some(data.to_owned()))?;
    let key = folder.key()?.ok_or_else(|| folder.no_key())?;
    let clock = Arc::new(DeskClock::open(folder.path()));
    let open = |clock: &Arc<DeskClock>| Store::open(folder.path(), clock.now_ms());
    let store = open(&clock).map_err(ServeError::Store)?;
    let objects = Objects::open(folder.path(), &key)?;
    let desk = Desk::new(store, objects, clock.clone());
    let host = Host::new(desk, HostConfig::new("", ""), Keys::from_bytes(&key));
    let mut there = 0;
    for id in ids {
        there += usize::from(host.erase_again(*id).await.map_err(BackupError::Store)?);
    }
    drop(host);
    if there > 0 {
        // Opening it once more leaves the bytes of what was erased behind.
        open(&clock).map_err(ServeError::Store)?;
    }
    Ok(there)
}
