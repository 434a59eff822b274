//! The provider's public keys (RFC 7517), as far as they may sign an ID token.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Keys looked at in a set. Providers have two to a handful.
const KEYS_MAX: usize = 64;

/// Coordinate of a point on P-256, bytes.
const P_256_BYTES: usize = 32;

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

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Listed {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
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
    let listed: Listed = serde_json::from_value(listed).ok()?;
    if listed.used_for.is_some_and(|used_for| used_for != "sig") {
        return None;
    }
    let (algorithm, name, key) = match listed.kty.as_str() {
        // A modulus of fewer than 2048 bits is refused by the verification itself.
        "RSA" => {
            let key = DecodingKey::from_rsa_components(&listed.n?, &listed.e?).ok()?;
            (Algorithm::RS256, "RS256", key)
        }
        "EC" if listed.crv.as_deref() == Some("P-256") => {
            let (x, y) = (listed.x?, listed.y?);
            if !(is_coordinate(&x) && is_coordinate(&y)) {
                return None;
            }
            let key = DecodingKey::from_ec_components(&x, &y).ok()?;
            (Algorithm::ES256, "ES256", key)
        }
        _ => return None,
    };
    listed.alg.is_none_or(|alg| alg == name).then_some(Key {
        id: listed.kid,
        algorithm,
        key,
    })
}

fn is_coordinate(text: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == P_256_BYTES)
}
