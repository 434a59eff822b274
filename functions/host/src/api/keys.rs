//! Routes of an admin's page for the keys of the API for other programs.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use sightline_wire::api::{ApiError, Role};
use sightline_wire::{ApiKeyId, ApiKeyList, MadeKey};

use crate::host::Host;
use crate::ports::Ports;
use crate::tokens::SignedIn;

use super::agent::signed_in;
use super::answer::Failure;
use super::body;

pub(super) async fn list<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Json<ApiKeyList>, Failure> {
    admin(&host, &headers).await?;
    Ok(Json(host.listed_api_keys().await?))
}

pub(super) async fn make<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Json<MadeKey>, Failure> {
    let admin = admin(&host, request.headers()).await?;
    let asked = body::json(request).await?;
    Ok(Json(host.make_api_key(Some(&admin.name), asked).await?))
}

pub(super) async fn revoke<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    KeyInPath(id): KeyInPath,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    admin(&host, &headers).await?;
    host.revoke_api_key(id.ok_or(ApiError::NotFound)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn admin<P: Ports>(host: &Host<P>, headers: &HeaderMap) -> Result<SignedIn, ApiError> {
    let person = signed_in(host, headers).await?;
    match person.role {
        Role::Admin => Ok(person),
        Role::Agent => Err(ApiError::NotAdmin),
    }
}

/// The key named in a path, or `None` if it is not an id.
pub(super) struct KeyInPath(Option<ApiKeyId>);

impl<S: Send + Sync> FromRequestParts<S> for KeyInPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let named = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(named.ok().and_then(|Path(text)| text.parse().ok())))
    }
}
