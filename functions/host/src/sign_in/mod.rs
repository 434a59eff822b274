//! Agents' sign-in at an identity provider: OpenID Connect's code flow with PKCE (OpenID Connect
//! Core 1.0; RFC 7636).
//!
//! The page goes to `/api/sign-in`, the provider's own page asks who is there, and
//! `/api/sign-in/back` trades the code that it sends for an ID token. What a token must be is
//! decided in [`token`], without a clock or a network; the routes fetch, ask and set the cookie
//! that the rest of the API knows. Tokens and codes are neither stored nor told to a page.

mod back;
mod discovery;
mod endpoint;
mod keys;
mod known;
mod routes;
pub mod token;
mod underway;

use std::future::Future;

use crate::ports::Trouble;

pub use keys::KeySet;
pub use routes::router;

/// Longest answer of a provider that is read, bytes. A discovery document and a set of keys have a
/// few KiB.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// The provider's side of the network, lent by the plug. No redirect is followed, answers are
/// bounded by [`ANSWER_BYTES_MAX`], and both give up after seconds.
pub trait Provider: Send + Sync + 'static {
    /// Reads a document.
    ///
    /// # Errors
    /// When the provider is not reached, or answers anything but 200.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Vec<u8>, Trouble>> + Send;

    /// Posts a form; with the header `Authorization`, when there is one. Gives status and body.
    ///
    /// # Errors
    /// When the provider is not reached.
    fn exchange(
        &self,
        url: &str,
        authorization: Option<&str>,
        form: String,
    ) -> impl Future<Output = Result<(u16, Vec<u8>), Trouble>> + Send;
}
