//! The port of the audit log.

use std::future::Future;

use super::StoreError;
use crate::records::{AuditPlace, AuditRecord};

/// Keeps who did what. Lines are added and go by their date; nothing changes one.
pub trait Audit: Send + Sync {
    /// Adds a line, until `delete_at_s`. A repetition of the same line is no second one.
    fn add_line(
        &self,
        line: &AuditRecord,
        delete_at_s: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns at most `limit` lines whose delete date has not passed, newest first, only those
    /// before a place.
    fn lines(
        &self,
        before: Option<AuditPlace>,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<AuditRecord>, StoreError>> + Send;
}
