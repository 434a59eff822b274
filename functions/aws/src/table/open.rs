//! The index of open sessions, in parts, and the mark at which a sweep through it goes on.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use sightline_host::ports::StoreError;
use sightline_wire::SessionId;

use super::item::{Item, damaged};
use super::{KEPT_S, ONLY, Table, clock_s, names, number, text};
use crate::store_error;

/// Parts of the index.
const SHARDS: u8 = 8;

/// The partition of the mark.
const SWEEP: &str = "sweep";

/// A session that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// Its id.
    pub session: SessionId,
    /// When it began, epoch milliseconds.
    pub began_at_ms: u64,
}

/// Open sessions from a mark on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSessions {
    /// In the order of the walk: from the mark to the end, then from the beginning to the mark.
    pub sessions: Vec<OpenSession>,
    /// Whether these are all.
    pub all: bool,
}

/// Where a walk through the open sessions goes on; by default at the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepMark {
    shard: u8,
    /// Epoch milliseconds.
    from_ms: u64,
}

impl OpenSessions {
    /// Returns where the next walk begins if this one began at `mark` and came through the first
    /// `done` sessions. One of them may come again.
    #[must_use]
    pub fn next_mark(&self, mark: SweepMark, done: usize) -> SweepMark {
        if self.all && done >= self.sessions.len() {
            return SweepMark::default();
        }
        let next = self.sessions.get(done).or(self.sessions.last());
        next.map_or(mark, |open| SweepMark {
            shard: shard(open.session),
            from_ms: open.began_at_ms,
        })
    }
}

impl Table {
    /// Lists at most `limit` sessions that have not ended and began before `began_before_ms`, epoch
    /// milliseconds, each once. The index lags by about a second: the list may contain a session
    /// that has just ended, or one whose delete date has passed.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn open_sessions(
        &self,
        began_before_ms: u64,
        mark: SweepMark,
        limit: usize,
    ) -> Result<OpenSessions, StoreError> {
        const WHAT: &str = "list open sessions";
        let mut sessions = Vec::new();
        for stretch in stretches(mark, began_before_ms) {
            let mut rows = self
                .query_open(stretch)
                .limit(i32::try_from(limit).unwrap_or(i32::MAX).max(1))
                .into_paginator()
                .items()
                .send();
            loop {
                if sessions.len() >= limit {
                    return Ok(OpenSessions {
                        sessions,
                        all: false,
                    });
                }
                let Some(row) = rows.next().await else { break };
                let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
                sessions.push(read(&row).ok_or_else(|| damaged(WHAT))?);
            }
        }
        Ok(OpenSessions {
            sessions,
            all: true,
        })
    }

    /// Counts the sessions that have not ended and began before `began_before_ms`.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn count_open_sessions(&self, began_before_ms: u64) -> Result<usize, StoreError> {
        let mut count = 0;
        for stretch in stretches(SweepMark::default(), began_before_ms) {
            let query = self.query_open(stretch).select(Select::Count);
            let mut pages = query.into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| store_error::of("count open sessions", &error))?;
                count += usize::try_from(page.count).unwrap_or(0);
            }
        }
        Ok(count)
    }

    /// Returns where the last sweep stopped.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn sweep_mark(&self) -> Result<SweepMark, StoreError> {
        let key = Item::at(SWEEP.to_owned(), ONLY);
        let row = self.read("find the sweep's mark", key).await?;
        let mark = row.and_then(|row| {
            let shard = u8::try_from(row.number("shard")?).ok()?;
            let from_ms = row.number("from")?;
            Some(SweepMark { shard, from_ms })
        });
        // A sweep from the beginning is right in any case.
        Ok(mark.filter(|mark| mark.shard < SHARDS).unwrap_or_default())
    }

    /// Stores where a sweep stopped.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn set_sweep_mark(&self, mark: SweepMark) -> Result<(), StoreError> {
        let row = Item::at(SWEEP.to_owned(), ONLY)
            .with("shard", number(mark.shard))
            .with("from", number(mark.from_ms))
            .with_ttl(clock_s() + KEPT_S);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row.into())).send().await;
        sent.map_err(|error| store_error::of("store the sweep's mark", &error))?;
        Ok(())
    }

    fn query_open(&self, stretch: Stretch) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .index_name("open")
            .key_condition_expression("#open = :open AND #began BETWEEN :first AND :last")
            .set_expression_attribute_names(names(&["#open #began"]))
            .expression_attribute_values(":open", text(name(stretch.shard)))
            .expression_attribute_values(":first", number(stretch.first_ms))
            .expression_attribute_values(":last", number(stretch.last_ms))
    }
}

/// Returns the part of the index that has a session.
pub(super) fn shard(session: SessionId) -> u8 {
    let [.., last] = session.as_bytes();
    last % SHARDS
}

/// The value of `open` in a part.
pub(super) fn name(shard: u8) -> String {
    format!("open#{shard}")
}

fn read(row: &Item) -> Option<OpenSession> {
    Some(OpenSession {
        session: row.text("pk")?.strip_prefix("s#")?.parse().ok()?,
        began_at_ms: row.number("began")?,
    })
}

/// A stretch of one part of the index, both ends included, epoch milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    shard: u8,
    first_ms: u64,
    last_ms: u64,
}

/// Cuts the whole index into stretches, of which the first begins at the mark and the last ends
/// there.
fn stretches(mark: SweepMark, before_ms: u64) -> impl Iterator<Item = Stretch> {
    let (end_ms, from_ms) = (before_ms.checked_sub(1), mark.from_ms);
    let whole = move |shard| Some((shard, 0, end_ms?));
    let first = end_ms.map(|end_ms| (mark.shard, from_ms, end_ms));
    let last = from_ms.checked_sub(1).zip(end_ms);
    let last = last.map(|(before_mark_ms, end_ms)| (mark.shard, 0, before_mark_ms.min(end_ms)));
    std::iter::once(first)
        .chain((mark.shard + 1..SHARDS).map(whole))
        .chain((0..mark.shard).map(whole))
        .chain(std::iter::once(last))
        .flatten()
        .filter(|(_, first_ms, last_ms)| first_ms <= last_ms)
        .map(|(shard, first_ms, last_ms)| Stretch {
            shard,
            first_ms,
            last_ms,
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const NOW_MS: u64 = 1_000;

    fn sessions(count: u8) -> Vec<OpenSession> {
        let one = |which: u8| OpenSession {
            session: SessionId::from_bytes([which; 16]),
            // Some began at the same moment.
            began_at_ms: u64::from(which) * 37 % 61,
        };
        (0..count).map(one).collect()
    }

    /// Lists as the table does.
    fn list(all: &[OpenSession], mark: SweepMark, before_ms: u64, limit: usize) -> OpenSessions {
        let mut listed = Vec::new();
        for stretch in stretches(mark, before_ms) {
            let within = |open: &&OpenSession| {
                shard(open.session) == stretch.shard
                    && (stretch.first_ms..=stretch.last_ms).contains(&open.began_at_ms)
            };
            let mut found: Vec<_> = all.iter().filter(within).copied().collect();
            found.sort_by_key(|open| open.began_at_ms);
            listed.extend(found);
        }
        let all = listed.len() <= limit;
        listed.truncate(limit);
        OpenSessions {
            sessions: listed,
            all,
        }
    }

    #[test]
    fn from_every_mark_each_session_is_listed_once() {
        let all = sessions(200);
        for shard in 0..SHARDS {
            for from_ms in [0, 1, 30, 60, 61, NOW_MS, u64::MAX] {
                let listed = list(&all, SweepMark { shard, from_ms }, NOW_MS, 1_000).sessions;
                assert_eq!(listed.len(), all.len());
                let ids: BTreeSet<_> = listed.iter().map(|open| open.session).collect();
                assert_eq!(ids.len(), all.len());
            }
        }
        let none = stretches(SweepMark::default(), 0).count();
        assert_eq!(none, 0, "nothing began before the epoch");
    }

    #[test]
    fn sweeps_that_run_out_of_time_reach_every_session_in_turn() {
        let all = sessions(200);
        for (limit, done) in [(1_000, 20), (20, 20), (20, 7), (1_000, 3)] {
            let (mut mark, mut seen) = (SweepMark::default(), BTreeSet::new());
            // Each sweep comes one further at least than the one that it sees again.
            for _ in 0..all.len() / (done - 1) + 1 {
                let listed = list(&all, mark, NOW_MS, limit);
                seen.extend(listed.sessions.iter().take(done).map(|open| open.session));
                mark = listed.next_mark(mark, done.min(listed.sessions.len()));
            }
            assert_eq!(seen.len(), all.len(), "limit {limit}, {done} done");
        }
    }

    #[test]
    fn a_sweep_that_saw_all_is_followed_by_one_from_the_beginning() {
        let all = sessions(20);
        let mark = SweepMark {
            shard: 3,
            from_ms: 9,
        };
        let listed = list(&all, mark, NOW_MS, 20);
        assert!(listed.all);
        assert_eq!(listed.next_mark(mark, 20), SweepMark::default());
        assert_ne!(listed.next_mark(mark, 19), SweepMark::default());
        let none = list(&[], mark, NOW_MS, 0);
        assert_eq!(none.next_mark(mark, 0), SweepMark::default());
    }
}
