//! Removes abandoned uploads, and pictures of sessions that no longer exist.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sightline_host::ports::{PictureKey, StoreError};
use sightline_wire::SessionId;

use super::Objects;
use super::files::{self, Files, INCOMING, PICTURES};

/// Longest life of an upload: it may begin within two minutes and last five, and then the page
/// reports it within moments.
pub const INCOMING_MS: u64 = 10 * 60 * 1_000;

/// Pictures younger than this may belong to a commit in progress.
pub const KEPT_MS: u64 = 10 * 60 * 1_000;

/// Pictures younger than this may belong to a session that is not stored yet.
pub const ORPHAN_MS: u64 = 60 * 60 * 1_000;

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

    /// Lists the sessions that have pictures.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn with_pictures(&self) -> Result<Vec<SessionId>, StoreError> {
        self.work("list pictures", |files| sessions(files, PICTURES))
            .await
    }

    /// Removes the pictures of unknown sessions, unless they are very young. Returns how many.
    ///
    /// # Errors
    /// Errors of single files are only logged.
    pub async fn sweep_orphans(
        &self,
        sessions: Vec<SessionId>,
        now_ms: u64,
    ) -> Result<usize, StoreError> {
        self.work("sweep pictures", move |files| {
            let folder = |session: &SessionId| files.path(PICTURES).join(session.to_string());
            let gone = sessions
                .iter()
                .map(|session| clear(&folder(session), now_ms, ORPHAN_MS));
            Ok(gone.sum())
        })
        .await
    }

    /// Removes the pictures of a session other than `standing`, unless they are very young. They
    /// remain after a failed removal, or a kill between storing and committing. Returns how many.
    ///
    /// # Errors
    /// Errors of single files are only logged.
    pub async fn sweep_pictures(
        &self,
        session: SessionId,
        standing: Vec<PictureKey>,
        now_ms: u64,
    ) -> Result<usize, StoreError> {
        self.work("sweep a session's pictures", move |files| {
            let folder = files.path(PICTURES).join(session.to_string());
            let stand: BTreeSet<PathBuf> =
                standing.iter().map(|key| files.path(&key.path())).collect();
            Ok(clear_but(&folder, now_ms, KEPT_MS, &stand))
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
                for kind in [INCOMING, PICTURES] {
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
    for entry in fs::read_dir(files.path(kind))? {
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
    clear_but(folder, now_ms, age_ms, &BTreeSet::new())
}

/// Removes the files of a session that are older than `age_ms` and not in `stand`.
fn clear_but(folder: &Path, now_ms: u64, age_ms: u64, stand: &BTreeSet<PathBuf>) -> usize {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let (mut gone, mut stays) = (0, false);
    for entry in entries.filter_map(Result::ok) {
        stays = true;
        if stand.contains(&entry.path()) {
            continue;
        }
        if !written_ms(&entry).is_ok_and(|at_ms| at_ms.saturating_add(age_ms) <= now_ms) {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Ok(()) => gone += 1,
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
