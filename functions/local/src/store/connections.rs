//! Connections. They are of one process and stay in memory.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use sightline_host::ports::{ConnectionKey, Connections, StoreError};
use sightline_host::records::ConnectionRecord;

use super::Store;

impl Store {
    fn connections(&self) -> MutexGuard<'_, BTreeMap<ConnectionKey, ConnectionRecord>> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections for Store {
    async fn put_connection(
        &self,
        connection: &ConnectionKey,
        record: ConnectionRecord,
    ) -> Result<(), StoreError> {
        self.connections().insert(connection.clone(), record);
        Ok(())
    }

    async fn replace_connection(
        &self,
        connection: &ConnectionKey,
        before: &ConnectionRecord,
        after: ConnectionRecord,
    ) -> Result<bool, StoreError> {
        let mut connections = self.connections();
        let stored = connections.get_mut(connection);
        let Some(stored) = stored.filter(|stored| *stored == before) else {
            return Ok(false);
        };
        *stored = after;
        Ok(true)
    }

    async fn find_connection(
        &self,
        connection: &ConnectionKey,
    ) -> Result<Option<ConnectionRecord>, StoreError> {
        Ok(self.connections().get(connection).cloned())
    }

    async fn remove_connection(
        &self,
        connection: &ConnectionKey,
    ) -> Result<Option<ConnectionRecord>, StoreError> {
        let removed = self.connections().remove(connection);
        if let Some(sign_in) = removed.as_ref().and_then(|record| record.sign_in) {
            self.forget_sign_in(sign_in, connection);
        }
        Ok(removed)
    }
}
