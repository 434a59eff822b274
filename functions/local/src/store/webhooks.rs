//! Webhooks and the queue of their deliveries.
//!
//! Of the waiting deliveries to one webhook about one call, only the first is in the table of those
//! that are due. Every change of one takes the first out and puts the first of afterwards in.

use redb::{ReadTransaction, ReadableTable, TableError, WriteTransaction};
use sightline_host::ports::{Committed, DeliveryQueue, DueDeliveries, StoreError, Webhooks};
use sightline_host::records::{
    DeliveryPlace, DeliveryRecord, Record as _, WebhookRing, call_bytes,
};
use sightline_wire::{MessageId, SessionId, WebhookId};

use super::Store;
use super::beside::open;
use super::dates::{expired, newest_first};
use super::failure::DatabaseFailure;
use super::tables::{DELIVERIES, DELIVERIES_DUE, DELIVERIES_LISTED, WEBHOOKS};

type DeliveryKey = (&'static [u8; 16], &'static [u8; 16], u64);
type DeliveryRow = (u64, Option<u64>, &'static [u8]);

/// No call and the last one.
const CALLS: [[u8; 16]; 2] = [[0; 16], [255; 16]];

impl Webhooks for Store {
    async fn webhooks(&self) -> Result<WebhookRing, StoreError> {
        let stored = self.read("read webhooks", move |transaction| {
            match transaction.open_table(WEBHOOKS) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => Ok(None),
                table => Ok(table?.get(())?.map(|row| row.value().1.to_vec())),
            }
        });
        let ring = stored.await?.map(|bytes| WebhookRing::decode(&bytes));
        Ok(ring.transpose()?.unwrap_or_default())
    }

    async fn replace_webhooks(&self, ring: WebhookRing) -> Result<Committed, StoreError> {
        let encoded = ring.encode();
        self.write("replace webhooks", move |transaction| {
            let mut table = transaction.open_table(WEBHOOKS)?;
            let before = table.get(())?.map_or(0, |row| row.value().0);
            if before.checked_add(1) != Some(ring.revision) {
                return Ok(Committed::Clash);
            }
            table.insert((), (ring.revision, encoded.as_slice()))?;
            Ok(Committed::Done)
        })
        .await
    }

    async fn put_delivery(&self, delivery: DeliveryRecord) -> Result<(), StoreError> {
        let put = self.write("store delivery", move |transaction| {
            insert(transaction, std::slice::from_ref(&delivery))
        });
        put.await?;
        self.deliveries_changed.notify_one();
        Ok(())
    }

    async fn replace_delivery(
        &self,
        before: &DeliveryRecord,
        after: DeliveryRecord,
    ) -> Result<bool, StoreError> {
        let before = before.encode();
        let replaced = self.write("replace delivery", move |transaction| {
            let key = Key::of(&after);
            let stored = transaction.open_table(DELIVERIES)?;
            let stands = stored
                .get(key.row())?
                .is_some_and(|row| row.value().2 == before);
            drop(stored);
            if stands {
                put(transaction, &after)?;
            }
            Ok(stands)
        });
        let replaced = replaced.await?;
        self.deliveries_changed.notify_one();
        Ok(replaced)
    }

    async fn find_delivery(
        &self,
        webhook: WebhookId,
        message: MessageId,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        let key = Key::new(webhook, message);
        self.read("find delivery", move |transaction| {
            let Some(table) = open(transaction, DELIVERIES)? else {
                return Ok(None);
            };
            let row = table.get(key.row())?;
            let row = row.map(|row| DeliveryRecord::decode(row.value().2));
            Ok(row.transpose()?)
        })
        .await
    }

    async fn deliveries(
        &self,
        webhook: WebhookId,
        after: Option<DeliveryPlace>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        self.read("list deliveries", move |transaction| {
            list(transaction, webhook, after, limit)
        })
        .await
    }

    async fn first_waiting(
        &self,
        webhook: WebhookId,
        call: Option<SessionId>,
    ) -> Result<Option<DeliveryRecord>, StoreError> {
        let group = Key::new(webhook, MessageId { call, number: 0 });
        self.read("find a waiting delivery", move |transaction| {
            let Some(table) = open(transaction, DELIVERIES)? else {
                return Ok(None);
            };
            let Some((_, first)) = first_waiting(&table, group)? else {
                return Ok(None);
            };
            let row = table.get(first.row())?;
            let row = row.map(|row| DeliveryRecord::decode(row.value().2));
            Ok(row.transpose()?)
        })
        .await
    }

    async fn remove_deliveries(&self, webhook: WebhookId) -> Result<(), StoreError> {
        self.write("remove deliveries", move |transaction| {
            let id = webhook.as_bytes();
            let [first, last] = &CALLS;
            transaction
                .open_table(DELIVERIES)?
                .retain_in((id, first, 0)..=(id, last, u64::MAX), |_, _| false)?;
            let all = (id, 0, first, 0)..=(id, u64::MAX, last, u64::MAX);
            transaction
                .open_table(DELIVERIES_DUE)?
                .retain_in(all.clone(), |_, ()| false)?;
            transaction
                .open_table(DELIVERIES_LISTED)?
                .retain_in(all, |_, ()| false)?;
            Ok(())
        })
        .await
    }
}

impl DeliveryQueue for Store {
    async fn due_deliveries(&self, now_ms: u64) -> Result<DueDeliveries, StoreError> {
        self.read("find due deliveries", move |transaction| {
            due(transaction, now_ms)
        })
        .await
    }
}

/// The key of a delivery: webhook, call and number.
#[derive(Clone, Copy)]
struct Key {
    webhook: [u8; 16],
    call: [u8; 16],
    number: u64,
}

impl Key {
    fn new(webhook: WebhookId, message: MessageId) -> Self {
        Self {
            webhook: *webhook.as_bytes(),
            call: call_bytes(message),
            number: message.number,
        }
    }

    fn of(delivery: &DeliveryRecord) -> Self {
        Self::new(delivery.webhook, delivery.message)
    }

    const fn row(&self) -> (&[u8; 16], &[u8; 16], u64) {
        (&self.webhook, &self.call, self.number)
    }

    const fn at(&self, time: u64) -> (&[u8; 16], u64, &[u8; 16], u64) {
        (&self.webhook, time, &self.call, self.number)
    }
}

/// Stores those that are new.
pub(super) fn insert(
    transaction: &WriteTransaction,
    deliveries: &[DeliveryRecord],
) -> Result<(), DatabaseFailure> {
    for delivery in deliveries {
        let key = Key::of(delivery);
        let stored = transaction.open_table(DELIVERIES)?;
        let is_new = stored.get(key.row())?.is_none();
        drop(stored);
        if is_new {
            put(transaction, delivery)?;
        }
    }
    Ok(())
}

fn put(transaction: &WriteTransaction, delivery: &DeliveryRecord) -> Result<(), DatabaseFailure> {
    let key = Key::of(delivery);
    let before = first_waiting(&transaction.open_table(DELIVERIES)?, key)?;
    if let Some((due_ms, first)) = before {
        transaction
            .open_table(DELIVERIES_DUE)?
            .remove(first.at(due_ms))?;
    }
    let encoded = delivery.encode();
    transaction.open_table(DELIVERIES)?.insert(
        key.row(),
        (delivery.delete_at_s, delivery.due_ms(), encoded.as_slice()),
    )?;
    transaction
        .open_table(DELIVERIES_LISTED)?
        .insert(key.at(newest_first(delivery.at_ms)), ())?;
    begin_first(transaction, key)
}

fn begin_first(transaction: &WriteTransaction, of: Key) -> Result<(), DatabaseFailure> {
    let first = first_waiting(&transaction.open_table(DELIVERIES)?, of)?;
    if let Some((due_ms, first)) = first {
        transaction
            .open_table(DELIVERIES_DUE)?
            .insert(first.at(due_ms), ())?;
    }
    Ok(())
}

/// The first that waits of those to one webhook about one call, and when it is due.
fn first_waiting(
    table: &impl ReadableTable<DeliveryKey, DeliveryRow>,
    of: Key,
) -> Result<Option<(u64, Key)>, DatabaseFailure> {
    let group = (&of.webhook, &of.call, 0)..=(&of.webhook, &of.call, u64::MAX);
    for row in table.range(group)? {
        let (key, value) = row?;
        if let (_, Some(due_ms), _) = value.value() {
            let number = key.value().2;
            return Ok(Some((due_ms, Key { number, ..of })));
        }
    }
    Ok(None)
}

fn list(
    transaction: &ReadTransaction,
    webhook: WebhookId,
    after: Option<DeliveryPlace>,
    limit: usize,
) -> Result<Vec<DeliveryRecord>, DatabaseFailure> {
    let listed = open(transaction, DELIVERIES_LISTED)?;
    let Some((listed, all)) = listed.zip(open(transaction, DELIVERIES)?) else {
        return Ok(Vec::new());
    };
    let after = after.map(|place| place.order());
    let (time, call, number) = after.unwrap_or_default();
    let id = webhook.as_bytes();
    let from = (id, time, &call, number);
    let rows = listed.range(from..=(id, u64::MAX, &CALLS[1], u64::MAX))?;
    let mut found = Vec::new();
    for row in rows {
        let key = row?.0;
        let (_, time, call, number) = key.value();
        if after == Some((time, *call, number)) {
            continue;
        }
        if found.len() == limit {
            break;
        }
        if let Some(row) = all.get((id, call, number))? {
            found.push(DeliveryRecord::decode(row.value().2)?);
        }
    }
    Ok(found)
}

fn due(transaction: &ReadTransaction, now_ms: u64) -> Result<DueDeliveries, DatabaseFailure> {
    let mut found = DueDeliveries::default();
    let waiting = open(transaction, DELIVERIES_DUE)?;
    let Some((waiting, all)) = waiting.zip(open(transaction, DELIVERIES)?) else {
        return Ok(found);
    };
    let mut from = Some([0; 16]);
    while let Some(webhook) = from {
        let rows = (&webhook, 0, &CALLS[0], 0)..;
        let Some(row) = waiting.range(rows)?.next() else {
            break;
        };
        let key = row?.0;
        let (webhook, due_ms, call, number) = key.value();
        if due_ms <= now_ms
            && let Some(row) = all.get((webhook, call, number))?
        {
            found.due.push(DeliveryRecord::decode(row.value().2)?);
        }
        let later = (webhook, now_ms.saturating_add(1), &CALLS[0], 0);
        let last = (webhook, u64::MAX, &CALLS[1], u64::MAX);
        if let Some(row) = waiting.range(later..=last)?.next() {
            let next_ms = row?.0.value().1;
            found.next_ms = Some(found.next_ms.map_or(next_ms, |at_ms| at_ms.min(next_ms)));
        }
        let next = u128::from_be_bytes(*webhook).checked_add(1);
        from = next.map(u128::to_be_bytes);
    }
    Ok(found)
}

/// Deletes deliveries whose date has passed.
pub(super) fn sweep(transaction: &WriteTransaction, erase_ms: u64) -> Result<(), DatabaseFailure> {
    let mut gone = Vec::new();
    for row in transaction.open_table(DELIVERIES)?.iter()? {
        let (key, value) = row?;
        let (delete_at_s, due_ms, record) = value.value();
        if expired(delete_at_s, erase_ms) {
            let (webhook, call, number) = key.value();
            let key = Key {
                webhook: *webhook,
                call: *call,
                number,
            };
            gone.push((key, due_ms, DeliveryRecord::decode(record)?.at_ms));
        }
    }
    for (key, due_ms, at_ms) in &gone {
        transaction.open_table(DELIVERIES)?.remove(key.row())?;
        transaction
            .open_table(DELIVERIES_LISTED)?
            .remove(key.at(newest_first(*at_ms)))?;
        if let Some(due_ms) = due_ms {
            transaction
                .open_table(DELIVERIES_DUE)?
                .remove(key.at(*due_ms))?;
            begin_first(transaction, *key)?;
        }
    }
    Ok(())
}
