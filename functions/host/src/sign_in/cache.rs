//! A provider's documents, kept in this process between two sign-ins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::ProviderConfig;
use crate::ports::StoreError;

use super::discovery::{Discovery, DiscoveryError, document_of};
use super::endpoint::Endpoint;
use super::{KeySet, Provider};

/// A document is read again after this, milliseconds.
pub(super) const FRESH_MS: u64 = 60 * 60 * 1_000;

/// Keys are read again for a token with an unknown key id, but no more often than this,
/// milliseconds: made-up key ids must not cause a request each.
pub(super) const NEW_KEYS_MS: u64 = 60 * 1_000;

/// A discovery that failed is not tried again within this, milliseconds: each try may take seconds,
/// and anyone can cause one.
pub(super) const FAILED_MS: u64 = 10 * 1_000;

/// Documents and the last failure, each with the time it is from.
#[derive(Default)]
pub(super) struct ProviderCache {
    failed: Mutex<Option<(u64, Arc<StoreError>)>>,
    discovery: Mutex<Option<(u64, Arc<Discovery>)>>,
    keys: Mutex<Option<(u64, Arc<KeySet>)>>,
}

impl ProviderCache {
    /// Returns the discovery document. `now_ms` is called again after a failure, which counts from
    /// its end: a provider that does not answer takes seconds to time out.
    pub(super) async fn discovery<V: Provider>(
        &self,
        provider: &V,
        config: &ProviderConfig,
        now_ms: impl Fn() -> u64,
    ) -> Result<Arc<Discovery>, StoreError> {
        let asked_ms = now_ms();
        if let Some(kept) = younger(&self.discovery, FRESH_MS, asked_ms) {
            return Ok(kept);
        }
        if let Some(failed) = younger(&self.failed, FAILED_MS, asked_ms) {
            return Err(StoreError::clone(&failed));
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
    ) -> Result<Discovery, StoreError> {
        let unusable = |error: DiscoveryError| StoreError {
            operation: "discovery",
            cause: error.to_string(),
            retryable: false,
        };
        let document = document_of(config).map_err(unusable)?;
        let bytes = provider.fetch(document.as_str()).await?;
        Discovery::read(&bytes, config).map_err(unusable)
    }

    /// Returns the provider's keys.
    pub(super) async fn keys<V: Provider>(
        &self,
        provider: &V,
        address: &Endpoint,
        now_ms: u64,
    ) -> Result<Arc<KeySet>, StoreError> {
        self.keys_within(provider, address, FRESH_MS, now_ms).await
    }

    /// Returns the keys for a token whose key is not among those known.
    pub(super) async fn newer_keys<V: Provider>(
        &self,
        provider: &V,
        address: &Endpoint,
        now_ms: u64,
    ) -> Result<Arc<KeySet>, StoreError> {
        self.keys_within(provider, address, NEW_KEYS_MS, now_ms)
            .await
    }

    async fn keys_within<V: Provider>(
        &self,
        provider: &V,
        address: &Endpoint,
        age_ms: u64,
        now_ms: u64,
    ) -> Result<Arc<KeySet>, StoreError> {
        if let Some(kept) = younger(&self.keys, age_ms, now_ms) {
            return Ok(kept);
        }
        let bytes = provider.fetch(address.as_str()).await?;
        let read = KeySet::read(&bytes).ok_or_else(|| StoreError {
            operation: "keys",
            cause: "malformed key set".to_owned(),
            retryable: false,
        })?;
        Ok(keep(&self.keys, read, now_ms))
    }
}

fn younger<T>(slot: &Mutex<Option<(u64, Arc<T>)>>, age_ms: u64, now_ms: u64) -> Option<Arc<T>> {
    let slot = lock(slot);
    let (at_ms, kept) = slot.as_ref()?;
    (now_ms.saturating_sub(*at_ms) < age_ms).then(|| Arc::clone(kept))
}

fn keep<T>(slot: &Mutex<Option<(u64, Arc<T>)>>, read: T, now_ms: u64) -> Arc<T> {
    let read = Arc::new(read);
    *lock(slot) = Some((now_ms, Arc::clone(&read)));
    read
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    // A value is replaced in one step, so a panic of another holder leaves it whole.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}
