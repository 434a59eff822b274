//! The WebSocket API: `$connect` decides before the handshake is answered, then each message goes
//! to a function.

mod conversation;
mod event;

use std::net::SocketAddr;
use std::sync::Arc;

use ::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use hyper::body::{Bytes, Incoming};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::connections::Connection;
use crate::gateway::Core;
use crate::http::known_host;
use crate::listen::{self, WholeResponse};
use crate::random;
use crate::runtime::InvokeError;
use crate::template::{Route, WsApi};

/// One frame (API Gateway quota, which cannot be raised).
pub const FRAME_BYTES_MAX: usize = 32 * 1024;

/// One message, in either direction (API Gateway quota, which cannot be raised).
pub const MESSAGE_BYTES_MAX: usize = 128 * 1024;

/// The URL of a handshake (API Gateway quota).
const URL_BYTES_MAX: usize = 4_096;

/// Answers one request to the API itself. A handshake runs to its end even if its client gives up.
pub async fn handshake(
    core: Arc<Core>,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> WholeResponse {
    let handshake = tokio::spawn(begin(core, request, peer));
    match handshake.await {
        Ok(answer) => answer,
        Err(_) => listen::empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn begin(core: Arc<Core>, mut request: Request<Incoming>, peer: SocketAddr) -> WholeResponse {
    let is_it = |api: &&Arc<WsApi>| {
        known_host(request.headers(), &api.domain)
            && request.uri().path().trim_end_matches('/') == format!("/{}", api.stage)
    };
    let Some(api) = core.ws.iter().find(is_it).cloned() else {
        return listen::message(StatusCode::FORBIDDEN, "Forbidden");
    };
    if request.uri().to_string().len() > URL_BYTES_MAX {
        return listen::message(StatusCode::URI_TOO_LONG, "Request-URI Too Long");
    }
    let Some(accept) = accept_key(request.headers()) else {
        return listen::message(StatusCode::UPGRADE_REQUIRED, "Upgrade Required");
    };
    let source = listen::source(request.headers_mut(), peer);
    listen::append_forwarded(request.headers_mut(), source);
    let agent = request.headers().get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    let connection = Arc::new(Connection::new(
        api.clone(),
        random::id(),
        source.to_string(),
        agent.unwrap_or_default().to_owned(),
    ));
    let selected = match admit(&core, &api, &connection, &request).await {
        Ok(selected) => selected,
        Err(refused) => return refused,
    };
    // From here on pushes reach the connection.
    let out = core.connections.open(connection.clone());
    let upgrade = hyper::upgrade::on(&mut request);
    let conversation = conversation::Conversation {
        core: core.clone(),
        connection,
    };
    tokio::spawn(conversation.run(upgrade, out));
    let mut answer = listen::empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = answer.headers_mut();
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(selected) = selected {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, selected);
    }
    answer
}

/// The value for `Sec-WebSocket-Accept`, when it is a handshake (RFC 6455 section 4.2.1).
fn accept_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let has = |name, wanted: &str| {
        headers.get_all(name).iter().any(|line| {
            line.to_str().is_ok_and(|line| {
                line.split(',')
                    .any(|word| word.trim().eq_ignore_ascii_case(wanted))
            })
        })
    };
    let is_handshake = has(header::UPGRADE, "websocket")
        && has(header::CONNECTION, "upgrade")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    let accept = derive_accept_key(key.as_bytes());
    is_handshake
        .then(|| HeaderValue::from_str(&accept).ok())
        .flatten()
}

/// Invokes `$connect` and returns the subprotocol it selects. An API without that route admits
/// every client.
async fn admit(
    core: &Core,
    api: &WsApi,
    connection: &Connection,
    request: &Request<Incoming>,
) -> Result<Option<HeaderValue>, WholeResponse> {
    let Some(route) = find(api, "$connect") else {
        return Ok(None);
    };
    let refuse = |status, text: &str| {
        let body = gateway_message(text, &connection.id, &random::id());
        listen::as_json(status, &body)
    };
    if !core.throttles.take(&api.id, route) {
        return Err(refuse(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"));
    }
    let event = event::connect(api, connection, request);
    let limit = core.limits.ws_integration;
    let answer = core.call(route, &event, limit, Some(&connection.id)).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(InvokeError::Throttled) => {
            return Err(refuse(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"));
        }
        Err(InvokeError::Late | InvokeError::Vanished) => {
            return Err(refuse(
                StatusCode::GATEWAY_TIMEOUT,
                "Endpoint request timed out",
            ));
        }
        Err(_) => return Err(refuse(StatusCode::BAD_GATEWAY, "Internal server error")),
    };
    let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let status = answer["statusCode"].as_u64();
    let status = status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    match status {
        Some(status) if status.is_success() => Ok(subprotocol(&answer)),
        Some(status) => Err(refuse(
            status,
            status.canonical_reason().unwrap_or("Forbidden"),
        )),
        None => Err(refuse(StatusCode::BAD_GATEWAY, "Internal server error")),
    }
}

fn subprotocol(answer: &Value) -> Option<HeaderValue> {
    let headers = answer["headers"].as_object()?;
    let (_, value) = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-protocol"))?;
    HeaderValue::from_str(value.as_str()?).ok()
}

fn find<'a>(api: &'a WsApi, key: &str) -> Option<&'a Route> {
    api.routes.iter().find(|route| route.key == key)
}

/// Returns the route of a message: the one its selector names, or `$default`.
fn select<'a>(api: &'a WsApi, message: &[u8]) -> Option<&'a Route> {
    let value: Value = serde_json::from_slice(message).unwrap_or_default();
    let mut at = Some(&value);
    for key in &api.selector {
        at = at.and_then(|at| at.get(key));
    }
    let named = at.and_then(Value::as_str);
    // A message cannot select `$connect` or `$disconnect`.
    let named = named.filter(|key| !key.starts_with('$'));
    named
        .and_then(|key| find(api, key))
        .or_else(|| find(api, "$default"))
}

/// A message of API Gateway itself.
fn gateway_message(text: &str, connection: &str, request: &str) -> Value {
    json!({ "message": text, "connectionId": connection, "requestId": request })
}

fn bytes(value: &Value) -> Bytes {
    value.to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_goes_where_its_selector_says() {
        let route = |key: &str| Route {
            key: key.to_owned(),
            function: "F".to_owned(),
            timeout: None,
            answers: false,
            throttle: None,
        };
        let mut api = WsApi {
            id: "ws".to_owned(),
            domain: "ws.example".to_owned(),
            stage: "ws".to_owned(),
            selector: vec!["topic".to_owned()],
            routes: ["$connect", "$default", "chat"].map(route).to_vec(),
        };
        let key = |api: &WsApi, message: &str| {
            select(api, message.as_bytes()).map(|route| route.key.clone())
        };
        assert_eq!(key(&api, r#"{"topic":"chat"}"#).unwrap(), "chat");
        for other in [
            r#"{"topic":"other"}"#,
            r#"{"topic":7}"#,
            r#"{"topic":"$connect"}"#,
            r#"["chat"]"#,
            "chat",
            "",
        ] {
            assert_eq!(key(&api, other).unwrap(), "$default", "{other}");
        }
        api.routes.retain(|route| route.key != "$default");
        assert_eq!(key(&api, "{}"), None);
    }
}
