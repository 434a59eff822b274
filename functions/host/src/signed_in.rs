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
use crate::ports::{ConnectionKey, Directory, Ports, Push, SignIns, StoreError};
use crate::stop::OrAnswer;
use crate::tokens::{SignedIn, last_s};

/// The newest calls whose media end with a sign-in. An agent is in one, or two while they change
/// from one to the other.
const CALLS_MAX: usize = 50;

impl<P: Ports> Host<P> {
    /// Returns the agent of these cookies, unless they signed out, wherever that was.
    pub(crate) async fn signed_in(
        &self,
        cookies: &Cookies,
    ) -> Result<Option<SignedIn>, StoreError> {
        let Some(agent) = cookies.agent(&self.keys, self.ports.now_ms()) else {
            return Ok(None);
        };
        let over = self.is_signed_out(agent.sign_in).await?;
        Ok(Some(agent).filter(|_| !over))
    }

    /// Returns whether a sign-in is over.
    pub(crate) async fn is_signed_out(&self, sign_in: SignInId) -> Result<bool, StoreError> {
        self.ports.store().is_signed_out(sign_in).await
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
        Ok(!store.is_signed_out(agent.sign_in).await?)
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
            if let Err(error) = self.ports.push().close(connection, CLOSE_RIGHTS).await {
                tracing::warn!(connection.id = %connection.0, error = %error, "failed to close a connection");
            }
        }
        self.end_media(agent.agent, &ended).await.or_fail(None)
    }

    /// Takes the media of an agent's seats from pages whose connections have ended, perhaps long
    /// before: media need none, so that they would go on until the end of the call. A page of
    /// another sign-in that is about to connect again gets its media back by asking.
    async fn end_media(&self, agent: AgentId, ended: &[ConnectionKey]) -> Result<(), StoreError> {
        let store = self.ports.store();
        let calls = store.by_agent(agent, CALLS_MAX, self.ports.erase_ms());
        for call in calls.await? {
            if call.phase == CallPhase::Ended {
                continue;
            }
            let Some(loaded) = self.load(call.session).await? else {
                continue;
            };
            let goes_on = loaded
                .attachments
                .get(Seat::Agent)
                .as_ref()
                .is_some_and(|page| {
                    page.closed_at_ms.is_none() && !ended.contains(&page.connection)
                });
            let held = loaded.state.seats.get(Seat::Agent);
            if !goes_on && held.holder.is_some() {
                let nobody = SeatState::NOBODY;
                self.promote(call.session, Seat::Agent, nobody, held.held_since)
                    .await;
            }
        }
        Ok(())
    }
}

/// When the last copy of the cookie expires, however often it was renewed, epoch milliseconds.
const fn until_ms(agent: &SignedIn) -> u64 {
    last_s(agent.signed_in_s).saturating_mul(1_000)
}
