//! An agent who signed in.

use sightline_wire::api::Role;
use sightline_wire::{AgentId, DisplayName};

use super::check;
use crate::records::AgentRecord;

#[test]
fn an_agent_of_every_version_is_read() {
    let agent = AgentRecord {
        agent: AgentId::from_bytes([1; 16]),
        name: DisplayName::new("Ada").unwrap(),
        role: Role::Admin,
        seen_at_ms: 1_800_000_000_000,
    };
    check(&agent, &[include_str!("../../../samples/agent.1.json")]);
}
