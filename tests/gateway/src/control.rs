//! The control server for tests: faults, figures, log, closing connections, and invoking functions
//! as a schedule would.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::http::{Method, Request, StatusCode};
use hyper::body::{Bytes, Incoming};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::connections::Delivery;
use crate::faults::FaultRules;
use crate::gateway::Core;
use crate::listen::{self, WholeResponse};

const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Answers one request.
pub async fn answer(core: Arc<Core>, request: Request<Incoming>) -> WholeResponse {
    let (head, body) = request.into_parts();
    let Ok(body) = listen::read(body, BODY_BYTES_MAX).await else {
        return listen::empty(StatusCode::PAYLOAD_TOO_LARGE);
    };
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/stats") => stats(&core),
        (&Method::GET, "/log") => listen::as_json(StatusCode::OK, &core.ledger.all()),
        (&Method::GET, "/connections") => listen::as_json(StatusCode::OK, &core.connections.all()),
        (&Method::GET, "/faults") => listen::as_json(StatusCode::OK, &core.injector.rules()),
        (&Method::POST, "/faults") => with(&body, |faults: FaultRules| {
            core.injector.set(faults);
            listen::empty(StatusCode::NO_CONTENT)
        }),
        (&Method::DELETE, "/faults") => {
            core.injector.set(FaultRules::default());
            listen::empty(StatusCode::NO_CONTENT)
        }
        (&Method::POST, "/close") => with(&body, |close: Close| {
            let out = close.code.map_or(Delivery::Cut, Delivery::Close);
            match core.connections.send(&close.connection, out) {
                true => listen::empty(StatusCode::NO_CONTENT),
                false => listen::message(StatusCode::NOT_FOUND, "no such connection"),
            }
        }),
        (&Method::POST, "/invoke") => match serde_json::from_slice(&body) {
            Ok(invoke) => invoked(&core, invoke).await,
            Err(error) => listen::message(StatusCode::BAD_REQUEST, &error.to_string()),
        },
        _ => listen::empty(StatusCode::NOT_FOUND),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Close {
    connection: String,
    /// `None`: the connection breaks off without a close frame.
    code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invoke {
    function: String,
    #[serde(default)]
    event: Value,
}

fn stats(core: &Core) -> WholeResponse {
    let functions: BTreeMap<&str, _> = core
        .functions
        .values()
        .map(|function| {
            let [name, _] = function.names();
            (name, function.figures().report())
        })
        .collect();
    listen::as_json(StatusCode::OK, &json!({ "functions": functions }))
}

async fn invoked(core: &Core, invoke: Invoke) -> WholeResponse {
    let Some(function) = core.function(&invoke.function) else {
        return listen::message(StatusCode::NOT_FOUND, "no such function");
    };
    let event = serde_json::to_vec(&invoke.event).unwrap_or_default();
    match function.invoke(event).await {
        Ok(answer) => listen::answer(StatusCode::OK, "application/json", answer),
        Err(error) => listen::message(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

fn with<T: DeserializeOwned>(body: &Bytes, act: impl FnOnce(T) -> WholeResponse) -> WholeResponse {
    match serde_json::from_slice(body) {
        Ok(value) => act(value),
        Err(error) => listen::message(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}
