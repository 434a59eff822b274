//! Checks of requests before the routes, and the renewal of the sign-in.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use sightline_wire::api::ApiError;

use crate::config::HostConfig;
use crate::cookies::{self, Cookies, PageDoor};
use crate::host::Host;
use crate::ports::Ports;
use crate::tokens::AGENT_RENEW_S;

use super::answer::Failure;
use super::body::{says_json, says_picture};
use super::headers;

/// Answers requests for other host names with 421, pages and socket included: a page elsewhere may
/// have pointed its own name at this address (DNS rebinding). Names are `host` or `host:port`, as
/// browsers send them. So does it with a request that has two names: a proxy in front may have
/// believed the other one.
pub fn only_hosts(router: Router, hosts: &[String]) -> Router {
    let hosts: Arc<[String]> = hosts.into();
    router.layer(from_fn_with_state(hosts, check_host))
}

async fn check_host(State(hosts): State<Arc<[String]>>, request: Request, next: Next) -> Response {
    if is_for(&hosts, &request) {
        next.run(request).await
    } else {
        headers::for_api(Failure::of(ApiError::WrongHost).into_response()).await
    }
}

fn is_for(hosts: &[String], request: &Request) -> bool {
    let lines = request.headers().get_all(header::HOST).iter();
    let mut names: Vec<&str> = lines.map(|line| line.to_str().unwrap_or("?")).collect();
    let is_single = names.len() <= 1;
    // An address with a name in it outranks the header (RFC 9112 section 3.2.2).
    names.extend(request.uri().authority().map(|named| named.as_str()));
    let ours = |name: &&str| hosts.iter().any(|host| host.eq_ignore_ascii_case(name));
    is_single
        && names.iter().all(ours)
        && names
            .first()
            .is_some_and(|first| names.iter().all(|name| name.eq_ignore_ascii_case(first)))
}

/// Refuses a changing request from another origin, or with a body that is not JSON. A browser
/// always sends the origin; only a request without cookies may omit it.
pub(super) async fn same_origin<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
    next: Next,
) -> Response {
    match checked(&host.config, &request, says_json) {
        Ok(()) => next.run(request).await,
        Err(error) => Failure::of(error).into_response(),
    }
}

/// The same where a body is a picture.
pub(super) async fn same_origin_with_picture<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
    next: Next,
) -> Response {
    match checked(&host.config, &request, says_picture) {
        Ok(()) => next.run(request).await,
        Err(error) => Failure::of(error).into_response(),
    }
}

fn checked(
    config: &HostConfig,
    request: &Request,
    says: fn(&HeaderMap) -> bool,
) -> Result<(), ApiError> {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !reads && !from_our_page(config, request.headers()) {
        return Err(ApiError::WrongOrigin);
    }
    match reads || is_said_or_nothing(request.headers(), says) {
        true => Ok(()),
        false => Err(ApiError::Malformed),
    }
}

/// Whether the request has no body, or one that is announced as something that a form of a foreign
/// page cannot send.
fn is_said_or_nothing(headers: &HeaderMap, says: fn(&HeaderMap) -> bool) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    let is_empty = length.is_none_or(|length| length == "0")
        && !headers.contains_key(header::TRANSFER_ENCODING);
    match headers.contains_key(header::CONTENT_TYPE) {
        true => says(headers),
        false => is_empty,
    }
}

fn from_our_page(config: &HostConfig, headers: &HeaderMap) -> bool {
    let site = only_line(headers, "sec-fetch-site");
    if site.is_some_and(|site| site != "same-origin") {
        return false;
    }
    match only_line(headers, "origin") {
        Some(origin) => config.allows_origin(origin),
        None => Cookies::of(headers).is_empty(),
    }
}

/// Returns a header that a browser sends once; `?` when there are several, or it is no text.
pub(crate) fn only_line<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?.to_str().ok();
    Some(first.filter(|_| lines.next().is_none()).unwrap_or("?"))
}

/// Renews a sign-in that is older than an hour, so that its 12 h count from the last request, up to
/// a day after the agent signed in.
pub(super) async fn renew_sign_in<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
    next: Next,
) -> Response {
    let now_ms = host.ports.now_ms();
    let cookies = Cookies::of(request.headers());
    let signed_in = cookies.agent(&host.keys, now_ms);
    // The program around an embedded page renews its sign-in.
    let signed_in = signed_in.filter(|_| cookies.door() == PageDoor::Own);
    let mut response = next.run(request).await;
    let old =
        signed_in.filter(|agent| agent.issued_s.saturating_add(AGENT_RENEW_S) <= now_ms / 1_000);
    if let Some(agent) = old
        && !response.headers().contains_key(header::SET_COOKIE)
        // If the store does not say, the next request renews it.
        && host.is_over(&agent).await == Ok(false)
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
