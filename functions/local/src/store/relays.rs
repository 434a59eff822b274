//! The assignment of rooms to relays. Leases belong to one process and stay in memory; the epoch is
//! stored, because it must not decrease.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use redb::ReadableTable;
use sightline_host::ports::{ConnectionKey, Relays, StoreError};
use sightline_host::records::{Assignment, Record, RelayRecord};
use sightline_wire::{RelayId, SessionId};

use super::Store;
use super::failure::DatabaseFailure;
use super::tables::ASSIGNMENTS;

impl Store {
    fn relays(&self) -> MutexGuard<'_, BTreeMap<RelayId, RelayRecord>> {
        self.relays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Relays for Store {
    async fn put_relay(&self, record: RelayRecord) -> Result<(), StoreError> {
        self.relays().insert(record.relay, record);
        Ok(())
    }

    async fn renew_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
        rooms: u32,
        draining: bool,
        lease_until_ms: u64,
    ) -> Result<bool, StoreError> {
        let mut relays = self.relays();
        let known = relays.get_mut(&relay);
        let Some(known) = known.filter(|known| known.connection == *connection) else {
            return Ok(false);
        };
        known.rooms = rooms;
        known.draining = draining;
        known.lease_until_ms = lease_until_ms;
        Ok(true)
    }

    async fn alive_relays(&self, now_ms: u64) -> Result<Vec<RelayRecord>, StoreError> {
        let relays = self.relays();
        let alive = relays
            .values()
            .filter(|relay| relay.lease_until_ms > now_ms);
        Ok(alive.cloned().collect())
    }

    async fn end_lease(
        &self,
        relay: RelayId,
        connection: &ConnectionKey,
    ) -> Result<(), StoreError> {
        let mut relays = self.relays();
        if relays
            .get(&relay)
            .is_some_and(|known| known.connection == *connection)
        {
            relays.remove(&relay);
        }
        Ok(())
    }

    async fn assigned(&self, session: SessionId) -> Result<Option<Assignment>, StoreError> {
        self.read("find assignment", move |transaction| {
            let table = transaction.open_table(ASSIGNMENTS)?;
            stored(&table, session)
        })
        .await
    }

    async fn assign(
        &self,
        session: SessionId,
        wanted: Assignment,
    ) -> Result<Assignment, StoreError> {
        self.write("assign", move |transaction| {
            let mut table = transaction.open_table(ASSIGNMENTS)?;
            let stands = stored(&table, session)?;
            let next = stands.map_or(1, |stands| stands.epoch.saturating_add(1));
            match stands {
                Some(stands) if wanted.epoch != next => Ok(stands),
                _ => {
                    table.insert(session.as_bytes(), wanted.encode().as_slice())?;
                    Ok(wanted)
                }
            }
        })
        .await
    }
}

fn stored(
    table: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    session: SessionId,
) -> Result<Option<Assignment>, DatabaseFailure> {
    let row = table.get(session.as_bytes())?;
    Ok(row.map(|row| Assignment::decode(row.value())).transpose()?)
}
