//! The route of the audit log.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use sightline_wire::AuditLines;
use sightline_wire::api::ApiError;

use crate::host::Host;
use crate::ports::Ports;

use super::answer::Failure;
use super::keys::admin;

#[derive(Deserialize)]
pub(super) struct Asked {
    /// Goes on behind an earlier answer.
    after: Option<String>,
}

pub(super) async fn lines<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<AuditLines>, Failure> {
    let admin = admin(&host, &headers).await?;
    let Query(Asked { after }) = asked.map_err(|_| ApiError::Malformed)?;
    let after = after.map(|after| after.parse().map_err(|_| ApiError::Malformed));
    let who = (admin.agent, &admin.name);
    Ok(Json(host.audit_lines(who, after.transpose()?).await?))
}
