//! Security headers of every answer.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use sightline_wire::EmbedOrigin;

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// A page, or a file that belongs to one.
    Page,
    /// The customer's page, which may be asked where the phone is.
    CustomerPage,
    /// Data for a program.
    Api,
}

/// `connect-src 'self'` covers `ws:` and `wss:` of the same host (CSP Level 3, section 6.7.2.8; in
/// all current browsers). `pictures` stands where pictures have an origin of their own, with a
/// space before it; `holders` are the
/// pages that may hold this one.
fn page_policy(pictures: &str, holders: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:{pictures}; \
         media-src 'self' blob:; font-src 'self'; manifest-src 'self'; connect-src 'self'{pictures}; base-uri 'none'; \
         form-action 'none'; frame-ancestors {holders}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

/// No page may hold it.
const NO_HOLDER: &str = "'none'";

const RESOURCE_POLICY: &str = "cross-origin-resource-policy";

const API_POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const fn permissions(surface: Surface) -> &'static str {
    match surface {
        Surface::CustomerPage => {
            "camera=(self), microphone=(self), geolocation=(self), display-capture=()"
        }
        Surface::Page | Surface::Api => {
            "camera=(self), microphone=(self), geolocation=(), display-capture=()"
        }
    }
}

/// Returns the security headers for an answer. The plug sets how long a page may be cached; an
/// answer of the API is never cached. `pictures_origin` is [`crate::HostConfig::pictures_origin`].
#[must_use]
pub fn security_headers(
    surface: Surface,
    pictures_origin: Option<&str>,
) -> Vec<(HeaderName, HeaderValue)> {
    let pictures = pictures_origin.map(|origin| format!(" {origin}"));
    let policy = match surface {
        Surface::Page | Surface::CustomerPage => {
            page_policy(&pictures.unwrap_or_default(), NO_HOLDER)
        }
        Surface::Api => API_POLICY.to_owned(),
    };
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(API_POLICY));
    let mut headers = vec![
        (CONTENT_SECURITY_POLICY, policy),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        named("permissions-policy", permissions(surface)),
        named("cross-origin-opener-policy", "same-origin"),
        named(RESOURCE_POLICY, "same-origin"),
        named("cross-origin-embedder-policy", "require-corp"),
    ];
    if surface == Surface::Api {
        headers.push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    }
    headers
}

/// Returns the security headers of the page `/embed`: pages of these origins may hold it and no
/// other ones, and one that isolates itself may, too (`Cross-Origin-Resource-Policy`).
#[must_use]
pub fn embed_headers(origins: &[EmbedOrigin]) -> Vec<(HeaderName, HeaderValue)> {
    let holders: Vec<&str> = origins.iter().map(EmbedOrigin::as_str).collect();
    let policy = match holders.is_empty() {
        true => page_policy("", NO_HOLDER),
        false => page_policy("", &holders.join(" ")),
    };
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(API_POLICY));
    let others = security_headers(Surface::Page, None);
    let others = others
        .into_iter()
        .filter(|(name, _)| name != CONTENT_SECURITY_POLICY && name != RESOURCE_POLICY);
    let own = [
        (CONTENT_SECURITY_POLICY, policy),
        named(RESOURCE_POLICY, "cross-origin"),
    ];
    own.into_iter().chain(others).collect()
}

/// The same for an answer that has headers of its own, which stay.
pub(super) async fn for_api_unless_set(mut response: Response) -> Response {
    for (name, value) in security_headers(Surface::Api, None) {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

pub(super) async fn for_api(mut response: Response) -> Response {
    for (name, value) in security_headers(Surface::Api, None) {
        response.headers_mut().insert(name, value);
    }
    response
}

const fn named(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}
