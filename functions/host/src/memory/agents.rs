//! Agents who signed in.

use sightline_wire::AgentId;

use super::{Memory, step};
use crate::ports::{Agents, StoreError};
use crate::records::{AgentRecord, Record as _, RevocationRecord};

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

    async fn note_revocation(
        &self,
        agent: AgentId,
        revocation: RevocationRecord,
    ) -> Result<(), StoreError> {
        step().await;
        let encoded = revocation.encode();
        self.world().revocations.insert(agent, encoded);
        Ok(())
    }

    async fn revocation(&self, agent: AgentId) -> Result<Option<RevocationRecord>, StoreError> {
        step().await;
        let world = self.world();
        let noted = world.revocations.get(&agent);
        noted
            .map(|bytes| RevocationRecord::decode(bytes))
            .transpose()
    }

    async fn revocations(&self) -> Result<Vec<(AgentId, RevocationRecord)>, StoreError> {
        step().await;
        let world = self.world();
        let noted = world.revocations.iter();
        noted
            .map(|(agent, bytes)| Ok((*agent, RevocationRecord::decode(bytes)?)))
            .collect()
    }
}
