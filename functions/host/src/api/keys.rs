//! Routes of an admin's page for the keys of the API for other programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use sightline_wire::api::{ApiError, Role};
use sightline_wire::{ApiKeyId, ApiKeyList, MadeKey};

use crate::host::Host;
use crate::ports::Ports;
use crate::tokens::SignedIn;

use super::agent::signed_in;
use super::answer::Failure;
use super::body::{self, IdInPath};

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
    Ok(Json(
        host.make_api_key(Some((admin.agent, &admin.name)), asked)
            .await?,
    ))
}

pub(super) async fn revoke<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<ApiKeyId>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let admin = admin(&host, &headers).await?;
    let id = id.ok_or(ApiError::NotFound)?;
    host.revoke_api_key((admin.agent, &admin.name), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The admin who asks.
pub(super) async fn admin<P: Ports>(
    host: &Host<P>,
    headers: &HeaderMap,
) -> Result<SignedIn, ApiError> {
    let person = signed_in(host, headers).await?;
    match person.role {
        Role::Admin => Ok(person),
        Role::Agent => Err(ApiError::NotAdmin),
    }
}
