//! Agents who signed in.

use redb::{ReadableTable, TableError};
use sightline_host::ports::{Agents, StoreError};
use sightline_host::records::{AgentRecord, Record as _};

use super::Store;
use super::dates::expired;
use super::tables::AGENTS;

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
            let table = match transaction.open_table(AGENTS) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                table => table?,
            };
            let mut stored = Vec::new();
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
}
