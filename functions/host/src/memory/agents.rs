//! Agents who signed in.

use super::{Memory, step};
use crate::ports::{Agents, StoreError};
use crate::records::{AgentRecord, Record as _};

impl Agents for Memory {
    async fn note_agent(&self, agent: AgentRecord, delete_at_s: u64) -> Result<(), StoreError> {
        step().await;
        let row = (delete_at_s, agent.encode());
        self.world().agents.insert(agent.agent, row);
        Ok(())
    }

    async fn agents(&self, now_ms: u64) -> Result<Vec<AgentRecord>, StoreError> {
        step().await;
        let world = self.world();
        let listed = world.agents.values();
        let listed = listed.filter(|(delete_at_s, _)| now_ms / 1_000 < *delete_at_s);
        listed
            .map(|(_, bytes)| AgentRecord::decode(bytes))
            .collect()
    }
}
