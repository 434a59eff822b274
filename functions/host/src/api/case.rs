//! Routes of what a call leaves behind.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use sightline_wire::api::{ApiError, CallPictures};

use crate::host::Host;
use crate::ports::Ports;

use super::agent::signed_in;
use super::answer::Failure;
use super::body::InPath;

/// Lists the pictures of a call, with links.
pub(super) async fn pictures<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<CallPictures>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(Json(host.call_pictures(&agent, session).await?))
}
