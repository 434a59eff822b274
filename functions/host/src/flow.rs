//! Changes a session: load, decide, commit, carry out.
//!
//! After each load, overdue events are applied first. A commit succeeds only if no other commit
//! came in between. On a clash, the session is loaded and decided again after a pause of random
//! length. Effects come after the commit. They may be lost: a page that missed an event sees a
//! higher `head` and asks for it.

use sightline_session::{
    Actor, Effect, Event, Fact, PageCommand, State, SystemCommand, Taken, Turn, apply, decide_page,
    decide_system, due, next_number, react, refuse, take,
};
use sightline_wire::{PageHears, PageId, Refusal, Seat, Seats, SessionHears, SessionId};

use crate::access::may_read;
use crate::host::Host;
use crate::ports::{
    Attachments, Commit, Committed, ConnectionKey, Loaded, Ports, Push, Said, Sessions, StoreError,
};
use crate::records::{Attachment, CallSummary, InviteHash};
use crate::stop::Stop;
use crate::words;

/// Attempts to commit before a session counts as busy.
const TRIES_MAX: u32 = 12;

/// Time after which no further attempt begins, milliseconds.
const TRYING_MS: u64 = 3_000;

/// A loaded session with overdue events applied, on which commands are decided.
pub(crate) struct Draft<'a> {
    rules: &'a sightline_session::Rules,
    pub(crate) state: State,
    pub(crate) attachments: Seats<Option<Attachment>>,
    pub(crate) now_ms: u64,
    events: Vec<Event>,
    invites: Vec<InviteHash>,
}

impl Draft<'_> {
    /// Decides a page's command that carries no number, and applies the resulting facts.
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

    /// Decides a system command and applies the resulting facts. Returns whether there are any.
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

    /// Answers a page's numbered command with a refusal that the caller decided.
    pub(crate) fn refuse(&mut self, turn: Turn, refusal: Refusal) -> Taken {
        refuse(&mut self.state, turn, refusal)
    }

    /// Returns whether this is the next number of its page, so that [`Draft::take`] would decide
    /// and not repeat an answer.
    pub(crate) fn expects(&self, turn: Turn) -> bool {
        next_number(&self.state, turn.seat, turn.page) == turn.n
    }

    /// Returns the facts that a page's command would result in. Changes nothing.
    pub(crate) fn foresee(
        &self,
        seat: Seat,
        page: PageId,
        command: &PageCommand,
    ) -> Result<Vec<Fact>, Refusal> {
        decide_page(&self.state, seat, page, command, self.now_ms, self.rules)
    }

    /// Returns the facts that a system command would result in. Changes nothing.
    pub(crate) fn foresee_system(
        &self,
        actor: Actor,
        command: &SystemCommand,
    ) -> Result<Vec<Fact>, Refusal> {
        decide_system(&self.state, actor, command, self.now_ms, self.rules)
    }

    /// Adds an invite whose secret leads to this session from this commit on.
    pub(crate) fn invite(&mut self, invite: InviteHash) {
        self.invites.push(invite);
    }
}

/// A session after a change, or unchanged if nothing was to change.
pub(crate) struct Changed<T> {
    pub(crate) session: SessionId,
    /// What the deciding function returned.
    pub(crate) answer: T,
    pub(crate) before: State,
    pub(crate) after: State,
    pub(crate) events: Vec<Event>,
    /// The attachment of each seat. A topic that attaches a page updates it.
    pub(crate) attachments: Seats<Option<Attachment>>,
    /// Attachments that a new attachment replaced.
    pub(crate) displaced: Seats<Option<Attachment>>,
    /// Time of the load, epoch milliseconds.
    pub(crate) now_ms: u64,
}

impl<P: Ports> Host<P> {
    /// Loads, applies overdue events, lets `act` decide, and commits if the session changed. `act`
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
                Err(error) => {
                    failure = check_retryable(error)?;
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
                // The commit may have been stored and only its answer lost. The next attempt then
                // finds the command answered.
                Err(error) => failure = check_retryable(error)?,
            }
        }
        Err(failure)
    }

    /// Returns the state with overdue events applied. Stores nothing.
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
        for fact in due(&draft.state, &heard, now_ms, draft.rules) {
            draft.events.push(apply(&mut draft.state, fact, now_ms));
        }
        (draft, before)
    }

    /// Carries out the effects of a change, except for text messages, which the topic `invite`
    /// sends.
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
        // A page that lost the seat stays attached until the new one is attached.
        let attachment = changed.attachments.get(seat).as_ref();
        let attachment =
            attachment.filter(|attached| may_read(seat, attached.page, &changed.after).is_ok());
        self.say_to_seat(changed.session, seat, attachment, hears)
            .await;
    }

    /// Sends to the page attached to a seat if its connection is open. If the connection is gone,
    /// records it as closed.
    pub(crate) async fn say_to_seat(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Option<&Attachment>,
        hears: PageHears,
    ) {
        let Some(attached) = attachment.filter(|attached| attached.closed_at_ms.is_none()) else {
            return;
        };
        if self.say(session, &attached.connection, hears).await == Some(Said::Gone) {
            let now_ms = self.ports.now_ms();
            let touched = self
                .ports
                .store()
                .touch(session, seat, &attached.connection, now_ms, true)
                .await;
            if let Err(error) = touched {
                tracing::warn!(session.id = %session, error = %error, "attachment was not marked closed");
            }
        }
    }

    /// Sends to the pages attached to the other seats, as [`Host::say_to_seat`] does.
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

    /// Sends to a connection. Logs a failure and returns `None`: the page asks later for what it
    /// missed.
    pub(crate) async fn say(
        &self,
        session: SessionId,
        connection: &ConnectionKey,
        hears: PageHears,
    ) -> Option<Said> {
        let message = words::to_page(Some(session), hears);
        match self.ports.push().say(connection, &message).await {
            Ok(said) => Some(said),
            Err(error) => {
                tracing::warn!(session.id = %session, connection.id = %connection.0, error = %error, "push failed");
                None
            }
        }
    }
}

/// Returns the call's summary for its agent's list, if this change altered it.
fn summary_if_new(session: SessionId, before: &State, after: &State) -> Option<CallSummary> {
    let summary = CallSummary::of(session, after);
    (summary != CallSummary::of(session, before)).then_some(summary)
}

/// Returns `Ok` if another attempt may succeed, otherwise `Err`.
fn check_retryable(error: StoreError) -> Result<Stop, Stop> {
    if error.retryable {
        Ok(Stop::Store(error))
    } else {
        Err(Stop::Store(error))
    }
}

/// Returns a random pause between 10 ms and a bound that doubles from 20 ms to 200 ms.
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
