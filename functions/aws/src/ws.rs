//! Events of the WebSocket API: a handshake, a message, an end.
//!
//! Whatever came of a message was said to its connection by the host, so the answer to the service
//! is always that all is well, and empty: the API has no route responses, and an error would make
//! the service say something of its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use sightline_host::flood::Flow;
use sightline_host::ports::{ConnectionKey, Connections, Ports, Push, StoreError};
use sightline_host::{Admitted, Handshake, Host, too_often};
use sightline_wire::CLOSE_FLOOD;

use crate::connection_limits::ConnectionLimits;

/// Serves events until the process is ended.
///
/// # Errors
/// When the runtime's interface fails.
pub async fn serve<P: Ports>(host: Host<P>) -> Result<(), lambda_runtime::Error> {
    let door = &Door::new(host);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
        Ok::<_, lambda_runtime::Error>(door.answer(event.payload).await)
    }))
    .await
}

/// What the service tells of a connection (API Gateway Developer Guide, "Set up a WebSocket API
/// integration request", and the payload of a proxy integration). Only what is used here, and
/// nothing that has to be there.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// Of the handshake, as they came; of several with one name the last.
    headers: Option<BTreeMap<String, Option<String>>>,
    /// All of them.
    multi_value_headers: Option<BTreeMap<String, Option<Vec<String>>>>,
    request_context: Context,
    body: Option<String>,
    /// A binary frame.
    is_base64_encoded: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    event_type: Option<String>,
    connection_id: Option<String>,
    identity: Option<Identity>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    source_ip: Option<String>,
}

/// Without headers and body: cookies, tokens and what people say.
impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("event_type", &self.request_context.event_type)
            .field("connection_id", &self.request_context.connection_id)
            .finish_non_exhaustive()
    }
}

impl Event {
    /// Headers with one name stand in both maps, those with several values all in one.
    fn headers(&self) -> HeaderMap {
        let many = self.multi_value_headers.iter().flatten();
        let many = many.flat_map(|(name, values)| {
            let values = values.iter().flatten();
            values.map(move |value| (name, value))
        });
        let mut headers = header_map(many);
        let single = self.headers.iter().flatten();
        let single = single.filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (name, value) in &header_map(single) {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        headers
    }

    fn handshake(&self) -> Handshake {
        let identity = self.request_context.identity.as_ref();
        let source = identity.and_then(|identity| identity.source_ip.as_deref()?.parse().ok());
        Handshake {
            source,
            ..Handshake::of(&self.headers())
        }
    }

    /// A body that is not what it is said to be is no message: the host is given nothing and
    /// refuses it.
    fn bytes(self) -> Vec<u8> {
        let text = self.body.unwrap_or_default();
        if self.is_base64_encoded.unwrap_or(false) {
            BASE64_STANDARD.decode(text).unwrap_or_default()
        } else {
            text.into_bytes()
        }
    }
}

/// Names are told apart without regard to case. What is no header is left out: nothing of ours is
/// written so.
fn header_map<'a>(headers: impl Iterator<Item = (&'a String, &'a String)>) -> HeaderMap {
    let parsed = headers.filter_map(|(name, value)| {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        Some((name, HeaderValue::try_from(value.as_str()).ok()?))
    });
    let mut map = HeaderMap::new();
    for (name, value) in parsed {
        map.append(name, value);
    }
    map
}

/// What the service is told.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    status_code: u16,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'static str, String>,
}

impl Answer {
    fn status(status: StatusCode) -> Self {
        Self {
            status_code: status.as_u16(),
            headers: BTreeMap::new(),
        }
    }

    /// The handshake is accepted, with this subprotocol.
    fn speaks(subprotocol: Option<&str>) -> Self {
        let named = subprotocol.map(|name| ("Sec-WebSocket-Protocol", name.to_owned()));
        Self {
            headers: named.into_iter().collect(),
            ..Self::status(StatusCode::OK)
        }
    }
}

/// A host, and how much its connections say.
pub struct Door<P> {
    host: Host<P>,
    limits: Mutex<ConnectionLimits>,
}

impl<P: Ports> Door<P> {
    /// The door of a host.
    #[must_use]
    pub fn new(host: Host<P>) -> Self {
        Self {
            host,
            limits: Mutex::default(),
        }
    }

    /// Takes an event.
    pub async fn answer(&self, event: Event) -> Answer {
        let Some(id) = event.request_context.connection_id.clone() else {
            tracing::error!("an event without a connection");
            return Answer::status(StatusCode::BAD_REQUEST);
        };
        let connection = ConnectionKey(id);
        match event.request_context.event_type.as_deref() {
            Some("CONNECT") => return self.connect(&connection, &event.handshake()).await,
            Some("DISCONNECT") => {
                self.limits().forget(&connection);
                self.host.disconnected(&connection).await;
            }
            _ => self.message(&connection, &event.bytes()).await,
        }
        Answer::status(StatusCode::OK)
    }

    async fn connect(&self, connection: &ConnectionKey, handshake: &Handshake) -> Answer {
        match self.host.connect(connection, handshake).await {
            Ok(Admitted::Speaks(subprotocol)) => Answer::speaks(subprotocol),
            // It has no record, so its first message closes it.
            Ok(Admitted::OtherVersion(subprotocol)) => Answer::speaks(Some(&subprotocol)),
            Err(why) => {
                tracing::info!(connection.id = %connection.0, %why, "handshake refused");
                Answer::status(why.status())
            }
        }
    }

    async fn message(&self, connection: &ConnectionKey, bytes: &[u8]) {
        let now_ms = self.host.ports().now_ms();
        let flow = self.limits().take(connection, now_ms);
        let said = match flow {
            Flow::Pass => return self.host.message(connection, bytes).await,
            // Anybody can write a relay's topic; the record knows. It is read once, since a relay
            // is then exempt, and once more before the worst, should it not have been readable.
            Flow::Warn | Flow::Close if self.is_relay(connection).await => {
                self.limits().exempt(connection);
                return self.host.message(connection, bytes).await;
            }
            Flow::Warn => {
                let ports = self.host.ports();
                ports.push().say(connection, &too_often()).await.map(drop)
            }
            Flow::Drop => Ok(()),
            Flow::Close => {
                tracing::warn!(connection.id = %connection.0, "connection floods and is closed");
                self.host
                    .ports()
                    .push()
                    .close(connection, CLOSE_FLOOD)
                    .await
            }
        };
        if let Err(trouble) = said {
            tracing::warn!(connection.id = %connection.0, %trouble, "push failed");
        }
    }

    async fn is_relay(&self, connection: &ConnectionKey) -> bool {
        let found: Result<_, StoreError> =
            self.host.ports().store().find_connection(connection).await;
        found.is_ok_and(|record| record.is_some_and(|record| record.relay))
    }

    fn limits(&self) -> MutexGuard<'_, ConnectionLimits> {
        // Counters stay usable whatever happened to whoever held them.
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
