//! Routes for a link or a seat.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sightline_wire::api::{ApiError, HeldUp, LinkSecret, Log, Look};
use sightline_wire::{PAGE_HEADER, PageId, Refusal, Seat, SessionId};

use crate::access::may_see;
use crate::cookies::{self, Cookies};
use crate::host::Host;
use crate::ports::{Ports, Sessions};
use crate::stop::OrAnswer;
use crate::words;

use super::answer::Failure;
use super::body::InPath;
use super::{body, guard, source};

/// Events in one answer.
const LOG_EVENTS: usize = 500;

pub(super) async fn look<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Json<Look>, Failure> {
    let source = source(&request);
    let by: LinkSecret = body::json(request).await?;
    let session = host.invited(&by, source).await?;
    Ok(Json(host.look(session).await?))
}

pub(super) async fn enter<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    request: Request,
) -> Result<Response, Failure> {
    let (source, cookies) = (source(&request), Cookies::of(request.headers()));
    let by: LinkSecret = body::json(request).await?;
    let session = host.invited(&by, source).await?;
    let (look, seat) = host.enter(session).await?;
    let mut response = Json(look).into_response();
    if let Some((value, life_s)) = seat {
        guard::set_cookie(&mut response, &cookies::set_seat(session, &value, life_s));
        clear_old_seats(&mut response, &cookies, session);
    }
    Ok(response)
}

/// Removes the cookies of old seats, before they fill the headers of every request.
fn clear_old_seats(response: &mut Response, cookies: &Cookies, newest: SessionId) {
    for old in cookies.seats_too_many(newest) {
        guard::set_cookie(response, &cookies::clear_seat(old));
    }
}

/// Answers a page that has the seat's cookie. Without it the answer is that of an unknown link.
pub(super) async fn seat<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let session = path.or(ApiError::UnknownLink)?;
    let (cookies, now_ms) = (Cookies::of(&headers), host.ports.now_ms());
    let round = cookies.seat(&host.keys, session, now_ms);
    let round = round.ok_or(ApiError::UnknownLink)?;
    let look = host.look_from(session, round).await?;
    let look = look.ok_or(ApiError::UnknownLink)?;
    let look = host.branded(look).await;
    let mut response = Json(look).into_response();
    clear_old_seats(&mut response, &cookies, session);
    Ok(response)
}

/// Notes that a customer's page cannot connect. It has the seat's cookie, or says what it was
/// invited by where the browser keeps no cookies.
pub(super) async fn held_up<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    request: Request,
) -> Result<StatusCode, Failure> {
    let session = path.or(ApiError::UnknownLink)?;
    let (source, cookies) = (source(&request), Cookies::of(request.headers()));
    let HeldUp { step, secret, code } = body::json(request).await?;
    let round = cookies.seat(&host.keys, session, host.ports.now_ms());
    let seated = match round {
        Some(round) => host.look_from(session, round).await?.is_some(),
        None => false,
    };
    if !seated {
        let secret = secret.map(|secret| LinkSecret::Secret { secret });
        let by = secret.or(code.map(|code| LinkSecret::Code { code }));
        let by = by.ok_or(ApiError::UnknownLink)?;
        if host.invited(&by, source).await? != session {
            return Err(ApiError::UnknownLink.into());
        }
    }
    host.hold_up(session, step).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: u32,
    /// The page that asks, as pages of the version before name it.
    page: Option<PageId>,
}

/// The page that asks. Page ids are secret, so a page that names the holder is the holder.
fn asking(headers: &HeaderMap) -> Result<Option<PageId>, ApiError> {
    let Some(named) = headers.get(PAGE_HEADER) else {
        return Ok(None);
    };
    let text = named.to_str().map_err(|_| ApiError::Malformed)?;
    text.parse().map(Some).map_err(|_| ApiError::Malformed)
}

/// Answers the log as the asking seat may see it.
pub(super) async fn log<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Log>, Failure> {
    let session = path.or(ApiError::NotFound)?;
    let Query(Asked { after, page }) = asked.map_err(|_| ApiError::Malformed)?;
    let page = asking(&headers)?.or(page).and_then(PageId::somebody);
    let (cookies, now_ms) = (Cookies::of(&headers), host.ports.now_ms());
    let agent = host.signed_in(&cookies).await.or_fail(session)?;
    let round = cookies.seat(&host.keys, session, now_ms);
    if agent.is_none() && round.is_none() {
        return Err(ApiError::NotSignedIn.into());
    }
    let loaded = host.load(session).await.or_fail(session)?;
    let state = loaded.ok_or(ApiError::NotFound)?.state;
    let seat = match agent {
        Some(agent) if may_see(&(&agent).into(), &state).is_ok() => Seat::Agent,
        _ if round == Some(state.links_renewed) => Seat::Customer,
        _ => return Err(ApiError::NotFound.into()),
    };
    let held = state.seats.get(seat).holder;
    if seat == Seat::Customer && held.is_some() && held != page {
        let refusal = Refusal::Moved;
        return Err(ApiError::Refused { refusal }.into());
    }
    let events = host
        .ports
        .store()
        .events(session, after, LOG_EVENTS)
        .await
        .or_fail(session)?;
    let last = events.last().map_or(after, |last| last.seq);
    let head = state.head.max(events.last().map_or(0, |last| last.seq));
    Ok(Json(Log {
        events: events
            .iter()
            .map(|event| words::as_seen(event, seat))
            .collect(),
        head,
        more: !events.is_empty() && last < head,
    }))
}
