//! Routes of what a call leaves behind.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use sightline_wire::api::{ApiError, CallPictures};

use crate::case::CaseAnswer;
use crate::host::Host;
use crate::ports::Ports;

use super::agent::signed_in;
use super::answer::Failure;
use super::body::InPath;
use super::headers;

/// How long a page should wait before it asks again, seconds.
const AGAIN_S: &str = "3";

/// How long the keys may be kept elsewhere: a new one is there when its first case file is.
const KEYS_KEPT: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// Lists the pictures of a call, with links.
pub(super) async fn pictures<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<CallPictures>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(Json(host.call_pictures(&(&agent).into(), session).await?))
}

/// Leads to the case file of a call. A page navigates here: what is not ready makes the browser ask
/// again by itself.
pub(super) async fn file<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(leads_to(host.case_file(&(&agent).into(), session).await?))
}

/// Answers who wants a file.
pub(super) fn leads_to(answer: CaseAnswer) -> Response {
    match answer {
        CaseAnswer::Ready(url) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
        }
        CaseAnswer::Later => {
            let again = [
                (header::RETRY_AFTER, AGAIN_S),
                (HeaderName::from_static("refresh"), AGAIN_S),
            ];
            let words =
                json!({ "message": "The file is being made. This page asks again by itself." });
            (StatusCode::ACCEPTED, again, Json(words)).into_response()
        }
    }
}

/// Answers the keys that ever signed case files here. For everybody, so that a case file can be
/// checked by any program.
pub(super) async fn keys<P: Ports>(State(host): State<Arc<Host<P>>>) -> Result<Response, Failure> {
    let keys = host.case_keys().await?;
    let mut response = headers::for_api(Json(keys).into_response()).await;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, KEYS_KEPT);
    Ok(response)
}
