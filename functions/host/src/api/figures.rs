//! Routes of figures and exports.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use sightline_wire::api::ApiError;
use sightline_wire::{ExportFormat, Figures, PageId};

use crate::figures::Period;
use crate::host::Host;
use crate::ports::Ports;

use super::answer::Failure;
use super::case;
use super::keys::admin;

/// Days of UTC, both included: both or neither.
#[derive(Deserialize)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<String>,
}

/// Answers what the calls of a period were.
pub(super) async fn figures<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Figures>, Failure> {
    let admin = admin(&host, &headers).await?;
    let Query(Asked { from, to }) = asked.map_err(|_| ApiError::Malformed)?;
    let period = match (from, to) {
        (Some(from), Some(to)) => Period::of(&from, &to)?,
        (None, None) => host.usual_period(),
        _ => return Err(ApiError::Malformed.into()),
    };
    Ok(Json(host.figures(&admin, period).await?))
}

/// What an export has.
#[derive(Deserialize)]
pub(super) struct Wanted {
    from: String,
    to: String,
    #[serde(rename = "as")]
    format: ExportFormat,
    /// Chosen by the page: requests with the same one share a file.
    file: PageId,
}

/// Leads to the export of a period. A page navigates here, as to a case file.
pub(super) async fn export<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let admin = admin(&host, &headers).await?;
    let Query(wanted) = wanted.map_err(|_| ApiError::Malformed)?;
    let period = Period::of(&wanted.from, &wanted.to)?;
    let file = wanted.file.as_bytes();
    let answer = host.export(&admin, period, wanted.format, file).await?;
    Ok(case::leads_to(answer))
}
