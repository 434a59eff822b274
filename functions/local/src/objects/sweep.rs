//! Removes abandoned uploads, old case files, and pictures of sessions that no longer exist.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sightline_host::Standing;
use sightline_host::ports::{KeptFile, StoreError};
use sightline_wire::SessionId;

use super::Objects;
use super::files::{self, CASES, Files, INCOMING};
use super::lost;
use crate::data::PICTURES;

/// Longest life of an upload: it may begin within two minutes and last five, and then the page
/// reports it within moments.
pub const INCOMING_MS: u64 = 10 * 60 * 1_000;

/// How long a case file is kept. It is made again when somebody wants it later.
pub const CASE_MS: u64 = 24 * 60 * 60 * 1_000;

/// Pictures younger than this may belong to a commit in progress.
pub const KEPT_MS: u64 = 10 * 60 * 1_000;

/// Pictures younger than this may belong to a session that is not stored yet.
pub const ORPHAN_MS: u64 = 60 * 60 * 1_000;

/// How many pictures of a session went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Those that were removed.
    pub removed: usize,
    /// Those that were moved to the lost ones.
    pub lost: usize,
}

impl Objects {
    /// Removes uploads that are too old. Returns how many.
    ///
    /// # Errors
    /// When the folder cannot be read; errors of single files are only logged.
    pub async fn sweep_incoming(&self, now_ms: u64) -> Result<usize, StoreError> {
        self.work("sweep uploads", move |files| {
            let mut gone = 0;
            for session in sessions(files, INCOMING)? {
                let folder = files.path(INCOMING).join(session.to_string());
                gone += clear(&folder, now_ms, INCOMING_MS);
            }
            Ok(gone)
        })
        .await
    }

    /// Removes case files and exports that are too old. Returns how many.
    ///
    /// # Errors
    /// When the folder cannot be read; errors of single files are only logged.
    pub async fn sweep_cases(&self, now_ms: u64) -> Result<usize, StoreError> {
        self.work("sweep case files", move |files| {
            let mut gone = 0;
            for session in sessions(files, CASES)? {
                let folder = files.path(CASES).join(session.to_string());
                gone += clear(&folder, now_ms, CASE_MS);
            }
            let exports = files.path(CASES).join(KeptFile::EXPORTS);
            gone += clear(&exports, now_ms, CASE_MS);
            Ok(gone)
        })
        .await
    }

    /// Lists the sessions that have pictures.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn with_pictures(&self) -> Result<Vec<SessionId>, StoreError> {
        self.work("list pictures", |files| sessions(files, PICTURES))
            .await
    }

    /// Moves the pictures of unknown sessions to the lost ones, unless they are very young. A
    /// database that was put back does not know them; the next one may. Returns how many.
    ///
    /// # Errors
    /// Errors of single files are only logged.
    pub async fn sweep_orphans(
        &self,
        sessions: Vec<SessionId>,
        now_ms: u64,
    ) -> Result<usize, StoreError> {
        self.work("sweep pictures", move |files| {
            let gone = sessions.iter().map(|session| {
                let folder = files.path(PICTURES).join(session.to_string());
                let orphan = |entry: &DirEntry| is_older(entry, now_ms, ORPHAN_MS);
                each(&folder, |entry| match orphan(entry) {
                    true => lost::put(files, &entry.path(), now_ms).map(|()| true),
                    false => Ok(false),
                })
            });
            Ok(gone.sum())
        })
        .await
    }

    /// Removes the pictures of a session other than those that stand, unless they are very young.
    /// They remain after a failed removal, or a kill between storing and committing. A picture that
    /// the session does not know yet goes to the lost ones. Returns how many.
    ///
    /// # Errors
    /// Errors of single files are only logged.
    pub async fn sweep_pictures(
        &self,
        session: SessionId,
        standing: Standing,
        now_ms: u64,
    ) -> Result<Gone, StoreError> {
        self.work("sweep a session's pictures", move |files| {
            let mut lost = 0;
            let folder = files.path(PICTURES).join(session.to_string());
            let keys = standing.pictures.iter();
            let stand: BTreeSet<PathBuf> = keys.map(|key| files.path(&key.path())).collect();
            let all = each(&folder, |entry| {
                let path = entry.path();
                if stand.contains(&path) || !is_older(entry, now_ms, KEPT_MS) {
                    return Ok(false);
                }
                if picture_of(entry).is_some_and(|picture| picture <= standing.head) {
                    fs::remove_file(path)?;
                } else {
                    lost::put(files, &path, now_ms)?;
                    lost += 1;
                }
                Ok(true)
            });
            Ok(Gone {
                removed: all - lost,
                lost,
            })
        })
        .await
    }

    /// Removes lost pictures that lay there for `kept_ms`. Returns how many.
    ///
    /// # Errors
    /// Errors of single files are only logged.
    pub async fn sweep_lost(&self, now_ms: u64, kept_ms: u64) -> Result<usize, StoreError> {
        self.work("sweep lost pictures", move |files| {
            let folders = lost::sessions(files)?;
            let gone = folders.iter().map(|folder| clear(folder, now_ms, kept_ms));
            Ok(gone.sum())
        })
        .await
    }

    /// Removes all uploads and pictures of expired sessions.
    ///
    /// # Errors
    /// Errors of single files are only logged.
    pub async fn forget(&self, sessions: Vec<SessionId>) -> Result<usize, StoreError> {
        self.work("forget pictures", move |files| {
            let mut gone = 0;
            for session in sessions {
                for kind in [INCOMING, PICTURES, CASES] {
                    let folder = files.path(kind).join(session.to_string());
                    gone += clear(&folder, u64::MAX, 0);
                }
            }
            Ok(gone)
        })
        .await
    }
}

/// Lists the sessions that have a folder; other files are not ours.
fn sessions(files: &Files, kind: &str) -> io::Result<Vec<SessionId>> {
    let mut sessions = Vec::new();
    // Somebody may have removed the folder. The next file makes it again.
    let Some(entries) = files::found(fs::read_dir(files.path(kind)))? else {
        return Ok(sessions);
    };
    for entry in entries {
        let name = entry?.file_name();
        sessions.extend(
            name.to_str()
                .and_then(|name| name.parse::<SessionId>().ok()),
        );
    }
    Ok(sessions)
}

/// Removes the files of a session that are older than `age_ms`, and its folder with the last file.
fn clear(folder: &Path, now_ms: u64, age_ms: u64) -> usize {
    each(folder, |entry| {
        let old = is_older(entry, now_ms, age_ms);
        if old {
            fs::remove_file(entry.path())?;
        }
        Ok(old)
    })
}

/// Goes through the files of a session; `take` says whether it took one away. Then the folder goes
/// if it is empty. Returns how many files went.
fn each(folder: &Path, mut take: impl FnMut(&DirEntry) -> io::Result<bool>) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let (mut gone, mut stays) = (0, false);
    for entry in entries.filter_map(Result::ok) {
        stays = true;
        match take(&entry) {
            Ok(taken) => gone += usize::from(taken),
            Err(error) => log_failure(folder, &error),
        }
    }
    if gone == 0 && stays {
        return 0;
    }
    if let Err(error) = files::finish_removal(folder) {
        log_failure(folder, &error);
    }
    gone
}

fn is_older(entry: &DirEntry, now_ms: u64, age_ms: u64) -> bool {
    written_ms(entry).is_ok_and(|at_ms| at_ms.saturating_add(age_ms) <= now_ms)
}

/// The number that a picture's file begins with.
fn picture_of(entry: &DirEntry) -> Option<u32> {
    let name = entry.file_name();
    let name = name.to_str()?;
    let digits = name.find(|sign: char| !sign.is_ascii_digit());
    name.get(..digits.unwrap_or(name.len()))?.parse().ok()
}

fn log_failure(folder: &Path, error: &io::Error) {
    let session = folder.file_name().and_then(OsStr::to_str);
    tracing::error!(session.id = session, error = %error, "failed to remove pictures");
}

/// Returns when a file was written, epoch milliseconds.
fn written_ms(entry: &DirEntry) -> io::Result<u64> {
    let written = entry.metadata()?.modified()?;
    let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
