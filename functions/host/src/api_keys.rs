//! The keys of the API for other programs: making, listing, revoking, recognising them.
//!
//! All keys are one record. A change reads it and replaces it under its revision, and begins again
//! if another change came between.

use sightline_wire::api::ApiError;
use sightline_wire::{
    API_KEYS_MAX, AgentId, ApiKeyId, ApiKeyLine, ApiKeyList, ApiKeySecret, AuditDeed, DisplayName,
    MadeKey, MakeKey, Refusal,
};

use crate::audit::Deed;
use crate::host::Host;
use crate::ports::{ApiKeys, Committed, Ports, StoreError};
use crate::records::{ApiKeyHash, ApiKeyRecord, ApiKeyRing};
use crate::stop::{OrAnswer, Stop};
use crate::tries::{CONTENDED, Tries};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// How exactly the last use of a key is known: each note of it is a write.
const USE_MS: u64 = 60_000;

impl<P: Ports> Host<P> {
    /// Makes a key, by an admin or by the operator of the machine.
    ///
    /// # Errors
    /// `malformed` without a scope or with a wrong number of days, `limit_reached`, `trouble`.
    pub async fn make_api_key(
        &self,
        maker: Option<(AgentId, &DisplayName)>,
        asked: MakeKey,
    ) -> Result<MadeKey, ApiError> {
        let MakeKey { name, scopes, days } = asked;
        let days_fit = days.is_none_or(|days| (1..=MakeKey::DAYS_MAX).contains(&days));
        if scopes.is_empty() || !days_fit {
            return Err(ApiError::Malformed);
        }
        let secret = self.fresh_api_key();
        let made_at_ms = self.ports.date_ms();
        let key = ApiKeyRecord {
            hash: ApiKeyHash::of(&secret),
            name,
            maker: maker.map(|(_, name)| name.clone()),
            scopes,
            made_at_ms,
            used_at_ms: None,
            expires_at_ms: days.map(|days| made_at_ms + u64::from(days) * DAY_MS),
        };
        let made = self.change_api_keys(|ring| add(ring, &key, made_at_ms));
        made.await.or_fail(None)??;
        // At a level that is always kept. It says which key, and nothing of its secret.
        tracing::warn!(api_key.id = %key.id(), "API key made");
        let made = Deed {
            by: maker.map(|(agent, name)| (agent, name.clone())),
            what: AuditDeed::KeyMade,
            call: None,
            about: Some(key.name.clone()),
        };
        self.audit(made).await;
        Ok(MadeKey {
            secret,
            key: line(&key),
        })
    }

    /// Lists all keys, those that have ended included.
    pub(crate) async fn listed_api_keys(&self) -> Result<ApiKeyList, ApiError> {
        let ring = self.ports.store().api_keys().await.or_fail(None)?;
        Ok(ApiKeyList {
            keys: ring.keys.iter().map(line).collect(),
        })
    }

    /// Revokes a key at once. Its next request is refused.
    ///
    /// # Errors
    /// `not_found` for a key that does not exist, `trouble`.
    pub(crate) async fn revoke_api_key(
        &self,
        by: (AgentId, &DisplayName),
        id: ApiKeyId,
    ) -> Result<(), ApiError> {
        let mut name = None;
        let revoked = self.change_api_keys(|ring| {
            let place = ring.keys.iter().position(|key| key.id() == id);
            let removed = place.map(|place| ring.keys.remove(place).name);
            let changes = removed.is_some();
            // An earlier try may have removed it, and its answer may have been lost.
            name = removed.or(name.take());
            (changes, name.clone())
        });
        let name = revoked.await.or_fail(None)?.ok_or(ApiError::NotFound)?;
        tracing::warn!(api_key.id = %id, "API key revoked");
        let revoked = Deed::by(by, AuditDeed::KeyRevoked).about(&name);
        self.audit(revoked).await;
        Ok(())
    }

    /// Returns the key of a secret, unless it was revoked or has ended. Notes its use.
    pub(crate) async fn used_api_key(
        &self,
        secret: &ApiKeySecret,
    ) -> Result<Option<ApiKeyRecord>, StoreError> {
        let hash = ApiKeyHash::of(secret);
        let now_ms = self.ports.date_ms();
        let ring = self.ports.store().api_keys().await?;
        let found = ring.keys.iter().find(|key| key.hash == hash);
        let Some(key) = found.filter(|key| !has_ended(key, now_ms)).cloned() else {
            return Ok(None);
        };
        let noted_ms = key.used_at_ms.unwrap_or_default();
        if now_ms.saturating_sub(noted_ms) >= USE_MS {
            self.note_use(ring, hash, now_ms).await;
        }
        Ok(Some(key))
    }

    /// Notes that a key was used. If it fails, or another change comes between, a later request
    /// notes it.
    async fn note_use(&self, mut ring: ApiKeyRing, hash: ApiKeyHash, now_ms: u64) {
        let used = ring.keys.iter_mut().filter(|key| key.hash == hash);
        used.for_each(|key| key.used_at_ms = Some(now_ms));
        ring.revision = ring.revision.saturating_add(1);
        if let Err(error) = self.ports.store().replace_api_keys(ring).await {
            tracing::warn!(error = %error, "failed to note the use of an API key");
        }
    }

    /// Changes the keys. `act` returns whether it changed them, and an answer; it may run several
    /// times.
    async fn change_api_keys<T>(
        &self,
        mut act: impl FnMut(&mut ApiKeyRing) -> (bool, T),
    ) -> Result<T, Stop> {
        let store = self.ports.store();
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        loop {
            let stop = match store.api_keys().await {
                Ok(mut ring) => {
                    let (changed, answer) = act(&mut ring);
                    if !changed {
                        return Ok(answer);
                    }
                    ring.revision = ring.revision.saturating_add(1);
                    match store.replace_api_keys(ring).await {
                        Ok(Committed::Done) => return Ok(answer),
                        Ok(Committed::Clash) => Stop::Busy,
                        Err(error) => Stop::Store(error),
                    }
                }
                Err(error) => Stop::Store(error),
            };
            if !stop.may_pass() || !tries.again(&self.ports).await {
                return Err(stop);
            }
        }
    }

    fn fresh_api_key(&self) -> ApiKeySecret {
        let mut bytes = [0; 32];
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(&self.ports.random());
        second.copy_from_slice(&self.ports.random());
        ApiKeySecret::from_bytes(bytes)
    }
}

/// Adds a key. Keys that have ended make room for it.
fn add(ring: &mut ApiKeyRing, key: &ApiKeyRecord, now_ms: u64) -> (bool, Result<(), ApiError>) {
    // An earlier try may have added it, and its answer may have been lost.
    if ring.keys.iter().any(|known| known.hash == key.hash) {
        return (false, Ok(()));
    }
    if ring.keys.len() >= API_KEYS_MAX {
        ring.keys.retain(|key| !has_ended(key, now_ms));
    }
    if ring.keys.len() >= API_KEYS_MAX {
        let refusal = Refusal::LimitReached;
        return (false, Err(ApiError::Refused { refusal }));
    }
    ring.keys.push(key.clone());
    (true, Ok(()))
}

fn has_ended(key: &ApiKeyRecord, now_ms: u64) -> bool {
    key.expires_at_ms.is_some_and(|at_ms| at_ms <= now_ms)
}

fn line(key: &ApiKeyRecord) -> ApiKeyLine {
    ApiKeyLine {
        id: key.id(),
        name: key.name.clone(),
        maker: key.maker.clone(),
        scopes: key.scopes.clone(),
        made_at_ms: key.made_at_ms,
        used_at_ms: key.used_at_ms,
        expires_at_ms: key.expires_at_ms,
    }
}
