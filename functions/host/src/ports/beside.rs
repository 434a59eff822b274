//! The port of what stands beside the log.

use std::future::Future;

use sightline_wire::SessionId;

use super::StoreError;
use crate::records::CaseRecords;

/// Reads notes and ratings. Commits store them ([`super::Commit::beside`]).
pub trait BesideLog: Send + Sync {
    /// Returns what stands beside the log of a loaded session, without checking its delete date,
    /// which is the session's.
    fn case_records(
        &self,
        session: SessionId,
    ) -> impl Future<Output = Result<CaseRecords, StoreError>> + Send;
}
