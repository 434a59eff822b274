//! Lists of calls, and the entries by which calls are found.

use redb::{ReadTransaction, ReadableTable, TableError, WriteTransaction};
use sightline_host::ports::{CallList, Commit, Directory, Entries, ListPlace, Span, StoreError};
use sightline_host::records::{CallSummary, InviteHash, Record, SearchTerm};
use sightline_wire::{AgentId, SessionId};

use super::Store;
use super::dates::{expired, newest_first};
use super::failure::DatabaseFailure;
use super::tables::{ENTRIES, ENTRIES_OF, INVITES, SEARCH_KEY, SESSIONS, SUMMARIES};

type Calls = Vec<(ListPlace, Option<CallSummary>)>;

impl Directory for Store {
    async fn by_invite(
        &self,
        invite: InviteHash,
        now_ms: u64,
    ) -> Result<Option<SessionId>, StoreError> {
        self.read("find invite", move |transaction| {
            let invites = transaction.open_table(INVITES)?;
            let Some(session) = invites.get(&invite.0)?.map(|row| *row.value()) else {
                return Ok(None);
            };
            let sessions = transaction.open_table(SESSIONS)?;
            let alive = sessions
                .get(&session)?
                .is_some_and(|row| !expired(row.value().1, now_ms));
            Ok(alive.then(|| SessionId::from_bytes(session)))
        })
        .await
    }

    async fn by_agent(
        &self,
        agent: AgentId,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<CallSummary>, StoreError> {
        self.read("list calls", move |transaction| {
            let table = transaction.open_table(SUMMARIES)?;
            let id = agent.as_bytes();
            let mut calls = Vec::new();
            for row in table.range((id, 0, &[0; 16])..=(id, u64::MAX, &[255; 16]))? {
                let row = row?.1;
                let (delete_at_s, summary) = row.value();
                if calls.len() == limit {
                    break;
                }
                if !expired(delete_at_s, now_ms) {
                    calls.push(CallSummary::decode(summary)?);
                }
            }
            Ok(calls)
        })
        .await
    }

    async fn listed(
        &self,
        list: CallList,
        part: Span,
        limit: usize,
        now_ms: u64,
    ) -> Result<Calls, StoreError> {
        self.read("list calls", move |transaction| {
            let Some(bounds) = Bounds::of(part) else {
                return Ok(Vec::new());
            };
            match list {
                CallList::Of(agent) => calls_of(transaction, agent, &bounds, limit, now_ms),
                CallList::Found(term) => found_by(transaction, term, &bounds, limit, now_ms),
            }
        })
        .await
    }

    async fn search_key(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.write("find search key", move |transaction| {
            let mut table = transaction.open_table(SEARCH_KEY)?;
            if let Some(stands) = table.get(())? {
                return Ok(*stands.value());
            }
            table.insert((), &fresh)?;
            Ok(fresh)
        })
        .await
    }
}

/// The keys of a part of a list, without what stands before them.
struct Bounds {
    first: (u64, [u8; 16]),
    last: (u64, [u8; 16]),
    /// The first key is of the entry before the part.
    behind: bool,
}

impl Bounds {
    /// Returns `None` for a part that has no key.
    fn of(part: Span) -> Option<Self> {
        let newest = (newest_first(part.to_ms.checked_sub(1)?), [0; 16]);
        let after = part.after.map(key_of);
        let first = after.map_or(newest, |after| after.max(newest));
        let last = (newest_first(part.from_ms), [255; 16]);
        (first <= last).then_some(Self {
            first,
            last,
            behind: after == Some(first),
        })
    }

    fn has(&self, key: (u64, [u8; 16])) -> bool {
        !self.behind || key != self.first
    }
}

fn key_of(place: ListPlace) -> (u64, [u8; 16]) {
    (newest_first(place.at_ms), *place.session.as_bytes())
}

fn place_of((time, session): (u64, [u8; 16])) -> ListPlace {
    ListPlace {
        at_ms: newest_first(time),
        session: SessionId::from_bytes(session),
    }
}

fn calls_of(
    transaction: &ReadTransaction,
    agent: AgentId,
    bounds: &Bounds,
    limit: usize,
    now_ms: u64,
) -> Result<Calls, DatabaseFailure> {
    let table = transaction.open_table(SUMMARIES)?;
    let (first, last) = (&bounds.first, &bounds.last);
    let id = agent.as_bytes();
    let mut calls = Vec::new();
    for row in table.range((id, first.0, &first.1)..=(id, last.0, &last.1))? {
        let (key, row) = row?;
        let (_, time, session) = key.value();
        if calls.len() == limit {
            break;
        }
        if bounds.has((time, *session)) {
            let (delete_at_s, summary) = row.value();
            let call = (!expired(delete_at_s, now_ms)).then(|| CallSummary::decode(summary));
            calls.push((place_of((time, *session)), call.transpose()?));
        }
    }
    Ok(calls)
}

fn found_by(
    transaction: &ReadTransaction,
    term: SearchTerm,
    bounds: &Bounds,
    limit: usize,
    now_ms: u64,
) -> Result<Calls, DatabaseFailure> {
    let table = match transaction.open_table(ENTRIES) {
        // A file of an earlier version has no such table yet.
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        table => table?,
    };
    let summaries = transaction.open_table(SUMMARIES)?;
    let (first, last) = (&bounds.first, &bounds.last);
    let mut calls = Vec::new();
    for row in table.range((&term.0, first.0, &first.1)..=(&term.0, last.0, &last.1))? {
        let (key, agent) = row?;
        let (_, time, session) = key.value();
        if calls.len() == limit {
            break;
        }
        if bounds.has((time, *session)) {
            let row = summaries.get((agent.value(), time, session))?;
            let row = row.filter(|row| !expired(row.value().0, now_ms));
            let call = row.map(|row| CallSummary::decode(row.value().1));
            calls.push((place_of((time, *session)), call.transpose()?));
        }
    }
    Ok(calls)
}

/// Stores what a commit changes of the entries.
pub(super) fn change(
    transaction: &WriteTransaction,
    commit: &Commit,
) -> Result<(), DatabaseFailure> {
    let Entries { gone, new, .. } = &commit.entries;
    if gone.is_empty() && new.is_empty() {
        return Ok(());
    }
    let id = commit.session.as_bytes();
    let time = newest_first(commit.state.began_at_ms);
    let mut entries = transaction.open_table(ENTRIES)?;
    for term in gone {
        entries.remove((&term.0, time, id))?;
    }
    for term in new {
        entries.insert((&term.0, time, id), commit.state.agent.as_bytes())?;
    }
    let mut entries_of = transaction.open_table(ENTRIES_OF)?;
    let stored = entries_of.get(id)?.map(|row| row.value().2.to_vec());
    let mut terms = terms_in(&stored.unwrap_or_default());
    terms.retain(|term| !gone.contains(term) && !new.contains(term));
    terms.extend(new);
    let terms: Vec<u8> = terms.iter().flat_map(|term| term.0).collect();
    entries_of.insert(id, (commit.summary_delete_at_s, time, terms.as_slice()))?;
    Ok(())
}

/// Removes all entries of a session.
pub(super) fn remove(
    transaction: &WriteTransaction,
    session: SessionId,
) -> Result<(), DatabaseFailure> {
    let id = session.as_bytes();
    let stored = transaction.open_table(ENTRIES_OF)?.remove(id)?.map(|row| {
        let (_, time, terms) = row.value();
        (time, terms_in(terms))
    });
    let Some((time, terms)) = stored else {
        return Ok(());
    };
    let mut entries = transaction.open_table(ENTRIES)?;
    for term in terms {
        entries.remove((&term.0, time, id))?;
    }
    Ok(())
}

/// Removes the entries whose date has passed.
pub(super) fn sweep(transaction: &WriteTransaction, erase_ms: u64) -> Result<(), DatabaseFailure> {
    let mut gone = Vec::new();
    for row in transaction.open_table(ENTRIES_OF)?.iter()? {
        let (id, row) = row?;
        if expired(row.value().0, erase_ms) {
            gone.push(SessionId::from_bytes(*id.value()));
        }
    }
    gone.into_iter()
        .try_for_each(|session| remove(transaction, session))
}

fn terms_in(bytes: &[u8]) -> Vec<SearchTerm> {
    let (terms, _) = bytes.as_chunks();
    terms.iter().copied().map(SearchTerm).collect()
}
