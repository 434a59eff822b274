//! `@connections`: the open connections, and how functions push to them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use hyper::body::{Bytes, Incoming};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc;

use crate::clock;
use crate::faults::PushFate;
use crate::gateway::Core;
use crate::http::decoded;
use crate::listen::{self, WholeResponse};
use crate::template::WsApi;
use crate::ws::MESSAGE_BYTES_MAX;

/// Most messages that wait for one client.
const WAITING_MAX: usize = 4_096;

/// An instruction to the task of a connection.
#[derive(Debug)]
pub enum Delivery {
    /// Send this message.
    Say(Bytes),
    /// Close with this code.
    Close(u16),
    /// Break off without a close frame.
    Cut,
}

/// One connection of a client.
#[derive(Debug)]
pub struct Connection {
    /// Connection id.
    pub id: String,
    /// The API that it came to.
    pub api: Arc<WsApi>,
    /// Its source address.
    pub source: String,
    /// Its `User-Agent`.
    pub user_agent: String,
    /// When it began, epoch milliseconds.
    pub connected_at_ms: u64,
    active_at_ms: AtomicU64,
}

impl Connection {
    /// Creates a connection that begins now.
    #[must_use]
    pub fn new(api: Arc<WsApi>, id: String, source: String, user_agent: String) -> Self {
        let now_ms = clock::now_ms();
        Self {
            id,
            api,
            source,
            user_agent,
            connected_at_ms: now_ms,
            active_at_ms: AtomicU64::new(now_ms),
        }
    }

    /// Records activity.
    pub fn touch(&self) {
        self.active_at_ms.store(clock::now_ms(), Ordering::Relaxed);
    }
}

/// A connection as the control server lists it.
#[derive(Debug, Serialize)]
pub struct ConnectionSummary {
    /// Connection id.
    pub connection: String,
    /// Its source address.
    pub source: String,
    /// When it began, epoch milliseconds.
    pub connected_at_ms: u64,
}

/// The connections whose `$connect` returned and that have not closed.
#[derive(Debug, Default)]
pub struct OpenConnections(Mutex<BTreeMap<String, Reachable>>);

/// A connection, and the queue of its task.
#[derive(Clone, Debug)]
struct Reachable {
    connection: Arc<Connection>,
    sender: mpsc::Sender<Delivery>,
}

impl OpenConnections {
    /// Adds a connection: from now on it can be reached.
    pub fn open(&self, connection: Arc<Connection>) -> mpsc::Receiver<Delivery> {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(connection.id.clone(), Reachable { connection, sender });
        receiver
    }

    /// Removes a connection: from now on it is gone.
    pub fn remove(&self, id: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(id);
    }

    /// Lists all connections.
    pub fn all(&self) -> Vec<ConnectionSummary> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all
            .values()
            .map(|Reachable { connection, .. }| ConnectionSummary {
                connection: connection.id.clone(),
                source: connection.source.clone(),
                connected_at_ms: connection.connected_at_ms,
            });
        seen.collect()
    }

    /// Whether a connection is open, and came to an API other than that of this stage.
    fn is_elsewhere(&self, id: &str, stage: &str) -> bool {
        self.find(id)
            .is_some_and(|line| line.connection.api.stage != stage)
    }

    /// Gives an instruction to a connection; returns whether it was open.
    pub fn send(&self, id: &str, out: Delivery) -> bool {
        self.find(id)
            .is_some_and(|line| line.sender.try_send(out).is_ok())
    }

    fn find(&self, id: &str) -> Option<Reachable> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(id).cloned()
    }
}

/// Answers one request to `@connections`.
pub async fn answer(core: Arc<Core>, request: Request<Incoming>) -> WholeResponse {
    let path = request.uri().path().to_owned();
    // The path has the stage under API Gateway's own name, and none under a custom domain.
    let (stage, path) = core
        .ws
        .iter()
        .find_map(|api| {
            let rest = path.strip_prefix(&format!("/{}", api.stage))?;
            rest.starts_with('/').then_some((Some(&api.stage), rest))
        })
        .unwrap_or((None, &path));
    let id = path.strip_prefix("/@connections/");
    let Some(id) = id.filter(|_| !core.ws.is_empty()) else {
        return refusal(StatusCode::FORBIDDEN, "ForbiddenException");
    };
    if !is_signed(request.headers(), &core.region) {
        return refusal(StatusCode::FORBIDDEN, "ForbiddenException");
    }
    let id = decoded(id);
    if URL_SAFE.decode(&id).is_err() {
        return refusal(StatusCode::BAD_REQUEST, "BadRequestException");
    }
    if stage.is_some_and(|stage| core.connections.is_elsewhere(&id, stage)) {
        return gone();
    }
    match *request.method() {
        Method::GET => see(&core, &id),
        Method::DELETE => {
            let close = Delivery::Close(core.limits.delete_close_code);
            match core.connections.send(&id, close) {
                true => listen::empty(StatusCode::NO_CONTENT),
                false => gone(),
            }
        }
        Method::POST => match listen::read(request.into_body(), MESSAGE_BYTES_MAX).await {
            Ok(message) => push(&core, &id, message).await,
            Err(listen::NotRead::TooLong) => {
                refusal(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLargeException")
            }
            Err(listen::NotRead::Broken) => listen::empty(StatusCode::BAD_REQUEST),
        },
        _ => refusal(StatusCode::FORBIDDEN, "ForbiddenException"),
    }
}

fn see(core: &Core, id: &str) -> WholeResponse {
    let Some(Reachable { connection, .. }) = core.connections.find(id) else {
        return gone();
    };
    let active = connection.active_at_ms.load(Ordering::Relaxed);
    listen::as_json(
        StatusCode::OK,
        &json!({
            "connectedAt": clock::iso(connection.connected_at_ms),
            "identity": { "sourceIp": connection.source, "userAgent": connection.user_agent },
            "lastActiveAt": clock::iso(active),
        }),
    )
}

async fn push(core: &Core, id: &str, message: Bytes) -> WholeResponse {
    let (push, delay) = core.injector.push();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let Some(Reachable { sender, .. }) = core.connections.find(id) else {
        return gone();
    };
    match push {
        PushFate::Gone => return gone(),
        PushFate::Throttled => return throttled(),
        PushFate::Lost => return listen::empty(StatusCode::OK),
        PushFate::Arrives => {}
    }
    match sender.try_send(Delivery::Say(message)) {
        Ok(()) => listen::empty(StatusCode::OK),
        Err(mpsc::error::TrySendError::Full(_)) => throttled(),
        Err(mpsc::error::TrySendError::Closed(_)) => gone(),
    }
}

/// Whether the request has a signature of the right form, for the right service and region. Its
/// value is not checked.
fn is_signed(headers: &HeaderMap, region: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(line) = text(header::AUTHORIZATION.as_str()) else {
        return false;
    };
    let Some(parts) = line.strip_prefix("AWS4-HMAC-SHA256 ") else {
        return false;
    };
    let part = |name: &str| {
        parts
            .split(',')
            .find_map(|part| part.trim().strip_prefix(name))
    };
    let scope: Option<Vec<&str>> = part("Credential=").map(|scope| scope.split('/').collect());
    let right_scope = matches!(
        scope.as_deref(),
        Some([key, day, place, "execute-api", "aws4_request"])
            if !key.is_empty() && day.len() == 8 && *place == region
    );
    let names = part("SignedHeaders=").unwrap_or_default();
    let signs = |wanted: &str| names.split(';').any(|name| name == wanted);
    let signature = part("Signature=").unwrap_or_default();
    right_scope
        && signs("host")
        && signs("x-amz-date")
        && text("x-amz-date").is_some_and(|date| date.len() == 16)
        && signature.len() == 64
        && signature.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn gone() -> WholeResponse {
    refusal(StatusCode::GONE, "GoneException")
}

fn throttled() -> WholeResponse {
    refusal(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException")
}

fn refusal(status: StatusCode, kind: &'static str) -> WholeResponse {
    let mut answer = listen::as_json(status, &json!({ "message": null }));
    answer
        .headers_mut()
        .insert("x-amzn-errortype", HeaderValue::from_static(kind));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_has_scope_headers_and_hex() {
        let line = |credential: &str, names: &str, signature: &str| {
            let mut headers = HeaderMap::new();
            let line = format!(
                "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
            );
            headers.insert("authorization", line.parse().unwrap());
            headers.insert("x-amz-date", "20260101T000000Z".parse().unwrap());
            is_signed(&headers, "eu-central-1")
        };
        let (scope, names) = (
            "AK/20260101/eu-central-1/execute-api/aws4_request",
            "content-type;host;x-amz-date",
        );
        let signature = "0a".repeat(32);
        assert!(line(scope, names, &signature));
        assert!(!line(
            &scope.replace("execute-api", "s3"),
            names,
            &signature
        ));
        assert!(!line(&scope.replace("eu-", "us-"), names, &signature));
        assert!(!line(scope, "host", &signature));
        assert!(!line(scope, names, "xyz"));
        assert!(!is_signed(&HeaderMap::new(), "eu-central-1"));
    }
}
