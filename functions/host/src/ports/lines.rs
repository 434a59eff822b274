//! The port of the lines that a deployment has ready for its agents' chat.

use std::future::Future;

use super::{Committed, StoreError};
use crate::records::LinesRecord;

/// Stores ready lines, for good, all in one record.
pub trait ReadyLineStore: Send + Sync {
    /// Returns all lines.
    fn ready_lines(&self) -> impl Future<Output = Result<LinesRecord, StoreError>> + Send;
    /// Replaces all lines, on the condition that the stored revision is one lower than that of
    /// `lines`.
    fn replace_ready_lines(
        &self,
        lines: LinesRecord,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;
}
