//! The API for other programs, `/api/v1`: keys instead of cookies, problems instead of refusals.

mod body;
mod calls;
mod document;
mod embed;
mod guard;
mod invites;
mod page;
mod problem;
mod routes;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::header;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, delete, get, post, put};
use sightline_wire::v1::ProblemCode;

use super::headers;
use crate::host::Host;
use crate::ports::Ports;

pub(crate) use problem::Problematic;

#[cfg(test)]
pub(crate) use document::document;
#[cfg(test)]
pub(crate) use guard::REQUESTS_PER_S;
#[cfg(test)]
pub(crate) use routes::{V1_ROUTES, V1Route};

/// Returns all routes but those of [`erasing`] and [`leavings`].
pub(super) fn most<P: Ports>(host: Arc<Host<P>>) -> Router {
    let open = Router::new()
        .route(document::PATH, get(document::serve))
        .route(page::PATH, get(page::serve))
        .route(page::STYLE_PATH, get(page::style))
        .route("/api/v1", any(not_found))
        .route("/api/v1/", any(not_found))
        .route("/api/v1/{*rest}", any(not_found));
    let guarded = Router::new()
        .route("/api/v1/invites", post(invites::invite::<P>))
        .route("/api/v1/invites/{id}/send", post(invites::send::<P>))
        .route("/api/v1/invites/{id}/cancel", post(invites::cancel::<P>))
        .route("/api/v1/embed-tokens", post(embed::token::<P>))
        .route("/api/v1/agents", get(calls::agents::<P>))
        .route("/api/v1/calls", get(calls::list::<P>))
        .route("/api/v1/calls/{id}", get(calls::detail::<P>))
        .route("/api/v1/calls/{id}/notes", post(calls::add_note::<P>))
        .route("/api/v1/calls/{id}/notes/{n}", put(calls::edit_note::<P>));
    // Only here: of two routers with routes of one path, one may have this fallback.
    let guarded = guarded.method_not_allowed_fallback(no_method);
    let open = open.method_not_allowed_fallback(no_method);
    let open = open.layer(map_response(headers::for_api_unless_set));
    with_keys(guarded, host).merge(open)
}

/// Returns the route that erases calls.
pub(super) fn erasing<P: Ports>(host: Arc<Host<P>>) -> Router {
    let routes = Router::new().route("/api/v1/calls/{id}", delete(calls::erase::<P>));
    with_keys(routes, host)
}

/// Returns the routes of what a call leaves behind.
pub(super) fn leavings<P: Ports>(host: Arc<Host<P>>) -> Router {
    let routes = Router::new()
        .route("/api/v1/calls/{id}/pictures", get(calls::pictures::<P>))
        .route("/api/v1/calls/{id}/case", get(calls::case::<P>))
        .method_not_allowed_fallback(no_method);
    with_keys(routes, host)
}

fn with_keys<P: Ports>(routes: Router<Arc<Host<P>>>, host: Arc<Host<P>>) -> Router {
    routes
        .layer(from_fn_with_state(host.clone(), guard::check::<P>))
        .layer(map_response(headers::for_api))
        .with_state(host)
}

async fn not_found() -> Problematic {
    Problematic::of(ProblemCode::NotFound)
}

/// Names the methods of all functions that share a path, not only those of this one.
async fn no_method(request: Request) -> Response {
    let mut response = Problematic::of(ProblemCode::NoMethod).into_response();
    let path = request.extensions().get::<MatchedPath>();
    let allowed = path.map(|path| routes::methods(path.as_str()));
    let allowed = allowed.filter(|allowed| !allowed.is_empty());
    let allowed = allowed.and_then(|allowed| allowed.parse().ok());
    let allowed = allowed.map(|allowed| (header::ALLOW, allowed));
    response.headers_mut().extend(allowed);
    response
}
