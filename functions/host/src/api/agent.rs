//! Routes of the signed-in agent.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sightline_wire::api::{
    ApiError, Calls, Entrance, Erased, FreshLink, Me, NumberReading, OnceToken, ReadNumber, Role,
    SendAgain, ShownCode, SignInBy, SignedOut, StartCall, Started,
};
use sightline_wire::{DisplayName, SignInId};

use crate::calls::Asked;
use crate::config::desk_agent_id;
use crate::cookies::{self, Cookies};
use crate::host::Host;
use crate::ports::{Ports, SpentTokens};
use crate::sms;
use crate::stop::OrAnswer;
use crate::tokens::SignedIn;

use super::answer::Failure;
use super::body::InPath;
use super::{body, guard, source};

/// Signs in with the desk's printed link. The desk's one agent is an admin.
pub(super) async fn sign_in_once<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Response, Failure> {
    let name = host.config.desk_agent.clone().ok_or(ApiError::NotFound)?;
    let source = source(&request);
    let now_ms = host.ports.now_ms();
    let OnceToken { token } = body::json(request).await?;
    let Some(until_ms) = host.keys.check_once(&token, now_ms) else {
        let error = if host.count_wrong_guess(source).await {
            ApiError::SignInLinkSpent
        } else {
            ApiError::TooOften
        };
        return Err(error.into());
    };
    let first = host
        .ports
        .store()
        .spend(token.as_bytes(), until_ms)
        .await
        .or_fail(None)?;
    if !first {
        return Err(ApiError::SignInLinkSpent.into());
    }
    let (agent, role) = (desk_agent_id(&name), Role::Admin);
    host.note_signed_in(agent, &name, role).await;
    let sign_in = SignInId::from_bytes(host.ports.random());
    let value = host.keys.agent((agent, sign_in), &name, role, now_ms);
    let mut response = Json(who(&host, name, role).await).into_response();
    guard::set_cookie(&mut response, &cookies::set_agent(&value));
    Ok(response)
}

/// Answers how to sign in, before the sign-in.
pub(super) async fn entrance<P: Ports>(State(host): State<Arc<Host<P>>>) -> Json<Entrance> {
    let sign_in = match host.config.provider {
        Some(_) => SignInBy::Provider,
        None => SignInBy::Link,
    };
    Json(Entrance { sign_in })
}

pub(super) async fn sign_out<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let cookies = Cookies::of(&headers);
    host.sign_out(&cookies).await?;
    let mut response = Json(SignedOut::default()).into_response();
    guard::set_cookie(&mut response, &cookies::clear_agent(cookies.door()));
    Ok(response)
}

pub(super) async fn me<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    headers: HeaderMap,
) -> Result<Json<Me>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    Ok(Json(who(&host, agent.name, agent.role).await))
}

pub(super) async fn start_call<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Json<Started>, Failure> {
    let agent = signed_in(&host, request.headers()).await?;
    let asked: StartCall = body::json(request).await?;
    Ok(Json(host.start_call(&agent, asked).await?))
}

/// Answers how a number would be read. By `POST`, so that no log of addresses has the number.
pub(super) async fn read_number<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Json<NumberReading>, Failure> {
    signed_in(&host, request.headers()).await?;
    let ReadNumber { number, region } = body::json(request).await?;
    Ok(Json(host.read_number(&number, &region)?))
}

pub(super) async fn calls<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Json<Calls>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let asked = Asked::of(&query.unwrap_or_default())?;
    Ok(Json(host.calls(&(&agent).into(), &asked).await?))
}

pub(super) async fn send_again<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    request: Request,
) -> Result<StatusCode, Failure> {
    let agent = signed_in(&host, request.headers()).await?;
    let session = path.or(ApiError::NotFound)?;
    let SendAgain { attempt } = body::json(request).await?;
    host.send_again(&agent, session, attempt).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn fresh_link<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<FreshLink>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(Json(host.fresh_link(&agent, session).await?))
}

/// Erases a call for good. For admins.
pub(super) async fn erase<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<Erased>, Failure> {
    let admin = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(Json(host.erase_call(&(&admin).into(), session).await?))
}

/// Takes back every link, code and seat of the customer, and answers a new link.
pub(super) async fn renew_link<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<FreshLink>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(Json(host.renew_link(&agent, session).await?))
}

/// Answers the code of the invite, for somebody whose phone opens no links.
pub(super) async fn code<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<ShownCode>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(Json(host.shown_code(&agent, session).await?))
}

pub(super) async fn signed_in<P: Ports>(
    host: &Host<P>,
    headers: &HeaderMap,
) -> Result<SignedIn, ApiError> {
    let agent = host.signed_in(&Cookies::of(headers)).await.or_fail(None)?;
    agent.ok_or(ApiError::NotSignedIn)
}

pub(super) async fn who<P: Ports>(host: &Host<P>, name: DisplayName, role: Role) -> Me {
    Me {
        name,
        role,
        business: host.config.business.clone(),
        brand: host.brand().await,
        languages: sms::languages(),
        cool_down_ms: host.config.rules.cool_down_ms,
        maps: host.config.maps.as_str().to_owned(),
    }
}
