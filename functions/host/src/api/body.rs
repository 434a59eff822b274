//! Reading a request: its body and its path.

use std::convert::Infallible;
use std::str::FromStr;

use axum::body;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use sightline_wire::SessionId;
use sightline_wire::api::ApiError;

/// Longest body of most routes, bytes.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// The JSON of a request's body. Another content type is refused: a form of a foreign page cannot
/// send this one.
pub(super) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, ApiError> {
    json_within(request, BODY_BYTES_MAX).await
}

/// The same for a body of at most `bytes_max` bytes.
pub(super) async fn json_within<T: DeserializeOwned>(
    request: Request,
    bytes_max: usize,
) -> Result<T, ApiError> {
    if !says_json(request.headers()) {
        return Err(ApiError::Malformed);
    }
    let bytes = bytes_within(request, bytes_max).await?;
    if !is_object(&bytes) {
        return Err(ApiError::Malformed);
    }
    sightline_wire::read_json(&bytes).map_err(|_| ApiError::Malformed)
}

/// Whether a body can be an object. Fields of one would be read from an array, too, of which no
/// document speaks.
pub(super) fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'{')
}

/// The session named in a path, or `None` if it is not an id. axum's own refusals would not be
/// JSON.
pub(super) struct InPath(Option<SessionId>);

impl InPath {
    pub(super) fn or(&self, error: ApiError) -> Result<SessionId, ApiError> {
        self.0.ok_or(error)
    }
}

/// What else is named in a path, or `None` if it is not an id.
pub(super) struct IdInPath<T>(pub(super) Option<T>);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for IdInPath<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(named.ok().and_then(|Path(text)| text.parse().ok())))
    }
}

/// The session and the note named in a path, or `None` if one of them is not.
pub(super) struct NoteInPath(Option<(SessionId, u8)>);

impl NoteInPath {
    pub(super) fn found(&self) -> Result<(SessionId, u8), ApiError> {
        self.0.ok_or(ApiError::NotFound)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for NoteInPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let named = Path::<(String, String)>::from_request_parts(parts, state).await;
        let read = |(session, n): (String, String)| {
            let digits = n.bytes().all(|byte| byte.is_ascii_digit());
            Some((session.parse().ok()?, n.parse().ok().filter(|_| digits)?))
        };
        Ok(Self(named.ok().and_then(|Path(named)| read(named))))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(named.ok().and_then(|Path(text)| text.parse().ok())))
    }
}

/// Returns a body of at most `bytes_max` bytes.
pub(super) async fn bytes_within(
    request: Request,
    bytes_max: usize,
) -> Result<body::Bytes, ApiError> {
    let (head, body) = request.into_parts();
    let announced = head
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(ApiError::TooLong);
    }
    // Fails if the body is longer, or if the peer went away, in which case no one reads the answer.
    body::to_bytes(body, bytes_max)
        .await
        .map_err(|_| ApiError::TooLong)
}

/// Whether the body is announced as JSON.
pub(super) fn says_json(headers: &HeaderMap) -> bool {
    says_one_of(headers, &["application/json"])
}

/// Whether the body is announced as a logo. Its bytes say what it is.
pub(super) fn says_picture(headers: &HeaderMap) -> bool {
    says_one_of(headers, &["image/png", "image/jpeg"])
}

fn says_one_of(headers: &HeaderMap, types: &[&str]) -> bool {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| {
        let known = |one: &&str| essence.trim().eq_ignore_ascii_case(one);
        types.iter().any(known)
    })
}
