//! The HTTP server: pages, API, socket, pictures, outbox.

pub mod connection_counts;
pub mod hosts;
mod objects;
mod outbox;
pub mod outside;
mod pages;
pub mod source;
mod ws;

use std::fmt::Debug;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::serve::{IncomingStream, Listener, ListenerExt};
use sightline_host::{Host, Surface, only_hosts, router, security_headers};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use self::connection_counts::ConnectionCounts;
use self::hosts::HostNames;
use self::source::BehindProxy;
use crate::desk::Desk;
use crate::health::HealthChecks;
use crate::lan::tls::TlsListener;

/// Most connections of pages at a time.
pub const CONVERSATIONS_MAX: u32 = 4_096;

/// WebSocket close code of a server that stops (RFC 6455 section 7.4.1).
pub const GOING_AWAY: u16 = 1001;

/// What all handlers share.
#[derive(Clone)]
pub struct ServerState {
    /// The host.
    pub host: Arc<Host<Desk>>,
    /// One permit for each connection of a page. Relays need no permit.
    pub conversations: Arc<Semaphore>,
    /// Connections by cookie.
    pub counts: Arc<ConnectionCounts>,
    /// The newest health check.
    pub health: Arc<HealthChecks>,
    /// Whether requests come through a proxy.
    pub behind: BehindProxy,
    /// Whether the server runs without pages, for tests.
    pub without_pages: bool,
    /// The certificate authority of `--lan` (PEM), for phones that want to trust it.
    pub authority: Option<Arc<str>>,
}

/// Serves until `stop` resolves and the current requests are answered. `lan` are the names of the
/// machine's network addresses.
pub async fn serve(
    listener: TcpListener,
    server: ServerState,
    names: HostNames,
    lan: Arc<[String]>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let gate = outside::Gate {
        host: server.host.clone(),
        names: lan.clone(),
        always: false,
    };
    let mut all = names.all();
    all.extend(lan.iter().cloned());
    let service = routes(server, &names.loopback, &all, gate);
    run(listener, service, stop).await;
}

/// Serves customers at a network address, likewise.
pub async fn serve_outside(
    listener: TlsListener,
    server: ServerState,
    lan: Arc<[String]>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let gate = outside::Gate {
        host: server.host.clone(),
        names: lan.clone(),
        always: true,
    };
    let service = routes(server, &[], &lan, gate);
    // `tap_io` gives the routes the peer's address.
    run(listener.tap_io(|_| ()), service, stop).await;
}

async fn run<L>(listener: L, routes: Router, stop: impl Future<Output = ()> + Send + 'static)
where
    L: Listener<Addr: Debug>,
    SocketAddr: for<'a> Connected<IncomingStream<'a, L>>,
{
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service)
        .with_graceful_shutdown(stop)
        .await
    {
        tracing::error!(error = %error, "HTTP server failed");
    }
}

/// `loopback` are the names under which the outbox answers, `all` those of everything.
fn routes(server: ServerState, loopback: &[String], all: &[String], gate: outside::Gate) -> Router {
    let api = router(server.host.clone())
        .layer(from_fn(to_completion))
        .layer(from_fn_with_state(server.behind, source::add));
    let pages = Router::new()
        .route("/", get(pages::root))
        .route("/healthz", get(health))
        .route("/ca.crt", get(authority))
        .fallback_service(get(pages::file).with_state(server.clone()))
        .layer(map_response(as_page));
    let socket = Router::new().route("/ws", any(ws::upgrade));
    // Text messages contain invites, so only browsers on this machine may read them.
    let outbox = Router::new()
        .route("/outbox", get(outbox::page))
        .route("/outbox.css", get(outbox::style))
        .route("/outbox.json", get(outbox::json))
        .layer(from_fn(source::direct_only))
        .layer(map_response(as_page));
    let outbox = only_hosts(outbox.with_state(server.clone()), loopback);
    let routes = api.merge(outbox).merge(
        pages
            .merge(socket)
            .merge(objects::routes())
            .with_state(server),
    );
    only_hosts(routes, all).layer(from_fn_with_state(gate, outside::check))
}

/// Serves the certificate authority. Browsers on phones offer to install it.
async fn authority(State(server): State<ServerState>) -> Response {
    match server.authority {
        Some(pem) => {
            let headers = [
                (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, pem.to_string()).into_response()
        }
        None => (StatusCode::NOT_FOUND, "not found").into_response(),
    }
}

/// 503 when a new call would not work.
async fn health(State(server): State<ServerState>, headers: HeaderMap) -> Response {
    let mut health = server.health.of(&server.host).await;
    if source::is_forwarded(&headers) {
        // Paths of this machine are for people on it.
        health.parts.iter_mut().for_each(|part| part.words.clear());
    }
    let status = match health.ok {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, health.to_lines()).into_response()
}

/// Completes a request even if its client disconnects: otherwise the effects of a commit would be
/// lost.
async fn to_completion(request: Request, next: Next) -> Response {
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(error = %error, "request panicked");
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
