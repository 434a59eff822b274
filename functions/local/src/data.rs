//! The data folder: the database, the signing key, pictures, and the address of a running server.

mod aside;
mod contents;
mod guard;
mod seal;

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use sightline_host::case::CaseSigner;

pub use contents::{Beside, Misfit};
pub(crate) use guard::{NO_LINK, open_no_link, write_synced};
pub use seal::{Fit, Seal};

/// The database in the folder.
pub const DATABASE: &str = "sightline.redb";

/// The folder of uploads and pictures in the folder.
pub const OBJECTS: &str = "objects";

/// The folder of checked pictures in [`OBJECTS`].
pub const PICTURES: &str = "pictures";

/// The folder of pictures that no session knows.
pub const LOST: &str = "lost";

/// The folder of the certificate authority for phones in this machine's network.
pub const LAN: &str = "lan";

/// The signing key in the folder.
const KEY: &str = "key";

/// The key that signs case files.
pub const CASE_KEY: &str = "case-key";

/// Longest key that signs case files, bytes: PKCS#8 of P-256 has 138.
const CASE_KEY_BYTES_MAX: usize = 512;

/// The address of a server.
const NOTE: &str = "serve.json";

/// Longest address of a server with what is around it.
const NOTE_BYTES_MAX: usize = 4 * 1024;

/// How to begin without what is there.
const NEW: &str = "or start with --new, which moves all of it into a folder inside and deletes \
                   nothing";

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Neither `--data` nor a home folder is set.
    #[error("no data folder: set --data DIR (neither XDG_DATA_HOME nor HOME is set)")]
    NoHome,
    /// The folder or a file in it is not usable.
    #[error("cannot use {0}")]
    Io(PathBuf, #[source] io::Error),
    /// A file has the folder's name.
    #[error("data folder {0} is a file: choose another one with --data DIR")]
    NoFolder(PathBuf),
    /// A folder, a pipe or a device stands where a file should be.
    #[error("{0} is not a file: move it away")]
    NoFile(PathBuf),
    /// Another process has the database.
    #[error("data folder {0} is in use by another sightline")]
    InUse(PathBuf),
    /// The folder or a file in it belongs to another user.
    #[error(
        "{path} belongs to user {owner}, and this is user {own}: its owner can sign in. \
         Choose another folder with --data DIR, or change its owner"
    )]
    Foreign {
        /// The folder or file.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
        /// Our number.
        own: u32,
    },
    /// Other users may write a secret.
    #[error(
        "{0} can be written by other users, who may know what is in it: if it is yours, \
         `chmod 600` it"
    )]
    Writable(PathBuf),
    /// A link stands where a file should be.
    #[error("{0} is a symbolic link: put the file itself there")]
    Link(PathBuf),
    /// A later version wrote the folder.
    #[error(
        "{path} was written by a newer sightline (format {found}, this version reads up to \
         {known}): start that version"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest known format.
        known: u32,
    },
    /// The database does not belong to what lies beside it.
    #[error(
        "{path} {misfit}, and beside it lie {beside}. Nothing was changed: put the database of \
         this folder there, {NEW}{accept}",
        accept = accept(*.misfit, .seal),
    )]
    Misfit {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        misfit: Misfit,
        /// What lies beside it.
        beside: Beside,
        /// The seal of the folder.
        seal: PathBuf,
    },
    /// The key is gone, and sessions are there.
    #[error(
        "{0} is missing, and the database beside it has sessions: a new key would sign everybody \
         out and end every invite. Nothing was changed: put the key there, {NEW}"
    )]
    NoKey(PathBuf),
    /// The key file has the wrong length.
    #[error("{0} is not a {KEY_BYTES}-byte key")]
    BadKey(PathBuf),
    /// The random generator of the system fails.
    #[error("cannot read system randomness")]
    NoRandom,
}

/// How a database is used that is known to be an older one.
fn accept(misfit: Misfit, seal: &Path) -> String {
    match misfit {
        Misfit::Older | Misfit::Other => format!(
            ". To use this database all the same, move {} away: pictures that it does not know \
             then go to {LOST}/",
            seal.display()
        ),
        _ => String::new(),
    }
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
    /// Where it listens on this machine. Notes of earlier versions lack it.
    #[serde(default)]
    pub listen: Option<SocketAddr>,
}

impl DataFolder {
    /// Opens the chosen folder, or the platform's default one, and creates it if it is missing.
    /// Only its owner may use it, because it holds phone numbers and the key.
    ///
    /// # Errors
    /// When no folder is known, it cannot be created, or it belongs to somebody else.
    pub fn open(chosen: Option<PathBuf>) -> Result<Self, DataError> {
        let Self(folder) = Self::named(chosen)?;
        let created = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        let data = match (created, fs::metadata(&folder)) {
            (_, Ok(data)) if !data.is_dir() => return Err(DataError::NoFolder(folder)),
            (Ok(()), Ok(data)) => data,
            (Err(error), _) | (_, Err(error)) => return Err(DataError::Io(folder, error)),
        };
        guard::check_owner(&folder, &data)?;
        guard::close(&folder, &folder.join(KEY))?;
        Ok(Self(folder))
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

    /// Returns the signing key, or `None` if it is missing.
    ///
    /// # Errors
    /// When it cannot be read, or others own or may write it.
    pub fn key(&self) -> Result<Option<[u8; KEY_BYTES]>, DataError> {
        let path = self.0.join(KEY);
        if path.symlink_metadata().is_err_and(is_missing) {
            return Ok(None);
        }
        let bytes = guard::read_secret(&path, KEY_BYTES)?;
        match bytes.try_into() {
            Ok(key) => Ok(Some(key)),
            Err(_) => Err(DataError::BadKey(path)),
        }
    }

    /// Creates the signing key, and returns it. It is created once and kept, so that agents stay
    /// signed in after a restart.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn new_key(&self) -> Result<[u8; KEY_BYTES], DataError> {
        let mut key = [0; KEY_BYTES];
        SystemRandom::new()
            .fill(&mut key)
            .map_err(|_| DataError::NoRandom)?;
        self.make_secret(KEY, &key)?;
        self.key()?.ok_or_else(|| self.no_key())
    }

    /// Returns the key that signs case files. Makes it at its first use.
    ///
    /// # Errors
    /// When it cannot be read or made, or others own or may write it.
    pub fn case_signer(&self) -> Result<CaseSigner, DataError> {
        let path = self.0.join(CASE_KEY);
        if path.symlink_metadata().is_err_and(is_missing) {
            let key = CaseSigner::new_pkcs8().map_err(|_| DataError::NoRandom)?;
            self.make_secret(CASE_KEY, &key)?;
        }
        let bytes = guard::read_secret(&path, CASE_KEY_BYTES_MAX)?;
        CaseSigner::from_pkcs8(&bytes).map_err(|_| DataError::BadKey(path))
    }

    /// Makes a file that only its owner reads, unless it is there.
    fn make_secret(&self, name: &str, bytes: &[u8]) -> Result<(), DataError> {
        let path = self.0.join(name);
        let in_file = |error| DataError::Io(path.clone(), error);
        // A hard link appears with its whole content or not at all, and never replaces the key of
        // another process.
        let draft = self.0.join(format!("{name}.{}", std::process::id()));
        write_synced(&draft, bytes).map_err(in_file)?;
        let linked = fs::hard_link(&draft, &path);
        fs::remove_file(&draft).map_err(in_file)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(in_file(error)),
            _ => fs::File::open(&self.0)
                .and_then(|folder| folder.sync_all())
                .map_err(in_file),
        }
    }

    /// Why a database with sessions cannot be used without its key.
    #[must_use]
    pub fn no_key(&self) -> DataError {
        DataError::NoKey(self.0.join(KEY))
    }

    /// Removes what killed processes or a full disk left half-written.
    pub fn remove_drafts(&self) {
        let Ok(entries) = fs::read_dir(&self.0) else {
            return;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let of_process = [KEY, CASE_KEY, DATABASE].iter().any(|file| {
                let number = name
                    .strip_prefix(file)
                    .and_then(|name| name.strip_prefix('.'));
                number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            });
            if of_process || name.ends_with(".json.new") {
                // One that stays does no harm.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Stores the address of the server.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn leave_note(&self, note: &ServerNote) -> Result<(), DataError> {
        let path = self.0.join(NOTE);
        let text = serde_json::to_vec(note).unwrap_or_default();
        let draft = self.0.join("serve.json.new");
        write_synced(&draft, &text)
            .and_then(|()| fs::rename(&draft, &path))
            .map_err(|error| DataError::Io(path, error))
    }

    /// Returns the address of the last server that used this folder.
    #[must_use]
    pub fn note(&self) -> Option<ServerNote> {
        let text = guard::read_file(&self.0.join(NOTE), NOTE_BYTES_MAX).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

fn is_missing(error: io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let scratch = Scratch::new();
        let folder = DataFolder::open(Some(scratch.path().join("new"))).unwrap();
        assert_eq!(folder.key().unwrap(), None);
        let key = folder.new_key().unwrap();
        assert_eq!(folder.key().unwrap(), Some(key));
        assert_eq!(folder.new_key().unwrap(), key);
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
    fn the_key_of_case_files_is_made_at_its_first_use_and_kept() {
        let scratch = Scratch::new();
        let folder = DataFolder::open(Some(scratch.path().join("new"))).unwrap();
        let public = folder.case_signer().unwrap().public();
        assert_eq!(folder.case_signer().unwrap().public(), public);
        let path = folder.path().join(CASE_KEY);
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        fs::write(&path, b"damaged").unwrap();
        assert!(matches!(folder.case_signer(), Err(DataError::BadKey(_))));
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
                listen: None,
            })
            .unwrap();
        assert_eq!(folder.note().unwrap().page, "http://127.0.0.1:1");
    }
}
