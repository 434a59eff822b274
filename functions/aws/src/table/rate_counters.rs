//! Rate counters.

use std::time::Duration;

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use sightline_host::ports::{Counted, RateCounter, RateCounters, StoreError};

use super::item::Item;
use super::transaction::Cancelled;
use super::{ONLY, Table, call_id, names, number};

/// Tries while others count the same: all processes share the counter of a day.
const TRIES_MAX: u32 = 5;

/// No further try begins after this; the host itself retries for as long as its caller waits.
const TRYING: Duration = Duration::from_secs(1);

impl RateCounters for Table {
    /// Counts in a transaction, even a single counter: a lost answer must not count twice.
    async fn count(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        const WHAT: &str = "count";
        if counters.is_empty() {
            return Ok(Counted::Done);
        }
        let began = tokio::time::Instant::now();
        let mut tries = 1;
        loop {
            let sent = self
                .client
                .transact_write_items()
                .set_transact_items(Some(
                    counters.iter().map(|counter| self.add(counter)).collect(),
                ))
                .send()
                .await;
            let Err(error) = sent else {
                return Ok(Counted::Done);
            };
            let cancelled = Cancelled::of(WHAT, &error)?;
            // During another transaction, a condition may have failed because of a write that does
            // not last.
            if !cancelled.is_conflict() {
                let full = cancelled.condition().map(Counted::Full);
                return full.ok_or_else(|| cancelled.store_error(WHAT));
            }
            if tries == TRIES_MAX || began.elapsed() >= TRYING {
                return Err(cancelled.store_error(WHAT));
            }
            pause(WHAT, tries).await?;
            tries += 1;
        }
    }

    async fn foresee(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        for (index, counter) in counters.iter().enumerate() {
            let row = self.read("count", key(&counter.name)).await?;
            let count = row.and_then(|row| row.number("n")).unwrap_or(0);
            if !counter.has_room(u32::try_from(count).unwrap_or(u32::MAX)) {
                return Ok(Counted::Full(index));
            }
        }
        Ok(Counted::Done)
    }
}

impl Table {
    fn add(&self, counter: &RateCounter) -> TransactWriteItem {
        const ADD: &str = "SET #ttl = :ttl ADD #n :by";
        const ROOM: &str = "attribute_not_exists(#n) OR #n <= :room";
        // A counter that does not exist yet is full if the limit is smaller than what is added.
        const NO_ROOM: &str = "#n < :room";
        let room = counter.most.checked_sub(counter.by);
        let condition = if room.is_some() { ROOM } else { NO_ROOM };
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(&counter.name).into()))
            .update_expression(ADD)
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[ADD, condition]))
            .expression_attribute_values(":ttl", number(counter.until_ms.div_ceil(1_000)))
            .expression_attribute_values(":by", number(counter.by))
            .expression_attribute_values(":room", number(room.unwrap_or(0)))
            .build()
            .expect("it has a table, a key and an expression");
        TransactWriteItem::builder().update(update).build()
    }
}

/// The key of the counter of this name.
pub(super) fn key(name: &str) -> Item {
    Item::at(format!("n#{name}"), ONLY)
}

/// Full jitter up to a bound that doubles from 20 ms.
pub(super) async fn pause(what: &'static str, tries: u32) -> Result<(), StoreError> {
    let most_ms = 10u64 << tries;
    let random = call_id(what)?.first().copied().unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(u64::from(random) * most_ms / 255)).await;
    Ok(())
}
