//! The ports of case files: where they are kept, and the keys that ever signed them.

use std::future::Future;

use sightline_wire::SessionId;

use super::{Found, PictureKey, StoreError};

/// Where a case file is kept: `cases/<session>/<revision>.zip`. Another revision is another file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseFileKey {
    /// The session.
    pub session: SessionId,
    /// The revision of the state that it tells of.
    pub revision: u32,
}

impl CaseFileKey {
    /// Returns the object's name in a store.
    #[must_use]
    pub fn path(&self) -> String {
        let Self { session, revision } = self;
        format!("cases/{session}/{revision}.zip")
    }

    /// Returns the name under which a browser stores it.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("case-{}.zip", self.session)
    }
}

/// Keeps case files for about a day. [`super::PictureStore::erase_all`] removes them, too.
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
    fn has_case(&self, key: &CaseFileKey) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Begins to write a case file.
    fn begin_case(
        &self,
        key: &CaseFileKey,
    ) -> impl Future<Output = Result<Self::Writing, StoreError>> + Send;
    /// Removes a case file. Succeeds if it is not there.
    fn forget_case(&self, key: &CaseFileKey)
    -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns a link to `GET` a case file, valid until `until_ms`. A browser stores what it gets
    /// as [`CaseFileKey::file_name`].
    fn sign_case(
        &self,
        key: &CaseFileKey,
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
