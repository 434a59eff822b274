//! The port of counters of what is limited.

use std::future::Future;

use crate::store_error::StoreError;

/// A counter of something that is limited. Its name contains what is counted, for whom, and in
/// which period, so that the next period begins at zero. It may be forgotten after `until_ms`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateCounter {
    /// The name, without personal data.
    pub name: String,
    /// The highest count.
    pub most: u32,
    /// By how much it is raised.
    pub by: u32,
    /// End of the period, epoch milliseconds.
    pub until_ms: u64,
}

impl RateCounter {
    /// Whether it may be raised when it stands at `count`.
    #[must_use]
    pub const fn has_room(&self, count: u32) -> bool {
        match count.checked_add(self.by) {
            Some(raised) => raised <= self.most,
            None => false,
        }
    }
}

/// The outcome of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Every counter was raised.
    Done,
    /// No counter was raised, because the one with this index is full (the first, if several are).
    Full(usize),
}

/// Counts what is limited, across all processes of a deployment.
pub trait RateCounters: Send + Sync {
    /// Raises every counter, or none of them if one would pass its most. Takes at most 10, with
    /// different names. An empty list is `Done`.
    fn count(
        &self,
        counters: &[RateCounter],
    ) -> impl Future<Output = Result<Counted, StoreError>> + Send;
    /// Returns what [`RateCounters::count`] would return, and raises nothing.
    fn foresee(
        &self,
        counters: &[RateCounter],
    ) -> impl Future<Output = Result<Counted, StoreError>> + Send;
}
