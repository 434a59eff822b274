//! What the operator asks of a running desk, who has the folder's key and is on this machine.

use std::path::PathBuf;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sightline_host::ports::Ports as _;
use sightline_wire::MakeKey;

use super::ServerState;
use crate::backup;
use crate::data::DataFolder;

/// Lets the operator pass.
pub async fn check(State(server): State<ServerState>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION);
    let token = token.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let now_ms = server.host.ports().now_ms();
    match token.is_some_and(|token| server.host.keys().check_operator(token, now_ms)) {
        true => next.run(request).await,
        false => (StatusCode::UNAUTHORIZED, "not the operator").into_response(),
    }
}

/// Makes a backup. Answers what it holds, or what went wrong.
pub async fn backup(State(server): State<ServerState>, Json(to): Json<PathBuf>) -> Response {
    let desk = server.host.ports();
    let made = match DataFolder::named(Some(desk.store.folder().to_owned())) {
        Ok(folder) => backup::make(desk, &folder, &to).await,
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(held) => Json(held).into_response(),
        Err(error) => (StatusCode::CONFLICT, with_causes(&error)).into_response(),
    }
}

/// Makes a key of the API. Answers it, or what went wrong.
pub async fn api_key(State(server): State<ServerState>, Json(asked): Json<MakeKey>) -> Response {
    match server.host.make_api_key(None, asked).await {
        Ok(made) => Json(made).into_response(),
        Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
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
