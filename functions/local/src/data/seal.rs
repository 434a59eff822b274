//! The seal: a small file that says which database belongs to this folder, and how far it had come.
//! A database that was put back from a copy knows less than the seal does.

use std::fs;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use super::guard::read_file;
use super::{DataError, DataFolder, write_synced};

/// The seal's file in the data folder.
pub(super) const FILE: &str = "seal.json";

/// Counts changes of the data folder that an older binary must not work with.
const FORMAT: u32 = 1;

/// Longest file, for those of newer versions too.
const BYTES_MAX: usize = 64 * 1024;

/// What database and seal agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
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
    seal: Option<Seal>,
}

/// How a database fits its seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// They belong together, or nothing speaks against it.
    Fits,
    /// The database is a copy from an earlier day.
    Older,
    /// It is the database of another folder.
    Other,
}

impl Seal {
    /// Compares the database's own seal with the folder's.
    #[must_use]
    pub fn fit(of_database: Option<Self>, of_folder: Option<Self>) -> Fit {
        match (of_database, of_folder) {
            (Some(database), Some(folder)) if database.folder != folder.folder => Fit::Other,
            (Some(database), Some(folder)) if database.count < folder.count => Fit::Older,
            // An earlier version, which knew no seals, wrote the database: a copy from before the
            // seal.
            (None, Some(_)) => Fit::Older,
            // Without its seal, a folder of an earlier version begins to have one.
            _ => Fit::Fits,
        }
    }

    /// The seal of the next start or sweep.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            count: self.count.saturating_add(1),
            ..self
        }
    }
}

impl DataFolder {
    /// Reads the seal. Returns `None` if it is missing or damaged.
    ///
    /// # Errors
    /// When it cannot be read, or a newer version wrote it.
    pub fn seal(&self) -> Result<Option<Seal>, DataError> {
        let path = self.0.join(FILE);
        let text = match read_file(&path, BYTES_MAX) {
            Err(DataError::Io(_, error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        match serde_json::from_slice(&text) {
            Ok(Written { format, .. }) if format > FORMAT => Err(DataError::Newer {
                path,
                found: format,
                known: FORMAT,
            }),
            Ok(Written { seal, .. }) => Ok(seal),
            Err(error) => {
                tracing::warn!(error = %error, "{} is damaged, it is written again", path.display());
                Ok(None)
            }
        }
    }

    /// Stores the seal. The database must have it first.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave_seal(&self, seal: Seal) -> Result<(), DataError> {
        let path = self.0.join(FILE);
        let written = Written {
            format: FORMAT,
            seal: Some(seal),
        };
        let text = serde_json::to_vec(&written).unwrap_or_default();
        let draft = self.0.join("seal.json.new");
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
        let seal = |folder, count| Some(Seal { folder, count });
        for (database, folder, fit) in [
            (None, None, Fit::Fits),
            (seal(1, 5), None, Fit::Fits),
            (seal(1, 5), seal(1, 5), Fit::Fits),
            (seal(1, 6), seal(1, 5), Fit::Fits),
            (seal(1, 4), seal(1, 5), Fit::Older),
            (None, seal(1, 1), Fit::Older),
            (seal(2, 5), seal(1, 5), Fit::Other),
        ] {
            assert_eq!(Seal::fit(database, folder), fit, "{database:?} {folder:?}");
        }
    }

    #[test]
    fn a_mark_is_read_as_it_was_left_and_a_newer_one_is_refused() {
        let scratch = Scratch::new();
        let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
        assert_eq!(folder.seal().unwrap(), None);
        let seal = Seal {
            folder: 7,
            count: 3,
        };
        folder.leave_seal(seal).unwrap();
        folder.leave_seal(seal.next()).unwrap();
        assert_eq!(folder.seal().unwrap(), Some(seal.next()));
        for damaged in ["", "{", "[]", "{\"format\":1}"] {
            fs::write(scratch.path().join(FILE), damaged).unwrap();
            assert_eq!(folder.seal().unwrap(), None, "{damaged}");
        }
        for newer in ["{\"format\":2}", "{\"format\":99,\"folder\":\"other\"}"] {
            fs::write(scratch.path().join(FILE), newer).unwrap();
            let error = folder.seal().unwrap_err().to_string();
            assert!(error.contains("newer sightline"), "{error}");
        }
    }
}
