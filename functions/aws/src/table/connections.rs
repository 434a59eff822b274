//! The records of connections.

use aws_sdk_dynamodb::types::ReturnValue;
use sightline_host::ports::{ConnectionKey, Connections, StoreError};
use sightline_host::records::ConnectionRecord;

use super::item::Item;
use super::{ONLY, Table};
use crate::store_error;

impl Connections for Table {
    async fn put_connection(
        &self,
        connection: &ConnectionKey,
        record: ConnectionRecord,
    ) -> Result<(), StoreError> {
        let row = key(connection)
            .with_body(&record)
            .with_ttl(record.delete_at_s);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row.into())).send().await;
        sent.map_err(|error| store_error::of("put connection", &error))?;
        Ok(())
    }

    async fn find_connection(
        &self,
        connection: &ConnectionKey,
    ) -> Result<Option<ConnectionRecord>, StoreError> {
        const WHAT: &str = "find connection";
        let row = self.read(WHAT, key(connection)).await?;
        row.map(|row| row.body(WHAT)).transpose()
    }

    /// Removes a record. If the answer is lost, the retry finds no record; the close is then
    /// noticed by silence, as when `$disconnect` is not delivered at all.
    async fn remove_connection(
        &self,
        connection: &ConnectionKey,
    ) -> Result<Option<ConnectionRecord>, StoreError> {
        const WHAT: &str = "remove connection";
        let delete = self.client.delete_item().table_name(&self.name);
        let deleted = delete
            .set_key(Some(key(connection).into()))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(|error| store_error::of(WHAT, &error))?;
        let row = deleted.attributes.filter(|row| !row.is_empty());
        row.map(|row| Item::from(row).body(WHAT)).transpose()
    }
}

fn key(connection: &ConnectionKey) -> Item {
    Item::at(format!("c#{}", connection.0), ONLY)
}
