//! Routes of an admin's page for webhooks.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use sightline_wire::api::ApiError;
use sightline_wire::{
    AuditDeed, DeliveryLine, DeliveryList, DisplayName, MadeWebhook, MessageId, SwitchWebhook,
    WebhookId, WebhookLine, WebhookList,
};

use crate::audit::Deed;
use crate::host::Host;
use crate::ports::Ports;
use crate::tokens::SignedIn;

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
    let made = host.make_webhook(&admin.name, asked).await?;
    audit(&host, &admin, AuditDeed::WebhookMade, &made.webhook.name).await;
    Ok(Json(made))
}

pub(super) async fn switch<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    request: Request,
) -> Result<Json<WebhookLine>, Failure> {
    let admin = admin(&host, request.headers()).await?;
    let SwitchWebhook { on } = body::json(request).await?;
    let id = id.ok_or(ApiError::NotFound)?;
    let switched = host.switch_webhook(id, on).await?;
    audit(&host, &admin, AuditDeed::WebhookSwitched, &switched.name).await;
    Ok(Json(switched))
}

pub(super) async fn remove<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let admin = admin(&host, &headers).await?;
    let name = host.remove_webhook(id.ok_or(ApiError::NotFound)?).await?;
    audit(&host, &admin, AuditDeed::WebhookRemoved, &name).await;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn rotate<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    IdInPath(id): IdInPath<WebhookId>,
    headers: HeaderMap,
) -> Result<Json<MadeWebhook>, Failure> {
    let admin = admin(&host, &headers).await?;
    let rotated = host.rotate_webhook(id.ok_or(ApiError::NotFound)?).await?;
    audit(
        &host,
        &admin,
        AuditDeed::WebhookRotated,
        &rotated.webhook.name,
    )
    .await;
    Ok(Json(rotated))
}

async fn audit<P: Ports>(host: &Host<P>, admin: &SignedIn, deed: AuditDeed, about: &DisplayName) {
    let deed = Deed::by((admin.agent, &admin.name), deed).about(about);
    host.audit(deed).await;
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
