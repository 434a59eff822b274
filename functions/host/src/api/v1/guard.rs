//! Who may use a route for other programs: a program with a key of its scope, ten times a second.
//! Cookies are not looked at here, and keys nowhere else.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sightline_wire::api::Role;
use sightline_wire::v1::ProblemCode;
use sightline_wire::{AgentId, ApiKeySecret, KeyScope};

use super::problem::Problematic;
use super::routes::V1Route;
use crate::access::Viewer;
use crate::api::{only_line, source};
use crate::host::Host;
use crate::ports::{Counted, Ports, RateCounter};
use crate::records::ApiKeyRecord;
use crate::stop::OrAnswer;

/// Requests of one key in a second of the clock.
pub(crate) const REQUESTS_PER_S: u32 = 10;

const SECOND_MS: u64 = 1_000;

/// The key of a request, as a person who sees the calls of all agents.
#[derive(Clone)]
pub(crate) struct Caller(pub(crate) Viewer);

/// What the key of a request may do, beyond the route itself.
#[derive(Clone)]
pub(crate) struct Scopes(BTreeSet<KeyScope>);

impl Scopes {
    pub(crate) fn has(&self, scope: KeyScope) -> bool {
        self.0.contains(&scope)
    }
}

/// Lets a request with a key of the route's scope pass. A method that the table lacks passes, too:
/// its handlers refuse a request without a [`Caller`].
pub(super) async fn check<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let route = V1Route::of(request.method().as_str(), path.as_str());
    if let Some(route) = route {
        let (secret, source) = (secret(request.headers()), source(&request));
        match caller(&host, route, secret, source).await {
            Ok((caller, scopes)) => {
                request.extensions_mut().insert(caller);
                request.extensions_mut().insert(scopes);
            }
            Err(problem) => return problem.into_response(),
        }
    }
    next.run(request).await
}

async fn caller<P: Ports>(
    host: &Host<P>,
    route: &V1Route,
    secret: Option<ApiKeySecret>,
    source: Option<IpAddr>,
) -> Result<(Caller, Scopes), Problematic> {
    let secret = secret.ok_or_else(|| Problematic::of(ProblemCode::NoKey))?;
    let Some(key) = host.used_api_key(&secret).await.or_fail(None)? else {
        return Err(match host.count_wrong_guess(source).await {
            true => Problematic::of(ProblemCode::NoKey),
            false => Problematic::of(ProblemCode::TooOften),
        });
    };
    host.count_request(&key).await?;
    match route.scope.filter(|scope| !key.scopes.contains(scope)) {
        Some(scope) => Err(Problematic::lacks(scope)),
        None => {
            let person = Viewer {
                agent: agent_of(&key),
                name: key.name,
                role: Role::Admin,
            };
            Ok((Caller(person), Scopes(key.scopes)))
        }
    }
}

/// Returns the agent that a key counts as. Its id reads like the key's.
fn agent_of(key: &ApiKeyRecord) -> AgentId {
    AgentId::from_bytes(*key.id().as_bytes())
}

/// Reads the credentials (RFC 6750, section 2.1). The scheme is not case-sensitive.
fn secret(headers: &HeaderMap) -> Option<ApiKeySecret> {
    let line = only_line(headers, header::AUTHORIZATION.as_str())?;
    let (scheme, secret) = line.split_once(' ')?;
    let is_bearer = scheme.eq_ignore_ascii_case("bearer");
    is_bearer.then(|| secret.trim().parse().ok())?
}

impl<P: Ports> Host<P> {
    /// Counts a request of a key, in all processes together.
    async fn count_request(&self, key: &ApiKeyRecord) -> Result<(), Problematic> {
        let second = self.ports.now_ms() / SECOND_MS;
        let counter = RateCounter {
            name: format!("api {} {second}", key.id()),
            most: REQUESTS_PER_S,
            by: 1,
            until_ms: (second + 1) * SECOND_MS,
        };
        match self.count_again(&[counter]).await.or_fail(None)? {
            Counted::Done => Ok(()),
            Counted::Full(_) => Err(Problematic::too_often(1)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Scopes {
    type Rejection = Problematic;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problematic> {
        let scopes = parts.extensions.get::<Self>().cloned();
        scopes.ok_or_else(|| Problematic::of(ProblemCode::NoKey))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problematic;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problematic> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problematic::of(ProblemCode::NoKey))
    }
}
