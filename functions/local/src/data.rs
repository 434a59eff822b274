//! The data folder: the database, the signing key, pictures, and where a running server is reached.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Neither `--data` nor a home.
    #[error("no data folder: give --data DIR (neither XDG_DATA_HOME nor HOME is set)")]
    NoHome,
    /// A file or the folder itself.
    #[error("cannot use {0}")]
    Io(PathBuf, #[source] io::Error),
    /// The key file has another length.
    #[error("{0} is no signing key of {KEY_BYTES} bytes")]
    BadKey(PathBuf),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandom,
}

/// Length of the signing key.
pub const KEY_BYTES: usize = 32;

/// The data folder, which exists.
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

/// Where a server is reached: left in the folder for `sightline sign-in-link`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reached {
    /// The base URL, such as `http://127.0.0.1:8080`.
    pub page: String,
}

impl DataFolder {
    /// The chosen folder, or the platform's, made if need be. Only its owner may look inside: it
    /// holds telephone numbers.
    ///
    /// # Errors
    /// When there is none to choose or it cannot be made.
    pub fn open(chosen: Option<PathBuf>) -> Result<Self, DataError> {
        let folder = chosen.or_else(platform_folder).ok_or(DataError::NoHome)?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| DataError::Io(folder.clone(), error))?;
        Ok(Self(folder))
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The signing key: made once and kept, so that a restart signs nobody out.
    ///
    /// # Errors
    /// When it can neither be read nor made.
    pub fn key(&self) -> Result<[u8; KEY_BYTES], DataError> {
        let path = self.0.join("key");
        let in_file = |error| DataError::Io(path.clone(), error);
        if !path.exists() {
            // A link appears with its content or not at all, and never replaces another process's
            // key.
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
        let mut bytes = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes))
            .map_err(in_file)?;
        bytes.try_into().map_err(|_| DataError::BadKey(path))
    }

    /// Leaves a note where the server is reached.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave_note(&self, reached: &Reached) -> Result<(), DataError> {
        let path = self.0.join("serve.json");
        let text = serde_json::to_vec(reached).unwrap_or_default();
        let draft = self.0.join("serve.json.new");
        write_synced(&draft, &text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|error| DataError::Io(path, error))
    }

    /// Where the server is or was reached, if one ever ran here.
    #[must_use]
    pub fn note(&self) -> Option<Reached> {
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

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
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
    fn the_note_tells_where_the_server_is() {
        let scratch = Scratch::new();
        let folder = DataFolder::open(Some(scratch.path().to_owned())).unwrap();
        assert!(folder.note().is_none());
        folder
            .leave_note(&Reached {
                page: "http://127.0.0.1:1".to_owned(),
            })
            .unwrap();
        assert_eq!(folder.note().unwrap().page, "http://127.0.0.1:1");
    }
}
