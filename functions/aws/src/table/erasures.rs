//! Erasing a session: bury it, delete every row that leads to it, leave a tombstone.
//!
//! A session may have tens of thousands of rows, which no transaction holds. So its state is marked
//! first; from then on no reader finds the session, and no commit succeeds. The state goes last,
//! when the tombstone takes its place: until then an erasure that was cut off can be repeated.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sightline_host::ports::{Committed, Erasure, Erasures, StoreError, Tombstone};
use sightline_host::records::Record;
use sightline_session::State;
use sightline_wire::SessionId;

use super::item::Item;
use super::keys::{INVITES, STATE, partition};
use super::transaction::{Cancelled, put};
use super::{ONLY, Table, directory, lists, names, number, pack, places, rate_counters, text};
use crate::places::CookieOwner;
use crate::store_error;

/// Marks the state of a session that is erased, and its tombstone.
pub(super) const BURIED: &str = "buried";

const WHAT: &str = "erase";

/// Rows in one request (DynamoDB API Reference, "BatchWriteItem").
const ROWS_MAX: usize = 25;

/// Requests at a time.
const AT_A_TIME: usize = 8;

/// Tries of one request: DynamoDB may leave rows of it undone.
const TRIES_MAX: u32 = 8;

impl Erasures for Table {
    async fn erase(&self, erasure: &Erasure) -> Result<Committed, StoreError> {
        let session = erasure.session;
        if self.bury(erasure).await? == Committed::Clash {
            return Ok(Committed::Clash);
        }
        let rows = self.rows_of(session).await?;
        // Only these rows say which invites there are, so the invites go before them.
        let invites = rows.iter().filter(|row| row.starts_with(INVITES));
        let elsewhere = invites.map(|invite| Item::at(invite.clone(), ONLY));
        let line = directory::line(erasure.agent, erasure.began_at_ms, session);
        let entries = erasure.terms.iter();
        let entries = entries.map(|term| lists::key(*term, erasure.began_at_ms, session));
        let counters = erasure.counters.iter();
        let counters = counters.map(|name| rate_counters::key(name));
        // Its places name the session, and the addresses of those who had the link.
        let places = places::at(CookieOwner::Customer(session));
        let elsewhere = elsewhere
            .chain([line, places])
            .chain(counters)
            .chain(entries);
        self.delete_all(elsewhere.collect()).await?;
        let own = rows.iter().filter(|row| *row != STATE);
        let own = own.map(|row| Item::at(partition(session), row.clone()));
        self.delete_all(own.collect()).await?;

        self.finish(erasure).await?;
        Ok(Committed::Done)
    }

    async fn tombstone(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> Result<Option<Tombstone>, StoreError> {
        const WHAT: &str = "find tombstone";
        let row = self.read(WHAT, Item::at(partition(session), STATE)).await?;
        let Some(row) = row.filter(|row| row.has(BURIED) && !row.is_expired(now_ms)) else {
            return Ok(None);
        };
        if !row.has("rev") {
            return Ok(Some(Tombstone::Finished));
        }
        let state = State::decode(&pack::unpack(WHAT, &row)?)?;
        Ok(Some(Tombstone::Unfinished(Box::new(state))))
    }
}

impl Table {
    /// Marks the state, and takes it out of the index of open sessions. A second time it succeeds
    /// whatever the revision.
    async fn bury(&self, erasure: &Erasure) -> Result<Committed, StoreError> {
        const MARK: &str = "SET #buried = :yes REMOVE #open, #began";
        const AS_LOADED: &str = "#rev = :rev OR attribute_exists(#buried)";
        let key = Item::at(partition(erasure.session), STATE);
        let sent = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.into()))
            .update_expression(MARK)
            .condition_expression(AS_LOADED)
            .set_expression_attribute_names(names(&[MARK, AS_LOADED]))
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":rev", number(erasure.expected))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Committed::Done);
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(Committed::Clash),
            _ => Err(store_error::of(WHAT, &error)),
        }
    }

    /// Puts the tombstone in the place of the state, with the deliveries of the erasure. A second
    /// time it does nothing.
    async fn finish(&self, erasure: &Erasure) -> Result<(), StoreError> {
        const UNFINISHED: &str = "attribute_exists(#rev)";
        let tombstone = Item::at(partition(erasure.session), STATE)
            .with(BURIED, AttributeValue::Bool(true))
            .with_ttl(erasure.tombstone_until_s);
        let first = put(&self.name, tombstone, Some((UNFINISHED, Vec::new())));
        let further = self.delivery_writes(&erasure.deliveries);
        let writes = std::iter::once(first).chain(further).collect();
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await;
        let Err(error) = sent else {
            self.hand_over_now(&erasure.deliveries).await;
            return Ok(());
        };
        let cancelled = Cancelled::of(WHAT, &error)?;
        match cancelled.condition() {
            Some(0) => Ok(()),
            _ => Err(cancelled.store_error(WHAT)),
        }
    }

    /// Returns the sort keys of all rows of a session.
    async fn rows_of(&self, session: SessionId) -> Result<Vec<String>, StoreError> {
        const KEY: &str = "#sk";
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(partition(session)))
            .projection_expression(KEY)
            .set_expression_attribute_names(names(&[KEY]))
            .into_paginator()
            .items()
            .send();
        let mut rows = Vec::new();
        while let Some(row) = pages.next().await {
            let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
            rows.extend(row.text("sk").map(str::to_owned));
        }
        Ok(rows)
    }

    async fn delete_all(&self, keys: Vec<Item>) -> Result<(), StoreError> {
        let mut batches = Vec::new();
        let mut keys = keys.into_iter().map(deletion).peekable();
        while keys.peek().is_some() {
            batches.push(keys.by_ref().take(ROWS_MAX).collect());
        }
        stream::iter(batches)
            .map(|batch| self.delete_batch(batch))
            .buffer_unordered(AT_A_TIME)
            .try_collect()
            .await
    }

    async fn delete_batch(&self, mut batch: Vec<WriteRequest>) -> Result<(), StoreError> {
        for tries in 1..=TRIES_MAX {
            let request = self.client.batch_write_item();
            let sent = request.request_items(&self.name, batch).send().await;
            let sent = sent.map_err(|error| store_error::of(WHAT, &error))?;
            let left: HashMap<_, _> = sent.unprocessed_items.unwrap_or_default();
            batch = left.into_values().flatten().collect();
            if batch.is_empty() {
                return Ok(());
            }
            rate_counters::pause(WHAT, tries).await?;
        }
        Err(StoreError {
            operation: WHAT,
            cause: "rows are left".to_owned(),
            retryable: true,
        })
    }
}

fn deletion(key: Item) -> WriteRequest {
    let delete = DeleteRequest::builder().set_key(Some(key.into()));
    let delete = delete.build().expect("it has a key");
    WriteRequest::builder().delete_request(delete).build()
}
