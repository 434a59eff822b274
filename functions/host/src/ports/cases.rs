//! The ports of case files and exports: where they are kept, and the keys that ever signed cases.

use std::future::Future;

use sightline_wire::{ExportFormat, PageId, SessionId};

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
    /// An export of calls, at `cases/exports/<id>.csv`, or `.json`.
    Export {
        /// Its id.
        id: PageId,
        /// Its format.
        format: ExportFormat,
    },
}

impl KeptFile {
    /// The folder of all exports, among the folders of the sessions' case files.
    pub const EXPORTS: &str = "exports";

    /// Returns the object's name in a store.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Case { session, revision } => format!("cases/{session}/{revision}.zip"),
            Self::Export { id, format } => {
                format!("cases/{}/{id}.{}", Self::EXPORTS, ending(*format))
            }
        }
    }

    /// Returns the name under which a browser stores it.
    #[must_use]
    pub fn file_name(&self) -> String {
        match self {
            Self::Case { session, .. } => format!("case-{session}.zip"),
            Self::Export { format, .. } => format!("calls.{}", ending(*format)),
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

const fn ending(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Json => "json",
    }
}

/// Keeps case files and exports for about a day. [`super::PictureStore::erase_all`] removes the
/// case files of a session, and all exports: the session may be in any of them.
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
