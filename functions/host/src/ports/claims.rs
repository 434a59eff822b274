//! The port of requests that another program may repeat.

use std::future::Future;

use super::StoreError;
use crate::records::ClaimRecord;

/// Remembers what the first request with a name began.
pub trait Claims: Send + Sync {
    /// Stores a claim under a name until `until_ms`, and returns `None`. If a claim is there whose
    /// time has not passed at `now_ms`, that one is returned, and stays.
    fn claim(
        &self,
        name: &str,
        claim: &ClaimRecord,
        until_ms: u64,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<ClaimRecord>, StoreError>> + Send;
}
