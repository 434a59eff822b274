//! `--new`: what a folder holds is moved aside, so that a desk can begin in it.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use super::guard::open_no_link;
use super::{DATABASE, DataError, DataFolder, LAN};

/// How names of folders begin that hold what was moved aside.
const ASIDE: &str = "old-";

/// Most tries to find a free name.
const NAMES_MAX: u32 = 1_000;

impl DataFolder {
    /// Moves everything into a new folder inside, and returns that folder; deletes nothing. The
    /// certificate authority of `--lan`, which phones trust already, stays. Returns `None` if there
    /// is nothing to move.
    ///
    /// # Errors
    /// When a server uses the folder, or something cannot be moved.
    pub fn set_aside(&self, now_ms: u64) -> Result<Option<PathBuf>, DataError> {
        let database = self.0.join(DATABASE);
        let lock = match open_no_link(&database, OpenOptions::new().read(true)) {
            Ok(file) => Some(file),
            Err(DataError::Io(_, error)) if error.kind() == ErrorKind::NotFound => None,
            // What is no file is nobody's database.
            Err(DataError::Link(_) | DataError::NoFile(_)) => None,
            Err(error) => return Err(error),
        };
        if let Some(Err(TryLockError::WouldBlock)) = lock.as_ref().map(fs::File::try_lock) {
            return Err(DataError::InUse(self.0.clone()));
        }
        let names = self.to_move()?;
        if names.is_empty() {
            return Ok(None);
        }
        let aside = self.free_name(now_ms / 1_000)?;
        for name in names {
            let from = self.0.join(&name);
            fs::rename(&from, aside.join(&name)).map_err(|error| DataError::Io(from, error))?;
        }
        Ok(Some(aside))
    }

    fn to_move(&self) -> Result<Vec<OsString>, DataError> {
        let in_folder = |error| DataError::Io(self.0.clone(), error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(in_folder)? {
            let name = entry.map_err(in_folder)?.file_name();
            let stays = name == LAN || name.to_string_lossy().starts_with(ASIDE);
            if !stays {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn free_name(&self, now_s: u64) -> Result<PathBuf, DataError> {
        for number in 0..NAMES_MAX {
            let more = match number {
                0 => String::new(),
                number => format!("-{number}"),
            };
            let aside = self.0.join(format!("{ASIDE}{now_s}{more}"));
            match DirBuilder::new().mode(0o700).create(&aside) {
                Ok(()) => return Ok(aside),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(DataError::Io(aside, error)),
            }
        }
        Err(DataError::Io(
            self.0.join(ASIDE),
            ErrorKind::AlreadyExists.into(),
        ))
    }
}
