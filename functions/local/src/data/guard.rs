//! Who may use the data folder: its owner, and nobody else. It holds phone numbers, and the key
//! that signs cookies.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::DataError;

/// Permissions of everybody but the owner.
const OTHERS: u32 = 0o077;

/// Permission of everybody but the owner to write.
const OTHERS_WRITE: u32 = 0o022;

/// Do not follow a link at the end of the path.
pub(crate) const NO_LINK: i32 = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();

/// Refuses what belongs to another user, who could replace what is in it.
pub(super) fn check_owner(path: &Path, data: &Metadata) -> Result<(), DataError> {
    let (owner, own) = (data.uid(), rustix::process::geteuid().as_raw());
    if owner == own {
        return Ok(());
    }
    Err(DataError::Foreign {
        path: path.to_owned(),
        owner,
        own,
    })
}

/// Takes the permissions of others away from the folder and the files in it, except for those of
/// `but`. If the folder was open to others, everything below it is visited. Links are not followed.
pub(super) fn close(folder: &Path, but: &Path) -> Result<(), DataError> {
    let data = fs::metadata(folder).map_err(|error| DataError::Io(folder.to_owned(), error))?;
    close_folder(folder, &data, but)
}

fn close_folder(folder: &Path, data: &Metadata, but: &Path) -> Result<(), DataError> {
    let in_folder = |error| DataError::Io(folder.to_owned(), error);
    let was_open = data.mode() & OTHERS != 0;
    if was_open {
        chmod(folder, 0o700)?;
    }
    for entry in fs::read_dir(folder).map_err(in_folder)? {
        let path = entry.map_err(in_folder)?.path();
        let data = match fs::symlink_metadata(&path) {
            Ok(data) => data,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(DataError::Io(path, error)),
        };
        if data.is_dir() && (was_open || data.mode() & OTHERS != 0) {
            close_folder(&path, &data, but)?;
        } else if data.is_file() && data.mode() & OTHERS != 0 && path != but {
            chmod(&path, 0o600)?;
        }
    }
    Ok(())
}

fn chmod(path: &Path, mode: u32) -> Result<(), DataError> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(|error| DataError::Io(path.to_owned(), error))
}

/// Reads a secret file of at most `bytes_max`. Refuses one that others own or may write, because
/// they know or chose what is in it.
pub(super) fn read_secret(path: &Path, bytes_max: usize) -> Result<Vec<u8>, DataError> {
    let in_file = |error| DataError::Io(path.to_owned(), error);
    let file = open_no_link(path, OpenOptions::new().read(true))?;
    let data = file.metadata().map_err(in_file)?;
    check_owner(path, &data)?;
    if data.mode() & OTHERS_WRITE != 0 {
        return Err(DataError::Writable(path.to_owned()));
    }
    if data.mode() & OTHERS != 0 {
        file.set_permissions(Permissions::from_mode(0o600))
            .map_err(in_file)?;
    }
    let mut bytes = Vec::new();
    file.take(bytes_max as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(in_file)?;
    Ok(bytes)
}

/// Reads at most `bytes_max` of a file.
pub(super) fn read_file(path: &Path, bytes_max: usize) -> Result<Vec<u8>, DataError> {
    let file = open_no_link(path, OpenOptions::new().read(true))?;
    let mut bytes = Vec::new();
    file.take(bytes_max as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| DataError::Io(path.to_owned(), error))?;
    Ok(bytes)
}

/// Opens a file, and names a link as such. Anything else that is no file is refused.
pub(crate) fn open_no_link(path: &Path, options: &mut OpenOptions) -> Result<File, DataError> {
    let in_file = |error| DataError::Io(path.to_owned(), error);
    // A pipe would wait for its other end.
    let flags = NO_LINK | rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = match options.mode(0o600).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(_) if path.is_symlink() => return Err(DataError::Link(path.to_owned())),
        Err(error) => return Err(in_file(error)),
    };
    match file.metadata().map_err(in_file)?.is_file() {
        true => Ok(file),
        false => Err(DataError::NoFile(path.to_owned())),
    }
}

/// Writes a new file that only its owner reads, in place of what a killed process left. Nothing is
/// left when writing fails.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(NO_LINK)
        .open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}
