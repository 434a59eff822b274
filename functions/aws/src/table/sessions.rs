//! State and log of a session.

use aws_sdk_dynamodb::types::TransactWriteItem;
use sightline_host::ports::{Commit, Committed, Loaded, Sessions, StoreError};
use sightline_host::records::Record;
use sightline_session::{Event, State};
use sightline_wire::{Seat, Seats, SessionId};

use super::erasures::BURIED;
use super::item::{Item, damaged};
use super::keys::{self, STATE, event, partition, seat};
use super::transaction::{Cancelled, ITEMS_MAX, delete, put};
use super::{ONLY, Table, attachments, beside, directory, figures, number, open, pack, text};
use crate::store_error;

impl Sessions for Table {
    async fn load(&self, session: SessionId, now_ms: u64) -> Result<Option<Loaded>, StoreError> {
        const WHAT: &str = "load";
        let mut state = None;
        let mut attachments = Seats::default();
        for row in self.rows_from(WHAT, partition(session), "0").await? {
            if row.is_expired(now_ms) {
                continue;
            }
            match row.text("sk") {
                // Nobody finds a session whose erasure began.
                Some(STATE) if row.has(BURIED) => return Ok(None),
                Some(STATE) => state = Some(row),
                Some(key) => {
                    if let Some(seat) = Seat::ALL.into_iter().find(|known| seat(*known) == key) {
                        *attachments.get_mut(seat) = Some(attachments::read(&row)?);
                    }
                }
                None => {}
            }
        }
        let Some(row) = state else { return Ok(None) };
        Ok(Some(Loaded {
            state: State::decode(&pack::unpack(WHAT, &row)?)?,
            attachments,
            delete_at_s: row.number("ttl").ok_or_else(|| damaged(WHAT))?,
        }))
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        const WHAT: &str = "commit";
        let writes = self.writes(&commit);
        if writes.len() > ITEMS_MAX {
            return Err(StoreError {
                operation: WHAT,
                cause: format!("{} writes are too many for a transaction", writes.len()),
                retryable: false,
            });
        }
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await;
        let Err(error) = sent else {
            self.hand_over_now(&commit.deliveries).await;
            return Ok(Committed::Done);
        };
        let cancelled = Cancelled::of(WHAT, &error)?;
        // The state is the first write. If it could be stored and an event not, the log would be
        // ahead of its state, which a retry would not fix.
        match cancelled.condition() {
            Some(0) => Ok(Committed::Clash),
            _ if cancelled.is_conflict() => Ok(Committed::Clash),
            _ => Err(cancelled.store_error(WHAT)),
        }
    }

    /// Returns events of a loaded session, without checking their delete date, which is the
    /// session's.
    async fn events(
        &self,
        session: SessionId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let Some(first) = after.checked_add(1).filter(|_| limit > 0) else {
            return Ok(Vec::new());
        };
        let mut rows = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(partition(session)))
            .expression_attribute_values(":first", text(event(first)))
            .expression_attribute_values(":last", text(event(u32::MAX)))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .into_paginator()
            .items()
            .send();
        let mut events = Vec::new();
        while events.len() < limit {
            let Some(row) = rows.next().await else { break };
            let row = Item::from(row.map_err(|error| store_error::of("events", &error))?);
            events.push(row.body("events")?);
        }
        Ok(events)
    }
}

impl Table {
    /// Returns all writes of a commit, the state first.
    fn writes(&self, commit: &Commit) -> Vec<TransactWriteItem> {
        const FREE: &str = "attribute_not_exists(#pk)";
        let session = commit.session;
        let date_s = commit.delete_at_s;
        // A session whose delete date has passed still blocks its id, which is random and never
        // given again.
        let condition = match commit.expected {
            None => (FREE, Vec::new()),
            Some(rev) => (
                "#rev = :rev AND attribute_not_exists(#buried)",
                vec![(":rev", number(rev))],
            ),
        };
        let mut writes = vec![put(&self.name, state(commit), Some(condition))];
        for happened in &commit.events {
            let row = Item::at(partition(session), event(happened.seq))
                .with_body(happened)
                .with_ttl(date_s);
            writes.push(put(&self.name, row, Some((FREE, Vec::new()))));
        }
        for invite in &commit.invites {
            let row = Item::at(keys::invite(*invite), ONLY)
                .with("session", text(session.to_string()))
                .with_ttl(date_s);
            writes.push(put(&self.name, row, None));
            let row = Item::at(partition(session), keys::invite(*invite)).with_ttl(date_s);
            writes.push(put(&self.name, row, None));
        }
        for record in &commit.beside {
            writes.push(beside::write(&self.name, session, record, date_s));
        }
        if let Some(summary) = &commit.summary {
            let row = directory::line(commit.state.agent, summary.at_ms, session)
                .with_body(summary)
                .with_ttl(commit.summary_delete_at_s);
            writes.push(put(&self.name, row, None));
        }
        if let Some(agent) = commit.entries.left {
            let row = directory::line(agent, commit.state.began_at_ms, session);
            writes.push(delete(&self.name, row));
        }
        if let Some(mark) = commit.uncounted {
            writes.push(figures::write(&self.name, mark, date_s));
        }
        writes.extend(self.entry_writes(commit));
        writes.extend(self.delivery_writes(&commit.deliveries));
        writes
    }
}

fn state(commit: &Commit) -> Item {
    let state = &commit.state;
    let mut row = Item::at(partition(commit.session), STATE)
        .with("rev", number(state.revision))
        .with("began", number(state.began_at_ms))
        .with_ttl(commit.delete_at_s);
    if state.ended.is_none() {
        row = row.with("open", text(open::name(open::shard(commit.session))));
    }
    pack::pack(row, state.encode())
}
