//! The port of the agents who signed in.

use std::future::Future;

use sightline_wire::AgentId;

use super::StoreError;
use crate::records::{AgentRecord, RevocationRecord};

/// Remembers agents, for lists, and whose access was taken back.
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
    /// Notes that an agent's access was taken back or given again, in place of an earlier note. It
    /// stays for good.
    fn note_revocation(
        &self,
        agent: AgentId,
        revocation: RevocationRecord,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Returns the note on an agent's access.
    fn revocation(
        &self,
        agent: AgentId,
    ) -> impl Future<Output = Result<Option<RevocationRecord>, StoreError>> + Send;
    /// Returns all such notes, in no order.
    fn revocations(
        &self,
    ) -> impl Future<Output = Result<Vec<(AgentId, RevocationRecord)>, StoreError>> + Send;
}
