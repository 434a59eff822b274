//! What is remembered of a provider between two sign-ins, by this process alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::ProviderConfig;
use crate::ports::Trouble;

use super::discovery::{Discovery, DiscoveryError, document_of};
use super::endpoint::Endpoint;
use super::{KeySet, Provider};

/// A document is read anew after this, milliseconds.
pub(super) const FRESH_MS: u64 = 60 * 60 * 1_000;

/// Keys are read anew for a token with an unknown one, but no more often than this, milliseconds:
/// whoever makes up key ids must not make us ask the provider each time.
pub(super) const ANEW_MS: u64 = 60 * 1_000;

/// A discovery that failed is not tried again within this, milliseconds: each try may take seconds,
/// and anybody may ask.
pub(super) const FAILED_MS: u64 = 10 * 1_000;

/// Documents with the times of their reading, and the last failure with its own.
#[derive(Default)]
pub(super) struct Known {
    failed: Mutex<Option<(u64, Arc<Trouble>)>>,
    discovery: Mutex<Option<(u64, Arc<Discovery>)>>,
    keys: Mutex<Option<(u64, Arc<KeySet>)>>,
}

impl Known {
    /// `now_ms` is asked again after the reading: a failure counts from its end, since a provider
    /// that is silent is waited for.
    pub(super) async fn discovery<V: Provider>(
        &self,
        provider: &V,
        config: &ProviderConfig,
        now_ms: impl Fn() -> u64,
    ) -> Result<Arc<Discovery>, Trouble> {
        let asked_ms = now_ms();
        if let Some(known) = younger(&self.discovery, FRESH_MS, asked_ms) {
            return Ok(known);
        }
        if let Some(failed) = younger(&self.failed, FAILED_MS, asked_ms) {
            return Err(Trouble::clone(&failed));
        }
        match Self::discover(provider, config).await {
            Ok(read) => Ok(keep(&self.discovery, read, asked_ms)),
            Err(trouble) => {
                keep(&self.failed, trouble.clone(), now_ms());
                Err(trouble)
            }
        }
    }

    async fn discover<V: Provider>(
        provider: &V,
        config: &ProviderConfig,
    ) -> Result<Discovery, Trouble> {
        let unfit = |unfit: DiscoveryError| Trouble {
            what: "discovery",
            why: unfit.to_string(),
            again: false,
        };
        let document = document_of(config).map_err(unfit)?;
        let bytes = provider.fetch(document.as_str()).await?;
        Discovery::read(&bytes, config).map_err(unfit)
    }

    pub(super) async fn keys<V: Provider>(
        &self,
        provider: &V,
        address: &Endpoint,
        now_ms: u64,
    ) -> Result<Arc<KeySet>, Trouble> {
        self.keys_within(provider, address, FRESH_MS, now_ms).await
    }

    /// The same for a token whose key is not among them.
    pub(super) async fn newer_keys<V: Provider>(
        &self,
        provider: &V,
        address: &Endpoint,
        now_ms: u64,
    ) -> Result<Arc<KeySet>, Trouble> {
        self.keys_within(provider, address, ANEW_MS, now_ms).await
    }

    async fn keys_within<V: Provider>(
        &self,
        provider: &V,
        address: &Endpoint,
        age_ms: u64,
        now_ms: u64,
    ) -> Result<Arc<KeySet>, Trouble> {
        if let Some(known) = younger(&self.keys, age_ms, now_ms) {
            return Ok(known);
        }
        let bytes = provider.fetch(address.as_str()).await?;
        let read = KeySet::read(&bytes).ok_or_else(|| Trouble {
            what: "keys",
            why: "no set of keys".to_owned(),
            again: false,
        })?;
        Ok(keep(&self.keys, read, now_ms))
    }
}

fn younger<T>(place: &Mutex<Option<(u64, Arc<T>)>>, age_ms: u64, now_ms: u64) -> Option<Arc<T>> {
    let known = lock(place);
    let (at_ms, kept) = known.as_ref()?;
    (now_ms.saturating_sub(*at_ms) < age_ms).then(|| Arc::clone(kept))
}

fn keep<T>(place: &Mutex<Option<(u64, Arc<T>)>>, read: T, now_ms: u64) -> Arc<T> {
    let read = Arc::new(read);
    *lock(place) = Some((now_ms, Arc::clone(&read)));
    read
}

fn lock<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    // A value is put in whole, so it is whole whatever happened to whoever held it.
    place.lock().unwrap_or_else(PoisonError::into_inner)
}
