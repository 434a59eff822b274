//! The mark: a small file that says which database belongs to this folder, and how far it had come.
//! A database that was put back from a copy knows less than the mark does.

use std::fs;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use super::{DataError, DataFolder, write_synced};

/// The mark's file in the data folder.
pub(super) const FILE: &str = "mark.json";

/// Counts changes of the data folder that an older binary must not work with.
const FORMAT: u32 = 1;

/// What database and mark agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderMark {
    /// A random number that the folder keeps for ever.
    pub folder: u32,
    /// Counts starts and sweeps.
    pub count: u32,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Written {
    format: u32,
    #[serde(flatten)]
    mark: Option<FolderMark>,
}

/// How a database fits its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// They belong together, or nothing speaks against it.
    Fits,
    /// The database is a copy from an earlier day.
    Older,
    /// It is the database of another folder.
    Other,
}

impl FolderMark {
    /// Compares the database's own mark with the folder's.
    #[must_use]
    pub fn fit(of_database: Option<Self>, of_folder: Option<Self>) -> Fit {
        match (of_database, of_folder) {
            (Some(database), Some(folder)) if database.folder != folder.folder => Fit::Other,
            (Some(database), Some(folder)) if database.count < folder.count => Fit::Older,
            // An earlier version, which knew no marks, wrote the database: a copy from before the
            // mark.
            (None, Some(_)) => Fit::Older,
            // Without its mark, a folder of an earlier version begins to have one.
            _ => Fit::Fits,
        }
    }

    /// The mark of the next start or sweep.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            count: self.count.saturating_add(1),
            ..self
        }
    }
}

impl DataFolder {
    /// Reads the mark. Returns `None` if it is missing or damaged.
    ///
    /// # Errors
    /// When it cannot be read, or a newer version wrote it.
    pub fn mark(&self) -> Result<Option<FolderMark>, DataError> {
        let path = self.0.join(FILE);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| DataError::Io(path.clone(), error))?,
        };
        match serde_json::from_slice(&text) {
            Ok(Written { format, .. }) if format > FORMAT => Err(DataError::Newer {
                path,
                found: format,
                known: FORMAT,
            }),
            Ok(Written { mark, .. }) => Ok(mark),
            Err(error) => {
                tracing::warn!(error = %error, "{} is damaged, it is written again", path.display());
                Ok(None)
            }
        }
    }

    /// Stores the mark. The database must have it first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave_mark(&self, mark: FolderMark) -> Result<(), DataError> {
        let path = self.0.join(FILE);
        let written = Written {
            format: FORMAT,
            mark: Some(mark),
        };
        let text = serde_json::to_vec(&written).unwrap_or_default();
        let draft = self.0.join("mark.json.new");
        write_synced(&draft, &text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|error| DataError::Io(path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_database_that_knows_less_than_the_mark_is_a_copy() {
        let mark = |folder, count| Some(FolderMark { folder, count });
        for (database, folder, fit) in [
            (None, None, Fit::Fits),
            (mark(1, 5), None, Fit::Fits),
            (mark(1, 5), mark(1, 5), Fit::Fits),
            (mark(1, 6), mark(1, 5), Fit::Fits),
            (mark(1, 4), mark(1, 5), Fit::Older),
            (None, mark(1, 1), Fit::Older),
            (mark(2, 5), mark(1, 5), Fit::Other),
        ] {
            assert_eq!(
                FolderMark::fit(database, folder),
                fit,
                "{database:?} {folder:?}"
            );
        }
    }

    #[test]
    fn a_mark_is_read_as_it_was_left_and_a_newer_one_is_refused() {
        let scratch = Scratch::new();
        let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
        assert_eq!(folder.mark().unwrap(), None);
        let mark = FolderMark {
            folder: 7,
            count: 3,
        };
        folder.leave_mark(mark).unwrap();
        folder.leave_mark(mark.next()).unwrap();
        assert_eq!(folder.mark().unwrap(), Some(mark.next()));
        for damaged in ["", "{", "[]", "{\"format\":1}"] {
            fs::write(scratch.path().join(FILE), damaged).unwrap();
            assert_eq!(folder.mark().unwrap(), None, "{damaged}");
        }
        for newer in ["{\"format\":2}", "{\"format\":99,\"folder\":\"other\"}"] {
            fs::write(scratch.path().join(FILE), newer).unwrap();
            let error = folder.mark().unwrap_err().to_string();
            assert!(error.contains("newer sightline"), "{error}");
        }
    }
}
