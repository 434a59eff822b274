//! The files. A file gets its name when all of it is on the disk: readers never see an incomplete
//! one, and an acknowledged file survives a kill and a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sightline_host::ports::{Found, KeptFile};
use sightline_wire::SessionId;

use super::Held;
use crate::data::{DATABASE, DataError, LOST, NO_LINK, OBJECTS, PICTURES};
use crate::place::Place;

/// Folder of uploads that wait for their check.
pub const INCOMING: &str = "incoming";

/// Folder of case files.
pub const CASES: &str = "cases";

/// Folder of incomplete files.
pub const DRAFTS: &str = "drafts";

/// Tries to create a file. An empty folder of a session is removed, perhaps just before a file is
/// added to it; then it is created again.
const TRIES_MAX: u32 = 8;

/// The outcome of storing an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is on the disk.
    Done,
    /// The key was taken.
    Taken,
}

/// The folder with all files.
pub struct Files {
    root: PathBuf,
    /// Pictures that no session knows.
    lost: PathBuf,
    drafts: AtomicU64,
    /// Where the database beside the folder was at the start, if there was one.
    place: Option<Place>,
}

/// A file without a final name. Dropping it removes it.
pub struct Draft {
    path: PathBuf,
    file: File,
}

impl Files {
    /// Creates missing folders and removes drafts. Only the owner may read the folders.
    pub fn open(data: &Path) -> Result<Self, DataError> {
        let root = data.join(OBJECTS);
        let named = |path: &Path| {
            let path = path.to_owned();
            move |error| DataError::Io(path, error)
        };
        make_folders(&root).map_err(|(path, error)| DataError::Io(path, error))?;
        let drafts = root.join(DRAFTS);
        for draft in fs::read_dir(&drafts).map_err(named(&drafts))? {
            let draft = draft.map_err(named(&drafts))?.path();
            fs::remove_file(&draft).map_err(named(&draft))?;
        }
        sync(&root).map_err(named(&root))?;
        let database = data.join(DATABASE);
        let opened = fs::metadata(&database).ok();
        Ok(Self {
            root,
            lost: data.join(LOST),
            drafts: AtomicU64::default(),
            place: opened.map(|opened| Place::new(&database, &opened)),
        })
    }

    /// Fails while the data folder is not where it was. What is written elsewhere is lost.
    pub fn in_place(&self) -> io::Result<()> {
        match &self.place {
            Some(place) => Ok(place.check()?),
            None => Ok(()),
        }
    }

    /// The folder of pictures that no session knows.
    pub fn lost(&self) -> &Path {
        &self.lost
    }

    /// Returns the path of a key's file. [`sightline_host::ports`] makes all keys, so none can lead
    /// out of the folder.
    pub fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// Creates a draft.
    pub fn draft(&self) -> io::Result<Draft> {
        self.in_place()?;
        let number = self.drafts.fetch_add(1, Ordering::Relaxed);
        let path = self.root.join(DRAFTS).join(number.to_string());
        let open = || {
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .custom_flags(NO_LINK)
                .open(&path)
        };
        let file = match open() {
            // Somebody removed the folder.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make_folders(&self.root).map_err(|(_, error)| error)?;
                open()?
            }
            opened => opened?,
        };
        Ok(Draft { path, file })
    }

    /// Gives a draft a name, unless the name is taken.
    pub fn link(&self, draft: Draft, key: &str) -> io::Result<Stored> {
        self.in_place()?;
        draft.file.sync_all()?;
        let named = self.name(key, |path| fs::hard_link(&draft.path, path));
        match named {
            Ok(()) => Ok(Stored::Done),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Stored::Taken),
            Err(error) => Err(error),
        }
    }

    /// Gives a draft a name, replacing a file of that name.
    pub fn replace(&self, draft: Draft, key: &str) -> io::Result<()> {
        draft.file.sync_all()?;
        self.name(key, |path| fs::rename(&draft.path, path))
    }

    /// Whether a key has a file.
    pub fn has(&self, key: &str) -> io::Result<bool> {
        self.path(key).try_exists()
    }

    /// Reads a whole file of at most `bytes_max`.
    pub fn read(&self, key: &str, bytes_max: u32) -> io::Result<Found> {
        let Some((file, length)) = self.open_file(key)? else {
            return Ok(Found::Nothing);
        };
        if length > u64::from(bytes_max) {
            return Ok(Found::TooLong);
        }
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes)?;
        Ok(Found::Bytes(bytes))
    }

    /// Opens a file; returns it with its length. A file never changes once it has its name.
    pub fn open_file(&self, key: &str) -> io::Result<Option<(File, u64)>> {
        let Some(file) = found(File::open(self.path(key)))? else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        Ok(Some((file, length)))
    }

    /// Removes a file, and its folder with the last file.
    pub fn remove(&self, key: &str) -> io::Result<()> {
        remove(&self.path(key))
    }

    /// Removes all files of a folder whose keys begin with `prefix`, except one, with one listing
    /// and one sync.
    pub fn remove_all(&self, prefix: &str, except: Option<&str>) -> io::Result<()> {
        let start = self.path(prefix);
        let stays = except.map(|key| self.path(key));
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
            let path = entry.path();
            if name.as_bytes().starts_with(start.as_bytes()) && Some(&path) != stays.as_ref() {
                found(fs::remove_file(path))?;
            }
        }
        finish_removal(folder)
    }

    /// Removes all files of a session, its lost pictures and case files included, and all exports.
    pub fn erase(&self, session: SessionId) -> io::Result<()> {
        let name = session.to_string();
        let kinds = [INCOMING, PICTURES, CASES].map(|kind| self.path(kind));
        let kinds = kinds.into_iter().chain([self.lost.clone()]);
        let exports = self.path(CASES).join(KeptFile::EXPORTS);
        for folder in kinds.map(|kind| kind.join(&name)).chain([exports]) {
            let Some(entries) = found(fs::read_dir(&folder))? else {
                continue;
            };
            for entry in entries {
                found(fs::remove_file(entry?.path()))?;
            }
            finish_removal(&folder)?;
        }
        Ok(())
    }

    /// Gives a file its name, creating its folder if it is missing. On return the name is on the
    /// disk.
    fn name(&self, key: &str, give: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
        let path = self.path(key);
        let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
        let mut tries = 1;
        loop {
            match try_name(folder, &path, &give) {
                Err(error) if error.kind() == ErrorKind::NotFound && tries < TRIES_MAX => {
                    tries += 1;
                    make_folders(&self.root).map_err(|(_, error)| error)?;
                }
                done => return done,
            }
        }
    }

    /// Counts the files of a folder.
    pub fn held(&self, folder: &str) -> io::Result<Held> {
        let mut held = Held::default();
        let Some(entries) = found(fs::read_dir(self.path(folder)))? else {
            return Ok(held);
        };
        for entry in entries {
            // A file that is removed meanwhile does not count.
            if let Some(data) = found(entry?.metadata())? {
                held.files += 1;
                held.bytes += data.len();
            }
        }
        Ok(held)
    }
}

impl Draft {
    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Puts all of it on the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // A renamed draft does not exist any more; one that cannot be removed goes at the next
        // start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes a file if it exists.
fn remove(path: &Path) -> io::Result<()> {
    found(fs::remove_file(path))?;
    path.parent().map_or(Ok(()), finish_removal)
}

/// Finishes removing files of a folder: removes the folder if it is empty, and syncs.
pub fn finish_removal(folder: &Path) -> io::Result<()> {
    // Fails unless the folder is empty.
    let _ = fs::remove_dir(folder);
    sync_upwards(folder)
}

fn try_name(folder: &Path, path: &Path, give: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
    make_folder(folder)?;
    give(path)?;
    sync_upwards(folder)
}

/// Makes the folders that are missing, but not the data folder. Fails with the culprit.
fn make_folders(root: &Path) -> Result<(), (PathBuf, io::Error)> {
    let subfolders = [INCOMING, PICTURES, CASES, DRAFTS].map(|folder| root.join(folder));
    for folder in std::iter::once(root).chain(subfolders.iter().map(PathBuf::as_path)) {
        make_folder(folder).map_err(|error| (folder.to_owned(), error))?;
    }
    Ok(())
}

/// Makes a folder unless it is there.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        // An empty folder of a session may be removed right now: then it is not found.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            match fs::metadata(folder)?.is_dir() {
                true => Ok(()),
                false => Err(ErrorKind::NotADirectory.into()),
            }
        }
        made => made,
    }
}

/// Syncs a session's folder and its parent. The folder may have been removed meanwhile.
fn sync_upwards(folder: &Path) -> io::Result<()> {
    found(sync(folder))?;
    folder.parent().map_or(Ok(()), sync)
}

pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Turns "not found" into `None`.
pub fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}
