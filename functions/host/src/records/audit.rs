//! A line of the audit log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sightline_wire::{AgentId, AuditDeed, DisplayName, SessionId};

use super::{Record, codec};
use crate::store_error::StoreError;

/// Who did what. Nothing else of a call than its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Where it stands.
    pub place: AuditPlace,
    /// Who, and their name then. `None` for the operator of the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<(AgentId, DisplayName)>,
    /// What.
    pub deed: AuditDeed,
    /// The call that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<SessionId>,
    /// The name of the agent or the key that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<DisplayName>,
}

/// Where a line stands: by time, and in one millisecond by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AuditPlace {
    /// When, epoch milliseconds.
    pub at_ms: u64,
    /// Keeps lines of one moment apart.
    pub tag: u64,
}

/// In an order of text that is the order of places.
impl fmt::Display for AuditPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:015}-{:016x}", self.at_ms, self.tag)
    }
}

/// The text is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in the audit log")]
pub struct NoPlace;

impl FromStr for AuditPlace {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (at_ms, tag) = text.split_once('-').ok_or(NoPlace)?;
        let place = Self {
            at_ms: at_ms.parse().map_err(|_| NoPlace)?,
            tag: u64::from_str_radix(tag, 16).map_err(|_| NoPlace)?,
        };
        Some(place)
            .filter(|place| place.to_string() == text)
            .ok_or(NoPlace)
    }
}

impl Record for AuditRecord {
    fn encode(&self) -> Vec<u8> {
        codec::encode(1, self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode audit line";
        match codec::version(WHAT, bytes)? {
            1 => codec::read(WHAT, bytes),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
