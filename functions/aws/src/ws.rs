//! Events of the WebSocket API: handshake, message, disconnect.
//!
//! The host itself pushes answers to a connection, so the answer to a message's event is always an
//! empty success: the API has no route responses, and an error would make the service send a
//! message of its own.

mod entry;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use sightline_host::limits::flood::Flow;
use sightline_host::limits::source_pseudonym;
use sightline_host::ports::{ConnectionKey, Connections, Ports, Push, StoreError};
use sightline_host::{Admitted, Handshake, Host, too_often};

use crate::connection_limits::ConnectionLimits;
use crate::http::forwarded;
use crate::origin::OriginSecret;
use crate::places::PlaceStore;
use crate::sockets::{is_at_relays, key_at};

/// Serves events until the process is ended.
///
/// # Errors
/// When the runtime's interface fails.
pub async fn serve<P: Ports, S: PlaceStore>(
    handler: SocketHandler<P, S>,
) -> Result<(), lambda_runtime::Error> {
    let handler = &handler;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<WsEvent>| {
        Ok::<_, lambda_runtime::Error>(handler.answer(event.payload).await)
    }))
    .await
}

/// An event of the service about a connection (API Gateway Developer Guide, "Set up a WebSocket API
/// integration request", and the payload of a proxy integration). It has only the members used
/// here, all of them optional.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WsEvent {
    /// Handshake headers; for repeated names only the last value.
    headers: Option<BTreeMap<String, Option<String>>>,
    /// Handshake headers with all values.
    multi_value_headers: Option<BTreeMap<String, Option<Vec<String>>>>,
    request_context: Context,
    body: Option<String>,
    /// Whether the message is a binary frame.
    is_base64_encoded: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Context {
    event_type: Option<String>,
    connection_id: Option<String>,
    stage: Option<String>,
    identity: Option<Identity>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    source_ip: Option<String>,
}

/// Leaves out headers and body, which hold cookies, tokens and chat text.
impl std::fmt::Debug for WsEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WsEvent")
            .field("event_type", &self.request_context.event_type)
            .field("connection_id", &self.request_context.connection_id)
            .finish_non_exhaustive()
    }
}

impl WsEvent {
    /// Merges both maps: headers stand in one or both, all values of a repeated one only in the
    /// second.
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

    /// Returns the message. A malformed body becomes an empty message, which the host refuses.
    fn bytes(self) -> Vec<u8> {
        let text = self.body.unwrap_or_default();
        if self.is_base64_encoded.unwrap_or(false) {
            BASE64_STANDARD.decode(text).unwrap_or_default()
        } else {
            text.into_bytes()
        }
    }
}

/// Collects headers with names in any case. Malformed headers are skipped, as the host reads none.
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

/// The answer to an event.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WsAnswer {
    status_code: u16,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'static str, String>,
}

impl WsAnswer {
    fn status(status: StatusCode) -> Self {
        Self {
            status_code: status.as_u16(),
            headers: BTreeMap::new(),
        }
    }

    /// Accepts a handshake with this subprotocol.
    fn accepts(subprotocol: Option<&str>) -> Self {
        let named = subprotocol.map(|name| ("Sec-WebSocket-Protocol", name.to_owned()));
        Self {
            headers: named.into_iter().collect(),
            ..Self::status(StatusCode::OK)
        }
    }
}

/// Passes events to a host, within the limits of connections.
pub struct SocketHandler<P, S> {
    host: Host<P>,
    places: S,
    limits: Mutex<ConnectionLimits>,
    front: Option<OriginSecret>,
}

impl<P: Ports, S: PlaceStore> SocketHandler<P, S> {
    /// Handles the events of a host. `places` has the connections of owners.
    #[must_use]
    pub fn new(host: Host<P>, places: S) -> Self {
        Self {
            host,
            places,
            limits: Mutex::default(),
            front: None,
        }
    }

    /// Admits pages that come through CloudFront. Without its secret no page is admitted.
    #[must_use]
    pub fn behind(self, secret: OriginSecret) -> Self {
        Self {
            front: Some(secret),
            ..self
        }
    }

    /// Handles an event.
    pub async fn answer(&self, event: WsEvent) -> WsAnswer {
        let Some(id) = event.request_context.connection_id.clone() else {
            tracing::error!("event has no connection id");
            return WsAnswer::status(StatusCode::BAD_REQUEST);
        };
        let connection = key_at(event.request_context.stage.as_deref(), &id);
        match event.request_context.event_type.as_deref() {
            Some("CONNECT") => return self.connect(&connection, &event).await,
            Some("DISCONNECT") => {
                self.limits().forget(&connection);
                // The record has the owners, and goes with the connection.
                self.leaves(&connection).await;
                self.host.disconnected(&connection).await;
            }
            _ => self.message(&connection, &event.bytes()).await,
        }
        WsAnswer::status(StatusCode::OK)
    }

    async fn connect(&self, connection: &ConnectionKey, event: &WsEvent) -> WsAnswer {
        let handshake = event.handshake();
        // A relay dials an API of its own, with a token. One that was started by the version before
        // dials that of pages until it has drained.
        let is_page = handshake.bearer.is_none();
        let front = self.front.as_ref().filter(|_| !is_at_relays(connection));
        if is_page && !front.is_some_and(|secret| secret.is_in(&event.headers())) {
            tracing::debug!(connection.id = %connection.0, "handshake past CloudFront refused");
            return WsAnswer::status(StatusCode::MISDIRECTED_REQUEST);
        }
        match self.host.connect(connection, &handshake).await {
            Ok(Admitted::Speaks(subprotocol)) if is_page => {
                match self.enters(connection, &self.source(event)).await {
                    Ok(true) => WsAnswer::accepts(subprotocol),
                    Ok(false) => {
                        self.turn_away(connection, StatusCode::TOO_MANY_REQUESTS)
                            .await
                    }
                    Err(error) => {
                        tracing::error!(connection.id = %connection.0, error = %error, "store failed");
                        self.turn_away(connection, StatusCode::SERVICE_UNAVAILABLE)
                            .await
                    }
                }
            }
            Ok(Admitted::Speaks(subprotocol)) => WsAnswer::accepts(subprotocol),
            // The connection has no record, so its first message closes it.
            Ok(Admitted::OtherVersion(subprotocol)) => WsAnswer::accepts(Some(&subprotocol)),
            Err(why) => {
                tracing::info!(connection.id = %connection.0, error = %why, "handshake refused");
                WsAnswer::status(why.status())
            }
        }
    }

    /// Refuses a page that was admitted by its cookies.
    async fn turn_away(&self, connection: &ConnectionKey, status: StatusCode) -> WsAnswer {
        tracing::info!(connection.id = %connection.0, status = status.as_u16(), "handshake refused");
        self.leaves(connection).await;
        self.host.disconnected(connection).await;
        WsAnswer::status(status)
    }

    /// Returns a name of the network that a page's handshake came from.
    fn source(&self, event: &WsEvent) -> String {
        let caller = event.handshake().source;
        let source = forwarded(&event.headers(), caller).or(caller);
        source.map_or_else(
            || "unknown".to_owned(),
            |source| source_pseudonym(self.host.keys(), source),
        )
    }

    async fn message(&self, connection: &ConnectionKey, bytes: &[u8]) {
        if is_at_relays(connection) {
            return self.host.message(connection, bytes).await;
        }
        let now_ms = self.host.ports().now_ms();
        let flow = self.limits().take(connection, now_ms);
        let said = match flow {
            Flow::Pass => {
                let passed = self.host.message(connection, bytes);
                let ((), floods) = tokio::join!(passed, self.floods(connection, now_ms));
                if floods && !self.is_relay(connection).await {
                    self.close_flooding(connection).await;
                }
                return;
            }
            // The topic of a message proves no relay; the connection's record does. It is read
            // once, because a relay is then exempt, and again before closing if that read failed.
            Flow::Warn | Flow::Close if self.is_relay(connection).await => {
                self.limits().exempt(connection);
                return self.host.message(connection, bytes).await;
            }
            Flow::Warn => {
                let ports = self.host.ports();
                ports.push().say(connection, &too_often()).await.map(drop)
            }
            Flow::Drop => Ok(()),
            Flow::Close => return self.close_flooding(connection).await,
        };
        if let Err(error) = said {
            tracing::warn!(connection.id = %connection.0, error = %error, "push failed");
        }
    }

    async fn is_relay(&self, connection: &ConnectionKey) -> bool {
        let found: Result<_, StoreError> =
            self.host.ports().store().find_connection(connection).await;
        found.is_ok_and(|record| record.is_some_and(|record| record.relay))
    }

    fn limits(&self) -> MutexGuard<'_, ConnectionLimits> {
        // Counters stay usable after a panic.
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
