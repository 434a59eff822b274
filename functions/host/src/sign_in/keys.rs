//! The provider's public keys (RFC 7517), as far as they may sign an ID token.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Keys looked at in a set. Providers have two to a handful.
const KEYS_MAX: usize = 64;

/// Keys that may sign ID tokens. What a key is decides how it signs; a token's header has no say in
/// that.
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
    /// Reads a set. Keys for other purposes and of other kinds are left out; none at all when it is
    /// no set.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let document: Document = serde_json::from_slice(bytes).ok()?;
        let listed = document.keys.into_iter().take(KEYS_MAX);
        Some(Self(listed.filter_map(usable).collect()))
    }

    /// Those a token may mean: of that id, or all when it names none and there is no choice.
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
        // A modulus of fewer than 2048 bits is refused by the verification itself.
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
