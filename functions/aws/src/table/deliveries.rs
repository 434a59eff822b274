//! Deliveries of webhooks' messages.
//!
//! A delivery is written with its event. Right after that it is handed over: it gets its place in
//! the list of its webhook, and goes to the queue. What was not handed over, because a process
//! ended or the queue failed, the sweep finds in the index, where every delivery is that waits.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use futures_util::future::try_join_all;
use sightline_host::ports::{Committed, StoreError, Webhooks};
use sightline_host::records::{
    DeliveryPlace, DeliveryRecord, DeliveryStage, Record as _, WebhookRing,
};
use sightline_wire::{MessageId, SessionId, WebhookId};

use super::item::{Item, damaged};
use super::transaction::put;
use super::{Table, bytes, call_id, late, names, text};
use crate::store_error;

/// Rows of one request (DynamoDB API Reference, "BatchGetItem").
const ROWS_MAX: usize = 100;

/// Places that are written at a time.
const AT_A_TIME: usize = 16;

/// Before the first place of a list: these begin with digits.
const BEGINNING: &str = "!";

impl Webhooks for Table {
    async fn webhooks(&self) -> Result<WebhookRing, StoreError> {
        self.read_webhooks().await
    }

    async fn replace_webhooks(&self, ring: WebhookRing) -> Result<Committed, StoreError> {
        self.replace_webhook_ring(ring).await
    }

    async fn put_delivery(&self, delivery: DeliveryRecord) -> Result<(), StoreError> {
        const FREE: &str = "attribute_not_exists(#pk)";
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row(&delivery).into()))
            .condition_expression(FREE)
            .set_expression_attribute_names(names(&[FREE]))
            .send()
            .await;
        if let Err(error) = sent {
            match error.as_service_error() {
                // Perhaps by an earlier try of this call, whose answer was lost.
                Some(PutItemError::ConditionalCheckFailedException(_)) => {}
                _ => return Err(store_error::of("store delivery", &error)),
            }
        }
        self.hand_over_now(&[delivery]).await;
        Ok(())
    }

    async fn replace_delivery(
        &self,
        before: &DeliveryRecord,
        after: DeliveryRecord,
    ) -> Result<bool, StoreError> {
        const WHAT: &str = "replace delivery";
        const STANDS: &str = "#body = :before";
        let by = call_id(WHAT)?;
        let row = row(&after).with("by", bytes(by.clone()));
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .condition_expression(STANDS)
            .set_expression_attribute_names(names(&[STANDS]))
            .expression_attribute_values(":before", bytes(before.encode()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        if let Err(error) = sent {
            let Some(PutItemError::ConditionalCheckFailedException(failed)) =
                error.as_service_error()
            else {
                return Err(store_error::of(WHAT, &error));
            };
            // The answer to an earlier try of this call may have been lost.
            let stands = failed.item().cloned().map(Item::from);
            if stands.is_none_or(|row| row.bytes("by") != Some(&by)) {
                return Ok(false);
            }
        }
        // One that waited before is in the queue already.
        if before.stage == DeliveryStage::Dead && after.due_ms().is_some() {
            self.hand_over_now(&[after]).await;
        }
        Ok(true)
    }

    async fn find_delivery(
        &self,
        webhook: WebhookId,
        message: MessageId,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        const WHAT: &str = "find delivery";
        let row = self.read(WHAT, key(webhook, message)).await?;
        row.map(|row| row.body(WHAT)).transpose()
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<DeliveryPlace>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let mut after = after.map_or_else(|| BEGINNING.to_owned(), place);
        let mut found = Vec::new();
        while found.len() < limit {
            let wanted = limit.saturating_sub(found.len()).min(ROWS_MAX);
            let places = self.places_after(webhook, &after, wanted).await?;
            let Some((last, _)) = places.last() else {
                break;
            };
            after.clone_from(last);
            found.extend(self.at_places(places).await?);
        }
        Ok(found)
    }

    async fn first_waiting(
        &self,
        webhook: WebhookId,
        call: Option<SessionId>,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        const WHAT: &str = "find a waiting delivery";
        let mut rows = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .filter_expression(late::WAITS)
            .set_expression_attribute_names(names(&[late::WAITS]))
            .expression_attribute_values(":pk", text(partition(webhook, call)))
            .into_paginator()
            .items()
            .send();
        let Some(row) = rows.next().await else {
            return Ok(None);
        };
        let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
        row.body(WHAT).map(Some)
    }

    /// Rows stay until their date: nobody asks for those of a webhook that is not there, and those
    /// that wait are given up when they are due.
    async fn remove_deliveries(&self, _webhook: WebhookId) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Table {
    /// Hands over what was stored just now. After a failure the sweep does.
    pub(super) async fn hand_over_now(&self, deliveries: &[DeliveryRecord]) {
        let era = |delivery: &DeliveryRecord| delivery.since_ms.to_string();
        if let Err(error) = self.hand_over(deliveries, era).await {
            tracing::error!(error = %error, "failed to hand webhooks' messages over, the sweep will");
        }
    }

    /// Gives deliveries their places in the lists of their webhooks, and sends them to the queue. A
    /// delivery that was handed over in the same era in the last minutes is not sent again.
    pub(super) async fn hand_over(
        &self,
        deliveries: &[DeliveryRecord],
        era: impl Fn(&DeliveryRecord) -> String,
    ) -> Result<(), StoreError> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let listed = async {
            for some in deliveries.chunks(AT_A_TIME) {
                try_join_all(some.iter().map(|delivery| self.list(delivery))).await?;
            }
            Ok(())
        };
        let queued = async {
            match &self.queue {
                Some(queue) => queue.send(deliveries, era).await,
                None => Ok(()),
            }
        };
        let (listed, queued) = tokio::join!(listed, queued);
        listed.and(queued)
    }

    async fn list(&self, delivery: &DeliveryRecord) -> Result<(), StoreError> {
        let at = Item::at(list(delivery.webhook), place(delivery.place()))
            .with("at", text(delivery.message.to_string()))
            .with_ttl(delivery.delete_at_s);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(at.into())).send().await;
        sent.map(drop)
            .map_err(|error| store_error::of("list delivery", &error))
    }

    /// Returns places of a list after another, and the key of the delivery at each.
    async fn places_after(
        &self,
        webhook: WebhookId,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Item)>, StoreError> {
        const WHAT: &str = "list deliveries";
        let queried = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", text(list(webhook)))
            .expression_attribute_values(":after", text(after))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await;
        let rows = queried.map_err(|error| store_error::of(WHAT, &error))?;
        let rows = rows.items.unwrap_or_default().into_iter().map(Item::from);
        let places = rows.map(|row| {
            let message = row.text("at").and_then(|text| text.parse().ok());
            let place = row.text("sk").map(str::to_owned).zip(message);
            let (place, message) = place.ok_or_else(|| damaged(WHAT))?;
            Ok((place, key(webhook, message)))
        });
        places.collect()
    }

    /// Reads deliveries in the order of their places. One that is deleted already is left out.
    async fn at_places(
        &self,
        places: Vec<(String, Item)>,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        const WHAT: &str = "list deliveries";
        let keys = places.iter().filter_map(|(_, key)| key.key());
        let rows = self.read_batch(WHAT, keys.map(HashMap::from).collect());
        let rows = rows.await?;
        let rows: HashMap<_, _> = rows.iter().map(|row| (row.names(), row)).collect();
        let found = places.iter().filter_map(|(_, key)| rows.get(&key.names()));
        found.map(|row| row.body(WHAT)).collect()
    }

    /// Returns the writes of deliveries in the transaction of what they are about.
    pub(super) fn delivery_writes(
        &self,
        deliveries: &[DeliveryRecord],
    ) -> impl Iterator<Item = TransactWriteItem> {
        deliveries
            .iter()
            .map(|delivery| put(&self.name, row(delivery), None))
    }
}

/// The row of a delivery.
fn row(delivery: &DeliveryRecord) -> Item {
    let row = key(delivery.webhook, delivery.message)
        .with_body(delivery)
        .with_ttl(delivery.delete_at_s);
    late::mark(row, delivery)
}

/// The key of a delivery.
pub(super) fn key(webhook: WebhookId, message: MessageId) -> Item {
    let number = format!("{:020}", message.number);
    Item::at(partition(webhook, message.call), number)
}

/// The partition of the deliveries to a webhook about one call.
fn partition(webhook: WebhookId, call: Option<SessionId>) -> String {
    let call = call.map_or_else(|| "test".to_owned(), |call| call.to_string());
    format!("d#{webhook}#{call}")
}

/// The partition of the list of a webhook.
fn list(webhook: WebhookId) -> String {
    format!("d#{webhook}")
}

fn place(place: DeliveryPlace) -> String {
    let (time, call, number) = place.order();
    format!("{time:020}#{}#{number:020}", hex::encode(call))
}
