//! The HTTP API: the same router as on the desk serves its requests.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, StatusCode};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::tower::ServiceExt as _;
use lambda_http::{Adapter, LambdaEvent};
use sightline_host::ports::Ports;
use sightline_host::sign_in::{self, Provider};
use sightline_host::{Host, SourceAddress, case_router, erasing_router, router, webhook_router};
use sightline_wire::api::{ApiError, ApiRefusal};

use crate::origin::OriginSecret;

/// The header to which each proxy appends the address of its client.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns all routes below `/api`: those of the desk, and those of a sign-in at a provider. Each
/// request comes through CloudFront and carries its source address.
pub fn app<P: Ports>(host: &Arc<Host<P>>, provider: impl Provider, secret: OriginSecret) -> Router {
    let sign_in = sign_in::router(host.clone(), provider);
    let routes = router(host.clone()).merge(webhook_router(host.clone()));
    with_sources(routes.merge(sign_in), secret)
}

/// Returns the route that erases calls, likewise.
pub fn erasing_app<P: Ports>(host: &Arc<Host<P>>, secret: OriginSecret) -> Router {
    with_sources(erasing_router(host.clone()), secret)
}

/// Returns the routes of what a call leaves behind, likewise.
pub fn case_app<P: Ports>(host: &Arc<Host<P>>, secret: OriginSecret) -> Router {
    with_sources(case_router(host.clone()), secret)
}

/// Serves requests until the process is ended.
///
/// # Errors
/// When the runtime's interface fails.
pub async fn serve(app: Router) -> Result<(), lambda_http::Error> {
    let service = Adapter::from(app).map_request(sanitized);
    lambda_http::lambda_runtime::run(service).await
}

fn with_sources(routes: Router, secret: OriginSecret) -> Router {
    routes.layer(from_fn_with_state(secret, add_source))
}

async fn add_source(
    State(secret): State<OriginSecret>,
    mut request: Request,
    next: Next,
) -> Response {
    if !secret.is_in(request.headers()) {
        let error = ApiError::WrongHost;
        return (StatusCode::MISDIRECTED_REQUEST, Json(ApiRefusal { error })).into_response();
    }
    if let Some(source) = source(&request) {
        request.extensions_mut().insert(SourceAddress(source));
    }
    next.run(request).await
}

/// Returns the client address that CloudFront reports, or that of the API's caller.
fn source(request: &Request) -> Option<IpAddr> {
    let caller = caller(request);
    forwarded(request.headers(), caller).or(caller)
}

fn caller(request: &Request) -> Option<IpAddr> {
    let RequestContext::ApiGatewayV2(context) = request.extensions().get::<RequestContext>()?
    else {
        return None;
    };
    context.http.source_ip.as_deref()?.parse().ok()
}

/// Returns the viewer's address in `X-Forwarded-For`. CloudFront appends it, and the API may then
/// append CloudFront's, which is the caller's. The viewer itself wrote all entries before its own.
pub(crate) fn forwarded(headers: &HeaderMap, caller: Option<IpAddr>) -> Option<IpAddr> {
    let lines = headers.get_all(FORWARDED_FOR).iter();
    let entries: Vec<&str> = lines
        .map(|line| line.to_str().unwrap_or_default())
        .flat_map(|line| line.split(','))
        .collect();
    let mut from_last = entries.iter().rev().map(|entry| address(entry.trim()));
    from_last.find(|entry| entry.is_none() || *entry != caller)?
}

fn address(entry: &str) -> Option<IpAddr> {
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || {
        let at: std::net::SocketAddr = entry.parse().ok()?;
        Some(at.ip())
    };
    entry.parse().ok().or_else(with_port).or_else(bare)
}

/// Sanitizes the event: `lambda_http` panics when host, path or query do not form a URI. No handler
/// needs scheme or host, so they are removed; an invalid path or query matches no route in any
/// case.
pub(crate) fn sanitized(mut event: LambdaEvent<LambdaRequest>) -> LambdaEvent<LambdaRequest> {
    if let LambdaRequest::ApiGatewayV2(request) = &mut event.payload {
        request.headers.remove(HOST);
        request.request_context.domain_name = None;
        request.request_context.stage = None;
        let path = request.raw_path.take().unwrap_or_default();
        request.raw_path = Some(if is_valid_path(&path) {
            path
        } else {
            "/".to_owned()
        });
        let query = request.raw_query_string.take();
        request.raw_query_string = query.filter(|query| is_valid_path(&format!("/?{query}")));
    }
    event
}

fn is_valid_path(path: &str) -> bool {
    path.starts_with('/') && path.len() <= PATH_MAX && PathAndQuery::try_from(path).is_ok()
}

/// More than the service passes on, and short enough for a URI (API Gateway quotas: 10,240 bytes of
/// request line and headers).
const PATH_MAX: usize = 16 * 1024;

#[cfg(test)]
mod tests;
