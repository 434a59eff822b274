//! Agents who signed in.

use sightline_host::ports::{Agents, StoreError};
use sightline_host::records::{AgentRecord, RevocationRecord};
use sightline_wire::AgentId;

use super::Table;
use super::item::Item;
use crate::store_error;

/// The partition of all agents.
const AGENTS: &str = "agents";

/// The partition of all notes on the end of an agent's access.
const REVOKED: &str = "revoked";

impl Agents for Table {
    async fn note_agent(&self, agent: AgentRecord, delete_at_s: u64) -> Result<(), StoreError> {
        const WHAT: &str = "note agent";
        let row = Item::at(AGENTS.to_owned(), agent.agent.to_string())
            .with_body(&agent)
            .with_ttl(delete_at_s);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row.into())).send().await;
        sent.map(drop)
            .map_err(|error| store_error::of(WHAT, &error))
    }

    async fn agents(&self, now_ms: u64) -> Result<Vec<AgentRecord>, StoreError> {
        const WHAT: &str = "list agents";
        let rows = self.rows_under(WHAT, AGENTS.to_owned()).await?;
        let rows = rows.iter().filter(|row| !row.is_expired(now_ms));
        rows.map(|row| row.body(WHAT)).collect()
    }

    async fn note_revocation(
        &self,
        agent: AgentId,
        revocation: RevocationRecord,
    ) -> Result<(), StoreError> {
        const WHAT: &str = "note revocation";
        let row = Item::at(REVOKED.to_owned(), agent.to_string()).with_body(&revocation);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row.into())).send().await;
        sent.map(drop)
            .map_err(|error| store_error::of(WHAT, &error))
    }

    async fn revocation(&self, agent: AgentId) -> Result<Option<RevocationRecord>, StoreError> {
        const WHAT: &str = "find revocation";
        let row = self.read(WHAT, Item::at(REVOKED.to_owned(), agent.to_string()));
        row.await?.map(|row| row.body(WHAT)).transpose()
    }

    async fn revocations(&self) -> Result<Vec<(AgentId, RevocationRecord)>, StoreError> {
        const WHAT: &str = "list revocations";
        let rows = self.rows_under(WHAT, REVOKED.to_owned()).await?;
        let noted = rows.iter().filter_map(|row| {
            let agent = row.text("sk")?.parse().ok()?;
            Some(row.body(WHAT).map(|revocation| (agent, revocation)))
        });
        noted.collect()
    }
}
