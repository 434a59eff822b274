//! The end of an agent's access.

use serde::{Deserialize, Serialize};

use super::{Record, codec};
use crate::store_error::StoreError;

/// That an agent's access was taken back, and perhaps given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationRecord {
    /// When it was taken back, epoch milliseconds.
    pub at_ms: u64,
    /// When it was given again, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_at_ms: Option<u64>,
}

impl RevocationRecord {
    /// Whether a sign-in of then, epoch seconds, is over. What was begun before stays over when the
    /// access is given again.
    #[must_use]
    pub fn ends(&self, signed_in_s: u64) -> bool {
        // In whole seconds: an agent may sign in at once.
        self.lifted_at_ms
            .is_none_or(|lifted_at_ms| signed_in_s < lifted_at_ms / 1_000)
    }
}

impl Record for RevocationRecord {
    fn encode(&self) -> Vec<u8> {
        codec::encode(1, self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode revocation";
        match codec::version(WHAT, bytes)? {
            1 => codec::read(WHAT, bytes),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
