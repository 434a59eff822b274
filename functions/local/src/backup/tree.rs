//! Copies files and folders so that they are on the disk, for their owner alone. Links are not
//! followed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::BackupError;
use crate::data::NO_LINK;

/// Makes a folder with everything above it, or takes an empty one.
pub fn begin(folder: &Path) -> Result<(), BackupError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| named(folder, error))?;
    let mut entries = fs::read_dir(folder).map_err(|error| named(folder, error))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(BackupError::NotEmpty(folder.to_owned())),
    }
}

/// Makes a folder.
pub fn make_folder(folder: &Path) -> Result<(), BackupError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(named(folder, error)),
        _ => Ok(()),
    }
}

/// Copies the files of a folder and of the folders in it. Returns how many there were. A file or
/// folder that is removed meanwhile is left out.
pub fn copy(from: &Path, to: &Path) -> Result<u64, BackupError> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries.map_err(|error| named(from, error))?,
    };
    make_folder(to)?;
    let mut files = 0;
    for entry in entries {
        let entry = entry.map_err(|error| named(from, error))?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = match entry.file_type() {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            kind => kind.map_err(|error| named(&from, error))?,
        };
        if kind.is_dir() {
            files += copy(&from, &to)?;
        } else if kind.is_file() {
            files += u64::from(copy_file(&from, &to)?);
        }
    }
    sync(to)?;
    Ok(files)
}

/// Copies a file. Returns whether it was there.
pub fn copy_file(from: &Path, to: &Path) -> Result<bool, BackupError> {
    let mut options = OpenOptions::new();
    let source = options.read(true).custom_flags(NO_LINK).open(from);
    let mut source = match source {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        source => source.map_err(|error| named(from, error))?,
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let target = options.custom_flags(NO_LINK).open(to);
    let copied = target.and_then(|mut target| {
        io::copy(&mut source, &mut target)?;
        target.sync_all()
    });
    copied.map_err(|error| named(to, error))?;
    Ok(true)
}

/// Puts the names in a folder on the disk.
pub fn sync(folder: &Path) -> Result<(), BackupError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| named(folder, error))
}

fn named(path: &Path, error: io::Error) -> BackupError {
    BackupError::Io(path.to_owned(), error)
}
