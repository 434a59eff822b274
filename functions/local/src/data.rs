//! The data folder: the database, the signing key, pictures, and the address of a running server.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Neither `--data` nor a home folder is set.
    #[error("no data folder: set --data DIR (neither XDG_DATA_HOME nor HOME is set)")]
    NoHome,
    /// The folder or a file in it is not usable.
    #[error("cannot use {0}")]
    Io(PathBuf, #[source] io::Error),
    /// The key file has the wrong length.
    #[error("{0} is not a {KEY_BYTES}-byte key")]
    BadKey(PathBuf),
    /// The random generator of the system fails.
    #[error("cannot read system randomness")]
    NoRandom,
}

/// Length of the signing key.
pub const KEY_BYTES: usize = 32;

/// A data folder that exists.
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

/// The address of a server, kept in the folder for `sightline sign-in-link`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ServerNote {
    /// The base URL, such as `http://127.0.0.1:8080`.
    pub page: String,
}

impl DataFolder {
    /// Opens the chosen folder, or the platform's default one, and creates it if it is missing.
    /// Only its owner may read it, because it holds phone numbers.
    ///
    /// # Errors
    /// When no folder is known or it cannot be created.
    pub fn open(chosen: Option<PathBuf>) -> Result<Self, DataError> {
        let folder = Self::named(chosen)?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder.path())
            .map_err(|error| DataError::Io(folder.0.clone(), error))?;
        Ok(folder)
    }

    /// Names the chosen folder, or the platform's default one. Neither reads nor creates it.
    ///
    /// # Errors
    /// When no folder is known.
    pub fn named(chosen: Option<PathBuf>) -> Result<Self, DataError> {
        let folder = chosen.or_else(platform_folder);
        folder.map(Self).ok_or(DataError::NoHome)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the signing key. It is created once and kept, so that agents stay signed in after a
    /// restart.
    ///
    /// # Errors
    /// When it can neither be read nor created.
    pub fn key(&self) -> Result<[u8; KEY_BYTES], DataError> {
        let path = self.0.join("key");
        let in_file = |error| DataError::Io(path.clone(), error);
        if !path.exists() {
            // A hard link appears with its whole content or not at all, and never replaces the key
            // of another process.
            let mut key = [0; KEY_BYTES];
            SystemRandom::new()
                .fill(&mut key)
                .map_err(|_| DataError::NoRandom)?;
            let draft = self.0.join(format!("key.{}", std::process::id()));
            write_synced(&draft, &key).map_err(in_file)?;
            let linked = fs::hard_link(&draft, &path);
            fs::remove_file(&draft).map_err(in_file)?;
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(in_file(error));
                }
                _ => fs::File::open(&self.0)
                    .and_then(|folder| folder.sync_all())
                    .map_err(in_file)?,
            }
        }
        self.kept_key()
    }

    /// Returns the signing key of a folder that a server has used.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn kept_key(&self) -> Result<[u8; KEY_BYTES], DataError> {
        let path = self.0.join("key");
        let mut bytes = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes))
            .map_err(|error| DataError::Io(path.clone(), error))?;
        bytes.try_into().map_err(|_| DataError::BadKey(path))
    }

    /// Stores the address of the server.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave_note(&self, note: &ServerNote) -> Result<(), DataError> {
        let path = self.0.join("serve.json");
        let text = serde_json::to_vec(note).unwrap_or_default();
        let draft = self.0.join("serve.json.new");
        write_synced(&draft, &text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|error| DataError::Io(path, error))
    }

    /// Returns the address of the last server that used this folder.
    #[must_use]
    pub fn note(&self) -> Option<ServerNote> {
        let text = fs::read(self.0.join("serve.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

fn platform_folder() -> Option<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local").join("share")))?;
    Some(data.join("sightline"))
}

/// Writes a file that only its owner reads.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let scratch = Scratch::new();
        let folder = DataFolder::open(Some(scratch.path().join("new"))).unwrap();
        let key = folder.key().unwrap();
        assert_eq!(folder.key().unwrap(), key);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("key")), 0o600);
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft stays behind"
        );
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let scratch = Scratch::new();
        fs::write(scratch.path().join("key"), [1; 5]).unwrap();
        let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
        assert!(matches!(folder.key(), Err(DataError::BadKey(_))));
    }

    #[test]
    fn the_note_has_the_address_of_the_server() {
        let scratch = Scratch::new();
        let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
        assert!(folder.note().is_none());
        folder
            .leave_note(&ServerNote {
                page: "http://127.0.0.1:1".to_owned(),
            })
            .unwrap();
        assert_eq!(folder.note().unwrap().page, "http://127.0.0.1:1");
    }
}
