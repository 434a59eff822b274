//! A sign-in between the redirect to the provider and the callback. Nothing is stored: a signed
//! cookie of the browser that began holds it.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::cookies::Cookies;
use crate::records::sha_256_of_parts;
use crate::tokens::Keys;

/// Characters of the state's hash in the cookie's name: enough that no two sign-ins of one browser
/// have the same.
const TAG_CHARS: usize = 8;

/// Time for a person to sign in, seconds: a password, a second factor, perhaps a new password.
pub(super) const PENDING_S: u64 = 10 * 60;

const PURPOSE: &str = "sign-in";

/// What the cookie holds, so that only the browser that began can finish.
#[derive(Serialize, Deserialize)]
pub(super) struct PendingSignIn {
    /// Hash of the callback's `state`: the cookie alone does not give the state away.
    state: String,
    /// The ID token must have the same.
    pub(super) nonce: String,
    /// The provider received its hash (RFC 7636).
    pub(super) verifier: String,
    issued_s: u64,
}

/// Returns a new sign-in, and the `state` to send to the provider. `random` must be unguessable.
pub(super) fn begin(random: [[u8; 16]; 4], now_ms: u64) -> (PendingSignIn, String) {
    let [state, nonce, one, two] = random;
    let state = encoded(&state);
    // 32 bytes give 43 characters, the fewest that RFC 7636 section 4.1 allows.
    let verifier = encoded(&[one, two].concat());
    let pending = PendingSignIn {
        state: hash(&state),
        nonce: encoded(&nonce),
        verifier,
        issued_s: now_ms / 1_000,
    };
    (pending, state)
}

impl PendingSignIn {
    /// Finds the sign-in that this browser began with this `state`.
    pub(super) fn of(cookies: &Cookies, state: &str, keys: &Keys, now_ms: u64) -> Option<Self> {
        let hashed = hash(state);
        cookies
            .sign_ins(tag(&hashed))
            .filter_map(|value| keys.unseal::<Self>(PURPOSE, value))
            .filter(|pending| now_ms < pending.expires_ms())
            .find(|pending| {
                verify_slices_are_equal(pending.state.as_bytes(), hashed.as_bytes()).is_ok()
            })
    }

    /// Distinguishes its cookie from those of sign-ins in other tabs.
    pub(super) fn tag(&self) -> &str {
        tag(&self.state)
    }

    /// Returns the cookie's value.
    pub(super) fn sealed(&self, keys: &Keys) -> String {
        keys.seal(PURPOSE, self)
    }

    /// Returns the code challenge of the verifier (RFC 7636 section 4.2).
    pub(super) fn challenge(&self) -> String {
        encoded(digest(&SHA256, self.verifier.as_bytes()).as_ref())
    }

    /// Returns the token that the callback spends, so that it is accepted once.
    pub(super) const fn one_time_token(&self) -> &[u8] {
        self.state.as_bytes()
    }

    /// Epoch milliseconds.
    pub(super) const fn expires_ms(&self) -> u64 {
        (self.issued_s + PENDING_S) * 1_000
    }
}

fn hash(state: &str) -> String {
    encoded(&sha_256_of_parts(&[state.as_bytes()]))
}

/// Returns the beginning of a state's hash.
fn tag(hash: &str) -> &str {
    hash.get(..TAG_CHARS).unwrap_or(hash)
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
