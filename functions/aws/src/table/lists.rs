//! Lists of calls by a term: an entry each, in order of time, and the summary that it leads to.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sightline_host::ports::{CallList, Commit, ListPlace, Span, StoreError};
use sightline_host::records::{CallSummary, SearchTerm};
use sightline_wire::{AgentId, SessionId};

use super::item::{Item, damaged};
use super::transaction::{delete, put};
use super::{ONLY, Table, bytes, directory, names, rate_counters, text};
use crate::store_error;

const WHAT: &str = "list calls";

/// Rows of one request (DynamoDB API Reference, "BatchGetItem").
const ROWS_MAX: usize = 100;

/// Requests at a time.
const AT_A_TIME: usize = 8;

/// Tries of one request: DynamoDB may leave rows of it unread.
const TRIES_MAX: u32 = 8;

impl Table {
    pub(super) async fn read_list(
        &self,
        list: CallList,
        part: Span,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<(ListPlace, Option<CallSummary>)>, StoreError> {
        match list {
            CallList::Of(agent) => {
                let order = |place: ListPlace| directory::order(place.at_ms, place.session);
                let rows = self
                    .part(&directory::partition(agent), part, limit, order)
                    .await?;
                let calls = rows.into_iter().map(|row| {
                    let call: CallSummary = row.body(WHAT)?;
                    let place = ListPlace {
                        at_ms: call.at_ms,
                        session: call.session,
                    };
                    Ok((place, (!row.is_expired(now_ms)).then_some(call)))
                });
                calls.collect()
            }
            CallList::Found(term) => {
                let rows = self.part(&partition(term), part, limit, order).await?;
                let entries: Result<Vec<_>, _> = rows.iter().map(entry).collect();
                self.with_summaries(entries?, now_ms).await
            }
        }
    }

    /// Reads rows of a partition, newest first.
    async fn part(
        &self,
        partition: &str,
        part: Span,
        limit: usize,
        order: impl Fn(ListPlace) -> String + Send,
    ) -> Result<Vec<Item>, StoreError> {
        // Both are part of the condition, so the row before the part is read too.
        let after = part.after.map(order);
        let before = format!("{:015}", part.to_ms.min(TIME_MAX));
        let newest = after
            .clone()
            .map_or(before.clone(), |after| after.min(before));
        let oldest = format!("{:015}", part.from_ms);
        let mut found = Vec::new();
        if limit == 0 || newest <= oldest {
            return Ok(found);
        }
        let mut rows = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :oldest AND :newest")
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":oldest", text(oldest))
            .expression_attribute_values(":newest", text(newest))
            .scan_index_forward(false)
            .limit(i32::try_from(limit.saturating_add(1)).unwrap_or(i32::MAX))
            .into_paginator()
            .items()
            .send();
        while found.len() < limit {
            let Some(row) = rows.next().await else { break };
            let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
            if row.text("sk") != after.as_deref() {
                found.push(row);
            }
        }
        Ok(found)
    }

    async fn with_summaries(
        &self,
        entries: Vec<(ListPlace, AgentId)>,
        now_ms: u64,
    ) -> Result<Vec<(ListPlace, Option<CallSummary>)>, StoreError> {
        let mut batches = Vec::new();
        for some in entries.chunks(ROWS_MAX) {
            let keys = some.iter().map(|(place, agent)| {
                HashMap::from(directory::line(*agent, place.at_ms, place.session))
            });
            batches.push(keys.collect());
        }
        let read: Vec<Vec<Item>> = stream::iter(batches)
            .map(|batch| self.read_batch(WHAT, batch))
            .buffer_unordered(AT_A_TIME)
            .try_collect()
            .await?;
        let mut summaries = HashMap::new();
        for row in read.into_iter().flatten() {
            if !row.is_expired(now_ms) {
                let call: CallSummary = row.body(WHAT)?;
                summaries.insert(call.session, call);
            }
        }
        let entries = entries.into_iter();
        Ok(entries
            .map(|(place, _)| (place, summaries.remove(&place.session)))
            .collect())
    }

    /// Reads rows by their keys, in no order. Those that are not there are left out.
    pub(super) async fn read_batch(
        &self,
        what: &'static str,
        mut keys: Vec<HashMap<String, AttributeValue>>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut rows = Vec::new();
        for tries in 1..=TRIES_MAX {
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build()
                .expect("it has keys");
            let request = self
                .client
                .batch_get_item()
                .request_items(&self.name, asked);
            let sent = request.send().await;
            let sent = sent.map_err(|error| store_error::of(what, &error))?;
            let read = sent.responses.unwrap_or_default().into_values().flatten();
            rows.extend(read.map(Item::from));
            let left = sent.unprocessed_keys.unwrap_or_default().into_values();
            keys = left.flat_map(|left| left.keys).collect();
            if keys.is_empty() {
                return Ok(rows);
            }
            rate_counters::pause(what, tries).await?;
        }
        Err(StoreError {
            operation: what,
            cause: "rows are left".to_owned(),
            retryable: true,
        })
    }

    /// Returns the key of the terms, which the first call stores. It has no delete date.
    pub(super) async fn read_search_key(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        const WHAT: &str = "find search key";
        const FREE: &str = "attribute_not_exists(#pk)";
        let at = || Item::at("search-key".to_owned(), ONLY);
        let key_in = |row: &Item| {
            let key = row.bytes("key").and_then(|key| key.try_into().ok());
            key.ok_or_else(|| damaged(WHAT))
        };
        if let Some(row) = self.read(WHAT, at()).await? {
            return key_in(&row);
        }
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(at().with("key", bytes(fresh)).into()))
            .condition_expression(FREE)
            .set_expression_attribute_names(names(&[FREE]))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(fresh) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let stands = failed.item().cloned().map(Item::from);
                key_in(&stands.ok_or_else(|| damaged(WHAT))?)
            }
            _ => Err(store_error::of(WHAT, &error)),
        }
    }

    /// Returns the writes of a commit's entries.
    pub(super) fn entry_writes(&self, commit: &Commit) -> Vec<TransactWriteItem> {
        let at = |term: &SearchTerm| key(*term, commit.state.began_at_ms, commit.session);
        let gone = commit
            .entries
            .gone
            .iter()
            .map(|term| delete(&self.name, at(term)));
        let new = commit.entries.new.iter().map(|term| {
            let row = at(term)
                .with("agent", text(commit.state.agent.to_string()))
                .with_ttl(commit.summary_delete_at_s);
            put(&self.name, row, None)
        });
        gone.chain(new).collect()
    }
}

/// A time that is later than all others, within 15 digits.
const TIME_MAX: u64 = 999_999_999_999_999;

/// The key of an entry.
pub(super) fn key(term: SearchTerm, at_ms: u64, session: SessionId) -> Item {
    Item::at(partition(term), order(ListPlace { at_ms, session }))
}

fn partition(term: SearchTerm) -> String {
    format!("f#{}", hex::encode(term.0))
}

/// The sort key of an entry. Entries are read backwards, so the id counts downwards.
fn order(place: ListPlace) -> String {
    let downwards = place.session.as_bytes().map(|byte| !byte);
    format!("{:015}#{}", place.at_ms, hex::encode(downwards))
}

fn entry(row: &Item) -> Result<(ListPlace, AgentId), StoreError> {
    let read = || {
        let (time, id) = row.text("sk")?.split_once('#')?;
        let downwards: [u8; 16] = hex::decode(id).ok()?.try_into().ok()?;
        let place = ListPlace {
            at_ms: time.parse().ok()?,
            session: SessionId::from_bytes(downwards.map(|byte| !byte)),
        };
        Some((place, row.text("agent")?.parse().ok()?))
    };
    read().ok_or_else(|| damaged(WHAT))
}
