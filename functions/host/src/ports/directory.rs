//! Lists of calls.

use std::cmp::{Ordering, Reverse};
use std::future::Future;

use sightline_wire::{AgentId, SessionId};

use super::StoreError;
use crate::records::{CallSummary, InviteHash, SearchTerm};

/// Finds sessions.
pub trait Directory: Send + Sync {
    /// Returns the session of an invite.
    fn by_invite(
        &self,
        invite: InviteHash,
        now_ms: u64,
    ) -> impl Future<Output = Result<Option<SessionId>, StoreError>> + Send;
    /// Returns an agent's newest sessions, newest first: the summaries of commits, until the delete
    /// date of each.
    fn by_agent(
        &self,
        agent: AgentId,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<CallSummary>, StoreError>> + Send;
    /// Reads at most `limit` entries of a list, newest first, and the summary of each, which is
    /// absent if it was erased meanwhile or its date has passed. With fewer than `limit` the part
    /// has ended. Lists of terms are in the order of places; in an agent's list calls of one
    /// millisecond may have another.
    fn listed(
        &self,
        list: CallList,
        part: Span,
        limit: usize,
        now_ms: u64,
    ) -> impl Future<Output = Result<Vec<(ListPlace, Option<CallSummary>)>, StoreError>> + Send;
    /// Returns the key of the terms, which a deployment keeps for ever. The first call stores
    /// `fresh`.
    fn search_key(
        &self,
        fresh: [u8; 32],
    ) -> impl Future<Output = Result<[u8; 32], StoreError>> + Send;
}

/// A list of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallList {
    /// All calls of an agent.
    Of(AgentId),
    /// The calls that are found by a term.
    Found(SearchTerm),
}

/// The place of a call in lists: newest first, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPlace {
    /// When it began, epoch milliseconds.
    pub at_ms: u64,
    /// The session.
    pub session: SessionId,
}

impl Ord for ListPlace {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |place: &Self| (Reverse(place.at_ms), place.session);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for ListPlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which part of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Calls that began at this time or later, epoch milliseconds.
    pub from_ms: u64,
    /// Calls that began earlier than this, epoch milliseconds.
    pub to_ms: u64,
    /// Calls behind this one.
    pub after: Option<ListPlace>,
}

impl Span {
    /// A whole list.
    pub const WHOLE: Self = Self {
        from_ms: 0,
        to_ms: u64::MAX,
        after: None,
    };
}
