//! Routes of an admin's page for the agents.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use sightline_wire::api::ApiError;
use sightline_wire::{AgentId, AgentLines, SetAccess};

use crate::host::Host;
use crate::ports::Ports;

use super::answer::Failure;
use super::body::{self, IdInPath};
use super::keys::admin;

pub(super) async fn list<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Json<AgentLines>, Failure> {
    let admin = admin(&host, &headers).await?;
    Ok(Json(host.agents_for(&admin).await?))
}

/// Takes an agent's access back, or gives it again.
pub(super) async fn set_access<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<AgentId>,
    request: Request,
) -> Result<StatusCode, Failure> {
    let admin = admin(&host, request.headers()).await?;
    let SetAccess { allowed } = body::json(request).await?;
    let agent = id.ok_or(ApiError::NotFound)?;
    host.set_access(&admin, agent, allowed).await?;
    Ok(StatusCode::NO_CONTENT)
}
