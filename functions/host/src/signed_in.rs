//! Who is signed in, and the end of a sign-in.
//!
//! A cookie can be copied. Signing out therefore ends the sign-in itself: its id is remembered
//! until the last copy has expired, its connections are closed, and the relays forward nothing to
//! and from its pages.

use sightline_session::SeatState;
use sightline_wire::api::{ApiError, CallPhase};
use sightline_wire::{AgentId, CLOSE_RIGHTS, Seat, SignInId};

use crate::cookies::Cookies;
use crate::host::Host;
use crate::ports::{Agents, ConnectionKey, Directory, Ports, Push, SignIns, StoreError};
use crate::stop::OrAnswer;
use crate::tokens::{SignedIn, last_s};

/// The newest calls whose media end with a sign-in. An agent is in one, or two while they change
/// from one to the other.
const CALLS_MAX: usize = 50;

impl<P: Ports> Host<P> {
    /// Returns the agent of these cookies, unless they signed out, wherever that was, or their
    /// access was taken back.
    pub(crate) async fn signed_in(
        &self,
        cookies: &Cookies,
    ) -> Result<Option<SignedIn>, StoreError> {
        let Some(agent) = cookies.agent(&self.keys, self.ports.now_ms()) else {
            return Ok(None);
        };
        let over = self.is_over(&agent).await?;
        Ok(Some(agent).filter(|_| !over))
    }

    /// Returns whether a sign-in is over.
    pub(crate) async fn is_over(&self, agent: &SignedIn) -> Result<bool, StoreError> {
        let store = self.ports.store();
        if store.is_signed_out(agent.sign_in).await? {
            return Ok(true);
        }
        let revocation = store.revocation(agent.agent).await?;
        Ok(revocation.is_some_and(|revocation| revocation.ends(agent.signed_in_s)))
    }

    /// Returns whether the sign-in of a connection is over. The connection has no date of it: where
    /// an agent has access again, a connection that was open all the while goes on.
    pub(crate) async fn is_over_for(
        &self,
        agent: AgentId,
        sign_in: SignInId,
    ) -> Result<bool, StoreError> {
        let signed_out = self.ports.store().is_signed_out(sign_in).await?;
        Ok(signed_out || !self.may_sign_in(agent).await?)
    }

    /// Notes a connection of a sign-in. Returns whether the sign-in goes on: it may have ended
    /// while the connection opened.
    pub(crate) async fn opened_by(
        &self,
        agent: &SignedIn,
        connection: &ConnectionKey,
    ) -> Result<bool, StoreError> {
        let store = self.ports.store();
        store
            .note_sign_in(agent.sign_in, connection, until_ms(agent))
            .await?;
        Ok(!self.is_over(agent).await?)
    }

    /// Ends the sign-in of these cookies, its connections and its media. Without a valid cookie
    /// there is nothing to end.
    pub(crate) async fn sign_out(&self, cookies: &Cookies) -> Result<(), ApiError> {
        let Some(agent) = cookies.agent(&self.keys, self.ports.now_ms()) else {
            return Ok(());
        };
        let ended = self
            .ports
            .store()
            .end_sign_in(agent.sign_in, until_ms(&agent));
        let ended = ended.await.or_fail(None)?;
        for connection in &ended {
            self.close_for_rights(connection).await;
        }
        let ended = |connection: &ConnectionKey| ended.contains(connection);
        self.end_media(agent.agent, ended)
            .await
            .map(drop)
            .or_fail(None)
    }

    /// Ends the media of all pages of an agent, and closes their connections.
    pub(crate) async fn end_calls_of(&self, agent: AgentId) -> Result<(), StoreError> {
        for connection in self.end_media(agent, |_| true).await? {
            self.close_for_rights(&connection).await;
        }
        Ok(())
    }

    async fn close_for_rights(&self, connection: &ConnectionKey) {
        if let Err(error) = self.ports.push().close(connection, CLOSE_RIGHTS).await {
            tracing::warn!(connection.id = %connection.0, error = %error, "failed to close a connection");
        }
    }

    /// Takes the media of an agent's seats from pages whose connections have ended, perhaps long
    /// before: media need none, so that they would go on until the end of the call. A page of
    /// another sign-in that is about to connect again gets its media back by asking.
    ///
    /// Returns the connections that had them and are open.
    async fn end_media(
        &self,
        agent: AgentId,
        ended: impl Fn(&ConnectionKey) -> bool + Send,
    ) -> Result<Vec<ConnectionKey>, StoreError> {
        let mut open = Vec::new();
        let store = self.ports.store();
        let calls = store.by_agent(agent, CALLS_MAX, self.ports.erase_ms());
        for call in calls.await? {
            if call.phase == CallPhase::Ended {
                continue;
            }
            let Some(loaded) = self.load(call.session).await? else {
                continue;
            };
            let page = loaded.attachments.get(Seat::Agent).as_ref();
            let page = page.filter(|page| page.closed_at_ms.is_none());
            let (over, goes_on): (Vec<_>, Vec<_>) = page
                .map(|page| page.connection.clone())
                .into_iter()
                .partition(|connection| ended(connection));
            open.extend(over);
            let held = loaded.state.seats.get(Seat::Agent);
            if goes_on.is_empty() && held.holder.is_some() {
                let nobody = SeatState::NOBODY;
                self.promote(call.session, Seat::Agent, nobody, held.held_since)
                    .await;
            }
        }
        Ok(open)
    }
}

/// When the last copy of the cookie expires, however often it was renewed, epoch milliseconds.
const fn until_ms(agent: &SignedIn) -> u64 {
    last_s(agent.signed_in_s).saturating_mul(1_000)
}
