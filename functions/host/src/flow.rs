//! Changes a session: load, decide, commit. Its effects come after the commit
//! ([`crate::effects`]).
//!
//! After each load, overdue events are applied first; a page whose message caused the load counts
//! as heard before them. A commit succeeds only if no other commit
//! came in between. On a clash, the session is loaded and decided again after a pause of random
//! length.

use sightline_session::{Invitation, State};
use sightline_wire::{Seat, SessionId};

use crate::config::HostConfig;
use crate::draft::{Changed, Draft, Now};
use crate::figures::mark_of;
use crate::host::Host;
use crate::ports::{Commit, Committed, Loaded, Ports, Sessions, StoreError};
use crate::records::{CallSummary, DeliveryRecord, InviteHash};
use crate::stop::Stop;
use crate::tries::{BEGINNING, CONTENDED, Tries};
use crate::webhooks::happened;

impl<P: Ports> Host<P> {
    /// Loads, applies overdue events, lets `act` decide, and commits if the session changed. `act`
    /// may run several times.
    pub(crate) async fn change<T: Send>(
        &self,
        session: SessionId,
        act: impl FnMut(&mut Draft<'_>) -> T + Send,
    ) -> Result<Changed<T>, Stop> {
        self.change_heard(session, |_| None, act).await
    }

    /// Changes a session likewise, for a message of a page. `speaks` returns the seat that is heard
    /// by it, if any. A seat is not overdue while its page speaks.
    pub(crate) async fn change_heard<T: Send>(
        &self,
        session: SessionId,
        speaks: impl Fn(&Loaded) -> Option<Seat> + Send + Sync,
        mut act: impl FnMut(&mut Draft<'_>) -> T + Send,
    ) -> Result<Changed<T>, Stop> {
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        loop {
            match self.change_once(session, &speaks, &mut act).await {
                Err(stop) if stop.may_pass() && tries.again(&self.ports).await => {}
                done => return done,
            }
        }
    }

    /// Begins a session with its invitation and the hash of its code, lets `act` decide, and
    /// commits. Returns `None` if the session exists already.
    pub(crate) async fn begin<T: Send>(
        &self,
        session: SessionId,
        invitation: &Invitation,
        code: InviteHash,
        mut act: impl FnMut(&mut Draft<'_>) -> T + Send,
    ) -> Result<Option<Changed<T>>, Stop> {
        let mut tries = Tries::begin(BEGINNING, &self.ports);
        loop {
            match self.begin_once(session, invitation, code, &mut act).await {
                Err(stop) if stop.may_pass() && tries.again(&self.ports).await => {}
                done => return done,
            }
        }
    }

    async fn change_once<T: Send>(
        &self,
        session: SessionId,
        speaks: &(impl Fn(&Loaded) -> Option<Seat> + Sync),
        act: &mut (impl FnMut(&mut Draft<'_>) -> T + Send),
    ) -> Result<Changed<T>, Stop> {
        let now = Now::of(&self.ports);
        let loaded = self.load(session).await?.ok_or(Stop::NoSession)?;
        let (before, delete_at_s) = (loaded.state.clone(), loaded.delete_at_s);
        let speaking = speaks(&loaded);
        let mut draft = Draft::of(loaded, speaking, now, &self.config.rules);
        let answer = act(&mut draft);
        let mut changed = draft.changed(session, before, answer);
        if changed.is_change() {
            let expected = changed.before.revision;
            changed.after.revision = expected.saturating_add(1);
            let first = first_commit(&changed, &self.config, delete_at_s);
            let commit = Commit {
                expected: Some(expected),
                summary: first.summary.filter(|_| is_summary_new(&changed)),
                entries: self.entries(&changed, false).await?,
                deliveries: self.heard_by_webhooks(&changed).await?,
                ..first
            };
            self.commit(commit).await?;
        }
        Ok(changed)
    }

    async fn begin_once<T: Send>(
        &self,
        session: SessionId,
        invitation: &Invitation,
        code: InviteHash,
        act: &mut (impl FnMut(&mut Draft<'_>) -> T + Send),
    ) -> Result<Option<Changed<T>>, Stop> {
        let now = Now::of(&self.ports);
        let mut draft = Draft::new(invitation.clone(), now, &self.config.rules);
        let before = draft.state.clone();
        let answer = act(&mut draft);
        let changed = draft.changed(session, before, answer);
        // The later one of the two, if the clock is in doubt: rather long than too short.
        let today_ms = self.ports.date_ms().max(self.ports.erase_ms());
        let delete_at_s = self.config.delete_at_s(today_ms);
        let mut commit = first_commit(&changed, &self.config, delete_at_s);
        commit.invites.push(code);
        commit.entries = self.entries(&changed, true).await?;
        match self.commit(commit).await {
            Ok(()) => Ok(Some(changed)),
            Err(Stop::Busy) if self.peek(session).await?.is_some() => Ok(None),
            Err(Stop::Busy) if self.is_erased(session).await? => Err(Stop::NoSession),
            Err(stop) => Err(stop),
        }
    }

    /// Returns what webhooks hear of a change, to be stored with it. Of a beginning they hear
    /// nothing.
    async fn heard_by_webhooks<T>(
        &self,
        changed: &Changed<T>,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let all = happened(&changed.events, &changed.beside);
        self.deliveries_of(changed.session, changed.after.revision, &all)
            .await
    }

    /// Stores a change. After an error it may be stored with only the answer lost; the next attempt
    /// then finds the command answered, or the session begun.
    async fn commit(&self, commit: Commit) -> Result<(), Stop> {
        match self.ports.store().commit(commit).await? {
            Committed::Done => Ok(()),
            Committed::Clash => Err(Stop::Busy),
        }
    }

    /// Returns the state with overdue events applied. Stores nothing.
    pub(crate) async fn peek(&self, session: SessionId) -> Result<Option<State>, StoreError> {
        let loaded = self.load(session).await?;
        Ok(loaded.map(|loaded| self.due_state(loaded)))
    }

    /// Returns the state of a loaded session with overdue events applied. Stores nothing.
    pub(crate) fn due_state(&self, loaded: Loaded) -> State {
        Draft::of(loaded, None, Now::of(&self.ports), &self.config.rules).state
    }

    /// Returns the time as a page of this session should take it: the clock of its log.
    pub(crate) fn dated_now_ms(&self, state: &State) -> u64 {
        let now = Now::of(&self.ports);
        let ahead_ms = now.ahead_ms.max(state.dates_ahead_ms);
        now.ms.saturating_add_signed(ahead_ms)
    }

    /// Loads a session, unless its delete date has passed. Applies nothing.
    pub(crate) async fn load(&self, session: SessionId) -> Result<Option<Loaded>, StoreError> {
        let erase_ms = self.ports.erase_ms();
        self.ports.store().load(session, erase_ms).await
    }
}

/// Returns the commit of a session that must not exist yet.
fn first_commit<T>(changed: &Changed<T>, config: &HostConfig, delete_at_s: u64) -> Commit {
    let (session, state) = (changed.session, &changed.after);
    let summary_delete_at_s = config.summary_delete_at_s(state.began_at_ms);
    Commit {
        invites: (changed.secrets.iter().map(InviteHash::of))
            .chain(changed.code)
            .collect(),
        summary: Some(CallSummary::of(session, state).dated(delete_at_s, summary_delete_at_s)),
        summary_delete_at_s,
        beside: changed.beside.clone(),
        uncounted: mark_of(session, state, &changed.events, &config.rules),
        ..Commit::first(session, state.clone(), changed.events.clone(), delete_at_s)
    }
}

/// Whether a change altered the call's summary for its agent's list.
fn is_summary_new<T>(changed: &Changed<T>) -> bool {
    let of = |state| CallSummary::of(changed.session, state);
    of(&changed.before) != of(&changed.after)
}
