//! The lines that a deployment has ready for its agents' chat. They are stored together as one
//! record.

use serde::{Deserialize, Serialize};
use sightline_wire::ReadyLines;

use super::{Record, codec};
use crate::store_error::StoreError;

/// All ready lines of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinesRecord {
    /// Counts the changes of the record. 0: it was never stored.
    pub revision: u32,
    /// The lines.
    pub lines: ReadyLines,
}

impl Record for LinesRecord {
    fn encode(&self) -> Vec<u8> {
        codec::encode(1, self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode ready lines";
        match codec::version(WHAT, bytes)? {
            1 => codec::read(WHAT, bytes),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
