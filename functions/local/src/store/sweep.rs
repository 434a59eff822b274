//! Removes expired records, which readers skip already.

use redb::{ReadableTable, WriteTransaction};
use sightline_host::ports::StoreError;
use sightline_host::records::{CallSummary, Record};
use sightline_wire::SessionId;
use sightline_wire::api::CallPhase;

use super::Store;
use super::beside;
use super::dates::expired;
use super::failure::DatabaseFailure;
use super::lists;
use super::tables::{
    AGENTS, ASSIGNMENTS, ATTACHMENTS, AUDIT, CLAIMS, DELETE_DATES, EVENTS, INVITES, INVITES_OF,
    MINUTES, RATE_COUNTERS, SESSIONS, SPENT, SUMMARIES, TOMBSTONES,
};
use super::webhooks;

/// Most sessions in one transaction, so that a large sweep does not delay current calls.
const AT_ONCE: usize = 50;

impl Store {
    /// Removes records whose delete date has passed by `erase_ms`, and tokens and counters that
    /// have expired by the clock of the deadlines. Returns the removed sessions.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sweep(&self, erase_ms: u64, now_ms: u64) -> Result<Vec<SessionId>, StoreError> {
        let mut gone = Vec::new();
        loop {
            let some = self
                .write("sweep", move |transaction| {
                    sweep_some(transaction, erase_ms, now_ms)
                })
                .await?;
            for session in &some {
                self.attachments.forget(*session);
            }
            let last = some.len() < AT_ONCE;
            gone.extend(some);
            if last {
                return Ok(gone);
            }
        }
    }

    /// Returns those of `sessions` that are not stored at all, not even as expired ones.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unknown(&self, sessions: Vec<SessionId>) -> Result<Vec<SessionId>, StoreError> {
        self.read("look for sessions", move |transaction| {
            let table = transaction.open_table(SESSIONS)?;
            let mut unknown = Vec::new();
            for session in sessions {
                if table.get(session.as_bytes())?.is_none() {
                    unknown.push(session);
                }
            }
            Ok(unknown)
        })
        .await
    }

    /// Lists the sessions that have not ended; a deadline of theirs may have passed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_sessions(&self, now_ms: u64) -> Result<Vec<SessionId>, StoreError> {
        self.read("list open sessions", move |transaction| {
            let mut open = Vec::new();
            for row in transaction.open_table(SUMMARIES)?.iter()? {
                let (key, value) = row?;
                let (delete_at_s, summary) = value.value();
                if expired(delete_at_s, now_ms) {
                    continue;
                }
                let session = SessionId::from_bytes(*key.value().2);
                match CallSummary::decode(summary) {
                    Ok(summary) if summary.phase == CallPhase::Ended => {}
                    Ok(_) => open.push(session),
                    // The record expires one day; the other sessions do not wait for that.
                    Err(error) => {
                        tracing::error!(session.id = %session, error = %error, "failed to decode summary");
                    }
                }
            }
            Ok(open)
        })
        .await
    }
}

fn sweep_some(
    transaction: &WriteTransaction,
    erase_ms: u64,
    now_ms: u64,
) -> Result<Vec<SessionId>, DatabaseFailure> {
    let mut dates = transaction.open_table(DELETE_DATES)?;
    let mut gone = Vec::new();
    for row in dates.iter()?.take(AT_ONCE) {
        let (date_s, session) = {
            let key = row?.0;
            let (date_s, session) = key.value();
            (date_s, SessionId::from_bytes(*session))
        };
        if !expired(date_s, erase_ms) {
            break;
        }
        gone.push((date_s, session));
    }
    for (date_s, session) in &gone {
        delete(transaction, *session)?;
        dates.remove((*date_s, session.as_bytes()))?;
    }
    transaction
        .open_table(SUMMARIES)?
        .retain(|_, (date_s, _)| !expired(date_s, erase_ms))?;
    lists::sweep(transaction, erase_ms)?;
    webhooks::sweep(transaction, erase_ms)?;
    transaction
        .open_table(SPENT)?
        .retain(|_, until_ms| until_ms > now_ms)?;
    transaction
        .open_table(TOMBSTONES)?
        .retain(|_, until_s| !expired(until_s, erase_ms))?;
    transaction
        .open_table(AGENTS)?
        .retain(|_, (date_s, _)| !expired(date_s, erase_ms))?;
    transaction
        .open_table(AUDIT)?
        .retain(|_, (date_s, _)| !expired(date_s, erase_ms))?;
    transaction
        .open_table(CLAIMS)?
        .retain(|_, (until_ms, _)| until_ms > now_ms)?;
    // Some count by the day, others by the minute of the deadlines' clock.
    let past_ms = erase_ms.min(now_ms);
    transaction
        .open_table(RATE_COUNTERS)?
        .retain(|_, (_, until_ms)| until_ms > past_ms)?;
    Ok(gone.into_iter().map(|(_, session)| session).collect())
}

/// Deletes what lies under a session's id, and its invites.
pub(super) fn delete(
    transaction: &WriteTransaction,
    session: SessionId,
) -> Result<(), DatabaseFailure> {
    let id = session.as_bytes();
    transaction.open_table(SESSIONS)?.remove(id)?;
    transaction.open_table(ASSIGNMENTS)?.remove(id)?;
    transaction
        .open_table(EVENTS)?
        .retain_in((id, 0)..=(id, u32::MAX), |_, _| false)?;
    transaction
        .open_table(ATTACHMENTS)?
        .retain_in((id, 0)..=(id, u8::MAX), |_, _| false)?;
    transaction
        .open_table(MINUTES)?
        .retain_in((id, 0, 0)..=(id, u8::MAX, u8::MAX), |_, _| false)?;
    beside::delete(transaction, session)?;
    let mut leads_of = transaction.open_table(INVITES_OF)?;
    let mut leads = transaction.open_table(INVITES)?;
    let all = (id, &[0; 32])..=(id, &[255; 32]);
    for row in leads_of.range(all.clone())? {
        leads.remove(row?.0.value().1)?;
    }
    leads_of.retain_in(all, |_, ()| false)?;
    Ok(())
}
