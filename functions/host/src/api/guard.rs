//! Checks of requests before the routes, and the renewal of the sign-in.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use sightline_wire::api::ApiError;

use crate::config::HostConfig;
use crate::cookies::{self, Cookies};
use crate::host::Host;
use crate::ports::Ports;
use crate::tokens::AGENT_RENEW_S;

use super::answer::Failure;
use super::headers;

/// Answers requests for other host names with 421, pages and socket included: a page elsewhere may
/// have pointed its own name at this address (DNS rebinding). Names are `host` or `host:port`, as
/// browsers send them.
pub fn only_hosts(router: Router, hosts: &[String]) -> Router {
    let hosts: Arc<[String]> = hosts.into();
    router.layer(from_fn_with_state(hosts, check_host))
}

async fn check_host(State(hosts): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    let named = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let named = named.or_else(|| {
        request
            .uri()
            .authority()
            .map(|authority| authority.as_str())
    });
    let ours = named.is_some_and(|named| hosts.iter().any(|host| host.eq_ignore_ascii_case(named)));
    if ours {
        next.run(request).await
    } else {
        headers::for_api(Failure::of(ApiError::WrongHost).into_response()).await
    }
}

/// Refuses a changing request from another origin. A browser always sends the origin; only a
/// request without cookies may omit it.
pub(super) async fn same_origin<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || from_our_page(&host.config, request.headers()) {
        next.run(request).await
    } else {
        Failure::of(ApiError::WrongOrigin).into_response()
    }
}

fn from_our_page(config: &HostConfig, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text("sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    match text("origin") {
        Some(origin) => config.allows_origin(origin),
        None => Cookies::of(headers).is_empty(),
    }
}

/// Renews a sign-in that is older than an hour, so that its 12 h count from the last request, up to
/// a day after the agent signed in.
pub(super) async fn renew_sign_in<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
    next: Next,
) -> Response {
    let now_ms = host.ports.now_ms();
    let signed_in = Cookies::of(request.headers()).agent(&host.keys, now_ms);
    let mut response = next.run(request).await;
    let old =
        signed_in.filter(|agent| agent.issued_s.saturating_add(AGENT_RENEW_S) <= now_ms / 1_000);
    if let Some(agent) = old
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        let value = host.keys.renewed_agent(agent, now_ms);
        set_cookie(&mut response, &cookies::set_agent(&value));
    }
    response
}

pub(crate) fn set_cookie(response: &mut Response, line: &str) {
    if let Ok(line) = HeaderValue::from_str(line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}
