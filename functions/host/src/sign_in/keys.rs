//! The provider's public keys (RFC 7517): those that may sign an ID token.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Keys that are read of a set. Providers have two to five.
const KEYS_MAX: usize = 64;

/// Keys that may sign ID tokens. The key decides the algorithm, never the token's header.
#[derive(Clone, Default)]
pub struct KeySet(Vec<Key>);

#[derive(Clone)]
pub(super) struct Key {
    id: Option<String>,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

/// A `JwkSet` whose keys are read one by one: a key that is malformed does not hide the others
/// (RFC 7517 section 5).
#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Parses a key set, without keys of other purposes and other algorithms. Returns `None` if it
    /// is not a key set.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(bytes).ok()?;
        let listed = document.keys.into_iter().take(KEYS_MAX);
        Some(Self(listed.filter_map(usable).collect()))
    }

    /// Returns the keys with this id. A token without an id may only mean a lone key.
    pub(super) fn named(&self, id: Option<&str>) -> impl Iterator<Item = &Key> {
        let only = self.0.len() == 1;
        self.0.iter().filter(move |key| match id {
            Some(_) => key.id.as_deref() == id,
            None => only,
        })
    }
}

fn usable(listed: Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(listed).ok()?;
    let common = &jwk.common;
    if !matches!(common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let (algorithm, named) = match &jwk.algorithm {
        // Verification itself rejects a modulus of fewer than 2048 bits.
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        _ => return None,
    };
    if common.key_algorithm.is_some_and(|alg| alg != named) {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key {
        id: jwk.common.key_id,
        algorithm,
        key,
    })
}
