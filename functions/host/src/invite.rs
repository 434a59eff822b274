//! Invites: a session's start, its text messages, its links, and what a link leads to.
//!
//! A message beyond the budget is a failed attempt. The attempt and its failure are in one commit,
//! and nothing is sent. It counts towards the session's cool-down and limit like any attempt, but
//! not towards the budget. Links are counted apart, so that the agent always has another way.

use sightline_session::{Actor, Invitation, State, SystemCommand, link_state};
use sightline_wire::api::{
    ApiError, FreshLink, LinkState, Look, NumberReading, StartCall, Started,
};
use sightline_wire::{InviteSecret, LobbyStep, Refusal, Seat, SessionId, SmsFailure};

use crate::draft::{Changed, Draft};
use crate::host::Host;
use crate::limits::sms::Wanted;
use crate::phone;
use crate::ports::Ports;
use crate::records::{first_half, sha_256_of_parts};
use crate::sms;
use crate::stop::{OrAnswer, Stop};
use crate::texting::invite_link;
use crate::tokens::SignedIn;

impl<P: Ports> Host<P> {
    /// Begins a session and sends its first text message. The same request of the same agent leads
    /// to the same session and sends nothing more.
    pub(crate) async fn start_call(
        &self,
        agent: &SignedIn,
        asked: StartCall,
    ) -> Result<Started, ApiError> {
        let reading = self.read_number(&asked.number, &asked.region)?;
        if !sms::languages().contains(&asked.language) {
            return Err(ApiError::UnknownLanguage);
        }
        if reading.texting.is_unlikely() && !asked.confirm {
            let reading = Box::new(reading);
            return Err(ApiError::NumberUnlikely { reading });
        }
        let number = reading.read.number;
        let session = session_of_request(agent, &asked);
        let Some(code) = self.unused_code(session).await.or_fail(session)? else {
            let changed = self.change(session, |_| ()).await.or_fail(session)?;
            self.carry_out(&changed).await;
            return Ok(Started { session });
        };
        let invitation = Invitation {
            agent: agent.agent,
            agent_name: agent.name.clone(),
            number: Some(number.clone()),
            reference: asked.reference,
            language: asked.language,
        };
        let wanted = Wanted {
            session,
            attempt: 1,
            agent: agent.agent,
            number: &number,
            language: &invitation.language,
        };
        let spent = self.spend_first(&wanted).await?;
        let secret = self.fresh_secret();
        let begun = self
            .begin(session, &invitation, code, |draft| {
                attempt(draft, 1, spent, secret)
            })
            .await
            .or_fail(session)?;
        if let Some(begun) = begun {
            tracing::info!(session.id = %session, "session began");
            self.carry_out(&begun).await;
            begun
                .answer
                .map_err(|refusal| ApiError::Refused { refusal })?;
        }
        Ok(Started { session })
    }

    /// Reads a number as the form sends it. Nothing is stored.
    pub(crate) fn read_number(&self, typed: &str, region: &str) -> Result<NumberReading, ApiError> {
        let read = phone::read(typed, region, &self.config.refused_numbers);
        read.map_err(|why| ApiError::BadNumber { why: Some(why) })
    }

    /// Sends the invite again with a new link. An attempt that was made already sends nothing.
    pub(crate) async fn send_again(
        &self,
        agent: &SignedIn,
        session: SessionId,
        attempted: u32,
    ) -> Result<(), ApiError> {
        // The budget is asked only if a message would be sent, and before the attempt is stored.
        let send = SystemCommand::SendSms { attempt: attempted };
        let to = self
            .change_own(agent, session, |draft| {
                let facts = draft.foresee_system(Actor::AgentApi, &send)?;
                let number = draft.state.number.clone().filter(|_| !facts.is_empty());
                Ok(number.map(|number| (number, draft.state.language.clone())))
            })
            .await?;
        let Some((number, language)) = to else {
            return Ok(());
        };
        let wanted = Wanted {
            session,
            attempt: attempted,
            agent: agent.agent,
            number: &number,
            language: &language,
        };
        let spent = self.spend(&wanted).await;
        let secret = self.fresh_secret();
        self.change_own(agent, session, |draft| {
            attempt(draft, attempted, spent, secret)
        })
        .await
    }

    /// Makes a further link, to be copied or shown.
    pub(crate) async fn fresh_link(
        &self,
        agent: &SignedIn,
        session: SessionId,
    ) -> Result<FreshLink, ApiError> {
        let secret = self.fresh_secret();
        self.change_own(agent, session, |draft| {
            if draft.decide_system(Actor::AgentApi, &SystemCommand::MakeLink)? {
                draft.invite(secret);
            }
            Ok(())
        })
        .await?;
        Ok(FreshLink {
            link: invite_link(&self.config, &secret),
        })
    }

    /// Takes back every link, code and seat of the customer, and makes a new link with a new code.
    /// The page that holds the seat hears it, and its connection closes.
    pub(crate) async fn renew_link(
        &self,
        agent: &SignedIn,
        session: SessionId,
    ) -> Result<FreshLink, ApiError> {
        let state = self.peek(session).await.or_fail(session)?;
        let state = state.filter(|state| state.agent == agent.agent);
        let state = state.ok_or(ApiError::NotFound)?;
        let round = state.links_renewed.saturating_add(1);
        let code = self.renewed_code(session, round).await.or_fail(session)?;
        let secret = self.fresh_secret();
        self.change_own(agent, session, |draft| {
            // Somebody renewed it at the same time: this code belongs to their link.
            if draft.state.links_renewed.saturating_add(1) != round {
                return Err(Refusal::Busy);
            }
            draft.decide_system(Actor::AgentApi, &SystemCommand::RenewLinks)?;
            draft.invite(secret);
            draft.invite_by_code(code);
            Ok(())
        })
        .await?;
        Ok(FreshLink {
            link: invite_link(&self.config, &secret),
        })
    }

    /// Changes an agent's own session and carries out the effects. The session of another agent is
    /// answered as not found.
    async fn change_own<T: Send + Sync>(
        &self,
        agent: &SignedIn,
        session: SessionId,
        mut act: impl FnMut(&mut Draft<'_>) -> Result<T, Refusal> + Send,
    ) -> Result<T, ApiError> {
        let changed: Changed<Result<T, ApiError>> = self
            .change(session, |draft| {
                if draft.state.agent != agent.agent {
                    return Err(ApiError::NotFound);
                }
                act(draft).map_err(|refusal| ApiError::Refused { refusal })
            })
            .await
            .or_fail(session)?;
        self.carry_out(&changed).await;
        changed.answer
    }

    /// Returns what a link leads to. Stores nothing, not even overdue events: link previews load
    /// pages and run their scripts.
    pub(crate) async fn look(&self, session: SessionId) -> Result<Look, ApiError> {
        let look = self.look_at(session).await?.ok_or(ApiError::UnknownLink)?;
        // A robot that looks at the link gets no name.
        let look = for_links(Look { name: None, ..look });
        Ok(self.branded(look).await)
    }

    /// Notes what keeps a customer's page from connecting. A refusal is ignored, because the page
    /// can do nothing about it.
    pub(crate) async fn hold_up(
        &self,
        session: SessionId,
        step: LobbyStep,
    ) -> Result<(), ApiError> {
        let changed = self
            .change(session, |draft| {
                let _ = draft.decide_system(Actor::Link, &SystemCommand::HoldUp { step });
            })
            .await
            .or_fail(session)?;
        self.carry_out(&changed).await;
        Ok(())
    }

    /// Returns the same for a page that has a seat already, by a link of this round. `None` if the
    /// links were renewed since.
    pub(crate) async fn look_from(
        &self,
        session: SessionId,
        round: u32,
    ) -> Result<Option<Look>, ApiError> {
        let state = self.peek(session).await.or_fail(session)?;
        let state = state.filter(|state| state.links_renewed == round);
        Ok(state.map(|state| self.seen_from_outside(session, &state)))
    }

    async fn look_at(&self, session: SessionId) -> Result<Option<Look>, ApiError> {
        let state = self.peek(session).await.or_fail(session)?;
        Ok(state.map(|state| self.seen_from_outside(session, &state)))
    }

    /// Gives the customer's seat to a browser that was invited. While the link is valid, returns
    /// the value of the seat's cookie and its lifetime in seconds.
    pub(crate) async fn enter(
        &self,
        session: SessionId,
    ) -> Result<(Look, Option<(String, u64)>), ApiError> {
        let changed = self
            .change(session, |draft| {
                // A refusal is ignored: the answer contains the state of the link.
                let _ = draft.decide_system(Actor::Link, &SystemCommand::OpenLink);
            })
            .await;
        let changed = match changed {
            Err(Stop::NoSession) => return Err(ApiError::UnknownLink),
            changed => changed.or_fail(session)?,
        };
        self.carry_out(&changed).await;
        let look = self.seen_from_outside(session, &changed.after);
        let ends_at_ms = changed.after.ends_at_ms;
        let seat = (look.state == LinkState::Valid).then(|| {
            // After the end it is good for a rating alone.
            let until_ms = ends_at_ms.saturating_add(self.config.rules.rate_ms);
            let life_s = until_ms.saturating_sub(changed.now_ms) / 1_000;
            let round = changed.after.links_renewed;
            (self.keys.seat(session, round, until_ms), life_s)
        });
        Ok((self.branded(for_links(look)).await, seat))
    }

    fn seen_from_outside(&self, session: SessionId, state: &State) -> Look {
        Look {
            state: link_state(state),
            session: Some(session),
            business: Some(self.config.business.clone()),
            brand: None,
            agent_name: state.has_agent().then(|| state.agent_name.clone()),
            language: state.language.clone(),
            joined: state.seats.get(Seat::Customer).is_held(),
            kept_days: Some(self.config.kept_days()),
            pictures_days: Some(self.config.picture_days),
            notes_days: Some(self.config.retention_days),
            name: state.seats.get(Seat::Customer).name.clone(),
        }
    }

    /// Adds colour and logo, where the answer names the business.
    pub(crate) async fn branded(&self, mut look: Look) -> Look {
        if look.business.is_some() {
            look.brand = self.brand().await;
        }
        look
    }

    pub(crate) fn fresh_secret(&self) -> InviteSecret {
        InviteSecret::from_bytes(self.ports.random())
    }
}

/// What somebody hears who has a link and no cookie of the seat. A link lies about long after its
/// session has ended, and by then says only that.
fn for_links(look: Look) -> Look {
    match look.state {
        LinkState::Valid => look,
        LinkState::Expired | LinkState::Cancelled | LinkState::Ended => Look {
            state: look.state,
            session: None,
            business: None,
            brand: None,
            agent_name: None,
            language: look.language,
            joined: false,
            kept_days: None,
            pictures_days: None,
            notes_days: None,
            name: None,
        },
    }
}

/// Makes an attempt to send, in one commit with its failure if it is beyond the budget.
pub(crate) fn attempt(
    draft: &mut Draft<'_>,
    attempt: u32,
    spent: Result<(), SmsFailure>,
    secret: InviteSecret,
) -> Result<(), Refusal> {
    if !draft.decide_system(Actor::AgentApi, &SystemCommand::SendSms { attempt })? {
        return Ok(());
    }
    if let outcome @ Err(_) = spent {
        let settle = SystemCommand::SettleSms { attempt, outcome };
        draft.decide_system(Actor::Host, &settle)?;
    } else {
        draft.invite(secret);
    }
    Ok(())
}

/// Derives the session from agent and request, so that a second click leads to the same session and
/// another agent's request cannot.
fn session_of_request(agent: &SignedIn, asked: &StartCall) -> SessionId {
    let parts: [&[u8]; 3] = [b"session", agent.agent.as_bytes(), asked.request.as_bytes()];
    SessionId::from_bytes(first_half(sha_256_of_parts(&parts)))
}
