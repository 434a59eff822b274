//! Topic `invite`: starts a session, sends its text messages, makes its links. No other place sends
//! text messages.
//!
//! A message beyond the budget is a failed attempt. The attempt and its failure are in one commit,
//! and nothing is sent. It counts towards the session's cool-down and limit like any attempt, but
//! not towards the budget. Links are counted apart, so that the agent always has another way.

use sightline_session::{
    Actor, Invitation, State, SystemCommand, apply, begin, decide_system, link_state,
};
use sightline_wire::api::{ApiError, FreshLink, LinkState, Look, StartCall, Started};
use sightline_wire::{InviteSecret, Refusal, Seat, SessionId, SmsFailure};

use crate::budget::Wanted;
use crate::config::HostConfig;
use crate::flow::{Changed, Draft, jitter_ms};
use crate::host::Host;
use crate::phone::e164;
use crate::ports::{Commit, Committed, Directory, Ports, Sessions, Sms, SmsOut, StoreError};
use crate::records::{CallSummary, InviteHash, first_half, sha_256_of_parts};
use crate::sms;
use crate::stop::Stop;
use crate::tokens::SignedIn;

/// Attempts to store a new session. A clash means that the same request came twice, which the next
/// load shows.
const BEGIN_TRIES: u32 = 3;

/// Time after which no further attempt begins, milliseconds: the agent waits for the answer.
const BEGINNING_MS: u64 = 3_000;

impl<P: Ports> Host<P> {
    /// Begins a session and sends its first text message. The same request of the same agent leads
    /// to the same session and sends nothing more.
    pub(crate) async fn start_call(
        &self,
        agent: &SignedIn,
        asked: StartCall,
    ) -> Result<Started, ApiError> {
        let number = e164(&asked.number, &asked.region).ok_or(ApiError::BadNumber)?;
        if !sms::languages().contains(&asked.language) {
            return Err(ApiError::UnknownLanguage);
        }
        let session = session_of_request(agent, &asked);
        let invitation = Invitation {
            agent: agent.agent,
            agent_name: agent.name.clone(),
            number,
            reference: asked.reference,
            language: asked.language,
        };
        let mut asked_budget = None;
        let began_ms = self.ports.now_ms();
        for attempt in 0..BEGIN_TRIES {
            if attempt > 0 {
                let pause_ms = jitter_ms(attempt, self.ports.random());
                self.ports.pause(pause_ms).await;
                if self.ports.now_ms().saturating_sub(began_ms) >= BEGINNING_MS {
                    break;
                }
            }
            let now_ms = self.ports.now_ms();
            match self.ports.store().load(session, now_ms).await {
                Ok(Some(_)) => return Ok(Started { session }),
                Ok(None) => {}
                Err(error) if error.retryable => continue,
                Err(error) => return Err(failed(session, &error)),
            }
            let spent = match asked_budget {
                Some(spent) => spent,
                None => {
                    let wanted = Wanted {
                        session,
                        attempt: 1,
                        agent: agent.agent,
                        number: &invitation.number,
                    };
                    *asked_budget.insert(self.spend(&wanted).await)
                }
            };
            let secret = self.fresh_secret();
            let commit = self.beginning(session, invitation.clone(), spent, &secret, now_ms)?;
            let state = commit.state.clone();
            match self.ports.store().commit(commit).await {
                Ok(Committed::Done) => {
                    tracing::info!(session.id = %session, "session began");
                    if spent.is_ok() {
                        self.send_sms(session, &state, &secret).await;
                    }
                    return Ok(Started { session });
                }
                Ok(Committed::Clash) => {}
                Err(error) if error.retryable => {}
                Err(error) => return Err(failed(session, &error)),
            }
        }
        tracing::error!(session.id = %session, "failed to store a new session");
        Err(ApiError::Trouble)
    }

    /// Returns the first commit: the invite, the first attempt and the secret's hash. So the
    /// attempt is stored before anything is sent, with the reason if it must not be sent.
    fn beginning(
        &self,
        session: SessionId,
        invitation: Invitation,
        spent: Result<(), SmsFailure>,
        secret: &InviteSecret,
        now_ms: u64,
    ) -> Result<Commit, ApiError> {
        let rules = &self.config.rules;
        let (mut state, issued) = begin(invitation, now_ms, rules);
        let mut events = vec![issued];
        let mut commands = vec![(Actor::AgentApi, SystemCommand::SendSms { attempt: 1 })];
        if spent.is_err() {
            let outcome = spent;
            let settle = SystemCommand::SettleSms {
                attempt: 1,
                outcome,
            };
            commands.push((Actor::Host, settle));
        }
        for (actor, command) in commands {
            let facts = decide_system(&state, actor, &command, now_ms, rules)
                .map_err(|refusal| ApiError::Refused { refusal })?;
            for fact in facts {
                events.push(apply(&mut state, fact, now_ms));
            }
        }
        state.revision = 1;
        Ok(Commit {
            session,
            expected: None,
            summary: Some(CallSummary::of(session, &state)),
            summary_delete_at_s: self.config.summary_delete_at_s(now_ms),
            state,
            events,
            invites: match spent {
                Ok(()) => vec![InviteHash::of(secret)],
                Err(_) => Vec::new(),
            },
            delete_at_s: self.config.delete_at_s(now_ms),
        })
    }

    /// Sends the invite again with a new link. An attempt that was made already sends nothing.
    pub(crate) async fn send_again(
        &self,
        agent: &SignedIn,
        session: SessionId,
        attempt: u32,
    ) -> Result<(), ApiError> {
        let send = SystemCommand::SendSms { attempt };
        // The budget is asked only if a message would be sent, and before the attempt is stored.
        let foreseen = self
            .change_own(agent, session, |draft| {
                let facts = draft.foresee_system(Actor::AgentApi, &send)?;
                Ok((!facts.is_empty()).then(|| draft.state.number.clone()))
            })
            .await?;
        self.carry_out(&foreseen).await;
        let Some(number) = foreseen.answer? else {
            return Ok(());
        };
        let wanted = Wanted {
            session,
            attempt,
            agent: agent.agent,
            number: &number,
        };
        let spent = self.spend(&wanted).await;
        let secret = self.fresh_secret();
        let changed = self
            .change_own(agent, session, |draft| {
                if !draft.decide_system(Actor::AgentApi, &send)? {
                    return Ok(false);
                }
                if let outcome @ Err(_) = spent {
                    let settle = SystemCommand::SettleSms { attempt, outcome };
                    draft.decide_system(Actor::Host, &settle)?;
                    return Ok(false);
                }
                draft.invite(InviteHash::of(&secret));
                Ok(true)
            })
            .await?;
        self.carry_out(&changed).await;
        if changed.answer? {
            self.send_sms(session, &changed.after, &secret).await;
        }
        Ok(())
    }

    /// Makes a further link, to be copied or shown.
    pub(crate) async fn fresh_link(
        &self,
        agent: &SignedIn,
        session: SessionId,
    ) -> Result<FreshLink, ApiError> {
        let secret = self.fresh_secret();
        let changed = self
            .change_own(agent, session, |draft| {
                if draft.decide_system(Actor::AgentApi, &SystemCommand::MakeLink)? {
                    draft.invite(InviteHash::of(&secret));
                }
                Ok(())
            })
            .await?;
        self.carry_out(&changed).await;
        changed.answer?;
        Ok(FreshLink {
            link: invite_link(&self.config, &secret),
        })
    }

    /// Changes an agent's own session. The session of another agent is answered as not found.
    async fn change_own<T: Send>(
        &self,
        agent: &SignedIn,
        session: SessionId,
        mut act: impl FnMut(&mut Draft<'_>) -> Result<T, Refusal> + Send,
    ) -> Result<Changed<Result<T, ApiError>>, ApiError> {
        let changed = self
            .change(session, |draft| {
                if draft.state.agent != agent.agent {
                    return Err(ApiError::NotFound);
                }
                act(draft).map_err(|refusal| ApiError::Refused { refusal })
            })
            .await;
        changed.map_err(|stop| stopped(session, &stop))
    }

    /// Sends the newest attempt and stores its outcome. If the process ends in between, the outcome
    /// stays unknown, and the page shows that.
    async fn send_sms(&self, session: SessionId, state: &State, secret: &InviteSecret) {
        let link = invite_link(&self.config, secret);
        let Some(text) = sms::text(&state.language, &self.config.business, &link) else {
            return;
        };
        let message = Sms {
            to: state.number.clone(),
            text,
            link,
            language: state.language.clone(),
        };
        let attempt = state.sms.attempts;
        let outcome = self.ports.sms().send(message, self.ports.now_ms()).await;
        if let Err(why) = outcome {
            tracing::warn!(session.id = %session, attempt, ?why, "text message was not accepted");
        }
        let settle = SystemCommand::SettleSms { attempt, outcome };
        let settled = self
            .change(session, |draft| draft.decide_system(Actor::Host, &settle))
            .await;
        match settled {
            Ok(changed) => self.carry_out(&changed).await,
            Err(stop) => {
                stopped(session, &stop);
            }
        }
    }

    /// Returns what a link leads to. Stores nothing, not even overdue events: link previews load
    /// pages and run their scripts.
    pub(crate) async fn look(&self, secret: &InviteSecret) -> Result<Look, ApiError> {
        let session = self.session_of_secret(secret).await?;
        self.look_at(session).await?.ok_or(ApiError::UnknownLink)
    }

    /// Returns the same for a page that has the seat already.
    pub(crate) async fn look_at(&self, session: SessionId) -> Result<Option<Look>, ApiError> {
        let state = self
            .peek(session)
            .await
            .map_err(|error| failed(session, &error))?;
        Ok(state.map(|state| self.seen_from_outside(session, &state)))
    }

    /// Trades a secret for the customer's seat. While the link is valid, returns the value of the
    /// seat's cookie and its lifetime in seconds.
    pub(crate) async fn enter(
        &self,
        secret: &InviteSecret,
    ) -> Result<(Look, Option<(String, u64)>), ApiError> {
        let session = self.session_of_secret(secret).await?;
        let changed = self
            .change(session, |draft| {
                // A refusal is ignored: the answer contains the state of the link.
                let _ = draft.decide_system(Actor::Link, &SystemCommand::OpenLink);
            })
            .await
            .map_err(|stop| match stop {
                Stop::NoSession => ApiError::UnknownLink,
                stop => stopped(session, &stop),
            })?;
        self.carry_out(&changed).await;
        let look = self.seen_from_outside(session, &changed.after);
        let ends_at_ms = changed.after.ends_at_ms;
        let seat = (look.state == LinkState::Valid).then(|| {
            let life_s = ends_at_ms.saturating_sub(changed.now_ms) / 1_000;
            (self.keys.seat(session, ends_at_ms), life_s)
        });
        Ok((look, seat))
    }

    async fn session_of_secret(&self, secret: &InviteSecret) -> Result<SessionId, ApiError> {
        let found = self
            .ports
            .store()
            .by_invite(InviteHash::of(secret), self.ports.now_ms())
            .await;
        let found = found.map_err(|error| {
            tracing::error!(error = %error, "failed to read an invite");
            ApiError::Trouble
        })?;
        found.ok_or(ApiError::UnknownLink)
    }

    fn seen_from_outside(&self, session: SessionId, state: &State) -> Look {
        Look {
            state: link_state(state),
            session,
            business: self.config.business.clone(),
            agent_name: state.agent_name.clone(),
            language: state.language.clone(),
            joined: state.seats.get(Seat::Customer).joined(),
            kept_days: self.config.kept_days(),
        }
    }

    fn fresh_secret(&self) -> InviteSecret {
        InviteSecret::from_bytes(self.ports.random())
    }
}

/// Returns the link with the secret in the fragment, which a browser never sends.
fn invite_link(config: &HostConfig, secret: &InviteSecret) -> String {
    format!("{}/j#{secret}", config.origin)
}

/// Derives the session from agent and request, so that a second click leads to the same session and
/// another agent's request cannot.
fn session_of_request(agent: &SignedIn, asked: &StartCall) -> SessionId {
    let parts: [&[u8]; 3] = [b"session", agent.agent.as_bytes(), asked.request.as_bytes()];
    SessionId::from_bytes(first_half(sha_256_of_parts(&parts)))
}

fn stopped(session: SessionId, stop: &Stop) -> ApiError {
    match stop {
        Stop::NoSession => ApiError::NotFound,
        Stop::Busy | Stop::Store(_) => {
            // Logs the reason.
            stop.refusal(session);
            ApiError::Trouble
        }
    }
}

fn failed(session: SessionId, error: &StoreError) -> ApiError {
    tracing::error!(session.id = %session, error = %error, "store failed");
    ApiError::Trouble
}
