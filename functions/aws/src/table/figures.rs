//! Marks of calls to be counted, and counts.
//!
//! All marks stand in one partition, in the order of their dates: a sweep reads those that are due
//! and no others. A partition takes 1,000 units a second (DynamoDB Developer Guide, "Burst and
//! adaptive capacity"), which is 500 calls that end. Counts stand in ten, so that calls which are
//! counted at the same moment do not wait for one another.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sightline_host::ports::{CallFigures, CountedCall, DAY_SHARDS, StoreError, Uncounted};
use sightline_host::records::Counts;
use sightline_wire::SessionId;

use super::item::{Item, damaged};
use super::transaction::{Cancelled, put};
use super::{Table, names, number, text};
use crate::store_error;

/// The partition of all marks.
const UNCOUNTED: &str = "uncounted";

/// How attributes that are counts begin.
const COUNT: &str = "n_";

/// Returns the write of a mark. It goes by the date of its session.
pub(super) fn write(table: &str, mark: Uncounted, delete_at_s: u64) -> TransactWriteItem {
    put(table, key(mark).with_ttl(delete_at_s), None)
}

impl CallFigures for Table {
    async fn uncounted(
        &self,
        after: Option<Uncounted>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<Uncounted>, StoreError> {
        const WHAT: &str = "list uncounted calls";
        let from = after.map_or_else(String::new, order);
        // Behind every mark of that moment.
        let to = format!("{:015}~", now_ms.min(TIME_MAX));
        let mut marks = Vec::new();
        if limit == 0 || from > to {
            return Ok(marks);
        }
        let query = self.client.query().table_name(&self.name);
        let mut rows = query
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(UNCOUNTED))
            .expression_attribute_values(":from", text(format!("{from} ")))
            .expression_attribute_values(":to", text(to))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .into_paginator()
            .items()
            .send();
        while marks.len() < limit {
            let Some(row) = rows.next().await else { break };
            let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
            marks.push(mark(&row).ok_or_else(|| damaged(WHAT))?);
        }
        Ok(marks)
    }

    async fn count_call(&self, call: &CountedCall) -> Result<bool, StoreError> {
        const WHAT: &str = "count a call";
        const THERE: &str = "attribute_exists(#pk)";
        let mark = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(key(call.mark).into()))
            .condition_expression(THERE)
            .set_expression_attribute_names(names(&[THERE]))
            .build()
            .expect("it has a table and a key");
        let sent = self
            .client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().delete(mark).build())
            .transact_items(self.addition(call))
            .send()
            .await;
        let Err(error) = sent else { return Ok(true) };
        let cancelled = Cancelled::of(WHAT, &error)?;
        match cancelled.condition() {
            Some(0) if !cancelled.is_conflict() => Ok(false),
            _ => Err(cancelled.store_error(WHAT)),
        }
    }

    async fn counts(&self, from: u32, to: u32) -> Result<Vec<(u32, Counts)>, StoreError> {
        let shards: Vec<Vec<(u32, Counts)>> = stream::iter(0..DAY_SHARDS)
            .map(|shard| self.shard(shard, from, to))
            .buffer_unordered(usize::from(DAY_SHARDS))
            .try_collect()
            .await?;
        let mut days: BTreeMap<u32, Counts> = BTreeMap::new();
        for (day, counts) in shards.into_iter().flatten() {
            days.entry(day).or_default().add_all(&counts);
        }
        Ok(days.into_iter().collect())
    }
}

impl Table {
    /// Returns the write that adds a call to its shard.
    fn addition(&self, call: &CountedCall) -> TransactWriteItem {
        let counts: Vec<_> = call.counts.iter().collect();
        let each = (0..counts.len()).zip(&counts);
        let each = each.map(|(at, (name, _))| format!("#{COUNT}{name} :c{at}"));
        let add = format!("ADD {}", each.collect::<Vec<_>>().join(", "));
        let mut update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(at(call.shard, call.day).into()))
            .set_expression_attribute_names(names(&[&add]));
        for (at, (_, calls)) in counts.iter().enumerate() {
            update = update.expression_attribute_values(format!(":c{at}"), number(*calls));
        }
        let update = update.update_expression(add).build();
        let update = update.expect("it has a table, a key and an expression");
        TransactWriteItem::builder().update(update).build()
    }

    async fn shard(&self, shard: u8, from: u32, to: u32) -> Result<Vec<(u32, Counts)>, StoreError> {
        const WHAT: &str = "read figures";
        let query = self.client.query().table_name(&self.name);
        let mut rows = query
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(partition(shard)))
            .expression_attribute_values(":from", text(sort(from)))
            .expression_attribute_values(":to", text(sort(to.max(from))))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut days = Vec::new();
        while let Some(row) = rows.next().await {
            let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
            let day = row.text("sk").and_then(|day| day.parse().ok());
            days.push((day.ok_or_else(|| damaged(WHAT))?, counts(&row)));
        }
        Ok(days)
    }
}

/// A time that is later than all others, within 15 digits.
const TIME_MAX: u64 = 999_999_999_999_999;

fn key(mark: Uncounted) -> Item {
    Item::at(UNCOUNTED.to_owned(), order(mark))
}

/// The sort key of a mark.
fn order(mark: Uncounted) -> String {
    let session = hex::encode(mark.session.as_bytes());
    format!("{:015}#{session}", mark.due_ms.min(TIME_MAX))
}

fn mark(row: &Item) -> Option<Uncounted> {
    let (due_ms, session) = row.text("sk")?.split_once('#')?;
    let session: [u8; 16] = hex::decode(session).ok()?.try_into().ok()?;
    Some(Uncounted {
        due_ms: due_ms.parse().ok()?,
        session: SessionId::from_bytes(session),
    })
}

fn at(shard: u8, day: u32) -> Item {
    Item::at(partition(shard), sort(day))
}

fn partition(shard: u8) -> String {
    format!("figures#{shard}")
}

fn sort(day: u32) -> String {
    format!("{day:010}")
}

fn counts(row: &Item) -> Counts {
    let mut counts = Counts::default();
    for (name, calls) in row.numbers() {
        if let Some(name) = name.strip_prefix(COUNT) {
            counts.add(name, u32::try_from(calls).unwrap_or(u32::MAX));
        }
    }
    counts
}
