//! Figures: each call is counted once, after its end, and an admin sees the counts of a period.
//!
//! The commit that ends a call leaves a mark ([`Uncounted`]). Once nobody can rate the call any
//! more, a sweep counts it: it is added to one of ten shards of its day, and the mark goes, in one
//! transaction that has nothing of the session in it. So no call waits for a shard, of two sweeps
//! the later one finds no mark, and what a sweep did not get to the next one does. A call that is
//! erased is counted first.
//!
//! `counted` says what a call counts as, `bins` has the edges, `shown` makes the answer. None of
//! them knows a clock or a store.

mod bins;
mod counted;
mod day;
mod shown;

use sightline_session::{Event, Fact, Rules, State, rate_until_ms};
use sightline_wire::api::ApiError;
use sightline_wire::{AuditDeed, Figures, KeptDays, PublicFact, Seat, SessionId};

use crate::audit::Deed;
use crate::host::Host;
use crate::ports::{
    CallFigures, CountedCall, DAY_SHARDS, Loaded, Ports, Sessions, StoreError, Uncounted,
};
use crate::records::Counts;
use crate::stop::OrAnswer;
use crate::tokens::SignedIn;
use crate::tries::{CONTENDED, Tries};

pub(crate) use day::{Period, written};

/// Marks that are read at a time.
const MARKS: usize = 100;

/// Days of the period that is meant without days.
const USUAL_DAYS: u32 = 30;

const MINUTE_MS: u64 = 60_000;

impl<P: Ports> Host<P> {
    /// Returns the figures of a period. Looking at them is a line of the audit log.
    pub(crate) async fn figures(
        &self,
        admin: &SignedIn,
        period: Period,
    ) -> Result<Figures, ApiError> {
        let read = Deed::by((admin.agent, &admin.name), AuditDeed::FiguresRead);
        self.audit_first(read).await?;
        let counts = self.ports.store().counts(period.from, period.to);
        let days = counts.await.or_fail(None)?;
        let counted_after_min = self.config.rules.rate_ms.div_ceil(MINUTE_MS);
        let counted_after_min = u32::try_from(counted_after_min).unwrap_or(u32::MAX);
        let kept = self.kept_days();
        Ok(shown::figures(period, &days, counted_after_min, kept))
    }

    fn kept_days(&self) -> KeptDays {
        let config = &self.config;
        KeptDays {
            calls: config.retention_days,
            pictures: config.picture_days,
            lines: config.summary_days,
            audit: config.audit_days,
            logs: config.log_days,
            backups: config.backup_days,
        }
    }

    /// The period that is meant without days: the last thirty.
    pub(crate) fn usual_period(&self) -> Period {
        let to = counted::day_of(self.ports.date_ms());
        Period {
            from: to.saturating_sub(USUAL_DAYS - 1),
            to,
        }
    }

    /// Counts all calls that can be counted, one after another. Returns their number. An error of
    /// one call does not stop the others; the next sweep tries it again.
    ///
    /// # Errors
    /// Fails when the marks cannot be read.
    pub async fn count_calls(&self) -> Result<usize, StoreError> {
        let (mut after, mut counted) = (None, 0);
        loop {
            let marks = self.uncounted(after).await?;
            let Some(last) = marks.last() else {
                return Ok(counted);
            };
            after = Some(*last);
            for mark in marks {
                match self.count_marked(mark).await {
                    Ok(done) => counted += usize::from(done),
                    Err(error) => {
                        tracing::error!(session.id = %mark.session, error = %error, "failed to count a call, the next sweep tries again");
                    }
                }
            }
        }
    }

    /// Returns marks of calls that can be counted, only those behind one. None means that there are
    /// no more.
    ///
    /// # Errors
    /// Fails when the store fails.
    pub async fn uncounted(&self, after: Option<Uncounted>) -> Result<Vec<Uncounted>, StoreError> {
        let now_ms = self.ports.now_ms();
        self.ports.store().uncounted(after, MARKS, now_ms).await
    }

    /// Counts the call of a mark. Returns whether it was not counted before.
    ///
    /// # Errors
    /// Fails when the store fails.
    pub async fn count_marked(&self, mark: Uncounted) -> Result<bool, StoreError> {
        let Some(Loaded { state, .. }) = self.load(mark.session).await? else {
            // Its records went by their date before any sweep came.
            let at_ms = mark.due_ms.saturating_add_signed(self.ports.ahead_ms());
            return self
                .add(mark, counted::day_of(at_ms), counted::unknown())
                .await;
        };
        self.count(mark, &state).await
    }

    /// Counts a call that is about to be erased, if that was not done. Nobody can rate it any more.
    pub(crate) async fn count_before_erasing(
        &self,
        session: SessionId,
        state: &State,
    ) -> Result<(), StoreError> {
        match mark(session, state, &self.config.rules) {
            Some(mark) => self.count(mark, state).await.map(drop),
            None => Ok(()),
        }
    }

    async fn count(&self, mark: Uncounted, state: &State) -> Result<bool, StoreError> {
        let store = self.ports.store();
        let events = store.events(mark.session, 0, counted::EVENTS).await?;
        self.add(mark, counted::day(state), counted::counts(state, &events))
            .await
    }

    async fn add(&self, mark: Uncounted, day: u32, counts: Counts) -> Result<bool, StoreError> {
        let mut call = CountedCall {
            mark,
            day,
            shard: 0,
            counts,
        };
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        loop {
            // Another one each time: somebody else may be adding to the last one.
            let [chance, ..] = self.ports.random();
            call.shard = chance % DAY_SHARDS;
            match self.ports.store().count_call(&call).await {
                Err(error) if error.retryable && tries.again(&self.ports).await => {}
                done => return done,
            }
        }
    }
}

/// The mark that a commit leaves, if it ends the session.
pub(crate) fn mark_of(
    session: SessionId,
    state: &State,
    events: &[Event],
    rules: &Rules,
) -> Option<Uncounted> {
    let ends = |event: &Event| matches!(event.fact, Fact::Public(PublicFact::Ended { .. }));
    events
        .iter()
        .any(ends)
        .then(|| mark(session, state, rules))?
}

/// The mark of a session that has ended: it can be counted when no seat can rate it any more.
fn mark(session: SessionId, state: &State, rules: &Rules) -> Option<Uncounted> {
    state.ended?;
    let rated = Seat::ALL.map(|seat| rate_until_ms(state, seat, rules).ok());
    let until_ms = rated.into_iter().flatten().max();
    Some(Uncounted {
        due_ms: until_ms.unwrap_or(state.head_at_ms),
        session,
    })
}
