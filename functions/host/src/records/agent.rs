//! An agent who signed in.

use serde::{Deserialize, Serialize};
use sightline_wire::api::Role;
use sightline_wire::{AgentId, DisplayName};

use super::{Record, codec};
use crate::store_error::StoreError;

/// An agent as of the last sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRecord {
    /// The agent.
    pub agent: AgentId,
    /// Display name.
    pub name: DisplayName,
    /// What the agent may do.
    pub role: Role,
    /// When the agent signed in, epoch milliseconds.
    pub seen_at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Agent1 {
    agent: AgentId,
    name: DisplayName,
    role: Role,
    seen_at_ms: u64,
}

impl Record for AgentRecord {
    fn encode(&self) -> Vec<u8> {
        let record = Agent1 {
            agent: self.agent,
            name: self.name.clone(),
            role: self.role,
            seen_at_ms: self.seen_at_ms,
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode agent";
        match codec::version(WHAT, bytes)? {
            1 => {
                let Agent1 {
                    agent,
                    name,
                    role,
                    seen_at_ms,
                } = codec::read(WHAT, bytes)?;
                Ok(Self {
                    agent,
                    name,
                    role,
                    seen_at_ms,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
