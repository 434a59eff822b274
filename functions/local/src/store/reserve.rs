//! Space that is kept for deleting. A deletion is an event, and on a full disk there is no room for
//! it: without a reserve nobody could make room.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::data::write_synced;

/// The file in the data folder.
const FILE: &str = "reserve";

/// Its length: some ten commits.
const BYTES: usize = 256 * 1024;

/// The reserve is made only while more than this is free.
const FREE_MIN_BYTES: u64 = 4 * BYTES as u64;

/// A file that gives its space away.
pub struct Reserve(PathBuf);

impl Reserve {
    /// The reserve of a data folder. Neither reads nor creates it.
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Makes it, if it is missing and there is enough space.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep(&self) -> io::Result<()> {
        if fs::metadata(&self.0).is_ok_and(|data| data.len() == BYTES as u64) {
            return Ok(());
        }
        let folder = self.0.parent().unwrap_or(Path::new("."));
        let disk = rustix::fs::statvfs(folder)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < FREE_MIN_BYTES {
            return Ok(());
        }
        // No zeros: a file system may store these without space.
        write_synced(&self.0, &[0xa5; BYTES])
    }

    /// Gives the space away. Returns whether there was any.
    pub fn release(&self) -> bool {
        fs::remove_file(&self.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_reserve_is_given_away_once_and_made_again() {
        let scratch = Scratch::new();
        let reserve = Reserve::of(scratch.path());
        assert!(!reserve.release());
        for _ in 0..2 {
            reserve.keep().unwrap();
            reserve.keep().unwrap();
            assert!(reserve.release());
            assert!(!reserve.release());
        }
    }
}
