//! The agents of a deployment: what an admin's page says and hears of them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::api::Role;
use crate::{AgentId, DisplayName};

/// Answer to `GET /api/agents`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentLines {
    /// By name.
    pub agents: Vec<AgentLine>,
}

/// An agent who signed in during the last year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AgentLine {
    /// The agent.
    pub id: AgentId,
    /// The name of the last sign-in.
    pub name: DisplayName,
    /// The role of the last sign-in.
    pub role: Role,
    /// When the agent signed in last, epoch milliseconds.
    #[ts(type = "number")]
    pub seen_at_ms: u64,
    /// When the agent's access was taken back, epoch milliseconds. Absent while they have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub revoked_at_ms: Option<u64>,
    /// It is the admin who asks.
    pub own: bool,
}

/// `PUT /api/agents/{id}/access`: takes an agent's access back, or gives it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SetAccess {
    /// The agent may sign in.
    pub allowed: bool,
}
