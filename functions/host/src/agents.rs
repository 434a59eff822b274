//! The agents of a deployment, for lists.

use sightline_wire::api::{ApiError, Role};
use sightline_wire::v1::{V1Agent, V1Agents};
use sightline_wire::{AgentId, DisplayName};

use crate::host::Host;
use crate::ports::{Agents, Ports};
use crate::records::AgentRecord;
use crate::stop::OrAnswer;

/// How long an agent is listed after the last sign-in, seconds.
const LISTED_S: u64 = 365 * 24 * 60 * 60;

impl<P: Ports> Host<P> {
    /// Notes that an agent signed in. A failure is logged: the sign-in itself needs no note.
    pub(crate) async fn note_signed_in(&self, agent: AgentId, name: &DisplayName, role: Role) {
        let seen_at_ms = self.ports.date_ms();
        let record = AgentRecord {
            agent,
            name: name.clone(),
            role,
            seen_at_ms,
        };
        let delete_at_s = seen_at_ms / 1_000 + LISTED_S;
        if let Err(error) = self.ports.store().note_agent(record, delete_at_s).await {
            tracing::warn!(error = %error, "failed to note a sign-in");
        }
    }

    /// Lists the agents by name.
    pub(crate) async fn listed_agents(&self) -> Result<V1Agents, ApiError> {
        let agents = self.ports.store().agents(self.ports.erase_ms()).await;
        let mut agents: Vec<V1Agent> = agents.or_fail(None)?.into_iter().map(line).collect();
        agents.sort_by(|one, two| (&one.name, one.id).cmp(&(&two.name, two.id)));
        Ok(V1Agents { agents })
    }
}

fn line(agent: AgentRecord) -> V1Agent {
    V1Agent {
        id: agent.agent,
        name: agent.name,
        role: agent.role,
        seen_at_ms: agent.seen_at_ms,
    }
}
