//! What is known of the logo without its bytes.

use serde::{Deserialize, Serialize};
use sightline_wire::LogoMark;

use super::{Record, codec};
use crate::store_error::StoreError;

/// Stands beside the bytes of the logo, so that a page's first request reads little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoRecord {
    /// Its digest and its size.
    pub mark: LogoMark,
}

impl Record for LogoRecord {
    fn encode(&self) -> Vec<u8> {
        codec::encode(1, self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode logo";
        match codec::version(WHAT, bytes)? {
            1 => codec::read(WHAT, bytes),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
