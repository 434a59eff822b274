//! The records of connections.

use super::Memory;
use crate::ports::{ConnectionKey, Connections, StoreError};
use crate::records::{ConnectionRecord, Record as _};

impl Connections for Memory {
    async fn put_connection(
        &self,
        connection: &ConnectionKey,
        record: ConnectionRecord,
    ) -> Result<(), StoreError> {
        self.world()
            .connections
            .insert(connection.clone(), record.encode());
        Ok(())
    }

    async fn replace_connection(
        &self,
        connection: &ConnectionKey,
        before: &ConnectionRecord,
        after: ConnectionRecord,
    ) -> Result<bool, StoreError> {
        let mut world = self.world();
        let stored = world.connections.get_mut(connection);
        let Some(stored) = stored.filter(|stored| **stored == before.encode()) else {
            return Ok(false);
        };
        *stored = after.encode();
        Ok(true)
    }

    async fn find_connection(
        &self,
        connection: &ConnectionKey,
    ) -> Result<Option<ConnectionRecord>, StoreError> {
        let world = self.world();
        let bytes = world.connections.get(connection);
        bytes
            .map(|bytes| ConnectionRecord::decode(bytes))
            .transpose()
    }

    async fn remove_connection(
        &self,
        connection: &ConnectionKey,
    ) -> Result<Option<ConnectionRecord>, StoreError> {
        let bytes = self.world().connections.remove(connection);
        bytes
            .map(|bytes| ConnectionRecord::decode(&bytes))
            .transpose()
    }
}
