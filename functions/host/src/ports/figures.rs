//! The port of figures: calls that were not counted yet, and what the calls of a day count as.

use std::future::Future;

use sightline_wire::SessionId;

use super::StoreError;
use crate::records::Counts;

/// Shards of a day. Calls that are counted at the same moment add to different ones.
pub const DAY_SHARDS: u8 = 10;

/// A call that ended and was not counted yet. Its end left this mark, in the same commit
/// ([`super::Commit::uncounted`]); who counts the call takes it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncounted {
    /// From when it may be counted, by the clock of the deadlines, milliseconds.
    pub due_ms: u64,
    /// The call.
    pub session: SessionId,
}

/// What a call is counted as, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedCall {
    /// The mark.
    pub mark: Uncounted,
    /// The day, days since 1970.
    pub day: u32,
    /// Below [`DAY_SHARDS`].
    pub shard: u8,
    /// Its counts.
    pub counts: Counts,
}

/// Counts calls. Counts stay for good, and no erasure takes one back.
pub trait CallFigures: Send + Sync {
    /// Returns at most `limit` marks that are due at `now_ms`, the earliest first, only those
    /// behind `after`.
    fn uncounted(
        &self,
        after: Option<Uncounted>,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<Uncounted>, StoreError>> + Send;
    /// Adds a call to its shard and takes its mark away, both or neither. Returns whether the mark
    /// was there: without it the call was counted before.
    fn count_call(
        &self,
        call: &CountedCall,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Returns the counts of each day from one to another, both included, in order. A day without
    /// a call is absent.
    fn counts(
        &self,
        from: u32,
        to: u32,
    ) -> impl Future<Output = Result<Vec<(u32, Counts)>, StoreError>> + Send;
}
