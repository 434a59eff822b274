//! Reading a request: its body and its path.

use std::convert::Infallible;

use axum::body::{self, Body};
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use sightline_wire::SessionId;
use sightline_wire::api::ApiError;

/// Longest body, bytes.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// The JSON of a request's body. Another content type is refused: a form of a foreign page cannot
/// send this one.
pub(super) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, ApiError> {
    let (head, body) = request.into_parts();
    if !says_json(&head.headers) {
        return Err(ApiError::Malformed);
    }
    let bytes = read(&head.headers, body).await?;
    sightline_wire::read_json(&bytes).map_err(|_| ApiError::Malformed)
}

/// The session named in a path, or `None` if it is not an id. axum's own refusals would not be
/// JSON.
pub(super) struct InPath(Option<SessionId>);

impl InPath {
    pub(super) fn or(&self, error: ApiError) -> Result<SessionId, ApiError> {
        self.0.ok_or(error)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(named.ok().and_then(|Path(text)| text.parse().ok())))
    }
}

async fn read(headers: &HeaderMap, body: Body) -> Result<body::Bytes, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_BYTES_MAX) {
        return Err(ApiError::TooLong);
    }
    // Fails if the body is longer, or if the peer went away, in which case no one reads the answer.
    body::to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|_| ApiError::TooLong)
}

/// Whether the body is announced as JSON.
pub(super) fn says_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}
