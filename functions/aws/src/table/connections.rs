//! The records of connections.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use sightline_host::ports::{ConnectionKey, Connections, StoreError};
use sightline_host::records::{ConnectionRecord, Record as _};

use super::item::Item;
use super::{ONLY, Table, bytes, names};
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

    /// Compares the decoded record, because an older version may have encoded it, and writes on the
    /// condition that its bytes are unchanged since. If the answer is lost, the retry finds its own
    /// record.
    async fn replace_connection(
        &self,
        connection: &ConnectionKey,
        before: &ConnectionRecord,
        after: ConnectionRecord,
    ) -> Result<bool, StoreError> {
        const WHAT: &str = "replace connection";
        const UNCHANGED: &str = "#body = :stored OR #body = :ours";
        let Some(stored) = self.read(WHAT, key(connection)).await? else {
            return Ok(false);
        };
        if stored.body::<ConnectionRecord>(WHAT)? != *before {
            return Ok(false);
        }
        let was = stored.bytes("body").unwrap_or_default().to_vec();
        let row = key(connection)
            .with_body(&after)
            .with_ttl(after.delete_at_s);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .condition_expression(UNCHANGED)
            .set_expression_attribute_names(names(&[UNCHANGED]))
            .expression_attribute_values(":stored", bytes(was))
            .expression_attribute_values(":ours", bytes(after.encode()))
            .send()
            .await;
        let Err(error) = sent else { return Ok(true) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(store_error::of(WHAT, &error)),
        }
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
