//! Erases sessions: all rows in one transaction, text messages of the outbox included. The bytes of
//! deleted rows stay in the file until redb uses their pages again, so the next start copies what
//! is there into a new file (see [`super::rewrite`]).

use redb::{ReadTransaction, ReadableTable, TableError, WriteTransaction};
use sightline_host::ports::{Committed, Erasure, Erasures, StoreError, Tombstone};
use sightline_host::records::InviteHash;
use sightline_wire::{InviteSecret, SessionId};

use super::Store;
use super::dates::{expired, newest_first};
use super::failure::DatabaseFailure;
use super::lists;
use super::outbox::OutboxMessage;
use super::sweep::delete;
use super::tables::{
    DELETE_DATES, INVITES, META, OUTBOX, RATE_COUNTERS, SESSIONS, SUMMARIES, TOMBSTONES,
};
use super::webhooks;
use crate::erased;

/// The name of the number of sessions that were erased since the file was begun.
pub(super) const ERASED: &str = "erased";

impl Erasures for Store {
    async fn erase(&self, erasure: &Erasure) -> Result<Committed, StoreError> {
        // First, so that a crash in between leaves no backup that does not know.
        if let Err(error) = erased::note(self.folder(), erasure.session) {
            tracing::error!(
                session.id = %erasure.session, %error,
                "failed to note for later restores that a call is erased"
            );
        }
        let done = self.erase_rows(erasure.clone()).await;
        let done = match done {
            // A full disk has no room for a deletion either.
            Err(_) if self.reserve.release() => self.erase_rows(erasure.clone()).await,
            done => done,
        }?;
        self.attachments.forget(erasure.session);
        self.deliveries_changed.notify_one();
        Ok(done)
    }

    async fn tombstone(
        &self,
        session: SessionId,
        now_ms: u64,
    ) -> Result<Option<Tombstone>, StoreError> {
        self.read("find tombstone", move |transaction| {
            let until_s = until_s(transaction, session)?;
            let stands = until_s.is_some_and(|until_s| !expired(until_s, now_ms));
            Ok(stands.then_some(Tombstone::Finished))
        })
        .await
    }
}

impl Store {
    async fn erase_rows(&self, erasure: Erasure) -> Result<Committed, StoreError> {
        self.write("erase", move |transaction| erase(transaction, &erasure))
            .await
    }

    /// Returns those of `sessions` that were erased, as long as their tombstones stay.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn erased(&self, sessions: Vec<SessionId>) -> Result<Vec<SessionId>, StoreError> {
        self.read("find tombstones", move |transaction| {
            let mut erased = Vec::new();
            for session in sessions {
                if until_s(transaction, session)?.is_some() {
                    erased.push(session);
                }
            }
            Ok(erased)
        })
        .await
    }
}

/// The date of a tombstone. A file of an earlier version has no such table yet.
fn until_s(
    transaction: &ReadTransaction,
    session: SessionId,
) -> Result<Option<u64>, DatabaseFailure> {
    let table = match transaction.open_table(TOMBSTONES) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        table => table?,
    };
    Ok(table
        .get(session.as_bytes())?
        .map(|until_s| until_s.value()))
}

fn erase(transaction: &WriteTransaction, erasure: &Erasure) -> Result<Committed, DatabaseFailure> {
    let session = erasure.session;
    let id = session.as_bytes();
    let stored = transaction.open_table(SESSIONS)?.get(id)?.map(|row| {
        let (revision, delete_at_s, _) = row.value();
        (revision, delete_at_s)
    });
    let mut tombstones = transaction.open_table(TOMBSTONES)?;
    match stored {
        Some((revision, delete_at_s)) if revision == erasure.expected => {
            let mut dates = transaction.open_table(DELETE_DATES)?;
            dates.remove((delete_at_s, id))?;
        }
        None if tombstones.get(id)?.is_some() => {}
        _ => return Ok(Committed::Clash),
    }
    // Invites say which messages belong to the session.
    erase_messages(transaction, session)?;
    delete(transaction, session)?;
    let line = (
        erasure.agent.as_bytes(),
        newest_first(erasure.began_at_ms),
        id,
    );
    transaction.open_table(SUMMARIES)?.remove(line)?;
    lists::remove(transaction, session)?;
    let mut counters = transaction.open_table(RATE_COUNTERS)?;
    for name in &erasure.counters {
        counters.remove(name.as_str())?;
    }
    tombstones.insert(id, erasure.tombstone_until_s)?;
    webhooks::insert(transaction, &erasure.deliveries)?;
    count(transaction)?;
    Ok(Committed::Done)
}

/// Removes the messages whose links lead to a session.
fn erase_messages(
    transaction: &WriteTransaction,
    session: SessionId,
) -> Result<(), DatabaseFailure> {
    let invites = transaction.open_table(INVITES)?;
    let mut outbox = transaction.open_table(OUTBOX)?;
    let mut gone = Vec::new();
    for row in outbox.iter()? {
        let (number, message) = row?;
        let Some(invite) = invite_of(message.value()) else {
            continue;
        };
        let leads = invites.get(&invite.0)?;
        if leads.is_some_and(|leads| leads.value() == session.as_bytes()) {
            gone.push(number.value());
        }
    }
    for number in gone {
        outbox.remove(number)?;
    }
    Ok(())
}

/// The invite in the link of a stored message.
fn invite_of(message: &[u8]) -> Option<InviteHash> {
    let message: OutboxMessage = serde_json::from_slice(message).ok()?;
    let (_, secret) = message.link.split_once('#')?;
    let secret: InviteSecret = secret.parse().ok()?;
    Some(InviteHash::of(&secret))
}

fn count(transaction: &WriteTransaction) -> Result<(), DatabaseFailure> {
    let mut meta = transaction.open_table(META)?;
    let erased = meta.get(ERASED)?.map_or(0, |erased| erased.value());
    meta.insert(ERASED, erased.saturating_add(1))?;
    Ok(())
}
