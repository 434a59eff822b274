//! The port of the agents who signed in.

use std::future::Future;

use super::StoreError;
use crate::records::AgentRecord;

/// Remembers agents, for lists.
pub trait Agents: Send + Sync {
    /// Notes an agent in place of an earlier note of the same one, until `delete_at_s`.
    fn note_agent(
        &self,
        agent: AgentRecord,
        delete_at_s: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns all agents whose delete date has not passed, in no order.
    fn agents(
        &self,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<AgentRecord>, StoreError>> + Send;
}
