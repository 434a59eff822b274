//! Invites that another program makes.
//!
//! A request may name itself (`Idempotency-Key`). Its repetition within a day leads to the same
//! call, makes a further link and texts nothing.

use sightline_session::{Actor, Invitation, State, SystemCommand, code_leads_in};
use sightline_wire::api::{ApiError, NumberReading};
use sightline_wire::v1::{ProblemCode, V1Invite, V1Invited};
use sightline_wire::{
    AgentId, DisplayName, InviteSecret, Language, PhoneNumber, Refusal, SessionId, SmsFailure,
};

use crate::access::Viewer;
use crate::api::v1::Problematic;
use crate::config::{agent_id, desk_agent_id};
use crate::draft::{Changed, Draft};
use crate::host::Host;
use crate::invite::attempt;
use crate::limits::sms::Wanted;
use crate::ports::{Agents, Claims, Ports};
use crate::records::ClaimRecord;
use crate::sms;
use crate::stop::OrAnswer;
use crate::texting::invite_link;

/// How long a request may be repeated, milliseconds.
const REPEATED_MS: u64 = 24 * 60 * 60 * 1_000;

/// How long the first request may run, milliseconds. After that it has died, and a repetition does
/// its work.
const RUNNING_MS: u64 = 30_000;

/// The language of text messages where none is named.
const LANGUAGE: &str = "en";

/// An invite that can be made.
struct Wish {
    invitation: Invitation,
    /// The key, which the budgets count as an agent.
    key: AgentId,
}

impl<P: Ports> Host<P> {
    /// Invites a customer for an agent. `repeats` is the name of the request, if it has one.
    pub(crate) async fn invite_by_key(
        &self,
        key: &Viewer,
        asked: &V1Invite,
        repeats: Option<&str>,
    ) -> Result<V1Invited, Problematic> {
        let wish = Wish {
            invitation: self.invitation(asked).await?,
            key: key.agent,
        };
        let session = SessionId::from_bytes(self.ports.random());
        let session = match repeats {
            Some(name) => self.claimed(key, name, asked, session).await?,
            None => session,
        };
        let erased = |problem: Problematic| match problem.is(ProblemCode::NotFound) {
            true => Problematic::of(ProblemCode::InviteOver).explained("the call was erased"),
            false => problem,
        };
        let (secret, state) = match self.begun(session, &wish).await.map_err(erased)? {
            Some(begun) => begun,
            None => self.linked(session).await.map_err(erased)?,
        };
        Ok(V1Invited {
            id: session,
            link: invite_link(&self.config, &secret),
            code: match code_leads_in(&state) {
                Ok(()) => Some(self.code_of(session, &state).await?),
                Err(_) => None,
            },
            console: format!("{}/agent#call={session}", self.config.agent_origin()),
        })
    }

    /// Sends an invite again, with a new link.
    pub(crate) async fn send_by_key(
        &self,
        key: &Viewer,
        session: SessionId,
        confirm: bool,
    ) -> Result<(), Problematic> {
        let state = self.peek(session).await.or_fail(session)?;
        let state = state.ok_or(ApiError::NotFound)?;
        let numberless = Problematic::of(ProblemCode::Refused);
        let number = state
            .number
            .ok_or(numberless.explained("the invite has no number"))?;
        self.likely(number.as_str(), "", confirm)?;
        let attempted = state.sms.attempts.saturating_add(1);
        let send = SystemCommand::SendSms { attempt: attempted };
        // The budget is asked only if a message would be sent.
        self.change_by_key(session, |draft| {
            draft.foresee_system(Actor::AgentApi, &send).map(drop)
        })
        .await?;
        let wanted = Wanted {
            session,
            attempt: attempted,
            agent: key.agent,
            number: &number,
            language: &state.language,
        };
        let spent = self.spend(&wanted).await;
        let secret = self.fresh_secret();
        self.change_by_key(session, |draft| attempt(draft, attempted, spent, secret))
            .await
            .map(drop)
    }

    /// Cancels an invite.
    pub(crate) async fn cancel_by_key(&self, session: SessionId) -> Result<(), Problematic> {
        let cancelled = self.change_by_key(session, |draft| {
            let cancel = SystemCommand::Cancel;
            draft.decide_system(Actor::AgentApi, &cancel).map(drop)
        });
        cancelled.await.map(drop)
    }

    async fn invitation(&self, asked: &V1Invite) -> Result<Invitation, Problematic> {
        let language = match &asked.language {
            Some(language) => language.clone(),
            None => Language::new(LANGUAGE).map_err(|_| ApiError::Trouble)?,
        };
        if !sms::languages().contains(&language) {
            return Err(ApiError::UnknownLanguage.into());
        }
        let region = asked.region.as_deref().unwrap_or_default();
        let number = asked.number.as_deref();
        let number = number.map(|number| self.likely(number, region, asked.confirm));
        let number = number.transpose()?;
        let (agent, agent_name) = self.agent_of(asked.agent.as_deref()).await?;
        Ok(Invitation {
            agent,
            agent_name,
            number,
            reference: asked.reference.clone(),
            language,
        })
    }

    /// Returns a number, if it is likely to receive a message or was confirmed.
    fn likely(
        &self,
        number: &str,
        region: &str,
        confirm: bool,
    ) -> Result<PhoneNumber, Problematic> {
        let reading: NumberReading = self.read_number(number, region)?;
        if reading.texting.is_unlikely() && !confirm {
            let reading = Box::new(reading);
            return Err(ApiError::NumberUnlikely { reading }.into());
        }
        Ok(reading.read.number)
    }

    /// Returns the agent who has a call: the desk's, or the one of a subject who has signed in.
    /// Where no agent is named, the first who opens the call takes it, and the business invites
    /// till then.
    pub(crate) async fn agent_of(
        &self,
        subject: Option<&str>,
    ) -> Result<(AgentId, DisplayName), Problematic> {
        let unknown = |why: &str| Problematic::of(ProblemCode::UnknownAgent).explained(why);
        match (&self.config.provider, &self.config.desk_agent, subject) {
            (Some(provider), _, Some(subject)) => {
                let id = agent_id(&provider.issuer, subject);
                let agents = self.ports.store().agents(self.ports.erase_ms()).await;
                let agents = agents.or_fail(None)?.into_iter();
                let known = agents.map(|agent| (agent.agent, agent.name));
                let mut known = known.filter(|(agent, _)| *agent == id);
                let known = known.next();
                let known =
                    known.ok_or_else(|| unknown("nobody with this subject has signed in"))?;
                match self.may_sign_in(id).await.or_fail(None)? {
                    true => Ok(known),
                    false => Err(unknown("the agent's access was taken back")),
                }
            }
            (Some(_), _, None) => {
                let business = DisplayName::new(&self.config.business);
                Ok((AgentId::NOBODY, business.map_err(|_| ApiError::Trouble)?))
            }
            (None, Some(name), None) => Ok((desk_agent_id(name), name.clone())),
            (None, ..) => Err(unknown("a desk has one agent: leave `agent` out")),
        }
    }

    /// Claims the name of a request. Returns the session of the first request with it.
    async fn claimed(
        &self,
        key: &Viewer,
        name: &str,
        asked: &V1Invite,
        session: SessionId,
    ) -> Result<SessionId, Problematic> {
        let body = serde_json::to_vec(asked).unwrap_or_default();
        let at_ms = self.ports.now_ms();
        let claim = ClaimRecord {
            session,
            body: self.keys.pseudonym("invite", &body),
            at_ms,
        };
        let name = format!("{} {name}", key.agent);
        let name = self.keys.pseudonym("request", name.as_bytes());
        let until_ms = at_ms.saturating_add(REPEATED_MS);
        let stands = self.ports.store().claim(&name, &claim, until_ms, at_ms);
        let Some(first) = stands.await.or_fail(None)? else {
            return Ok(session);
        };
        if first.body != claim.body {
            return Err(Problematic::of(ProblemCode::KeyReused));
        }
        let is_there = self.peek(first.session).await.or_fail(first.session)?;
        if is_there.is_none() && at_ms.saturating_sub(first.at_ms) < RUNNING_MS {
            return Err(Problematic::of(ProblemCode::StillRunning));
        }
        Ok(first.session)
    }

    /// Begins a call. Returns its link and state, or `None` if it was begun before.
    async fn begun(
        &self,
        session: SessionId,
        wish: &Wish,
    ) -> Result<Option<(InviteSecret, State)>, Problematic> {
        let Some(code) = self.unused_code(session).await.or_fail(session)? else {
            return Ok(None);
        };
        let spent = match &wish.invitation.number {
            Some(number) => {
                let wanted = Wanted {
                    session,
                    attempt: 1,
                    agent: wish.key,
                    number,
                    language: &wish.invitation.language,
                };
                Some(self.spend_first(&wanted).await?)
            }
            None => None,
        };
        let secret = self.fresh_secret();
        let begun = self
            .begin(session, &wish.invitation, code, |draft| {
                first_link(draft, spent, secret)
            })
            .await
            .or_fail(session)?;
        let Some(begun) = begun else { return Ok(None) };
        tracing::info!(session.id = %session, "session began");
        self.carry_out(&begun).await;
        begun.answer?;
        Ok(Some((secret, begun.after)))
    }

    /// Makes a further link of a call.
    async fn linked(&self, session: SessionId) -> Result<(InviteSecret, State), Problematic> {
        let secret = self.fresh_secret();
        let linked = self
            .change_by_key(session, |draft| link(draft, secret))
            .await?;
        Ok((secret, linked.after))
    }

    /// Changes a session of any agent and carries out the effects.
    async fn change_by_key(
        &self,
        session: SessionId,
        act: impl FnMut(&mut Draft<'_>) -> Result<(), Refusal> + Send,
    ) -> Result<Changed<Result<(), Refusal>>, Problematic> {
        let changed = self.change(session, act).await.or_fail(session)?;
        self.carry_out(&changed).await;
        match changed.answer {
            Ok(()) => Ok(changed),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// Sends the first text message with a link, or makes one if none is sent.
fn first_link(
    draft: &mut Draft<'_>,
    spent: Option<Result<(), SmsFailure>>,
    secret: InviteSecret,
) -> Result<(), Refusal> {
    if let Some(spent) = spent {
        attempt(draft, 1, spent, secret)?;
    }
    match draft.secrets.is_empty() {
        true => link(draft, secret),
        false => Ok(()),
    }
}

fn link(draft: &mut Draft<'_>, secret: InviteSecret) -> Result<(), Refusal> {
    draft.decide_system(Actor::AgentApi, &SystemCommand::MakeLink)?;
    draft.invite(secret);
    Ok(())
}
