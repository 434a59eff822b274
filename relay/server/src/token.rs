//! Tokens that a relay signs for itself, one for each dial, with a key that it shares with the
//! host.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

/// How long a token is valid, seconds: long enough to dial. The host allows as much again for
/// clocks that differ.
const LIFE_S: u64 = 60;

/// The key that signs the tokens of relays. It signs nothing else, so that an attacker who takes
/// over a relay cannot sign in as an agent.
pub struct RelayKey(hmac::Key);

impl std::fmt::Debug for RelayKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RelayKey(…)")
    }
}

#[derive(Serialize)]
struct Claims {
    issued_s: u64,
    expires_s: u64,
}

impl RelayKey {
    /// Derives the key from a secret with enough randomness, such as one that a secret store
    /// generated: its SHA-256.
    #[must_use]
    pub fn from_secret(secret: &str) -> Self {
        let bytes = digest::digest(&digest::SHA256, secret.as_bytes());
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes.as_ref()))
    }

    /// A token for the header `Authorization: Bearer`, valid for a minute from `now_s` (epoch
    /// seconds).
    #[must_use]
    pub fn token(&self, now_s: u64) -> String {
        let claims = Claims {
            issued_s: now_s,
            expires_s: now_s + LIFE_S,
        };
        let json = serde_json::to_vec(&claims).expect("claims are two numbers");
        let signed = format!("1.{}", BASE64_URL_SAFE_NO_PAD.encode(json));
        let mac = hmac::sign(&self.0, format!("sightline relay\0{signed}").as_bytes());
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_byte_for_byte_what_the_host_makes() {
        let sample = include_str!("../../../functions/host/samples/token.relay.1.txt");
        let key = RelayKey::from_secret("the relays of the sample");
        assert_eq!(key.token(1_800_000_000), sample.trim_end());
        assert_eq!(format!("{key:?}"), "RelayKey(…)");
    }
}
