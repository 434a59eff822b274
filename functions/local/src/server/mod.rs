//! The HTTP server: pages, API, socket, pictures, outbox.

mod connection;
pub mod connection_counts;
mod held;
pub mod hosts;
mod objects;
mod operator;
mod outbox;
pub mod outside;
mod pages;
pub mod places;
pub mod source;
mod written;
mod ws;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use futures_util::{StreamExt as _, stream};
use sightline_host::{
    Host, Surface, case_router, erasing_router, only_hosts, router, security_headers,
    webhook_router,
};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;

use self::connection::Door;
use self::connection_counts::ConnectionCounts;
use self::hosts::HostNames;
use self::places::ConnectionPlaces;
use self::source::BehindProxy;
use crate::desk::Desk;
use crate::health::HealthChecks;

/// Most WebSockets of pages at a time.
pub const CONVERSATIONS_MAX: usize = 4_096;

/// Most connections of pages in another version at a time. Each is closed at once, but its peer may
/// take a second for that, and must not keep others out.
pub const TURNED_AWAY_MAX: usize = 64;

/// How long the body of a request to the API may take. It has 4 KiB at most.
pub const BODY_WITHIN: Duration = Duration::from_secs(10);

/// Where the operator asks for a backup.
pub const BACKUP_PATH: &str = "/operator/backup";

/// Where the operator asks for a key of the API.
pub const API_KEY_PATH: &str = "/operator/api-key";

/// WebSocket close code of a server that stops (RFC 6455 section 7.4.1).
pub const GOING_AWAY: u16 = 1001;

/// What all handlers share.
#[derive(Clone)]
pub struct ServerState {
    /// The host.
    pub host: Arc<Host<Desk>>,
    /// The places of all connections.
    pub places: Arc<ConnectionPlaces>,
    /// One permit for each connection of a page. Relays need no permit.
    pub conversations: Arc<Semaphore>,
    /// One permit for each connection that is only closed, because its page has another version.
    pub turned_away: Arc<Semaphore>,
    /// Connections by cookie.
    pub counts: Arc<ConnectionCounts>,
    /// The newest health check.
    pub health: Arc<HealthChecks>,
    /// Whether requests come through a proxy.
    pub behind: BehindProxy,
    /// Whether the server runs without pages, for tests.
    pub without_pages: bool,
    /// Whether it takes uploads that no session wants, for tests of the store.
    pub any_upload: bool,
    /// The certificate authority of `--lan` (PEM), for phones that want to trust it.
    pub authority: Option<Arc<str>>,
}

/// How many WebSockets of pages there may be among so many connections: requests need places, too.
#[must_use]
pub fn conversations_max(places: &ConnectionPlaces) -> usize {
    CONVERSATIONS_MAX.min(places.max() / 4 * 3)
}

/// Serves until the server stops and the current requests are answered. `lan` are the names of the
/// machine's network addresses.
pub async fn serve(
    listener: TcpListener,
    server: ServerState,
    names: HostNames,
    lan: Arc<[String]>,
    stopped: watch::Receiver<bool>,
) {
    let gate = outside::Gate {
        host: server.host.clone(),
        names: lan.clone(),
        always: false,
    };
    let mut all = names.all();
    all.extend(lan.iter().cloned());
    let door = Door {
        listener,
        tls: None,
        places: server.places.clone(),
        routes: routes(server, &names.loopback, &all, gate),
    };
    door.serve(stopped).await;
}

/// Serves customers at a network address, likewise.
pub async fn serve_outside(
    listener: TcpListener,
    tls: TlsAcceptor,
    server: ServerState,
    lan: Arc<[String]>,
    stopped: watch::Receiver<bool>,
) {
    let gate = outside::Gate {
        host: server.host.clone(),
        names: lan.clone(),
        always: true,
    };
    let door = Door {
        listener,
        tls: Some(tls),
        places: server.places.clone(),
        routes: routes(server, &[], &lan, gate),
    };
    door.serve(stopped).await;
}

/// `loopback` are the names under which the outbox answers, `all` those of everything.
fn routes(server: ServerState, loopback: &[String], all: &[String], gate: outside::Gate) -> Router {
    let api = router(server.host.clone())
        .merge(erasing_router(server.host.clone()))
        .merge(case_router(server.host.clone()))
        .merge(webhook_router(server.host.clone()))
        .layer(from_fn(to_completion))
        .layer(from_fn(whole_in_time))
        .layer(from_fn_with_state(server.behind, source::add));
    let pages = Router::new()
        .route("/", get(pages::root))
        .route("/healthz", get(health))
        .route("/ca.crt", get(authority))
        .route("/embed", get(pages::embedded))
        .route(
            "/j",
            get(pages::file)
                .with_state(server.clone())
                .layer(map_response(as_customers_page)),
        )
        .fallback_service(get(pages::file).with_state(server.clone()))
        .layer(map_response(as_page));
    let socket = Router::new()
        .route("/ws", any(ws::upgrade))
        .layer(map_response(as_data));
    // Text messages contain invites, so only browsers on this machine may read them.
    let outbox = Router::new()
        .route("/outbox", get(outbox::page))
        .route("/outbox.css", get(outbox::style))
        .route("/outbox.json", get(outbox::json))
        .layer(from_fn(source::direct_only))
        .layer(map_response(as_page));
    let operators = Router::new()
        .route(BACKUP_PATH, post(operator::backup))
        .route(API_KEY_PATH, post(operator::api_key))
        .layer(from_fn_with_state(server.clone(), operator::check))
        .layer(from_fn(to_completion))
        .layer(from_fn(whole_in_time))
        .layer(from_fn(source::direct_only))
        .layer(map_response(as_data));
    let outbox = outbox.merge(operators);
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

/// Answers 408 when the body of a request does not come in time.
async fn whole_in_time(request: Request, next: Next) -> Response {
    let late = Arc::new(AtomicBool::new(false));
    let (due, mark) = (Instant::now() + BODY_WITHIN, late.clone());
    let request = request.map(|body| {
        let pieces = body.into_data_stream();
        Body::from_stream(stream::unfold(Some(pieces), move |pieces| {
            let mark = mark.clone();
            async move {
                let mut pieces = pieces?;
                match timeout_at(due, pieces.next()).await {
                    Ok(piece) => Some((piece?, Some(pieces))),
                    Err(_) => {
                        mark.store(true, Ordering::Relaxed);
                        Some((Err(axum::Error::new("too late")), None))
                    }
                }
            }
        }))
    });
    let response = next.run(request).await;
    match late.load(Ordering::Relaxed) {
        true => {
            let close = [(header::CONNECTION, "close")];
            let words = "the request took too long";
            as_data((StatusCode::REQUEST_TIMEOUT, close, words).into_response()).await
        }
        false => response,
    }
}

async fn as_page(mut response: Response) -> Response {
    for (name, value) in security_headers(Surface::Page, None) {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

async fn as_customers_page(mut response: Response) -> Response {
    for (name, value) in security_headers(Surface::CustomerPage, None) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Adds headers to an answer that is no page, unless it opens a WebSocket.
async fn as_data(mut response: Response) -> Response {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        for (name, value) in security_headers(Surface::Api, None) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
