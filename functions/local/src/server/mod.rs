//! What is reached over HTTP: pages, API, socket, outbox.

pub mod hosts;
mod outbox;
mod pages;
mod ws;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use sightline_host::{Host, SourceAddress, Surface, only_hosts, router, security_headers};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::desk::Desk;

/// Conversations over sockets at a time.
pub const TALKS_MAX: u32 = 4_096;

/// WebSocket close code of a server that stops (RFC 6455 section 7.4.1).
pub const GOING_AWAY: u16 = 1001;

/// What requests are answered with.
#[derive(Clone)]
pub struct House {
    /// The host.
    pub host: Arc<Host<Desk>>,
    /// One permit for each conversation over a socket.
    pub talks: Arc<Semaphore>,
    /// Running without the bundle, for tests.
    pub without_pages: bool,
}

/// Answers until `stop` resolves and the requests under way are answered.
pub async fn serve(
    listener: TcpListener,
    house: House,
    names: Vec<String>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let service = whole(house, &names).into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service)
        .with_graceful_shutdown(stop)
        .await
    {
        tracing::error!(%error, "server ended");
    }
}

fn whole(house: House, names: &[String]) -> Router {
    let api = router(house.host.clone())
        .layer(from_fn(to_the_end))
        .layer(from_fn(tell_source));
    let pages = Router::new()
        .route("/", get(pages::root))
        .route("/outbox", get(outbox::page))
        .route("/outbox.css", get(outbox::style))
        .route("/outbox.json", get(outbox::json))
        .route("/healthz", get(health))
        .fallback_service(get(pages::file).with_state(house.clone()))
        .layer(map_response(as_page));
    let socket = Router::new().route("/ws", any(ws::upgrade));
    only_hosts(api.merge(pages.merge(socket).with_state(house)), names)
}

async fn health() -> Response {
    (StatusCode::OK, "ok").into_response()
}

/// A request that changes something is carried out even when its sender hangs up in between: the effects of a commit
/// would be lost with it.
async fn to_the_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "request failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn tell_source(
    ConnectInfo(source): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(SourceAddress(source.ip()));
    next.run(request).await
}

async fn as_page(mut response: Response) -> Response {
    for (name, value) in security_headers(Surface::Page) {
        response.headers_mut().insert(name, value);
    }
    response
}
