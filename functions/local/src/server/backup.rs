//! Makes a backup when the operator asks, who has the folder's key and is on this machine.

use std::path::PathBuf;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sightline_host::ports::Ports as _;

use super::ServerState;
use crate::backup;
use crate::data::DataFolder;

/// Answers what the backup holds, or what went wrong.
pub async fn make(
    State(server): State<ServerState>,
    headers: HeaderMap,
    Json(to): Json<PathBuf>,
) -> Response {
    let desk = server.host.ports();
    let token = headers.get(header::AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let is_operator =
        token.is_some_and(|token| server.host.keys().check_operator(token, desk.now_ms()));
    if !is_operator {
        return (StatusCode::UNAUTHORIZED, "not the operator").into_response();
    }
    let made = match DataFolder::named(Some(desk.store.folder().to_owned())) {
        Ok(folder) => backup::make(desk, &folder, &to).await,
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(held) => Json(held).into_response(),
        Err(error) => (StatusCode::CONFLICT, with_causes(&error)).into_response(),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(&format!(": {error}"));
        cause = error.source();
    }
    words
}
