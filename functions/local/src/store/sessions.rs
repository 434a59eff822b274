//! State and log of sessions.

use redb::{ReadableTable, WriteTransaction};
use sightline_host::ports::{Commit, Committed, Loaded, Sessions, StoreError};
use sightline_host::records::{CallSummary, Record};
use sightline_session::{Event, Fact, State};
use sightline_wire::{PublicFact, SessionId};

use super::Store;
use super::beside;
use super::dates::{expired, newest_first};
use super::failure::DatabaseFailure;
use super::figures;
use super::lists;
use super::tables::{DELETE_DATES, EVENTS, INVITES, INVITES_OF, SESSIONS, SUMMARIES, TOMBSTONES};
use super::webhooks;

impl Sessions for Store {
    async fn load(&self, session: SessionId, now_ms: u64) -> Result<Option<Loaded>, StoreError> {
        let stored = self
            .read("load", move |transaction| {
                let table = transaction.open_table(SESSIONS)?;
                let Some(row) = table.get(session.as_bytes())? else {
                    return Ok(None);
                };
                let (_, delete_at_s, state) = row.value();
                if expired(delete_at_s, now_ms) {
                    return Ok(None);
                }
                Ok(Some((State::decode(state)?, delete_at_s)))
            })
            .await?;
        Ok(stored.map(|(state, delete_at_s)| Loaded {
            state,
            attachments: self.attachments.of(session),
            delete_at_s,
        }))
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let first = commit.events.iter().any(makes_room).then(|| commit.clone());
        let done = self.commit_rows(commit).await;
        match first {
            Some(again) if done.is_err() && self.reserve.release() => self.commit_rows(again).await,
            _ => done,
        }
    }

    async fn events(
        &self,
        session: SessionId,
        after: u32,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.read("events", move |transaction| {
            let Some(first) = after.checked_add(1) else {
                return Ok(Vec::new());
            };
            let table = transaction.open_table(EVENTS)?;
            let id = session.as_bytes();
            table
                .range((id, first)..=(id, u32::MAX))?
                .take(limit)
                .map(|row| Ok(Event::decode(row?.1.value())?))
                .collect()
        })
        .await
    }
}

impl Store {
    async fn commit_rows(&self, commit: Commit) -> Result<Committed, StoreError> {
        let is_heard = !commit.deliveries.is_empty();
        let rows = Rows::of(commit);
        let written = self.write("commit", move |transaction| rows.insert(transaction));
        let done = written.await?;
        if is_heard {
            self.deliveries_changed.notify_one();
        }
        Ok(done)
    }
}

/// Whether an event must be stored even on a full disk: it lets somebody go, or makes room.
fn makes_room(event: &Event) -> bool {
    matches!(
        event.fact,
        Fact::Public(PublicFact::PictureDeleted { .. } | PublicFact::Ended { .. })
    )
}

/// An encoded commit. It is encoded before the transaction, which other work shares.
struct Rows {
    commit: Commit,
    state: Vec<u8>,
    events: Vec<(u32, Vec<u8>)>,
    summary: Option<Vec<u8>>,
}

impl Rows {
    fn of(commit: Commit) -> Self {
        Self {
            state: commit.state.encode(),
            events: commit
                .events
                .iter()
                .map(|event| (event.seq, event.encode()))
                .collect(),
            summary: commit.summary.as_ref().map(CallSummary::encode),
            commit,
        }
    }

    fn insert(&self, transaction: &WriteTransaction) -> Result<Committed, DatabaseFailure> {
        let Commit {
            session,
            expected,
            state,
            invites,
            delete_at_s,
            summary_delete_at_s,
            beside,
            deliveries,
            uncounted,
            ..
        } = &self.commit;
        let id = session.as_bytes();

        let mut sessions = transaction.open_table(SESSIONS)?;
        if transaction.open_table(TOMBSTONES)?.get(id)?.is_some() {
            return Ok(Committed::Clash);
        }
        if sessions.get(id)?.map(|row| row.value().0) != *expected {
            return Ok(Committed::Clash);
        }
        sessions.insert(id, (state.revision, *delete_at_s, self.state.as_slice()))?;

        let mut events = transaction.open_table(EVENTS)?;
        for (seq, event) in &self.events {
            events.insert((id, *seq), event.as_slice())?;
        }
        let mut leads = transaction.open_table(INVITES)?;
        let mut leads_of = transaction.open_table(INVITES_OF)?;
        for invite in invites {
            leads.insert(&invite.0, id)?;
            leads_of.insert((id, &invite.0), ())?;
        }
        beside::insert(transaction, *session, beside)?;
        webhooks::insert(transaction, deliveries)?;
        figures::insert(transaction, *uncounted)?;
        if let Some(summary) = &self.summary {
            let key = (state.agent.as_bytes(), newest_first(state.began_at_ms), id);
            transaction
                .open_table(SUMMARIES)?
                .insert(key, (*summary_delete_at_s, summary.as_slice()))?;
        }
        if let Some(agent) = self.commit.entries.left {
            let key = (agent.as_bytes(), newest_first(state.began_at_ms), id);
            transaction.open_table(SUMMARIES)?.remove(key)?;
        }
        lists::change(transaction, &self.commit)?;
        transaction
            .open_table(DELETE_DATES)?
            .insert((*delete_at_s, id), ())?;
        Ok(Committed::Done)
    }
}
