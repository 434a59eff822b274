//! The HTTP API: one axum router for both plugs. Requests and answers are JSON; every answer that
//! is not 2xx is an `ApiRefusal`.

mod agent;
mod agents;
mod answer;
mod audit;
mod beside;
mod body;
mod brand;
mod case;
mod customer;
mod embed;
mod figures;
mod guard;
mod headers;
mod keys;
mod lines;
pub(crate) mod v1;
mod webhooks;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post, put};
use sightline_wire::api::ApiError;

use crate::host::Host;
use crate::ports::Ports;

pub(crate) use answer::Failure;
pub use guard::only_hosts;
pub(crate) use guard::{only_line, set_cookie};
pub use headers::{Surface, embed_headers, security_headers};

/// The address that a request came from: a request extension that the plug adds, because only the
/// plug knows which address to trust. Without it, guesses are counted for all sources together.
#[derive(Clone, Copy, Debug)]
pub struct SourceAddress(pub IpAddr);

/// Returns all routes below `/api`, except those of a sign-in at a provider
/// ([`crate::sign_in::router`]), the one that erases ([`erasing_router`]) and those of what a call
/// leaves behind ([`case_router`]). It has no fallback, so a plug can merge it with its other
/// routes.
pub fn router<P: Ports>(host: Arc<Host<P>>) -> Router {
    let router = Router::new()
        .route("/api/look", post(customer::look::<P>))
        .route("/api/enter", post(customer::enter::<P>))
        .route("/api/sign-in/once", post(agent::sign_in_once::<P>))
        .route("/api/entrance", get(agent::entrance::<P>))
        .route(
            "/api/embed",
            get(embed::origins::<P>).post(embed::enter::<P>),
        )
        .route("/api/me", get(agent::me::<P>))
        .route("/api/number", post(agent::read_number::<P>))
        .route(
            "/api/sessions",
            get(agent::calls::<P>).post(agent::start_call::<P>),
        )
        .route("/api/sessions/{id}", get(beside::detail::<P>))
        .route("/api/sessions/{id}/notes", post(beside::add_note::<P>))
        .route("/api/sessions/{id}/notes/{n}", put(beside::edit_note::<P>))
        .route("/api/sessions/{id}/rating", put(beside::rate::<P>))
        .route("/api/sessions/{id}/seat", get(customer::seat::<P>))
        .route("/api/sessions/{id}/held-up", post(customer::held_up::<P>))
        .route("/api/sessions/{id}/log", get(customer::log::<P>))
        .route("/api/sessions/{id}/send", post(agent::send_again::<P>))
        .route("/api/sessions/{id}/code", get(agent::code::<P>))
        .route("/api/sessions/{id}/link", post(agent::fresh_link::<P>))
        .route(
            "/api/sessions/{id}/renewed-link",
            post(agent::renew_link::<P>),
        )
        .route("/api/keys", get(keys::list::<P>).post(keys::make::<P>))
        .route("/api/keys/{id}", delete(keys::revoke::<P>))
        .route("/api/brand", get(brand::settings::<P>))
        .route("/api/agents", get(agents::list::<P>))
        .route("/api/agents/{id}/access", put(agents::set_access::<P>))
        .route("/api/lines", get(lines::list::<P>).put(lines::replace::<P>))
        .route("/api/audit", get(audit::lines::<P>))
        .route("/api/figures", get(figures::figures::<P>))
        .route("/api/health", get(health::<P>))
        .route("/api", any(not_found))
        .route("/api/", any(not_found))
        .route("/api/{*rest}", any(not_found));
    // With a provider, the answer to signing out contains the provider's own sign-out, so the route
    // is among the provider's.
    let router = match host.config.provider {
        Some(_) => router,
        None => router.route("/api/sign-out", post(agent::sign_out::<P>)),
    };
    // Only here: of two routers with routes of one path, one may have this fallback.
    let router = router.method_not_allowed_fallback(method_not_allowed);
    guarded_for_people(router, host.clone())
        .merge(logo_router(host.clone()))
        .merge(v1::most(host))
}

/// The routes of the logo: their bodies are pictures. No sign-in is renewed here, because browsers
/// keep the answer.
fn logo_router<P: Ports>(host: Arc<Host<P>>) -> Router {
    Router::new()
        .route(
            "/api/logo",
            get(brand::logo::<P>)
                .put(brand::set::<P>)
                .delete(brand::remove::<P>),
        )
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(
            host.clone(),
            guard::same_origin_with_picture::<P>,
        ))
        .layer(map_response(headers::for_api_unless_set))
        .with_state(host)
}

/// Returns the route that erases calls. Where functions have rights of their own, only one that may
/// delete pictures has it.
pub fn erasing_router<P: Ports>(host: Arc<Host<P>>) -> Router {
    let router = Router::new().route("/api/sessions/{id}", delete(agent::erase::<P>));
    guarded_for_people(router, host.clone()).merge(v1::erasing(host))
}

/// Returns the routes of what a call leaves behind, and of the keys that sign case files. Where
/// functions have rights of their own, one that may read pictures has them.
pub fn case_router<P: Ports>(host: Arc<Host<P>>) -> Router {
    let router = Router::new()
        .route("/api/sessions/{id}/pictures", get(case::pictures::<P>))
        .route("/api/sessions/{id}/case", get(case::file::<P>))
        .route("/api/export", get(figures::export::<P>))
        .method_not_allowed_fallback(method_not_allowed);
    let keys = Router::new()
        .route("/.well-known/jwks.json", get(case::keys::<P>))
        .with_state(host.clone());
    guarded_for_people(router, host.clone())
        .merge(keys)
        .merge(v1::leavings(host))
}

/// Returns the routes of webhooks, for a plug that has them.
pub fn webhook_router<P: Ports>(host: Arc<Host<P>>) -> Router {
    let router = Router::new()
        .route(
            "/api/webhooks",
            get(webhooks::list::<P>).post(webhooks::make::<P>),
        )
        .route(
            "/api/webhooks/{id}",
            put(webhooks::switch::<P>).delete(webhooks::remove::<P>),
        )
        .route("/api/webhooks/{id}/rotate", post(webhooks::rotate::<P>))
        .route("/api/webhooks/{id}/test", post(webhooks::test::<P>))
        .route(
            "/api/webhooks/{id}/deliveries",
            get(webhooks::deliveries::<P>),
        )
        .route(
            "/api/webhooks/{id}/deliveries/{message}/again",
            post(webhooks::again::<P>),
        )
        .method_not_allowed_fallback(method_not_allowed);
    guarded_for_people(router, host)
}

fn guarded_for_people<P: Ports>(router: Router<Arc<Host<P>>>, host: Arc<Host<P>>) -> Router {
    router
        .layer(from_fn_with_state(host.clone(), guard::renew_sign_in::<P>))
        .layer(from_fn_with_state(host.clone(), guard::same_origin::<P>))
        .layer(map_response(headers::for_api))
        .with_state(host)
}

/// Whether a path below `/api` is one of the customer's page. The others are for agents, and need
/// not answer where only customers are.
#[must_use]
pub fn is_for_customers(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    matches!(
        parts.as_slice(),
        ["api", "look" | "enter"] | ["api", "sessions", _, "seat" | "log" | "held-up" | "rating"]
    )
}

/// Guards the routes of a sign-in at a provider as the others are guarded.
pub(crate) fn guarded<P: Ports>(routes: Router, host: Arc<Host<P>>) -> Router {
    routes
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(host, guard::same_origin::<P>))
        .layer(map_response(headers::for_api))
}

/// 503 when a new call would not work.
async fn health<P: Ports>(State(host): State<Arc<Host<P>>>) -> Response {
    let health = host.health().await;
    let status = match health.ok {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, health.to_lines()).into_response()
}

async fn not_found() -> Failure {
    Failure::of(ApiError::NotFound)
}

async fn method_not_allowed() -> Failure {
    Failure {
        status: StatusCode::METHOD_NOT_ALLOWED,
        error: ApiError::NotFound,
    }
}

fn source(request: &Request) -> Option<IpAddr> {
    request
        .extensions()
        .get::<SourceAddress>()
        .map(|source| source.0)
}
