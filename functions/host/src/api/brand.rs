//! Routes of the business's colour and logo. Everybody may load the logo; nothing else is in it.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sightline_wire::api::ApiError;
use sightline_wire::{BrandSettings, LOGO_BYTES_MAX, LogoFault};

use crate::host::Host;
use crate::ports::Ports;
use crate::stop::OrAnswer;

use super::answer::Failure;
use super::body;
use super::keys::admin;

/// A picture that is opened as a page runs nothing and loads nothing.
const POLICY: &str = "default-src 'none'; sandbox";

/// How long browsers keep the logo of this digest: a year.
const FOR_A_YEAR: &str = "public, max-age=31536000, immutable";

#[derive(Deserialize)]
pub(super) struct Asked {
    /// The digest of the wanted logo.
    v: Option<String>,
}

pub(super) async fn settings<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Json<BrandSettings>, Failure> {
    admin(&host, &headers).await?;
    Ok(Json(host.brand_settings().await?))
}

/// Answers the logo. One of another digest than the wanted is not kept by browsers.
pub(super) async fn logo<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(Asked { v }) = asked.map_err(|_| ApiError::Malformed)?;
    let logo = host.served_logo().await.or_fail(None)?;
    let logo = logo.ok_or(ApiError::NotFound)?;
    let keep = match v {
        Some(v) if v == logo.digest.to_string() => FOR_A_YEAR,
        _ => "no-store",
    };
    let headers = [
        (CONTENT_TYPE, logo.kind.content_type()),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, keep),
    ];
    let body = Body::from(Bytes::from_owner(logo.bytes));
    Ok((headers, body).into_response())
}

/// Puts the file in the body in the place of the logo.
pub(super) async fn set<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Json<BrandSettings>, Failure> {
    let admin = admin(&host, request.headers()).await?;
    let file = body::bytes_within(request, LOGO_BYTES_MAX).await;
    let file = file.map_err(|error| match error {
        ApiError::TooLong => ApiError::BadLogo {
            why: LogoFault::TooManyBytes,
        },
        other => other,
    })?;
    Ok(Json(
        host.set_logo((admin.agent, &admin.name), &file).await?,
    ))
}

pub(super) async fn remove<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let admin = admin(&host, &headers).await?;
    host.remove_logo((admin.agent, &admin.name)).await?;
    Ok(StatusCode::NO_CONTENT)
}
