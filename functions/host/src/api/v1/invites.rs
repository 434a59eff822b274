//! Routes of invites.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use sightline_wire::api::ApiError;
use sightline_wire::v1::{V1Invite, V1Invited, V1SendInvite};

use super::body;
use super::guard::Caller;
use super::problem::Problematic;
use crate::api::body::InPath;
use crate::api::only_line;
use crate::host::Host;
use crate::ports::Ports;

/// The header with the name of a request.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Longest name of a request, bytes.
pub(super) const IDEMPOTENCY_KEY_MAX: usize = 255;

pub(super) async fn invite<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    Caller(key): Caller,
    request: Request,
) -> Result<Json<V1Invited>, Problematic> {
    let repeats = repeats(request.headers())?;
    let asked: V1Invite = body::json(request, V1Invite::BYTES_MAX).await?;
    let invited = host.invite_by_key(&key, &asked, repeats.as_deref());
    Ok(Json(invited.await?))
}

pub(super) async fn send<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    Caller(key): Caller,
    request: Request,
) -> Result<StatusCode, Problematic> {
    let session = path.or(ApiError::NotFound)?;
    let V1SendInvite { confirm } = body::json(request, V1Invite::BYTES_MAX).await?;
    host.send_by_key(&key, session, confirm).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn cancel<P: Ports>(
    State(host): State<Arc<Host<P>>>,
    path: InPath,
    _: Caller,
) -> Result<StatusCode, Problematic> {
    let session = path.or(ApiError::NotFound)?;
    host.cancel_by_key(session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns the name that a request gives itself.
fn repeats(headers: &HeaderMap) -> Result<Option<String>, Problematic> {
    let Some(line) = only_line(headers, IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let is_one = headers.get_all(IDEMPOTENCY_KEY).iter().count() == 1;
    let fits = (1..=IDEMPOTENCY_KEY_MAX).contains(&line.len());
    if !is_one || !fits || !line.bytes().all(|byte| byte.is_ascii_graphic()) {
        let why = "`Idempotency-Key` comes once and has 1 to 255 visible characters of ASCII";
        return Err(Problematic::invalid(why));
    }
    Ok(Some(line.to_owned()))
}
