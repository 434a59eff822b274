//! The host: ports, configuration and keys.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use sightline_wire::{InviteSecret, SessionId};

use crate::case::CaseSigner;
use crate::config::HostConfig;
use crate::limits::limiter::Limiter;
use crate::ports::{Ports, StoreError};
use crate::stop::Stop;
use crate::tokens::Keys;

/// Serves a deployment's sessions through the ports of a plug.
pub struct Host<P> {
    pub(crate) ports: P,
    pub(crate) config: HostConfig,
    pub(crate) keys: Keys,
    /// Of the terms by which calls are found, once read.
    pub(crate) search_key: OnceLock<[u8; 32]>,
    limiter: Mutex<Limiter>,
    /// End of the newest pause of codes that was logged, epoch milliseconds.
    codes_pause_until_ms: AtomicU64,
    case_signer: Option<SignerSource>,
}

/// Returns the key that signs case files. It may make the key first.
type SignerSource = Box<dyn Fn() -> Result<CaseSigner, StoreError> + Send + Sync>;

impl<P: Ports> Host<P> {
    /// Creates a host. Opens and reads nothing.
    #[must_use]
    pub fn new(ports: P, mut config: HostConfig, keys: Keys) -> Self {
        config.rules.business.clone_from(&config.business);
        config.rules.kept_days = [config.picture_days, config.retention_days];
        Self {
            ports,
            config,
            keys,
            search_key: OnceLock::new(),
            limiter: Mutex::default(),
            codes_pause_until_ms: AtomicU64::new(0),
            case_signer: None,
        }
    }

    /// Adds the key that signs case files. Without one a host makes none.
    #[must_use]
    pub fn with_case_signer(
        mut self,
        signer: impl Fn() -> Result<CaseSigner, StoreError> + Send + Sync + 'static,
    ) -> Self {
        self.case_signer = Some(Box::new(signer));
        self
    }

    /// Returns the key that signs case files.
    pub(crate) fn case_signer(&self) -> Result<CaseSigner, StoreError> {
        let source = self.case_signer.as_ref().ok_or_else(|| StoreError {
            operation: "sign a case file",
            cause: "this host has no key for it".to_owned(),
            retryable: false,
        })?;
        source()
    }

    /// Returns the ports.
    pub const fn ports(&self) -> &P {
        &self.ports
    }

    /// Returns the configuration.
    pub const fn config(&self) -> &HostConfig {
        &self.config
    }

    /// Returns the deployment's keys.
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Applies the overdue events of a session that no page asks about. Every other access to a
    /// session applies them too.
    ///
    /// # Errors
    /// Fails when the store fails. A session that is busy or gone is not an error.
    pub async fn tidy(&self, session: SessionId) -> Result<(), StoreError> {
        match self.change(session, |_| ()).await {
            Ok(changed) => {
                self.carry_out(&changed).await;
                Ok(())
            }
            Err(Stop::NoSession | Stop::Busy) => Ok(()),
            Err(Stop::Store(error)) => Err(error),
        }
    }

    /// Returns a sign-in link to print for the desk's agent. It is valid once, for one hour.
    #[must_use]
    pub fn sign_in_link(&self) -> String {
        let [a, b, ..] = self.ports.random();
        let token = self.keys.once([a, b], self.ports.now_ms());
        sign_in_link(&self.config.origin, &token)
    }

    /// Notes that a pause of codes was met. Returns the end of the one before, epoch milliseconds.
    pub(crate) fn codes_pause_until_ms(&self, until_ms: u64) -> u64 {
        self.codes_pause_until_ms.swap(until_ms, Ordering::Relaxed)
    }

    pub(crate) fn limiter(&self) -> MutexGuard<'_, Limiter> {
        // A panic while the lock was held leaves the counters usable.
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the link that signs an agent in at `origin`. The token is in the fragment, which a
/// browser never sends.
#[must_use]
pub fn sign_in_link(origin: &str, token: &InviteSecret) -> String {
    format!("{origin}/agent#t={token}")
}
