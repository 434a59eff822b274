//! Routes of the lines that a deployment has ready for its agents' chat.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use sightline_wire::ReadyLineList;

use crate::host::Host;
use crate::ports::Ports;

use super::agent::signed_in;
use super::answer::Failure;
use super::body;
use super::keys::admin;

pub(super) async fn list<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Json<ReadyLineList>, Failure> {
    signed_in(&host, &headers).await?;
    Ok(Json(host.ready_lines().await?))
}

/// Replaces all lines.
pub(super) async fn replace<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Json<ReadyLineList>, Failure> {
    let admin = admin(&host, request.headers()).await?;
    let wanted = body::json_within(request, ReadyLineList::BYTES_MAX).await?;
    Ok(Json(host.set_ready_lines(&admin, wanted).await?))
}
