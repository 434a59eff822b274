//! A sign-in between the way there and the way back. Nothing is stored: a signed cookie of the
//! browser that set out keeps it.

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
pub(super) const UNDERWAY_S: u64 = 10 * 60;

const PURPOSE: &str = "sign-in";

/// What only the browser that set out can show.
#[derive(Serialize, Deserialize)]
pub(super) struct Underway {
    /// Hash of the state in the address of the way back, so that the cookie alone does not give it
    /// away.
    state: String,
    /// The token's must be the same.
    pub(super) nonce: String,
    /// The provider was told its hash (RFC 7636).
    pub(super) verifier: String,
    issued_s: u64,
}

/// A new sign-in: what the browser keeps, and the state to be sent along. `chance` cannot be
/// guessed.
pub(super) fn begin(chance: [[u8; 16]; 4], now_ms: u64) -> (Underway, String) {
    let [state, nonce, one, two] = chance;
    let state = text(&state);
    // 32 bytes give 43 characters, the fewest that RFC 7636 section 4.1 allows.
    let verifier = text(&[one, two].concat());
    let underway = Underway {
        state: hash(&state),
        nonce: text(&nonce),
        verifier,
        issued_s: now_ms / 1_000,
    };
    (underway, state)
}

impl Underway {
    /// The one that a browser set out with under this state.
    pub(super) fn of(cookies: &Cookies, state: &str, keys: &Keys, now_ms: u64) -> Option<Self> {
        let hashed = hash(state);
        cookies
            .sign_ins(tag(&hashed))
            .filter_map(|value| keys.unseal::<Self>(PURPOSE, value))
            .filter(|underway| now_ms < underway.ends_ms())
            .find(|underway| {
                verify_slices_are_equal(underway.state.as_bytes(), hashed.as_bytes()).is_ok()
            })
    }

    /// Tells its cookie from those of sign-ins in other tabs.
    pub(super) fn tag(&self) -> &str {
        tag(&self.state)
    }

    /// The cookie's value.
    pub(super) fn sealed(&self, keys: &Keys) -> String {
        keys.seal(PURPOSE, self)
    }

    /// What the provider is told of the verifier (RFC 7636 section 4.2).
    pub(super) fn challenge(&self) -> String {
        text(digest(&SHA256, self.verifier.as_bytes()).as_ref())
    }

    /// What is spent when it comes back, so that it comes back once.
    pub(super) const fn once(&self) -> &[u8] {
        self.state.as_bytes()
    }

    /// From then on it is of no use, epoch milliseconds.
    pub(super) const fn ends_ms(&self) -> u64 {
        (self.issued_s + UNDERWAY_S) * 1_000
    }
}

fn hash(state: &str) -> String {
    text(&sha_256_of_parts(&[state.as_bytes()]))
}

/// The beginning of a state's hash.
fn tag(hash: &str) -> &str {
    hash.get(..TAG_CHARS).unwrap_or(hash)
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
