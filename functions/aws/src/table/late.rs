//! Deliveries that were not sent in time: they were not handed over, or the queue lost them.
//!
//! A row that waits is in the index `open`, under the time from which it is late. A delivery in the
//! queue is tried when it is due, which moves that time. One that waits for others of its call is
//! late at some time too, and is then handed over once more, which does no harm.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::Select;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use sightline_host::ports::StoreError;
use sightline_host::records::{DeliveryRecord, call_bytes};

use super::item::{Item, damaged};
use super::{Table, names, number, text};
use crate::store_error;

/// Holds for a row that waits.
pub(super) const WAITS: &str = "attribute_exists(#open)";

/// Parts of the index.
const SHARDS: u8 = 8;

/// Rows at a time.
const AT_A_TIME: usize = 8;

/// How long after its time a delivery is late, milliseconds: longer than the queue keeps one from
/// others after a process died with it, and than ten others take before it.
const LATE_MS: u64 = 15 * 60 * 1_000;

/// After how long it is handed over once more, if it still waits, milliseconds.
const AGAIN_MS: u64 = 6 * 60 * 60 * 1_000;

const WHAT: &str = "find late deliveries";

/// Puts the row of a delivery into the index, if it waits.
pub(super) fn mark(row: Item, delivery: &DeliveryRecord) -> Item {
    let Some(due_ms) = delivery.due_ms() else {
        return row;
    };
    let [.., last] = call_bytes(delivery.message);
    row.with("open", text(name(last % SHARDS)))
        .with("began", number(due_ms.saturating_add(LATE_MS)))
}

/// The value of `open` in a part.
fn name(shard: u8) -> String {
    format!("due#{shard}")
}

impl Table {
    /// Hands late deliveries over, at most `limit` of each part of the index. Returns how many.
    ///
    /// # Errors
    /// When the table or the queue fails.
    pub async fn hand_over_late(&self, now_ms: u64, limit: usize) -> Result<usize, StoreError> {
        let mut late = Vec::new();
        for shard in 0..SHARDS {
            late.extend(self.late_keys(shard, now_ms, limit).await?);
        }
        let late: Vec<Option<(Item, DeliveryRecord)>> = stream::iter(late)
            .map(|key| self.still_late(key, now_ms))
            .buffered(AT_A_TIME)
            .try_collect()
            .await?;
        let (rows, mut deliveries): (Vec<_>, Vec<_>) = late.into_iter().flatten().unzip();
        // In the order of their numbers, as the queue is to have those of one call.
        deliveries.sort_by_key(|delivery| delivery.message);
        self.hand_over(&deliveries, |_| format!("late-{now_ms}"))
            .await?;
        let again_ms = now_ms.saturating_add(AGAIN_MS);
        stream::iter(&rows)
            .map(|row| self.look_again(row, again_ms))
            .buffer_unordered(AT_A_TIME)
            .try_collect::<()>()
            .await?;
        Ok(rows.len())
    }

    /// The index has the keys of rows alone.
    async fn late_keys(
        &self,
        shard: u8,
        now_ms: u64,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        const LATE: &str = "#open = :open AND #began < :now";
        let queried = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("open")
            .select(Select::AllProjectedAttributes)
            .key_condition_expression(LATE)
            .set_expression_attribute_names(names(&[LATE]))
            .expression_attribute_values(":open", text(name(shard)))
            .expression_attribute_values(":now", number(now_ms))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX).max(1))
            .send()
            .await;
        let queried = queried.map_err(|error| store_error::of(WHAT, &error))?;
        let rows = queried.items.unwrap_or_default().into_iter();
        rows.map(|row| Item::from(row).key().ok_or_else(|| damaged(WHAT)))
            .collect()
    }

    /// Reads a row again: the index lags.
    async fn still_late(
        &self,
        key: Item,
        now_ms: u64,
    ) -> Result<Option<(Item, DeliveryRecord)>, StoreError> {
        let Some(row) = self.read(WHAT, key).await? else {
            return Ok(None);
        };
        if row.number("began").is_none_or(|late_ms| late_ms >= now_ms) {
            return Ok(None);
        }
        let delivery = row.body(WHAT)?;
        Ok(Some((row, delivery)))
    }

    /// Moves the time from which a row is late, unless it was written meanwhile.
    async fn look_again(&self, row: &Item, again_ms: u64) -> Result<(), StoreError> {
        const CHANGE: &str = "SET #began = :again";
        const STANDS: &str = "#began = :before";
        let (Some(key), Some(before)) = (row.key(), row.number("began")) else {
            return Err(damaged(WHAT));
        };
        let update = self.client.update_item().table_name(&self.name);
        let sent = update
            .set_key(Some(key.into()))
            .update_expression(CHANGE)
            .condition_expression(STANDS)
            .set_expression_attribute_names(names(&[CHANGE, STANDS]))
            .expression_attribute_values(":again", number(again_ms))
            .expression_attribute_values(":before", number(before))
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
            _ => Err(store_error::of(WHAT, &error)),
        }
    }
}
