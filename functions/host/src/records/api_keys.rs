//! The keys of the API for other programs. They are few, and are stored together as one record.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sightline_wire::{ApiKeyId, ApiKeySecret, DisplayName, KeyScope};

use super::{Record, codec, first_half, sha_256};
use crate::store_error::StoreError;

/// All keys of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiKeyRing {
    /// Counts the changes of the record. 0: it was never stored.
    pub revision: u32,
    /// In the order in which they were made.
    pub keys: Vec<ApiKeyRecord>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// SHA-256 of the secret, which is not stored.
    pub hash: ApiKeyHash,
    /// What it is for.
    pub name: DisplayName,
    /// The admin who made it; absent if the operator of the machine did.
    pub maker: Option<DisplayName>,
    /// What it opens.
    pub scopes: BTreeSet<KeyScope>,
    /// When it was made, epoch milliseconds.
    pub made_at_ms: u64,
    /// When it was used last, to within a minute, epoch milliseconds.
    pub used_at_ms: Option<u64>,
    /// When it ends, epoch milliseconds.
    pub expires_at_ms: Option<u64>,
}

/// SHA-256 of a key's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiKeyHash([u8; 32]);

impl ApiKeyHash {
    /// Hashes a secret. A secret has 256 random bits, so a plain hash cannot be tried backwards,
    /// and the time of a comparison of hashes tells nothing of the secret.
    #[must_use]
    pub fn of(secret: &ApiKeySecret) -> Self {
        Self(sha_256(&[secret.as_bytes()]))
    }

    /// The id of the key.
    #[must_use]
    pub fn id(self) -> ApiKeyId {
        ApiKeyId::from_bytes(first_half(self.0))
    }
}

impl ApiKeyRecord {
    /// The id of the key.
    #[must_use]
    pub fn id(&self) -> ApiKeyId {
        self.hash.id()
    }
}

#[derive(Serialize, Deserialize)]
struct Ring1 {
    revision: u32,
    keys: Vec<Key1>,
}

#[derive(Serialize, Deserialize)]
struct Key1 {
    hash: [u8; 32],
    name: DisplayName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maker: Option<DisplayName>,
    scopes: BTreeSet<KeyScope>,
    made_at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used_at_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<u64>,
}

impl Record for ApiKeyRing {
    fn encode(&self) -> Vec<u8> {
        let keys = self.keys.iter().cloned().map(Key1::from).collect();
        let revision = self.revision;
        codec::encode(1, &Ring1 { revision, keys })
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode API keys";
        match codec::version(WHAT, bytes)? {
            1 => {
                let Ring1 { revision, keys } = codec::read(WHAT, bytes)?;
                let keys = keys.into_iter().map(ApiKeyRecord::from).collect();
                Ok(Self { revision, keys })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

impl From<ApiKeyRecord> for Key1 {
    fn from(key: ApiKeyRecord) -> Self {
        Self {
            hash: key.hash.0,
            name: key.name,
            maker: key.maker,
            scopes: key.scopes,
            made_at_ms: key.made_at_ms,
            used_at_ms: key.used_at_ms,
            expires_at_ms: key.expires_at_ms,
        }
    }
}

impl From<Key1> for ApiKeyRecord {
    fn from(key: Key1) -> Self {
        Self {
            hash: ApiKeyHash(key.hash),
            name: key.name,
            maker: key.maker,
            scopes: key.scopes,
            made_at_ms: key.made_at_ms,
            used_at_ms: key.used_at_ms,
            expires_at_ms: key.expires_at_ms,
        }
    }
}
