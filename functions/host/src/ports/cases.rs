//! The ports of case files and exports: where they are kept, and the keys that ever signed cases.

use std::future::Future;

use sightline_wire::{ExportFormat, SessionId};

use super::{Found, PictureKey, StoreError};

/// A file that is made when somebody asks for it, and kept for about a day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeptFile {
    /// A case file, at `cases/<session>/<revision>.zip`. Another revision is another file.
    Case {
        /// The session.
        session: SessionId,
        /// The revision of the state that it tells of.
        revision: u32,
    },
    /// An export of calls, at `cases/<id>/calls.csv`, or `.json`. Its id is written like that of a
    /// session, so that it goes as case files do.
    Export {
        /// Its id, which belongs to no session.
        id: SessionId,
        /// Its format.
        format: ExportFormat,
    },
}

impl KeptFile {
    /// Returns the object's name in a store.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Case { session, revision } => format!("cases/{session}/{revision}.zip"),
            Self::Export { id, .. } => format!("cases/{id}/{}", self.file_name()),
        }
    }

    /// Returns the name under which a browser stores it.
    #[must_use]
    pub fn file_name(&self) -> String {
        match self {
            Self::Case { session, .. } => format!("case-{session}.zip"),
            Self::Export { format, .. } => match format {
                ExportFormat::Csv => "calls.csv".to_owned(),
                ExportFormat::Json => "calls.json".to_owned(),
            },
        }
    }

    /// Returns its media type.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match self {
            Self::Case { .. } => "application/zip",
            Self::Export { format, .. } => match format {
                ExportFormat::Csv => "text/csv; charset=utf-8",
                ExportFormat::Json => "application/json",
            },
        }
    }

    /// The session of a case file. `None` for an export.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self {
            Self::Case { session, .. } => Some(*session),
            Self::Export { .. } => None,
        }
    }
}

/// Keeps case files and exports for about a day. [`super::PictureStore::erase_all`] removes those of
/// a session, too.
pub trait CaseFiles: Send + Sync {
    /// A case file that is being written.
    type Writing: CaseWriting;

    /// Reads a picture if it has at most `bytes_max` bytes.
    fn picture(
        &self,
        key: &PictureKey,
        bytes_max: u32,
    ) -> impl Future<Output = Result<Found, StoreError>> + Send;
    /// Returns whether a case file is there, whole.
    fn has_case(&self, key: &KeptFile) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Begins to write a case file.
    fn begin_case(
        &self,
        key: &KeptFile,
    ) -> impl Future<Output = Result<Self::Writing, StoreError>> + Send;
    /// Removes a case file. Succeeds if it is not there.
    fn forget_case(&self, key: &KeptFile) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns a link to `GET` a case file, valid until `until_ms`. A browser stores what it gets
    /// as [`KeptFile::file_name`].
    fn sign_case(
        &self,
        key: &KeptFile,
        now_ms: u64,
        until_ms: u64,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
}

/// A case file that is being written, a piece at a time. Nobody sees it before it is finished, and
/// dropping it leaves none.
pub trait CaseWriting: Send {
    /// Appends bytes.
    fn write(&mut self, bytes: Vec<u8>) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Makes it readable, in place of one that is there.
    fn finish(self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Remembers the public keys that signed case files, for good.
pub trait CaseKeys: Send + Sync {
    /// Notes a key by its thumbprint. A repeated call changes nothing.
    fn note_case_key(
        &self,
        thumbprint: &str,
        jwk: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns all keys that were noted, as JSON.
    fn case_keys(&self) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
}
