//! Agents' sign-in at an identity provider: OpenID Connect's code flow with PKCE (OpenID Connect
//! Core 1.0; RFC 7636).
//!
//! `/api/sign-in` redirects to the provider's page, which sends the browser to
//! `/api/sign-in/back`, the callback. There the code is exchanged for an ID token. [`token`]
//! verifies it without a clock or a network; the routes make the requests and set the cookie that
//! the rest of the API reads. Tokens and codes are neither stored nor sent to a page.

mod cache;
mod callback;
mod discovery;
mod endpoint;
mod keys;
mod pending;
mod routes;
pub mod token;

use std::future::Future;

use crate::ports::StoreError;

pub use keys::KeySet;
pub use routes::router;

/// Longest response of a provider that is read, bytes. A discovery document and a key set have a
/// few KiB.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Requests to the provider, made by the plug. It follows no redirects, bounds responses by
/// [`ANSWER_BYTES_MAX`] and times out after seconds.
pub trait Provider: Send + Sync + 'static {
    /// Fetches a document.
    ///
    /// # Errors
    /// When the provider cannot be reached, or responds with another status than 200.
    fn fetch(&self, url: &str) -> impl Future<Output = Result<Vec<u8>, StoreError>> + Send;

    /// Posts a form, with the header `Authorization` if given. Returns status and body.
    ///
    /// # Errors
    /// When the provider cannot be reached.
    fn exchange(
        &self,
        url: &str,
        authorization: Option<&str>,
        form: String,
    ) -> impl Future<Output = Result<(u16, Vec<u8>), StoreError>> + Send;
}
