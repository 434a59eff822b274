//! Routes of calls.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sightline_wire::api::{ApiError, Call, CallPhase, CallPicture, CallPictures, Erased};
use sightline_wire::beside::{CallDetail, Notes, WriteNote};
use sightline_wire::v1::{
    V1Agents, V1Call, V1CallDetail, V1Calls, V1CaseLater, V1Erased, V1Location,
};
use sightline_wire::{EndReason, KeyScope, LocatedAt, PhoneNumber};

use super::body;
use super::guard::{Caller, Scopes};
use super::problem::Problematic;
use crate::api::body::{InPath, NoteInPath};
use crate::calls::Asked;
use crate::case::CaseAnswer;
use crate::host::Host;
use crate::ports::Ports;

/// How long to wait for a case file, seconds.
const CASE_S: u32 = 3;

type Answer<T> = Result<Json<T>, Problematic>;

pub(super) async fn agents<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    _: Caller,
) -> Answer<V1Agents> {
    Ok(Json(host.listed_agents().await?))
}

pub(super) async fn list<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    RawQuery(query): RawQuery,
    Caller(person): Caller,
) -> Answer<V1Calls> {
    let asked = Asked::by_program(&query.unwrap_or_default()).map_err(Problematic::invalid)?;
    let found = host.calls(&person, &asked).await?;
    Ok(Json(V1Calls {
        calls: found.calls.into_iter().map(call).collect(),
        after: found.after,
    }))
}

pub(super) async fn detail<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    Caller(person): Caller,
    scopes: Scopes,
) -> Answer<V1CallDetail> {
    let session = path.or(ApiError::NotFound)?;
    let detail = host.call_detail(&person, session).await?;
    let located = detail.located.filter(|_| scopes.has(KeyScope::Case));
    let location = located.map(location);
    Ok(Json(V1CallDetail {
        location,
        ..detailed(detail)
    }))
}

pub(super) async fn pictures<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    Caller(person): Caller,
) -> Answer<CallPictures> {
    let session = path.or(ApiError::NotFound)?;
    let mut pictures = host.call_pictures(&person, session).await?;
    // A page knows its own origin; a program keeps addresses as they are.
    let of_picture = |picture: &mut CallPicture| {
        let sent = picture.sent.iter_mut().map(|sent| &mut sent.url);
        for url in picture.base.iter_mut().chain(sent) {
            if url.starts_with('/') {
                url.insert_str(0, &host.config.origin);
            }
        }
    };
    pictures.pictures.iter_mut().for_each(of_picture);
    Ok(Json(pictures))
}

pub(super) async fn case<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    Caller(person): Caller,
) -> Result<Response, Problematic> {
    let session = path.or(ApiError::NotFound)?;
    Ok(match host.case_file(&person, session).await? {
        CaseAnswer::Ready(url) => {
            (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response()
        }
        CaseAnswer::Later => {
            let later = V1CaseLater {
                retry_after_s: CASE_S,
            };
            let after = [(header::RETRY_AFTER, CASE_S.to_string())];
            (StatusCode::ACCEPTED, after, Json(later)).into_response()
        }
    })
}

pub(super) async fn add_note<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    Caller(person): Caller,
    request: Request,
) -> Answer<Notes> {
    let session = path.or(ApiError::NotFound)?;
    let WriteNote { text } = body::json(request, WriteNote::BYTES_MAX).await?;
    Ok(Json(host.write_note(&person, session, None, text).await?))
}

pub(super) async fn edit_note<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: NoteInPath,
    Caller(person): Caller,
    request: Request,
) -> Answer<Notes> {
    let (session, n) = path.found()?;
    let WriteNote { text } = body::json(request, WriteNote::BYTES_MAX).await?;
    let notes = host.write_note(&person, session, Some(n), text).await?;
    Ok(Json(notes))
}

pub(super) async fn erase<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    Caller(person): Caller,
) -> Answer<V1Erased> {
    let session = path.or(ApiError::NotFound)?;
    let Erased {
        session,
        tombstone_days,
        log_days,
        backup_days,
    } = host.erase_call(&person, session).await?;
    Ok(Json(V1Erased {
        id: session,
        tombstone_days,
        log_days,
        backup_days,
    }))
}

fn call(call: Call) -> V1Call {
    V1Call {
        id: call.session,
        reference: call.reference,
        phase: call.phase,
        at_ms: call.at_ms,
        number: PhoneNumber::new(&call.number).ok(),
        agent: call.agent,
        agent_name: call.agent_name,
        customer_name: call.customer,
        joined_at_ms: call.joined_at_ms,
        ended_at_ms: call.ended_at_ms,
        reason: call.reason,
        pictures: call.pictures,
        agent_stars: call.agent_stars,
        customer_stars: call.customer_stars,
        goes_ms: call.goes_ms,
    }
}

fn detailed(detail: CallDetail) -> V1CallDetail {
    V1CallDetail {
        id: detail.session,
        phase: phase(detail.ended, detail.customer_name.is_some()),
        reference: detail.reference,
        at_ms: detail.at_ms,
        number: detail.number,
        agent_name: detail.agent_name,
        customer_name: detail.customer_name,
        reason: detail.ended,
        location: None,
        ratings: detail.ratings,
        notes: detail.notes,
        goes_ms: detail.goes_ms,
        line_goes_ms: detail.line_goes_ms,
        pictures_go_ms: detail.pictures_go_ms,
    }
}

fn location(located: LocatedAt) -> V1Location {
    let LocatedAt { place, at_ms } = located;
    V1Location {
        latitude: place.latitude_e5.degrees(),
        longitude: place.longitude_e5.degrees(),
        accuracy_m: place.accuracy_m,
        at_ms,
    }
}

/// A customer who joined has a name.
const fn phase(ended: Option<EndReason>, joined: bool) -> CallPhase {
    match (ended, joined) {
        (Some(_), _) => CallPhase::Ended,
        (None, true) => CallPhase::Live,
        (None, false) => CallPhase::Waiting,
    }
}
