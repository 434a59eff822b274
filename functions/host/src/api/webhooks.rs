//! Routes of an admin's page for webhooks.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use sightline_wire::api::ApiError;
use sightline_wire::{
    DeliveryLine, DeliveryList, MadeWebhook, MessageId, SwitchWebhook, WebhookId, WebhookLine,
    WebhookList,
};

use crate::host::Host;
use crate::ports::Ports;

use super::answer::Failure;
use super::body::{self, IdInPath};
use super::keys::admin;

pub(super) async fn list<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Json<WebhookList>, Failure> {
    admin(&host, &headers).await?;
    Ok(Json(host.listed_webhooks().await?))
}

pub(super) async fn make<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Json<MadeWebhook>, Failure> {
    let admin = admin(&host, request.headers()).await?;
    let asked = body::json(request).await?;
    Ok(Json(host.make_webhook(&admin.name, asked).await?))
}

pub(super) async fn switch<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    request: Request,
) -> Result<Json<WebhookLine>, Failure> {
    admin(&host, request.headers()).await?;
    let SwitchWebhook { on } = body::json(request).await?;
    Ok(Json(
        host.switch_webhook(id.ok_or(ApiError::NotFound)?, on)
            .await?,
    ))
}

pub(super) async fn remove<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    admin(&host, &headers).await?;
    host.remove_webhook(id.ok_or(ApiError::NotFound)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn rotate<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    headers: HeaderMap,
) -> Result<Json<MadeWebhook>, Failure> {
    admin(&host, &headers).await?;
    Ok(Json(
        host.rotate_webhook(id.ok_or(ApiError::NotFound)?).await?,
    ))
}

pub(super) async fn test<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    headers: HeaderMap,
) -> Result<Json<DeliveryLine>, Failure> {
    admin(&host, &headers).await?;
    Ok(Json(
        host.test_webhook(id.ok_or(ApiError::NotFound)?).await?,
    ))
}

/// Where a list of deliveries begins.
#[derive(Deserialize)]
pub(super) struct Beginning {
    after: Option<String>,
}

pub(super) async fn deliveries<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    from: Result<Query<Beginning>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<DeliveryList>, Failure> {
    admin(&host, &headers).await?;
    let Query(Beginning { after }) = from.map_err(|_| ApiError::Malformed)?;
    let id = id.ok_or(ApiError::NotFound)?;
    Ok(Json(host.listed_deliveries(id, after.as_deref()).await?))
}

pub(super) async fn again<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<DeliveryLine>, Failure> {
    admin(&host, &headers).await?;
    let (id, message) = named(path).ok_or(ApiError::NotFound)?;
    Ok(Json(host.deliver_again(id, message).await?))
}

/// A webhook and a message in a path; an error if they are no texts.
type InPath = Result<Path<(String, String)>, PathRejection>;

fn named(path: InPath) -> Option<(WebhookId, MessageId)> {
    let Path((id, message)) = path.ok()?;
    Some((id.parse().ok()?, message.parse().ok()?))
}
