//! What lies in a data folder, and whether a desk may begin with it.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{DATABASE, DataError, DataFolder, KEY, NOTE, OBJECTS, PICTURES, seal};

/// What lies beside the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside(Vec<String>);

/// Why the database does not belong to what lies beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The file does not exist.
    Missing,
    /// It has no bytes.
    Empty,
    /// It is a copy from an earlier day.
    Older,
    /// It is that of another folder.
    Other,
    /// It has no session, but there are pictures.
    NoSessions,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Empty => "is empty",
            Self::Older => "is older than the folder, perhaps a copy that was put back",
            Self::Other => "belongs to another data folder",
            Self::NoSessions => "has no session",
        })
    }
}

impl fmt::Display for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

impl DataFolder {
    /// Refuses a database that is missing or empty while the rest is there: a new one would know
    /// none of the pictures. In a folder without anything a desk begins.
    ///
    /// # Errors
    /// When the folder cannot be read, or its database is missing or empty.
    pub fn check_database(&self) -> Result<(), DataError> {
        let path = self.0.join(DATABASE);
        let misfit = match fs::metadata(&path) {
            Ok(data) if data.len() > 0 || !data.is_file() => return Ok(()),
            Ok(_) => Misfit::Empty,
            Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => {
                Misfit::Missing
            }
            Err(error) => return Err(DataError::Io(path, error)),
        };
        match self.beside() {
            Beside(nothing) if nothing.is_empty() => Ok(()),
            beside => Err(self.misfit(misfit, beside)),
        }
    }

    /// Why a database does not fit what lies beside it.
    #[must_use]
    pub fn misfit(&self, misfit: Misfit, beside: Beside) -> DataError {
        DataError::Misfit {
            path: self.0.join(DATABASE),
            misfit,
            beside,
            seal: self.0.join(seal::FILE),
        }
    }

    /// Lists what a desk that ran here left, except for its database.
    #[must_use]
    pub fn beside(&self) -> Beside {
        let files = [KEY, NOTE, seal::FILE].into_iter();
        let there = files.filter(|name| self.0.join(name).symlink_metadata().is_ok());
        let mut beside: Vec<String> = there.map(str::to_owned).collect();
        let sessions = self.sessions_with_pictures();
        if sessions > 0 {
            beside.push(format!("pictures of {sessions} sessions"));
        }
        Beside(beside)
    }

    /// Counts the sessions whose pictures lie here.
    #[must_use]
    pub fn sessions_with_pictures(&self) -> usize {
        let pictures = self.0.join(OBJECTS).join(PICTURES);
        let holds_something =
            |path: &Path| fs::read_dir(path).is_ok_and(|mut files| files.next().is_some());
        fs::read_dir(pictures).map_or(0, |folders| {
            let folders = folders.filter_map(Result::ok);
            folders
                .filter(|folder| holds_something(&folder.path()))
                .count()
        })
    }
}
