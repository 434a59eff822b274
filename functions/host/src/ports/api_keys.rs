//! The port of the keys of the API for other programs.

use std::future::Future;

use super::{Committed, StoreError};
use crate::records::ApiKeyRing;

/// Stores the keys of the API, for good, all in one record.
pub trait ApiKeys: Send + Sync {
    /// Returns all keys, without looking at their dates.
    fn api_keys(&self) -> impl Future<Output = Result<ApiKeyRing, StoreError>> + Send;
    /// Replaces all keys, on the condition that the stored revision is one lower than that of
    /// `ring`. So of two changes none is lost, and a key that was revoked does not come back.
    fn replace_api_keys(
        &self,
        ring: ApiKeyRing,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;
}
