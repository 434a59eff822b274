//! Short codes of invites, for phones that open no links.
//!
//! A code is another spelling of a session's secret. It is derived from the session and a round, so
//! that it can be shown again, and stored as its keyed hash among the session's invites, from the
//! first commit on. A code that already leads to another session is skipped: the next round has
//! another.

use std::net::IpAddr;

use sightline_session::{State, code_leads_in};
use sightline_wire::api::{ApiError, LinkSecret, ShownCode};
use sightline_wire::{InviteCode, InviteSecret, SessionId};

use crate::host::Host;
use crate::ports::{Directory, Ports, StoreError};
use crate::records::InviteHash;
use crate::stop::{OrAnswer, Stop};
use crate::tokens::SignedIn;
use crate::tries::{BEGINNING, Tries};

/// Rounds that are tried. With a million sessions in store, the first meets one of them once in
/// 850,000 calls.
const ROUNDS: u8 = 4;

/// Returns the rounds of the code of an invite that was renewed so often.
fn rounds(renewed: u32) -> impl Iterator<Item = u8> {
    let first = u8::try_from(renewed.saturating_mul(u32::from(ROUNDS))).unwrap_or(u8::MAX);
    (0..ROUNDS).map(move |round| first.saturating_add(round))
}

impl<P: Ports> Host<P> {
    /// Returns the hash of the code with which a session is to begin, or `None` if the session
    /// has begun. A session of a version without codes looks like one that has not begun.
    pub(crate) async fn unused_code(&self, session: SessionId) -> Result<Option<InviteHash>, Stop> {
        for round in rounds(0) {
            let hash = self.code_hash(session, round);
            match self.invited_by(hash).await? {
                None => return Ok(Some(hash)),
                Some(found) if found == session => return Ok(None),
                Some(_) => {}
            }
        }
        Err(Stop::Busy)
    }

    /// Returns the hash of a code for a session whose links were renewed so often.
    pub(crate) async fn renewed_code(
        &self,
        session: SessionId,
        renewed: u32,
    ) -> Result<InviteHash, Stop> {
        for round in rounds(renewed) {
            let hash = self.code_hash(session, round);
            // The code of a renewal that clashed leads here already, and may go on to.
            if self
                .invited_by(hash)
                .await?
                .is_none_or(|found| found == session)
            {
                return Ok(hash);
            }
        }
        Err(Stop::Busy)
    }

    /// Returns the code of an agent's own session.
    ///
    /// # Errors
    /// Refused once the code is void. Not found if the session never had one.
    pub(crate) async fn shown_code(
        &self,
        agent: &SignedIn,
        session: SessionId,
    ) -> Result<ShownCode, ApiError> {
        let state = self.peek(session).await.or_fail(session)?;
        let state = state.filter(|state| state.agent == agent.agent);
        let state = state.ok_or(ApiError::NotFound)?;
        code_leads_in(&state).map_err(|refusal| ApiError::Refused { refusal })?;
        Ok(ShownCode {
            code: self.code_of(session, &state).await?,
            address: format!("{}/j", self.config.origin),
        })
    }

    /// Returns the code of a session.
    ///
    /// # Errors
    /// Not found if the session never had one.
    pub(crate) async fn code_of(
        &self,
        session: SessionId,
        state: &State,
    ) -> Result<InviteCode, ApiError> {
        for round in rounds(state.links_renewed) {
            let hash = self.code_hash(session, round);
            let found = self.invited_by(hash).await.or_fail(session)?;
            if found == Some(session) && state.leads_in(&hash.into()) {
                return Ok(self.keys.code(session, round));
            }
        }
        Err(ApiError::NotFound)
    }

    /// Returns the session that a secret or a code leads to, and counts it if it leads to none.
    pub(crate) async fn invited(
        &self,
        by: &LinkSecret,
        source: Option<IpAddr>,
    ) -> Result<SessionId, ApiError> {
        match by {
            LinkSecret::Secret { secret } => match self.session_of_link(secret).await? {
                Some(session) => Ok(session),
                None if self.count_wrong_guess(source).await => Err(ApiError::UnknownLink),
                None => Err(ApiError::TooOften),
            },
            LinkSecret::Code { code } => {
                self.codes_are_answered(source).await?;
                match self.session_of_code(code).await? {
                    Some(session) => Ok(session),
                    None => Err(self.wrong_code(source).await),
                }
            }
        }
    }

    /// Returns `None` for a link that was taken back too.
    async fn session_of_link(&self, secret: &InviteSecret) -> Result<Option<SessionId>, ApiError> {
        let hash = InviteHash::of(secret);
        let Some(session) = self.invited_by(hash).await.or_fail(None)? else {
            return Ok(None);
        };
        let state = self.peek(session).await.or_fail(session)?;
        Ok(state
            .is_none_or(|state| state.leads_in(&hash.into()))
            .then_some(session))
    }

    /// Returns `None` for a void code too: who tries codes must not learn that one existed.
    async fn session_of_code(&self, code: &InviteCode) -> Result<Option<SessionId>, ApiError> {
        let hash = self.keys.code_hash(code);
        let Some(session) = self.invited_by(hash).await.or_fail(None)? else {
            return Ok(None);
        };
        let state = self.peek(session).await.or_fail(session)?;
        let leads_in = |state: &State| state.leads_in(&hash.into()) && code_leads_in(state).is_ok();
        Ok(state.filter(leads_in).map(|_| session))
    }

    async fn invited_by(&self, invite: InviteHash) -> Result<Option<SessionId>, StoreError> {
        let mut tries = Tries::begin(BEGINNING, &self.ports);
        loop {
            let erase_ms = self.ports.erase_ms();
            match self.ports.store().by_invite(invite, erase_ms).await {
                Err(error) if error.retryable && tries.again(&self.ports).await => {}
                done => return done,
            }
        }
    }

    fn code_hash(&self, session: SessionId, round: u8) -> InviteHash {
        self.keys.code_hash(&self.keys.code(session, round))
    }
}
