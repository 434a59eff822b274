//! The ids of calls that were erased, beside the database and in every backup: who restores an
//! older copy erases them again. Nothing but ids, as bytes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sightline_wire::SessionId;

use crate::data::NO_LINK;

/// The list in a data folder, and in a backup.
const LIST: &str = "erased";

/// The folders of the backups that were made of a data folder, each with a zero behind it.
const BACKUPS: &str = "backups";

/// Most bytes that are read of either: a million erased calls.
const BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// Notes an erased call in the data folder and in every backup of it. A backup that is not there,
/// such as one on a disk that was taken away, is named in the log.
///
/// # Errors
/// When the data folder cannot be written.
pub fn note(folder: &Path, session: SessionId) -> io::Result<()> {
    append(&folder.join(LIST), session.as_bytes())?;
    for backup in backups(folder)? {
        if let Err(error) = note_in(&backup, session) {
            tracing::warn!(
                session.id = %session, %error,
                "the backup {} was not told that a call is erased: restore it with --erased {}",
                backup.display(), folder.display()
            );
        }
    }
    Ok(())
}

fn note_in(backup: &Path, session: SessionId) -> io::Result<()> {
    if !backup.is_dir() {
        return Err(ErrorKind::NotFound.into());
    }
    append(&backup.join(LIST), session.as_bytes())
}

/// Returns the erased calls that a data folder or a backup knows.
///
/// # Errors
/// When the list cannot be read.
pub fn listed(folder: &Path) -> io::Result<Vec<SessionId>> {
    let bytes = read(&folder.join(LIST))?;
    let (ids, _cut) = bytes.as_chunks();
    let mut ids: Vec<SessionId> = ids.iter().map(|id| SessionId::from_bytes(*id)).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Stores the list of a folder that has none yet.
///
/// # Errors
/// When it cannot be written.
pub fn begin(folder: &Path, sessions: &[SessionId]) -> io::Result<()> {
    let bytes: Vec<u8> = sessions.iter().flat_map(|id| *id.as_bytes()).collect();
    append(&folder.join(LIST), &bytes)
}

/// Remembers a backup, so that it hears of what is erased later.
///
/// # Errors
/// When the data folder cannot be written.
pub fn remember(folder: &Path, backup: &Path) -> io::Result<()> {
    if backups(folder)?.iter().any(|known| known == backup) {
        return Ok(());
    }
    let mut line = backup.as_os_str().as_bytes().to_vec();
    line.push(0);
    append(&folder.join(BACKUPS), &line)
}

fn backups(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let bytes = read(&folder.join(BACKUPS))?;
    let paths = bytes
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty());
    let paths = paths.map(|path| PathBuf::from(std::ffi::OsString::from_vec(path.to_vec())));
    Ok(paths.collect())
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(BYTES_MAX).read_to_end(&mut bytes).map(|_| bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(bytes),
        Err(error) => Err(error),
    }
}

fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_new = fs::symlink_metadata(path).is_err();
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(NO_LINK)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match path.parent().filter(|_| is_new) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn id(number: u8) -> SessionId {
        SessionId::from_bytes([number; 16])
    }

    #[test]
    fn a_backup_hears_of_what_is_erased_and_one_that_is_gone_stops_nothing() {
        let (data, there) = (Scratch::new(), Scratch::new());
        let gone = there.path().join("gone");
        remember(data.path(), there.path()).unwrap();
        remember(data.path(), &gone).unwrap();
        remember(data.path(), there.path()).unwrap();
        assert_eq!(backups(data.path()).unwrap(), [there.path(), &gone]);
        for session in [id(2), id(1), id(2)] {
            note(data.path(), session).unwrap();
        }
        for folder in [data.path(), there.path()] {
            assert_eq!(listed(folder).unwrap(), [id(1), id(2)]);
        }
        assert!(!gone.exists());
    }

    #[test]
    fn a_list_that_a_power_cut_left_short_is_read_as_far_as_it_goes() {
        let data = Scratch::new();
        begin(data.path(), &[id(7)]).unwrap();
        append(&data.path().join(LIST), &[1; 5]).unwrap();
        assert_eq!(listed(data.path()).unwrap(), [id(7)]);
        assert_eq!(listed(Path::new("/nowhere")).unwrap(), []);
    }
}
