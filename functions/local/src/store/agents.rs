//! Agents who signed in.

use redb::{ReadableTable, TableError};
use sightline_host::ports::{Agents, StoreError};
use sightline_host::records::{AgentRecord, Record as _, RevocationRecord};
use sightline_wire::AgentId;

use super::Store;
use super::dates::expired;
use super::tables::{AGENTS, REVOCATIONS};

impl Agents for Store {
    async fn note_agent(&self, agent: AgentRecord, delete_at_s: u64) -> Result<(), StoreError> {
        let encoded = agent.encode();
        self.write("note agent", move |transaction| {
            let mut table = transaction.open_table(AGENTS)?;
            table.insert(agent.agent.as_bytes(), (delete_at_s, encoded.as_slice()))?;
            Ok(())
        })
        .await
    }

    async fn agents(&self, now_ms: u64) -> Result<Vec<AgentRecord>, StoreError> {
        let stored = self.read("list agents", move |transaction| {
            let mut stored = Vec::new();
            let Some(table) = there(transaction.open_table(AGENTS))? else {
                return Ok(stored);
            };
            for row in table.iter()? {
                let (_, value) = row?;
                let (delete_at_s, record) = value.value();
                if !expired(delete_at_s, now_ms) {
                    stored.push(record.to_vec());
                }
            }
            Ok(stored)
        });
        let stored = stored.await?;
        stored
            .iter()
            .map(|bytes| AgentRecord::decode(bytes))
            .collect()
    }

    async fn note_revocation(
        &self,
        agent: AgentId,
        revocation: RevocationRecord,
    ) -> Result<(), StoreError> {
        let encoded = revocation.encode();
        self.write("note revocation", move |transaction| {
            let mut table = transaction.open_table(REVOCATIONS)?;
            table.insert(agent.as_bytes(), encoded.as_slice())?;
            Ok(())
        })
        .await
    }

    async fn revocation(&self, agent: AgentId) -> Result<Option<RevocationRecord>, StoreError> {
        let stored = self.read("find revocation", move |transaction| {
            let Some(table) = there(transaction.open_table(REVOCATIONS))? else {
                return Ok(None);
            };
            let row = table.get(agent.as_bytes())?;
            Ok(row.map(|row| row.value().to_vec()))
        });
        let stored = stored.await?;
        stored
            .map(|bytes| RevocationRecord::decode(&bytes))
            .transpose()
    }

    async fn revocations(&self) -> Result<Vec<(AgentId, RevocationRecord)>, StoreError> {
        let stored = self.read("list revocations", move |transaction| {
            let mut stored = Vec::new();
            let Some(table) = there(transaction.open_table(REVOCATIONS))? else {
                return Ok(stored);
            };
            for row in table.iter()? {
                let (agent, record) = row?;
                stored.push((AgentId::from_bytes(*agent.value()), record.value().to_vec()));
            }
            Ok(stored)
        });
        let stored = stored.await?.into_iter();
        stored
            .map(|(agent, bytes)| Ok((agent, RevocationRecord::decode(&bytes)?)))
            .collect()
    }
}

/// A file of an earlier version has no such table yet.
fn there<T>(table: Result<T, TableError>) -> Result<Option<T>, TableError> {
    match table {
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        table => table.map(Some),
    }
}
