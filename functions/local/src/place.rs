//! Whether the path of the database still leads to the file that is open. A file that is moved,
//! removed or replaced stays open, so without this check a desk would go on writing where nobody
//! looks again.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file as it was opened.
#[derive(Clone, Debug)]
pub struct Place {
    path: PathBuf,
    opened: FileId,
}

/// A file's number on its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileId(u64, u64);

/// Why a path does not lead to the open file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Displaced {
    /// Nothing is there.
    Gone(PathBuf),
    /// Another file is there.
    Replaced(PathBuf),
    /// The file is there, without its bytes.
    Emptied(PathBuf),
    /// It cannot be told.
    Unreadable(PathBuf, String),
}

impl Place {
    /// Remembers an open file.
    #[must_use]
    pub fn new(path: &Path, opened: &Metadata) -> Self {
        Self {
            path: path.to_owned(),
            opened: FileId::of(opened),
        }
    }

    /// Looks at the path.
    ///
    /// # Errors
    /// When the path does not lead to the open file.
    pub fn check(&self) -> Result<(), Displaced> {
        let path = || self.path.clone();
        match fs::metadata(&self.path) {
            Ok(data) if data.len() == 0 => self.is(&data).and(Err(Displaced::Emptied(path()))),
            Ok(data) => self.is(&data),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                    Err(Displaced::Gone(path()))
                }
                _ => Err(Displaced::Unreadable(path(), error.to_string())),
            },
        }
    }

    /// Whether this is the file that was opened.
    ///
    /// # Errors
    /// When it is another one.
    pub fn is(&self, data: &Metadata) -> Result<(), Displaced> {
        if FileId::of(data) == self.opened {
            return Ok(());
        }
        Err(Displaced::Replaced(self.path.clone()))
    }
}

impl FileId {
    fn of(data: &Metadata) -> Self {
        Self(data.dev(), data.ino())
    }
}

impl fmt::Display for Displaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(path) => write!(
                f,
                "{} was moved or removed while in use: put it back where it was",
                path.display()
            ),
            Self::Replaced(path) => write!(
                f,
                "{} was replaced while in use: put the old one back, or restart sightline to use \
                 the new one",
                path.display()
            ),
            Self::Emptied(path) => write!(
                f,
                "{} was emptied while in use: restart sightline, which says what to do",
                path.display()
            ),
            Self::Unreadable(path, why) => write!(f, "cannot look at {}: {why}", path.display()),
        }
    }
}

impl From<Displaced> for io::Error {
    fn from(displaced: Displaced) -> Self {
        Self::other(displaced.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_file_that_left_its_place_is_noticed_and_one_that_came_back_too() {
        let scratch = Scratch::new();
        let folder = scratch.path().join("data");
        let (path, aside) = (folder.join("file"), scratch.path().join("aside"));
        fs::create_dir(&folder).unwrap();
        fs::write(&path, "open").unwrap();
        let place = Place::new(&path, &fs::metadata(&path).unwrap());
        assert_eq!(place.check(), Ok(()));

        fs::rename(&path, &aside).unwrap();
        assert_eq!(place.check(), Err(Displaced::Gone(path.clone())));
        fs::copy(&aside, &path).unwrap();
        assert_eq!(place.check(), Err(Displaced::Replaced(path.clone())));
        std::os::unix::fs::symlink(&aside, scratch.path().join("link")).unwrap();
        fs::rename(&aside, &path).unwrap();
        assert_eq!(place.check(), Ok(()));

        fs::rename(&folder, &aside).unwrap();
        assert_eq!(place.check(), Err(Displaced::Gone(path.clone())));
        fs::write(&folder, "a file").unwrap();
        assert_eq!(place.check(), Err(Displaced::Gone(path.clone())));
        fs::remove_file(&folder).unwrap();
        std::os::unix::fs::symlink(&aside, &folder).unwrap();
        assert_eq!(place.check(), Ok(()), "a link that leads there");
        fs::write(&path, "").unwrap();
        assert_eq!(place.check(), Err(Displaced::Emptied(path)));
    }
}
