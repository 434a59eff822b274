//! Who is signed in, and the end of a sign-in.
//!
//! A cookie can be copied. Signing out therefore ends the sign-in itself: its id is remembered
//! until the last copy has expired, and its connections are closed.

use sightline_wire::api::ApiError;
use sightline_wire::{CLOSE_RIGHTS, SignInId};

use crate::cookies::Cookies;
use crate::host::Host;
use crate::ports::{ConnectionKey, Ports, Push, SignIns, StoreError};
use crate::stop::OrAnswer;
use crate::tokens::{SignedIn, last_s};

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

    /// Ends the sign-in of these cookies and closes its connections. Without a valid cookie there
    /// is nothing to end.
    pub(crate) async fn sign_out(&self, cookies: &Cookies) -> Result<(), ApiError> {
        let Some(agent) = cookies.agent(&self.keys, self.ports.now_ms()) else {
            return Ok(());
        };
        let ended = self
            .ports
            .store()
            .end_sign_in(agent.sign_in, until_ms(&agent));
        for connection in ended.await.or_fail(None)? {
            if let Err(error) = self.ports.push().close(&connection, CLOSE_RIGHTS).await {
                tracing::warn!(connection.id = %connection.0, error = %error, "failed to close a connection");
            }
        }
        Ok(())
    }
}

/// When the last copy of the cookie expires, however often it was renewed, epoch milliseconds.
const fn until_ms(agent: &SignedIn) -> u64 {
    last_s(agent.signed_in_s).saturating_mul(1_000)
}
