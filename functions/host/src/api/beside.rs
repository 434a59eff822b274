//! Routes of a call afterwards.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use sightline_wire::Seat;
use sightline_wire::api::ApiError;
use sightline_wire::beside::{CallDetail, Notes, Rate, WriteNote};

use crate::cookies::Cookies;
use crate::host::Host;
use crate::ports::Ports;
use crate::stop::OrAnswer;

use super::agent::signed_in;
use super::answer::Failure;
use super::body;
use super::body::{InPath, NoteInPath};

/// Answers everything of a call but its log and its pictures.
pub(super) async fn detail<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    headers: HeaderMap,
) -> Result<Json<CallDetail>, Failure> {
    let agent = signed_in(&host, &headers).await?;
    let session = path.or(ApiError::NotFound)?;
    Ok(Json(host.call_detail(&(&agent).into(), session).await?))
}

pub(super) async fn add_note<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    request: Request,
) -> Result<Json<Notes>, Failure> {
    let agent = signed_in(&host, request.headers()).await?;
    let session = path.or(ApiError::NotFound)?;
    let WriteNote { text } = body::json_within(request, WriteNote::BYTES_MAX).await?;
    Ok(Json(
        host.write_note(&(&agent).into(), session, None, text)
            .await?,
    ))
}

pub(super) async fn edit_note<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: NoteInPath,
    request: Request,
) -> Result<Json<Notes>, Failure> {
    let agent = signed_in(&host, request.headers()).await?;
    let (session, n) = path.found()?;
    let WriteNote { text } = body::json_within(request, WriteNote::BYTES_MAX).await?;
    Ok(Json(
        host.write_note(&(&agent).into(), session, Some(n), text)
            .await?,
    ))
}

/// Takes the rating of a seat, from a browser with the cookie of that seat.
pub(super) async fn rate<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    request: Request,
) -> Result<StatusCode, Failure> {
    let session = path.or(ApiError::NotFound)?;
    let cookies = Cookies::of(request.headers());
    let given: Rate = body::json_within(request, Rate::BYTES_MAX).await?;
    match given.seat {
        Seat::Agent => {
            let agent = host.signed_in(&cookies).await.or_fail(session)?;
            let agent = agent.ok_or(ApiError::NotSignedIn)?.agent;
            let own = |state: &sightline_session::State| state.agent == agent;
            host.rate_call(session, given, own).await?;
        }
        Seat::Customer => {
            let round = cookies.seat(&host.keys, session, host.ports.now_ms());
            let round = round.ok_or(ApiError::NotSignedIn)?;
            let own = |state: &sightline_session::State| state.links_renewed == round;
            host.rate_call(session, given, own).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
