//! The relays with a lease, and the assignment of rooms to relays.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use sightline_host::ports::{ConnectionKey, Relays, StoreError};
use sightline_host::records::{Assignment, RelayRecord};
use sightline_wire::{RelayId, SessionId};

use super::item::{Item, damaged};
use super::keys::partition;
use super::{KEPT_S, Table, clock_s, names, number, text};
use crate::store_error;

/// The partition of all relays, which are few and read together.
const RELAYS: &str = "relays";

/// Holds if the lease exists and belongs to this connection.
const OURS: &str = "#conn = :conn";

impl Relays for Table {
    async fn put_relay(&self, record: RelayRecord) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row(&record).into())).send().await;
        sent.map_err(|error| store_error::of("put relay", &error))?;
        Ok(())
    }

    /// Renews a lease. The unchanged members are read first; if another connection registers in
    /// between, the condition fails. A retry writes the same.
    async fn renew_lease(
        &self,
        id: RelayId,
        connection: &ConnectionKey,
        rooms: u32,
        draining: bool,
        lease_until_ms: u64,
    ) -> Result<bool, StoreError> {
        const WHAT: &str = "renew relay";
        let Some(known) = self.read(WHAT, relay(id)).await? else {
            return Ok(false);
        };
        let known: RelayRecord = known.body(WHAT)?;
        let renewed = RelayRecord {
            connection: connection.clone(),
            rooms,
            draining,
            lease_until_ms,
            ..known
        };
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row(&renewed).into()))
            .condition_expression(OURS)
            .set_expression_attribute_names(names(&[OURS]))
            .expression_attribute_values(":conn", text(&connection.0))
            .send()
            .await;
        let Err(error) = sent else { return Ok(true) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(store_error::of(WHAT, &error)),
        }
    }

    async fn alive_relays(&self, now_ms: u64) -> Result<Vec<RelayRecord>, StoreError> {
        const WHAT: &str = "list relays";
        let mut rows = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(RELAYS))
            .into_paginator()
            .items()
            .send();
        let mut alive = Vec::new();
        while let Some(row) = rows.next().await {
            let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
            let record: RelayRecord = row.body(WHAT)?;
            if record.lease_until_ms > now_ms {
                alive.push(record);
            }
        }
        alive.sort_by_key(|record| record.relay);
        Ok(alive)
    }

    async fn end_lease(&self, id: RelayId, connection: &ConnectionKey) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.name);
        let deleted = delete
            .set_key(Some(relay(id).into()))
            .condition_expression(OURS)
            .set_expression_attribute_names(names(&[OURS]))
            .expression_attribute_values(":conn", text(&connection.0))
            .send()
            .await;
        let Err(error) = deleted else { return Ok(()) };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(store_error::of("forget relay", &error)),
        }
    }

    async fn assigned(&self, session: SessionId) -> Result<Option<Assignment>, StoreError> {
        const WHAT: &str = "find assignment";
        let row = self.read(WHAT, room(session)).await?;
        row.map(|row| row.body(WHAT)).transpose()
    }

    async fn assign(
        &self,
        session: SessionId,
        assignment: Assignment,
    ) -> Result<Assignment, StoreError> {
        const WHAT: &str = "assign";
        const NEXT: &str = "attribute_not_exists(#pk) OR #epoch = :before";
        let before = u64::from(assignment.epoch).saturating_sub(1);
        let row = room(session)
            .with("epoch", number(assignment.epoch))
            .with_body(&assignment)
            .with_ttl(clock_s() + KEPT_S);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .condition_expression(NEXT)
            .set_expression_attribute_names(names(&[NEXT]))
            .expression_attribute_values(":before", number(before))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(assignment);
        };
        match error.as_service_error() {
            // A retry ends here, too: the stored assignment is the one it asked for.
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let stands = failed.item().cloned().map(Item::from);
                stands.ok_or_else(|| damaged(WHAT))?.body(WHAT)
            }
            _ => Err(store_error::of(WHAT, &error)),
        }
    }
}

fn row(record: &RelayRecord) -> Item {
    relay(record.relay)
        .with("conn", text(&record.connection.0))
        .with_body(record)
        .with_ttl(record.lease_until_ms.div_ceil(1_000))
}

fn relay(id: RelayId) -> Item {
    Item::at(RELAYS.to_owned(), id.to_string())
}

fn room(session: SessionId) -> Item {
    Item::at(partition(session), "room")
}
