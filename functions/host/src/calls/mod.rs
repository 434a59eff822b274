//! The list of calls: which of them somebody asks for, and an answer of at most 50.
//!
//! Lists of a store are in order of time, newest first. A search reads up to three of them (by
//! reference, name and number) and merges them; filters look at each call's summary. Nothing is
//! scanned, and one answer reads [`ENTRIES_MAX`] entries at most: after that it says where to go
//! on.

mod asked;
mod terms;

use std::collections::{BTreeSet, VecDeque};

use sightline_session::State;
use sightline_wire::api::{ApiError, Call, Calls, Role};
use sightline_wire::{AgentId, Seat, SessionId};

use crate::access::Viewer;
use crate::draft::Changed;
use crate::host::Host;
use crate::ports::{CallList, Directory, Entries, ListPlace, Ports, Span, StoreError};
use crate::records::{CallSummary, SearchTerm};
use crate::stop::OrAnswer;

pub(crate) use asked::Asked;
use terms::{Owner, Terms};

/// Calls in one answer.
pub(crate) const CALLS_MAX: usize = 50;

/// Entries that are read for one answer.
const ENTRIES_MAX: usize = 1_000;

/// Entries of the first reading of a list; each further one takes twice as many.
const FIRST: usize = CALLS_MAX + 14;

/// The same where filters may pass few of them.
const FIRST_FILTERED: usize = 256;

/// Days that are looked at for one answer. Most of them may be without a call.
const DAYS_MAX: usize = 62;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

impl<P: Ports> Host<P> {
    /// Answers a request for calls.
    ///
    /// # Errors
    /// `not_admin` for calls of others.
    pub(crate) async fn calls(&self, viewer: &Viewer, asked: &Asked) -> Result<Calls, ApiError> {
        let owner = match (asked.agent, asked.all) {
            (Some(agent), _) => Owner::Agent(agent),
            (None, true) => Owner::Everyone,
            (None, false) => Owner::Agent(viewer.agent),
        };
        if owner != Owner::Agent(viewer.agent) && viewer.role != Role::Admin {
            return Err(ApiError::NotAdmin);
        }
        let mut answer = Answer::new(asked, self.ports.erase_ms());
        self.fill(&mut answer, owner).await.or_fail(None)?;
        Ok(answer.calls())
    }

    async fn fill(&self, answer: &mut Answer<'_>, owner: Owner) -> Result<(), StoreError> {
        let part = answer.asked.part(answer.now_ms);
        match (&answer.asked.search, owner) {
            (Some(search), _) => {
                let lists = search.lists(&self.terms().await?, owner);
                self.read(answer, &lists, part).await?;
            }
            (None, Owner::Agent(agent)) => {
                self.read(answer, &[CallList::Of(agent)], part).await?;
            }
            (None, Owner::Everyone) => self.read_days(answer, part).await?,
        }
        Ok(())
    }

    /// Reads the calls of all agents day by day, back to the oldest that can have one.
    async fn read_days(&self, answer: &mut Answer<'_>, part: Span) -> Result<(), StoreError> {
        let terms = self.terms().await?;
        let now_ms = self.ports.date_ms().max(self.ports.erase_ms());
        // A clock may have been ahead when a call began.
        let newest_ms = part
            .to_ms
            .min(now_ms.saturating_add(DAY_MS))
            .saturating_sub(1);
        let newest_ms = part
            .after
            .map_or(newest_ms, |after| after.at_ms.min(newest_ms));
        let kept_ms = u64::from(self.config.summary_days) * DAY_MS;
        let oldest_ms = part.from_ms.max(now_ms.saturating_sub(kept_ms + DAY_MS));
        let days = (oldest_ms / DAY_MS..=newest_ms / DAY_MS).rev();
        for (count, day) in days.enumerate() {
            let begins_ms = day * DAY_MS;
            if count == DAYS_MAX {
                // Everything of this day and of those before it is left.
                let at_ms = begins_ms.saturating_add(DAY_MS);
                answer.after = Some(ListPlace {
                    at_ms,
                    session: SessionId::from_bytes([u8::MAX; 16]),
                });
                return Ok(());
            }
            let of_day = Span {
                from_ms: part.from_ms.max(begins_ms),
                to_ms: part.to_ms.min(begins_ms.saturating_add(DAY_MS)),
                after: part.after,
            };
            let list = CallList::Found(terms.day(begins_ms));
            if self.read(answer, &[list], of_day).await? == Reading::Stopped {
                return Ok(());
            }
            if answer.is_full() && day > oldest_ms / DAY_MS {
                answer.stop();
                return Ok(());
            }
        }
        Ok(())
    }

    /// Merges lists into an answer until that is full or has read enough.
    async fn read(
        &self,
        answer: &mut Answer<'_>,
        lists: &[CallList],
        part: Span,
    ) -> Result<Reading, StoreError> {
        let first = match answer.asked.is_filtered() {
            true => FIRST_FILTERED,
            false => FIRST,
        };
        let sources = lists.iter().map(|list| Source::new(*list, part, first));
        let mut sources: Vec<Source> = sources.collect();
        loop {
            if answer.is_full() && sources.iter().any(Source::goes_on) {
                answer.stop();
                return Ok(Reading::Stopped);
            }
            for source in &mut sources {
                if !source.must_read() {
                    continue;
                }
                let limit = source.next.min(answer.left);
                if limit == 0 {
                    answer.stop();
                    return Ok(Reading::Stopped);
                }
                let store = self.ports.store();
                let read = store.listed(source.list, source.part, limit, answer.now_ms);
                let read = read.await?;
                answer.left -= read.len();
                source.take(read, limit);
            }
            let heads = sources.iter().filter_map(Source::head);
            let Some(place) = heads.min() else {
                return Ok(Reading::Ended);
            };
            let same = sources
                .iter_mut()
                .filter(|source| source.head() == Some(place));
            let found: Vec<_> = same.filter_map(|source| source.ahead.pop_front()).collect();
            answer.see(place, found.into_iter().find_map(|(_, call)| call));
        }
    }

    /// Returns calls of all agents that began on a day (UTC, days since 1970), newest first, only
    /// those behind a place. A call whose line has gone is `None`.
    pub(crate) async fn calls_of_day(
        &self,
        day: u32,
        after: Option<ListPlace>,
        limit: usize,
    ) -> Result<Vec<(ListPlace, Option<CallSummary>)>, StoreError> {
        let from_ms = u64::from(day) * DAY_MS;
        let part = Span {
            from_ms,
            to_ms: from_ms + DAY_MS,
            after,
        };
        let list = CallList::Found(self.terms().await?.day(from_ms));
        let now_ms = self.ports.erase_ms();
        self.ports.store().listed(list, part, limit, now_ms).await
    }

    /// Returns what a commit changes of the terms of a session.
    pub(crate) async fn entries<T>(
        &self,
        changed: &Changed<T>,
        is_new: bool,
    ) -> Result<Entries, StoreError> {
        let (before, after) = (&changed.before, &changed.after);
        let of_customer = |state: &State| state.seats.get(Seat::Customer).name.clone();
        let left = (!is_new && before.agent != after.agent).then_some(before.agent);
        if !is_new && left.is_none() && of_customer(before) == of_customer(after) {
            return Ok(Entries::default());
        }
        let terms = self.terms().await?;
        let (before, after) = (terms.of(before), terms.of(after));
        let before = if is_new { BTreeSet::new() } else { before };
        let new = match left {
            Some(_) => after.iter().copied().collect(),
            None => after.difference(&before).copied().collect(),
        };
        Ok(Entries {
            gone: before.difference(&after).copied().collect(),
            new,
            left,
        })
    }

    /// Returns the terms by which a session is found.
    pub(crate) async fn terms_of(&self, state: &State) -> Result<Vec<SearchTerm>, StoreError> {
        Ok(self.terms().await?.of(state).into_iter().collect())
    }

    /// Returns the maker of terms. Its key is read once in a process.
    async fn terms(&self) -> Result<Terms, StoreError> {
        if let Some(key) = self.search_key.get() {
            return Ok(Terms::new(*key));
        }
        let mut fresh = [0; 32];
        let (first, second) = fresh.split_at_mut(16);
        first.copy_from_slice(&self.ports.random());
        second.copy_from_slice(&self.ports.random());
        let key = self.ports.store().search_key(fresh).await?;
        Ok(Terms::new(*self.search_key.get_or_init(|| key)))
    }
}

/// How reading lists ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// All of the part was read.
    Ended,
    /// The answer is full, or has read enough.
    Stopped,
}

/// A list that is being read.
struct Source {
    list: CallList,
    part: Span,
    /// Read and not seen yet.
    ahead: VecDeque<(ListPlace, Option<CallSummary>)>,
    /// Entries to read next.
    next: usize,
    more: bool,
}

impl Source {
    fn new(list: CallList, part: Span, first: usize) -> Self {
        Self {
            list,
            part,
            ahead: VecDeque::new(),
            next: first,
            more: true,
        }
    }

    fn goes_on(&self) -> bool {
        self.more || !self.ahead.is_empty()
    }

    fn must_read(&self) -> bool {
        self.ahead.is_empty() && self.more
    }

    fn head(&self) -> Option<ListPlace> {
        self.ahead.front().map(|(place, _)| *place)
    }

    fn take(&mut self, calls: Vec<(ListPlace, Option<CallSummary>)>, limit: usize) {
        self.more = calls.len() == limit;
        self.next *= 2;
        if let Some((last, _)) = calls.last() {
            self.part.after = Some(*last);
        }
        self.ahead.extend(calls);
    }
}

/// An answer that is being filled.
struct Answer<'a> {
    asked: &'a Asked,
    now_ms: u64,
    found: Vec<CallSummary>,
    /// Entries that may still be read.
    left: usize,
    /// The newest place that was looked at.
    last: Option<ListPlace>,
    /// Where to go on.
    after: Option<ListPlace>,
}

impl<'a> Answer<'a> {
    fn new(asked: &'a Asked, now_ms: u64) -> Self {
        Self {
            asked,
            now_ms,
            found: Vec::new(),
            left: ENTRIES_MAX,
            last: asked.after,
            after: None,
        }
    }

    fn is_full(&self) -> bool {
        self.found.len() >= self.asked.limit()
    }

    fn see(&mut self, place: ListPlace, call: Option<CallSummary>) {
        self.last = Some(place);
        self.found
            .extend(call.filter(|call| self.asked.wants(call, self.now_ms)));
    }

    /// Says that there may be more behind what was looked at.
    fn stop(&mut self) {
        self.after = self.last;
    }

    fn calls(self) -> Calls {
        Calls {
            calls: (self.found.into_iter())
                .map(|call| shown(call, self.now_ms))
                .collect(),
            after: self.after.map(asked::cursor),
        }
    }
}

/// Returns a call as pages see it.
fn shown(call: CallSummary, now_ms: u64) -> Call {
    let is_known = call.agent.is_some();
    let agent = call.agent.filter(|(agent, _)| *agent != AgentId::NOBODY);
    let (agent, agent_name) = agent.unzip();
    Call {
        session: call.session,
        at_ms: call.at_ms,
        number: call
            .number
            .map_or_else(String::new, |number| number.as_str().to_owned()),
        reference: call.reference,
        phase: call.phase,
        agent,
        agent_name,
        customer: call.customer,
        joined_at_ms: call.joined_at_ms,
        ended_at_ms: call.ended_at_ms,
        reason: call.reason,
        opted_out: call.opted_out,
        pictures: is_known.then_some(call.pictures),
        sent: is_known.then_some(call.sent),
        agent_stars: *call.stars.get(Seat::Agent),
        customer_stars: *call.stars.get(Seat::Customer),
        goes_ms: (call.dates)
            .map(|dates| dates.session_s.saturating_mul(1_000))
            .filter(|at_ms| now_ms < *at_ms),
        line_goes_ms: call.dates.map(|dates| dates.line_s.saturating_mul(1_000)),
    }
}
