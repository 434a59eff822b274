//! Load, decide, commit, carry out.
//!
//! Each load first applies what is overdue. A commit holds only if nobody committed in between; a
//! clash means load and decide again, after a pause of random length. Effects come after the
//! commit: they may be lost, since whoever missed something sees it by `head` and asks.

use sightline_session::{
    Actor, Effect, Event, Fact, PageCommand, State, SystemCommand, Taken, Turn, apply, decide_page,
    decide_system, due, next_number, react, refuse, take,
};
use sightline_wire::{PageHears, PageId, Refusal, Seat, Seats, SessionHears, SessionId};

use crate::connection::may_read;
use crate::host::Host;
use crate::ports::{
    Attachments, Commit, Committed, ConnectionKey, Loaded, Ports, Push, Said, Sessions, StoreError,
};
use crate::records::{Attachment, CallSummary, InviteHash};
use crate::words;

/// Commits tried before a session counts as busy.
const TRIES_MAX: u32 = 12;

/// No further try begins after this, milliseconds.
const TRYING_MS: u64 = 3_000;

/// Why a session was not changed.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There is no such session, or none any more.
    NoSession,
    /// Others committed first, again and again.
    Busy,
    /// The store failed.
    Store(StoreError),
}

impl Stop {
    /// What a page is told; logs what it is not told.
    pub(crate) fn refusal(&self, session: SessionId) -> Refusal {
        match self {
            Self::NoSession => Refusal::NoSeat,
            Self::Busy => {
                tracing::warn!(session.id = %session, "session is busy");
                Refusal::Busy
            }
            Self::Store(trouble) => {
                tracing::error!(session.id = %session, error = %trouble, "store failed");
                Refusal::Trouble
            }
        }
    }
}

/// A session being decided about: as loaded, with what was overdue already applied.
pub(crate) struct Draft<'a> {
    rules: &'a sightline_session::Rules,
    pub(crate) state: State,
    pub(crate) attachments: Seats<Option<Attachment>>,
    pub(crate) now_ms: u64,
    events: Vec<Event>,
    invites: Vec<InviteHash>,
}

impl Draft<'_> {
    /// Decides a page's command that carries no number, and applies what follows.
    pub(crate) fn decide_page(
        &mut self,
        seat: Seat,
        page: PageId,
        command: &PageCommand,
    ) -> Result<(), Refusal> {
        let facts = self.foresee(seat, page, command)?;
        self.apply(facts);
        Ok(())
    }

    /// Decides a system command and applies what follows. Returns whether anything does.
    pub(crate) fn decide_system(
        &mut self,
        actor: Actor,
        command: &SystemCommand,
    ) -> Result<bool, Refusal> {
        let facts = self.foresee_system(actor, command)?;
        let any = !facts.is_empty();
        self.apply(facts);
        Ok(any)
    }

    fn apply(&mut self, facts: Vec<Fact>) {
        for fact in facts {
            self.events.push(apply(&mut self.state, fact, self.now_ms));
        }
    }

    /// Takes a page's numbered command.
    pub(crate) fn take(&mut self, turn: Turn, command: &PageCommand) -> Taken {
        let taken = take(&mut self.state, turn, command, self.now_ms, self.rules);
        if let Taken::Fresh { events, .. } = &taken {
            self.events.extend(events.iter().cloned());
        }
        taken
    }

    /// Answers a page's numbered command with a refusal that was found elsewhere.
    pub(crate) fn refuse(&mut self, turn: Turn, refusal: Refusal) -> Taken {
        refuse(&mut self.state, turn, refusal)
    }

    /// Whether this number is the one its page is expected to use next: [`Draft::take`] would
    /// decide, not repeat.
    pub(crate) fn expects(&self, turn: Turn) -> bool {
        next_number(&self.state, turn.seat, turn.page) == turn.n
    }

    /// What would follow from a command of a page. Nothing is changed.
    pub(crate) fn foresee(
        &self,
        seat: Seat,
        page: PageId,
        command: &PageCommand,
    ) -> Result<Vec<Fact>, Refusal> {
        decide_page(&self.state, seat, page, command, self.now_ms, self.rules)
    }

    /// What would follow from a system command. Nothing is changed.
    pub(crate) fn foresee_system(
        &self,
        actor: Actor,
        command: &SystemCommand,
    ) -> Result<Vec<Fact>, Refusal> {
        decide_system(&self.state, actor, command, self.now_ms, self.rules)
    }

    /// A secret that leads here from this commit on.
    pub(crate) fn invite(&mut self, invite: InviteHash) {
        self.invites.push(invite);
    }
}

/// A session after a change, or after finding that nothing was to be changed.
pub(crate) struct Changed<T> {
    pub(crate) session: SessionId,
    /// What the deciding function said.
    pub(crate) answer: T,
    pub(crate) before: State,
    pub(crate) after: State,
    pub(crate) events: Vec<Event>,
    /// Who speaks for each seat; a topic that attaches somebody puts them in.
    pub(crate) attachments: Seats<Option<Attachment>>,
    /// Who spoke for a seat until somebody was attached in their place.
    pub(crate) displaced: Seats<Option<Attachment>>,
    /// When it was loaded, epoch milliseconds.
    pub(crate) now_ms: u64,
}

impl<P: Ports> Host<P> {
    /// Loads, applies what is overdue, lets `act` decide, and commits if anything changed. `act`
    /// may run several times.
    pub(crate) async fn change<T: Send>(
        &self,
        session: SessionId,
        mut act: impl FnMut(&mut Draft<'_>) -> T + Send,
    ) -> Result<Changed<T>, Stop> {
        let began_ms = self.ports.now_ms();
        let mut failure = Stop::Busy;
        for attempt in 0..TRIES_MAX {
            if attempt > 0 {
                self.ports
                    .pause(jitter_ms(attempt, self.ports.random()))
                    .await;
                if self.ports.now_ms().saturating_sub(began_ms) >= TRYING_MS {
                    break;
                }
            }
            let now_ms = self.ports.now_ms();
            let loaded = match self.ports.store().load(session, now_ms).await {
                Ok(loaded) => loaded.ok_or(Stop::NoSession)?,
                Err(trouble) => {
                    failure = again(trouble)?;
                    continue;
                }
            };
            let delete_at_s = loaded.delete_at_s;
            let (mut draft, before) = self.draft(loaded, now_ms);
            let answer = act(&mut draft);
            let mut changed = Changed {
                session,
                answer,
                before,
                after: draft.state,
                events: draft.events,
                attachments: draft.attachments,
                displaced: Seats::default(),
                now_ms,
            };
            if changed.after == changed.before && draft.invites.is_empty() {
                return Ok(changed);
            }
            changed.after.revision = changed.before.revision.saturating_add(1);
            let commit = Commit {
                session,
                expected: Some(changed.before.revision),
                state: changed.after.clone(),
                events: changed.events.clone(),
                invites: draft.invites,
                delete_at_s,
                summary: summary_if_new(session, &changed.before, &changed.after),
                summary_delete_at_s: self.config.summary_delete_at_s(changed.after.began_at_ms),
            };
            match self.ports.store().commit(commit).await {
                Ok(Committed::Done) => return Ok(changed),
                Ok(Committed::Clash) => failure = Stop::Busy,
                // Perhaps it was stored and only the answer got lost: deciding again finds the
                // command answered.
                Err(trouble) => failure = again(trouble)?,
            }
        }
        Err(failure)
    }

    /// The state as it is by the clock, without storing anything.
    pub(crate) async fn peek(&self, session: SessionId) -> Result<Option<State>, StoreError> {
        let now_ms = self.ports.now_ms();
        let loaded = self.ports.store().load(session, now_ms).await?;
        Ok(loaded.map(|loaded| self.draft(loaded, now_ms).0.state))
    }

    fn draft(&self, loaded: Loaded, now_ms: u64) -> (Draft<'_>, State) {
        let heard = Seats::from_fn(|seat| {
            let attachment = loaded.attachments.get(seat).as_ref();
            attachment.map(Attachment::heard)
        });
        let before = loaded.state.clone();
        let mut draft = Draft {
            rules: &self.config.rules,
            state: loaded.state,
            attachments: loaded.attachments,
            now_ms,
            events: Vec::new(),
            invites: Vec::new(),
        };
        for what in due(&draft.state, &heard, now_ms, draft.rules) {
            draft.events.push(apply(&mut draft.state, what, now_ms));
        }
        (draft, before)
    }

    /// Does what follows outside from a change. Text messages are left to the topic `invite`.
    pub(crate) async fn carry_out<T: Sync>(&self, changed: &Changed<T>) {
        for effect in react(&changed.before, &changed.events, &changed.after) {
            match effect {
                Effect::Push(seat) => self.push_events(changed, seat).await,
                Effect::SendSms { .. } => {}
                Effect::Promote { seat, page } => self.promote(changed.session, seat, page).await,
                Effect::TellMoved { seat, page } => {
                    let displaced = changed.displaced.get(seat).as_ref();
                    if let Some(old) = displaced.filter(|old| old.page == page) {
                        let moved = PageHears::Session(SessionHears::Moved);
                        self.say(changed.session, &old.connection, moved).await;
                    }
                }
                Effect::CloseRoom => self.close_room(changed.session).await,
            }
        }
    }

    async fn push_events<T: Sync>(&self, changed: &Changed<T>, seat: Seat) {
        let batch = words::batch(&changed.events, seat, changed.after.head);
        let hears = PageHears::Session(SessionHears::Events(batch));
        // A page that lost the seat stays attached for the moment until the new one is.
        let attachment = changed.attachments.get(seat).as_ref();
        let attachment =
            attachment.filter(|there| may_read(seat, there.page, &changed.after).is_ok());
        self.say_to_seat(changed.session, seat, attachment, hears)
            .await;
    }

    /// Says something to the page that speaks for a seat, if its connection is open. Finding it
    /// gone closes it.
    pub(crate) async fn say_to_seat(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Option<&Attachment>,
        hears: PageHears,
    ) {
        let Some(there) = attachment.filter(|there| there.closed_at_ms.is_none()) else {
            return;
        };
        if self.say(session, &there.connection, hears).await == Some(Said::Gone) {
            let now_ms = self.ports.now_ms();
            let touched = self
                .ports
                .store()
                .touch(session, seat, &there.connection, now_ms, true)
                .await;
            if let Err(trouble) = touched {
                tracing::warn!(session.id = %session, error = %trouble, "closing was not noted");
            }
        }
    }

    /// Says something to the pages that speak for the other seats, as [`Host::say_to_seat`] does.
    pub(crate) async fn say_to_others(
        &self,
        session: SessionId,
        seat: Seat,
        attachments: &Seats<Option<Attachment>>,
        hears: PageHears,
    ) {
        for other in seat.others() {
            let attachment = attachments.get(other).as_ref();
            self.say_to_seat(session, other, attachment, hears.clone())
                .await;
        }
    }

    /// Says something to a connection. None when that failed, which is logged here: whoever should
    /// have heard asks later.
    pub(crate) async fn say(
        &self,
        session: SessionId,
        connection: &ConnectionKey,
        hears: PageHears,
    ) -> Option<Said> {
        let message = words::to_page(Some(session), hears);
        match self.ports.push().say(connection, &message).await {
            Ok(said) => Some(said),
            Err(trouble) => {
                tracing::warn!(session.id = %session, connection.id = %connection.0, error = %trouble, "push failed");
                None
            }
        }
    }
}

/// The call's line in its agent's list, if this changed it.
fn summary_if_new(session: SessionId, before: &State, after: &State) -> Option<CallSummary> {
    let summary = CallSummary::of(session, after);
    (summary != CallSummary::of(session, before)).then_some(summary)
}

/// Trouble that another try may mend; otherwise the end of trying.
fn again(trouble: StoreError) -> Result<Stop, Stop> {
    if trouble.retryable {
        Ok(Stop::Store(trouble))
    } else {
        Err(Stop::Store(trouble))
    }
}

/// Full jitter between 10 ms and a bound that doubles from 20 ms to 200 ms.
pub(crate) fn jitter_ms(attempt: u32, chance: [u8; 16]) -> u64 {
    const LEAST_MS: u64 = 10;
    let most_ms = 200.min(LEAST_MS << attempt.min(8));
    LEAST_MS + (u128::from_be_bytes(chance) % u128::from(most_ms - LEAST_MS + 1)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_between_ten_and_two_hundred_milliseconds() {
        for attempt in 1..TRIES_MAX {
            for byte in 0..=255 {
                let ms = jitter_ms(attempt, [byte; 16]);
                assert!((10..=200).contains(&ms), "{ms}");
            }
        }
    }
}
