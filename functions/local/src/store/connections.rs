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
        Ok(self.connections().remove(connection))
    }
}
