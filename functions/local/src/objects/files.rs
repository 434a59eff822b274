//! The files. A file gets its name when all of it is on the disk: nobody ever sees half of one, and
//! neither a kill nor a power cut takes back what was acknowledged.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sightline_host::ports::Found;

use super::Held;

/// Uploads that wait to be checked.
pub const INCOMING: &str = "incoming";

/// Pictures that were found good.
pub const PICTURES: &str = "pictures";

/// What is being written.
pub const DRAFTS: &str = "drafts";

/// A session's folder goes when it is empty, perhaps just before somebody writes into it; then it
/// is made again.
const TRIES_MAX: u32 = 8;

/// What became of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is on the disk.
    Done,
    /// The key was taken.
    Taken,
}

/// The folder.
pub struct Files {
    root: PathBuf,
    drafts: AtomicU64,
}

/// A file that has no name of its own yet. It goes when it is dropped.
pub struct Draft {
    path: PathBuf,
    file: File,
}

impl Files {
    /// Makes what is missing and clears drafts. Only its owner may look inside.
    pub fn open(root: &Path) -> io::Result<Self> {
        for folder in [INCOMING, PICTURES, DRAFTS] {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(root.join(folder))?;
        }
        for draft in fs::read_dir(root.join(DRAFTS))? {
            fs::remove_file(draft?.path())?;
        }
        sync(root)?;
        Ok(Self {
            root: root.to_owned(),
            drafts: AtomicU64::default(),
        })
    }

    /// Where a key's file is. Keys are written by [`sightline_host::ports`] and have no other path
    /// in them.
    pub fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// Something to write into.
    pub fn draft(&self) -> io::Result<Draft> {
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let path = self.root.join(DRAFTS).join(number.to_string());
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Draft { path, file })
    }

    /// Gives a draft a name that nobody has.
    pub fn link(&self, draft: Draft, key: &str) -> io::Result<Stored> {
        draft.file.sync_all()?;
        let named = name(&self.path(key), |path| fs::hard_link(&draft.path, path));
        match named {
            Ok(()) => Ok(Stored::Done),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Stored::Taken),
            Err(error) => Err(error),
        }
    }

    /// Gives a draft a name, whoever has it.
    pub fn replace(&self, draft: Draft, key: &str) -> io::Result<()> {
        draft.file.sync_all()?;
        name(&self.path(key), |path| fs::rename(&draft.path, path))
    }

    /// Whether there is anything under a key.
    pub fn has(&self, key: &str) -> io::Result<bool> {
        self.path(key).try_exists()
    }

    /// All of a file, if it is no longer than that.
    pub fn read(&self, key: &str, bytes_max: u32) -> io::Result<Found> {
        let Some((file, length)) = self.look(key)? else {
            return Ok(Found::Nothing);
        };
        if length > u64::from(bytes_max) {
            return Ok(Found::TooLong);
        }
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes)?;
        Ok(Found::Bytes(bytes))
    }

    /// A file to be read, and its length. No file changes once it has its name.
    pub fn look(&self, key: &str) -> io::Result<Option<(File, u64)>> {
        let Some(file) = found(File::open(self.path(key)))? else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        Ok(Some((file, length)))
    }

    /// Takes a file away, and its folder with the last of them.
    pub fn remove(&self, key: &str) -> io::Result<()> {
        remove(&self.path(key))
    }

    /// Takes away all files of a folder whose keys begin so, with one look and one sync.
    pub fn remove_all(&self, prefix: &str) -> io::Result<()> {
        let start = self.path(prefix);
        let (folder, start) = start
            .parent()
            .zip(start.file_name())
            .ok_or(ErrorKind::InvalidInput)?;
        let Some(entries) = found(fs::read_dir(folder))? else {
            return Ok(());
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_bytes().starts_with(start.as_bytes()) {
                found(fs::remove_file(entry.path()))?;
            }
        }
        settle(folder)
    }

    /// What lies in a folder.
    pub fn held(&self, folder: &str) -> io::Result<Held> {
        let mut held = Held::default();
        let Some(entries) = found(fs::read_dir(self.path(folder)))? else {
            return Ok(held);
        };
        for entry in entries {
            // What goes while it is counted takes no room.
            if let Some(data) = found(entry?.metadata())? {
                held.files += 1;
                held.bytes += data.len();
            }
        }
        Ok(held)
    }
}

impl Draft {
    /// Writes at the end.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // One that was renamed is there no more; one that cannot be removed goes at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes a file away; nothing there is as good.
fn remove(path: &Path) -> io::Result<()> {
    found(fs::remove_file(path))?;
    path.parent().map_or(Ok(()), settle)
}

/// After files of a folder were taken away: the folder goes if it is empty, and what went stays
/// away.
pub fn settle(folder: &Path) -> io::Result<()> {
    // Refused while anything is in it.
    let _ = fs::remove_dir(folder);
    sync_upwards(folder)
}

/// Names a file, in a folder that is made if need be. On return the name is on the disk.
fn name(path: &Path, give: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    for _ in 1..TRIES_MAX {
        match try_name(folder, path, &give) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            done => return done,
        }
    }
    try_name(folder, path, &give)
}

fn try_name(folder: &Path, path: &Path, give: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    give(path)?;
    sync_upwards(folder)
}

/// Syncs a session's folder and the one it lies in. The former may have gone since, with all that
/// was in it.
fn sync_upwards(folder: &Path) -> io::Result<()> {
    found(sync(folder))?;
    folder.parent().map_or(Ok(()), sync)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// None where there is nothing.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
