//! The host itself: ports, configuration and keys, held together.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sightline_wire::{InviteSecret, SessionId};

use crate::config::HostConfig;
use crate::flow::Stop;
use crate::limit::Limiter;
use crate::ports::{Ports, StoreError};
use crate::tokens::Keys;

/// Serves a deployment's sessions through the ports of a plug.
pub struct Host<P> {
    pub(crate) ports: P,
    pub(crate) config: HostConfig,
    pub(crate) keys: Keys,
    limiter: Mutex<Limiter>,
}

impl<P: Ports> Host<P> {
    /// Puts a host together. Nothing is opened or read.
    #[must_use]
    pub fn new(ports: P, config: HostConfig, keys: Keys) -> Self {
        Self {
            ports,
            config,
            keys,
            limiter: Mutex::default(),
        }
    }

    /// The world it works with.
    pub const fn ports(&self) -> &P {
        &self.ports
    }

    /// What it is configured to.
    pub const fn config(&self) -> &HostConfig {
        &self.config
    }

    /// The deployment's keys.
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Applies what is overdue in a session nobody asks about. Every other way to a session does so
    /// first as well.
    ///
    /// # Errors
    /// When the store fails. A session that is busy or gone is no error.
    pub async fn tidy(&self, session: SessionId) -> Result<(), StoreError> {
        match self.change(session, |_| ()).await {
            Ok(changed) => {
                self.carry_out(&changed).await;
                Ok(())
            }
            Err(Stop::NoSession | Stop::Busy) => Ok(()),
            Err(Stop::Store(trouble)) => Err(trouble),
        }
    }

    /// A link to print for the desk's agent, good once and for an hour.
    #[must_use]
    pub fn sign_in_link(&self) -> String {
        let [a, b, ..] = self.ports.random();
        let token = self.keys.once([a, b], self.ports.now_ms());
        sign_in_link(&self.config.origin, &token)
    }

    pub(crate) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        // Counters stay usable whatever happened to whoever held them.
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The link under which a page of `origin` takes a sign-in token. The token stands in the fragment,
/// which is never sent.
#[must_use]
pub fn sign_in_link(origin: &str, token: &InviteSecret) -> String {
    format!("{origin}/agent#t={token}")
}
