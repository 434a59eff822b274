//! Everything we sign: cookies, a relay's token, the desk's sign-in link.
//!
//! Cookies and relay tokens have the form `1.<claims>.<mac>`: a format number, claims as base64url
//! of JSON, and HMAC-SHA-256 over the purpose and everything before the last dot. The purpose (and,
//! for a seat, the session) is in the MAC and not in the text, so a value stolen from one cookie is
//! useless in another.

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sightline_wire::api::Role;
use sightline_wire::{
    AgentId, DisplayName, EMBED_S, InviteCode, InviteSecret, SessionId, SignInId,
};

use crate::records::{InviteHash, first_half, sha_256_of_parts};

/// A sign-in expires this long after it was last renewed, seconds.
pub const AGENT_S: u64 = 12 * 60 * 60;

/// A sign-in expires this long after the person signed in, however often it was renewed, seconds. A
/// person whom the provider removes or demotes keeps their rights here for a day at most.
pub const AGENT_MAX_S: u64 = 24 * 60 * 60;

/// A sign-in older than this is renewed by the next request, seconds.
pub const AGENT_RENEW_S: u64 = 60 * 60;

/// Lifetime of a relay's token, seconds: only long enough to connect.
pub const RELAY_S: u64 = 60;

/// Tolerated difference between the clocks of relay and host, seconds.
pub const LEEWAY_S: u64 = 60;

/// Lifetime of a printed sign-in link, seconds.
pub const ONCE_S: u64 = 60 * 60;

/// The deployment's signing keys. They are made once and stored, so that a restart signs no agent
/// out.
pub struct Keys {
    own: hmac::Key,
    /// For relay tokens, if relays have a key of their own: a compromised relay cannot sign anyone
    /// in.
    relay: Option<hmac::Key>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// An agent who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Id of the agent.
    pub agent: AgentId,
    /// Display name.
    pub name: DisplayName,
    /// What the agent may do.
    pub role: Role,
    /// The sign-in; renewals do not change it.
    pub sign_in: SignInId,
    /// When this was signed, epoch seconds.
    pub issued_s: u64,
    /// When the person signed in; renewals do not change it. Epoch seconds.
    pub signed_in_s: u64,
}

#[derive(Serialize, Deserialize)]
struct AgentClaims {
    agent: AgentId,
    name: DisplayName,
    role: Role,
    issued_s: u64,
    expires_s: u64,
    /// Cookies of the first version lack it and count from `issued_s`.
    #[serde(default)]
    signed_in_s: Option<u64>,
    /// Cookies of the version before lack it. What they have in its place is agent and time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in: Option<SignInId>,
}

#[derive(Serialize, Deserialize)]
struct SeatClaims {
    expires_s: u64,
    /// The round of the link ([`sightline_session::State::links_renewed`]).
    #[serde(default, skip_serializing_if = "is_first")]
    round: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_first(round: &u32) -> bool {
    *round == 0
}

#[derive(Serialize, Deserialize)]
struct BriefClaims {
    issued_s: u64,
    expires_s: u64,
}

impl BriefClaims {
    const fn is_valid(&self, now_ms: u64) -> bool {
        let now_s = now_ms / 1_000;
        self.issued_s <= now_s + LEEWAY_S && now_s < self.expires_s + LEEWAY_S
    }
}

impl Keys {
    /// Makes the key from 32 bytes of the system's generator.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self {
            own: key(bytes),
            relay: None,
        }
    }

    /// Makes the key from an unguessable secret text, as secret stores generate them: its SHA-256.
    #[must_use]
    pub fn from_secret(secret: &str) -> Self {
        Self {
            own: key_of(secret),
            relay: None,
        }
    }

    /// Adds a separate key for relay tokens, made as in [`Keys::from_secret`]; it signs and
    /// verifies nothing else. Without it, relay tokens use the deployment's key.
    #[must_use]
    pub fn with_relay_key(self, secret: &str) -> Self {
        Self {
            relay: Some(key_of(secret)),
            ..self
        }
    }

    /// Returns the cookie of an agent who has just signed in, valid for [`AGENT_S`] from `now_ms`.
    #[must_use]
    pub fn agent(
        &self,
        (agent, sign_in): (AgentId, SignInId),
        name: &DisplayName,
        role: Role,
        now_ms: u64,
    ) -> String {
        let now_s = now_ms / 1_000;
        let signed_in = SignedIn {
            agent,
            name: name.clone(),
            role,
            sign_in,
            issued_s: now_s,
            signed_in_s: now_s,
        };
        self.renewed_agent(signed_in, now_ms)
    }

    /// Returns a renewed cookie of an agent, valid for [`AGENT_S`] from `now_ms`, but no longer
    /// than [`AGENT_MAX_S`] from the sign-in.
    #[must_use]
    pub fn renewed_agent(&self, signed_in: SignedIn, now_ms: u64) -> String {
        let issued_s = now_ms / 1_000;
        let claims = AgentClaims {
            expires_s: (issued_s + AGENT_S).min(last_s(signed_in.signed_in_s)),
            agent: signed_in.agent,
            name: signed_in.name,
            role: signed_in.role,
            issued_s,
            signed_in_s: Some(signed_in.signed_in_s),
            sign_in: Some(signed_in.sign_in),
        };
        sign(&self.own, "agent", &claims)
    }

    /// Returns the cookie of an agent whose page is inside another program, valid for [`EMBED_S`]
    /// from `now_ms`.
    #[must_use]
    pub fn embedded(&self, signed_in: &SignedIn, now_ms: u64) -> String {
        let issued_s = now_ms / 1_000;
        let claims = AgentClaims {
            agent: signed_in.agent,
            name: signed_in.name.clone(),
            role: signed_in.role,
            issued_s,
            expires_s: issued_s + u64::from(EMBED_S),
            signed_in_s: Some(signed_in.signed_in_s),
            sign_in: Some(signed_in.sign_in),
        };
        sign(&self.own, "embed", &claims)
    }

    /// Verifies an agent's cookie; `None` if it is not ours or has expired.
    #[must_use]
    pub fn check_agent(&self, value: &str, now_ms: u64) -> Option<SignedIn> {
        self.check_signed_in("agent", value, now_ms)
    }

    /// The same for the cookie of a page inside another program.
    #[must_use]
    pub fn check_embedded(&self, value: &str, now_ms: u64) -> Option<SignedIn> {
        self.check_signed_in("embed", value, now_ms)
    }

    fn check_signed_in(&self, purpose: &str, value: &str, now_ms: u64) -> Option<SignedIn> {
        let claims: AgentClaims = check(&self.own, purpose, value)?;
        let signed_in_s = claims.signed_in_s.unwrap_or(claims.issued_s);
        let ends_s = claims.expires_s.min(last_s(signed_in_s));
        let sign_in = claims.sign_in;
        let sign_in = sign_in.unwrap_or_else(|| sign_in_of(claims.agent, signed_in_s));
        (now_ms / 1_000 < ends_s).then_some(SignedIn {
            agent: claims.agent,
            name: claims.name,
            role: claims.role,
            sign_in,
            issued_s: claims.issued_s,
            signed_in_s,
        })
    }

    /// Returns the cookie for the customer's seat of a session, by a link of this round
    /// ([`sightline_session::State::links_renewed`]).
    #[must_use]
    pub fn seat(&self, session: SessionId, round: u32, expires_ms: u64) -> String {
        let claims = SeatClaims {
            expires_s: expires_ms / 1_000,
            round,
        };
        sign(&self.own, &format!("seat {session}"), &claims)
    }

    /// Verifies a cookie of the customer's seat of this session, and returns the round of its link.
    /// Only the session knows whether that is the newest.
    #[must_use]
    pub fn check_seat(&self, session: SessionId, value: &str, now_ms: u64) -> Option<u32> {
        let claims: SeatClaims = check(&self.own, &format!("seat {session}"), value)?;
        (now_ms / 1_000 < claims.expires_s).then_some(claims.round)
    }

    /// Returns a relay's token for the header `Authorization: Bearer`, valid for [`RELAY_S`] from
    /// `now_ms`.
    #[must_use]
    pub fn relay(&self, now_ms: u64) -> String {
        let issued_s = now_ms / 1_000;
        let claims = BriefClaims {
            issued_s,
            expires_s: issued_s + RELAY_S,
        };
        sign(self.relay_key(), "relay", &claims)
    }

    /// Whether a relay's token is valid, with a tolerance of [`LEEWAY_S`].
    #[must_use]
    pub fn check_relay(&self, value: &str, now_ms: u64) -> bool {
        let claims: Option<BriefClaims> = check(self.relay_key(), "relay", value);
        claims.is_some_and(|claims| claims.is_valid(now_ms))
    }

    /// Returns a token of the desk's operator, who has the key. It is valid for [`RELAY_S`] from
    /// `now_ms`.
    #[must_use]
    pub fn operator(&self, now_ms: u64) -> String {
        let issued_s = now_ms / 1_000;
        let claims = BriefClaims {
            issued_s,
            expires_s: issued_s + RELAY_S,
        };
        sign(&self.own, "operator", &claims)
    }

    /// Whether a token of the operator is valid, with a tolerance of [`LEEWAY_S`].
    #[must_use]
    pub fn check_operator(&self, value: &str, now_ms: u64) -> bool {
        let claims: Option<BriefClaims> = check(&self.own, "operator", value);
        claims.is_some_and(|claims| claims.is_valid(now_ms))
    }

    /// Returns a one-time sign-in token for the desk, valid for [`ONCE_S`]. It carries its own
    /// expiry and signature, so that another process with the same key can print one while the
    /// server holds the store: 4 bytes expiry, 2 bytes `random`, 10 bytes MAC. A MAC of 80 bits can
    /// only be guessed online, where attempts are limited.
    #[must_use]
    pub fn once(&self, random: [u8; 2], now_ms: u64) -> InviteSecret {
        let expires_s = u32::try_from(now_ms / 1_000 + ONCE_S).unwrap_or(u32::MAX);
        let [a, b, c, d] = expires_s.to_be_bytes();
        let [e, f] = random;
        InviteSecret::from_bytes(self.sealed([a, b, c, d, e, f]))
    }

    /// Verifies a one-time sign-in token and returns its expiry, epoch milliseconds; `None` if it
    /// is not ours or has expired. The store knows whether it was spent.
    #[must_use]
    pub fn check_once(&self, token: &InviteSecret, now_ms: u64) -> Option<u64> {
        let [a, b, c, d, e, f, ..] = *token.as_bytes();
        let sealed = self.sealed([a, b, c, d, e, f]);
        aws_lc_rs::constant_time::verify_slices_are_equal(&sealed, token.as_bytes()).ok()?;
        let expires_ms = u64::from(u32::from_be_bytes([a, b, c, d])) * 1_000;
        (now_ms < expires_ms).then_some(expires_ms)
    }

    /// Returns a stable name for a value that must not be stored itself, such as a telephone
    /// number. Telephone numbers are few enough to try them all; without the key that is of no use.
    #[must_use]
    pub fn pseudonym(&self, kind: &str, value: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac(&format!("pseudonym {kind}"), &[value]))
    }

    /// Returns the code of a session's invite in a round.
    pub(crate) fn code(&self, session: SessionId, round: u8) -> InviteCode {
        let mac = self.mac("code", &[session.as_bytes(), &[round]]);
        InviteCode::of_number(u128::from_be_bytes(first_half(mac)))
    }

    /// Returns the hash by which a code is stored. Codes are few enough to try them all; without
    /// the key that is of no use.
    pub(crate) fn code_hash(&self, code: &InviteCode) -> InviteHash {
        InviteHash(self.mac("code hash", &[code.as_str().as_bytes()]))
    }

    /// Signs claims. Each kind of claims has a purpose of its own.
    pub(crate) fn seal<T: Serialize>(&self, purpose: &str, claims: &T) -> String {
        sign(&self.own, purpose, claims)
    }

    /// Verifies and returns claims that this deployment sealed for this purpose.
    pub(crate) fn unseal<T: DeserializeOwned>(&self, purpose: &str, value: &str) -> Option<T> {
        check(&self.own, purpose, value)
    }

    /// Returns the MAC of values for a purpose. All but the last have a fixed length.
    fn mac(&self, purpose: &str, values: &[&[u8]]) -> [u8; 32] {
        let mut signing = hmac::Context::with_key(&self.own);
        signing.update(material(purpose, "").as_bytes());
        for value in values {
            signing.update(value);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(signing.sign().as_ref());
        mac
    }

    fn sealed(&self, head: [u8; 6]) -> [u8; 16] {
        let mut signing = hmac::Context::with_key(&self.own);
        signing.update(b"sightline 1 once\0");
        signing.update(&head);
        let mac = signing.sign();
        let mut sealed = [0; 16];
        for (place, byte) in sealed.iter_mut().zip(head.iter().chain(mac.as_ref())) {
            *place = *byte;
        }
        sealed
    }

    fn relay_key(&self) -> &hmac::Key {
        self.relay.as_ref().unwrap_or(&self.own)
    }
}

/// Returns the sign-in of a cookie that does not name it. Two sign-ins of one agent in one second
/// are one, which signing out of either ends.
fn sign_in_of(agent: AgentId, signed_in_s: u64) -> SignInId {
    let parts: [&[u8]; 3] = [b"sign-in", agent.as_bytes(), &signed_in_s.to_be_bytes()];
    SignInId::from_bytes(first_half(sha_256_of_parts(&parts)))
}

/// Returns when a sign-in expires even if renewed, epoch seconds.
pub(crate) const fn last_s(signed_in_s: u64) -> u64 {
    signed_in_s.saturating_add(AGENT_MAX_S)
}

fn key(bytes: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, bytes)
}

fn key_of(secret: &str) -> hmac::Key {
    key(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref())
}

fn sign<T: Serialize>(key: &hmac::Key, purpose: &str, claims: &T) -> String {
    let json = serde_json::to_vec(claims).expect("claims are plain structs");
    let signed = format!("1.{}", BASE64_URL_SAFE_NO_PAD.encode(json));
    let mac = hmac::sign(key, material(purpose, &signed).as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.as_ref()))
}

fn check<T: DeserializeOwned>(key: &hmac::Key, purpose: &str, value: &str) -> Option<T> {
    let (signed, mac) = value.rsplit_once('.')?;
    let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
    hmac::verify(key, material(purpose, signed).as_bytes(), &mac).ok()?;
    let claims = signed.strip_prefix("1.")?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

/// Joins purpose and text with NUL. A purpose contains none, so the two cannot be confused.
fn material(purpose: &str, signed: &str) -> String {
    format!("sightline {purpose}\0{signed}")
}

#[cfg(test)]
mod tests;
