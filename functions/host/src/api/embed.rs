//! Routes of the page `/embed`: the agent's page inside another program.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use sightline_wire::api::ApiError;
use sightline_wire::{EmbedOrigins, EnterEmbed};

use crate::cookies::{self, Cookies, PageDoor};
use crate::host::Host;
use crate::ports::Ports;

use super::agent::who;
use super::answer::Failure;
use super::{body, guard, source};

/// Answers whose messages the page listens to. The page's policy says the same to everybody.
pub(super) async fn origins<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Json<EmbedOrigins>, Failure> {
    open(&host, &headers)?;
    let origins = host.config.embed_origins.clone();
    Ok(Json(EmbedOrigins { origins }))
}

/// Trades a token for the page's cookie.
pub(super) async fn enter<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Response, Failure> {
    open(&host, request.headers())?;
    let (cookies, source) = (Cookies::of(request.headers()), source(&request));
    let asked: EnterEmbed = body::json(request).await?;
    let signed_in = host.enter_embed(&asked, &cookies, source).await?;
    let value = host.keys.embedded(&signed_in, host.ports.now_ms());
    let me = who(&host, signed_in.name, signed_in.role).await;
    let mut response = Json(me).into_response();
    guard::set_cookie(&mut response, &cookies::set_embed(&value));
    Ok(response)
}

/// Checks that the deployment has the door, and that the request names it.
fn open<P: Ports>(host: &Host<P>, headers: &HeaderMap) -> Result<(), ApiError> {
    let has_door = !host.config.embed_origins.is_empty();
    match has_door && PageDoor::of(headers) == PageDoor::Embed {
        true => Ok(()),
        false => Err(ApiError::NotFound),
    }
}
