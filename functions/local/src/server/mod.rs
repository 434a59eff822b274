//! What is reached over HTTP: pages, API, socket, pictures, outbox.

pub mod crowd;
pub mod hosts;
mod objects;
mod outbox;
mod pages;
pub mod source;
mod ws;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use sightline_host::{Host, Surface, only_hosts, router, security_headers};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use self::crowd::Crowd;
use self::hosts::Names;
use self::source::BehindProxy;
use crate::desk::Desk;

/// Conversations of pages over sockets at a time.
pub const TALKS_MAX: u32 = 4_096;

/// WebSocket close code of a server that stops (RFC 6455 section 7.4.1).
pub const GOING_AWAY: u16 = 1001;

/// What requests are answered with.
#[derive(Clone)]
pub struct House {
    /// The host.
    pub host: Arc<Host<Desk>>,
    /// One permit for each conversation of a page over a socket. A relay needs none.
    pub talks: Arc<Semaphore>,
    /// Who has how many of them.
    pub crowd: Arc<Crowd>,
    /// Whether a proxy brings the requests.
    pub behind: BehindProxy,
    /// Running without the bundle, for tests.
    pub without_pages: bool,
}

/// Answers until `stop` resolves and the requests under way are answered.
pub async fn serve(
    listener: TcpListener,
    house: House,
    names: Names,
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

fn whole(house: House, names: &Names) -> Router {
    let api = router(house.host.clone())
        .layer(from_fn(to_the_end))
        .layer(from_fn_with_state(house.behind, source::tell));
    let pages = Router::new()
        .route("/", get(pages::root))
        .route("/healthz", get(health))
        .fallback_service(get(pages::file).with_state(house.clone()))
        .layer(map_response(as_page));
    let socket = Router::new().route("/ws", any(ws::upgrade));
    // Text messages hold links that let their bearer in: whoever reads them sits at this machine.
    let outbox = Router::new()
        .route("/outbox", get(outbox::page))
        .route("/outbox.css", get(outbox::style))
        .route("/outbox.json", get(outbox::json))
        .layer(from_fn(source::direct_only))
        .layer(map_response(as_page));
    let outbox = only_hosts(outbox.with_state(house.clone()), &names.loopback);
    let all = api.merge(outbox).merge(
        pages
            .merge(socket)
            .merge(objects::routes())
            .with_state(house),
    );
    only_hosts(all, &names.all())
}

async fn health() -> Response {
    (StatusCode::OK, "ok").into_response()
}

/// A request that changes something is carried out even when its sender hangs up in between: the
/// effects of a commit would be lost with it.
async fn to_the_end(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "request failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn as_page(mut response: Response) -> Response {
    for (name, value) in security_headers(Surface::Page, None) {
        response.headers_mut().insert(name, value);
    }
    response
}
