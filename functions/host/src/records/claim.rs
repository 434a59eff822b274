//! A request that another program may repeat.

use serde::{Deserialize, Serialize};
use sightline_wire::SessionId;

use super::{Record, codec};
use crate::store_error::StoreError;

/// What the first request with a name began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRecord {
    /// The session that it begins.
    pub session: SessionId,
    /// A keyed hash of what it asked for.
    pub body: String,
    /// When it began, epoch milliseconds.
    pub at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Claim1 {
    session: SessionId,
    body: String,
    at_ms: u64,
}

impl Record for ClaimRecord {
    fn encode(&self) -> Vec<u8> {
        let record = Claim1 {
            session: self.session,
            body: self.body.clone(),
            at_ms: self.at_ms,
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode claim";
        match codec::version(WHAT, bytes)? {
            1 => {
                let Claim1 {
                    session,
                    body,
                    at_ms,
                } = codec::read(WHAT, bytes)?;
                Ok(Self {
                    session,
                    body,
                    at_ms,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
