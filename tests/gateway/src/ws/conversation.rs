//! One connection from its handshake to its end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::body::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::{FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, bytes, event, find, gateway_message, select};
use crate::connections::{Connection, Delivery};
use crate::gateway::Core;
use crate::random;
use crate::runtime::InvokeError;

/// A client that accepts no data within this time is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// Time that the client has to answer a close frame.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// RFC 6455 section 7.4.1.
const GOING_AWAY: u16 = 1001;
const NO_STATUS: u16 = 1005;
const ABNORMAL: u16 = 1006;
const TOO_BIG: u16 = 1009;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A connection with what serves it.
pub struct Conversation {
    pub core: Arc<Core>,
    pub connection: Arc<Connection>,
}

/// How a conversation ends.
enum End {
    /// The client closed with this code, or broke off.
    Theirs(u16),
    /// The gateway closes with this code.
    Ours(u16),
    /// The connection breaks off without a close frame.
    Cut,
}

impl Conversation {
    /// Serves the connection to its end, then invokes `$disconnect`.
    pub async fn run(self, upgrade: OnUpgrade, out: mpsc::Receiver<Delivery>) {
        let (code, told) = match upgrade.await {
            Ok(upgraded) => {
                let config = WebSocketConfig::default()
                    .max_frame_size(Some(FRAME_BYTES_MAX))
                    .max_message_size(Some(MESSAGE_BYTES_MAX));
                let stream = TokioIo::new(upgraded);
                let socket =
                    WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
                self.serve(socket, out).await
            }
            Err(_) => (ABNORMAL, self.leave()),
        };
        if told {
            self.disconnected(code).await;
        }
    }

    async fn serve(&self, mut socket: Socket, mut out: mpsc::Receiver<Delivery>) -> (u16, bool) {
        let limits = &self.core.limits;
        let over = Instant::now() + limits.connection_max;
        let mut idle = Instant::now() + limits.idle;
        let end = loop {
            tokio::select! {
                said = socket.next() => match self.receive(said) {
                    Ok(true) => idle = Instant::now() + limits.idle,
                    Ok(false) => {}
                    Err(end) => break end,
                },
                told = out.recv() => match told {
                    Some(Delivery::Say(message)) => {
                        idle = Instant::now() + limits.idle;
                        self.connection.touch();
                        let sent = timeout(WRITE_WITHIN, socket.send(frame(message))).await;
                        if !matches!(sent, Ok(Ok(()))) {
                            break End::Theirs(ABNORMAL);
                        }
                    }
                    Some(Delivery::Close(code)) => break End::Ours(code),
                    Some(Delivery::Cut) | None => break End::Cut,
                },
                () = sleep_until(idle) => break End::Ours(GOING_AWAY),
                () = sleep_until(over) => break End::Ours(GOING_AWAY),
            }
        };
        // From here on pushes find the connection gone, however long closing takes.
        let told = self.leave();
        let code = match end {
            End::Theirs(code) => {
                let _ = timeout(CLOSE_WITHIN, socket.close(None)).await;
                code
            }
            End::Ours(code) => {
                close(socket, code).await;
                code
            }
            End::Cut => ABNORMAL,
        };
        (code, told)
    }

    /// Removes the connection from the open ones; returns whether `$disconnect` is delivered.
    fn leave(&self) -> bool {
        let route = find(&self.connection.api, "$disconnect");
        let function = route.and_then(|route| self.core.functions.get(&route.function));
        let told = function
            .is_some_and(|function| self.core.injector.delivers_disconnect(function.names()));
        self.core.connections.remove(&self.connection.id);
        told
    }

    /// Handles a frame; returns whether it counts as activity, which control frames do not.
    fn receive(&self, said: Option<Result<Message, Error>>) -> Result<bool, End> {
        match said {
            Some(Ok(Message::Text(text))) => self.pass_on(text.into()),
            Some(Ok(Message::Binary(bytes))) => self.pass_on(bytes),
            Some(Ok(Message::Close(frame))) => {
                let code = frame.map_or(NO_STATUS, |frame| frame.code.into());
                return Err(End::Theirs(code));
            }
            Some(Ok(_)) => return Ok(false),
            Some(Err(Error::Capacity(_))) => return Err(End::Ours(TOO_BIG)),
            Some(Err(_)) | None => return Err(End::Theirs(ABNORMAL)),
        }
        self.connection.touch();
        Ok(true)
    }

    /// Passes a message to its function without waiting for earlier ones.
    fn pass_on(&self, message: Bytes) {
        let (core, connection) = (self.core.clone(), self.connection.clone());
        tokio::spawn(async move {
            if let Some(answer) = answer_of(&core, &connection, &message).await {
                core.connections.send(&connection.id, Delivery::Say(answer));
            }
        });
    }

    async fn disconnected(&self, code: u16) {
        let api = &self.connection.api;
        let Some(route) = find(api, "$disconnect") else {
            return;
        };
        let event = event::disconnect(api, &self.connection, code);
        let limit = self.core.limits.ws_integration;
        // API Gateway ignores the outcome.
        let _ = self
            .core
            .call(route, &event, limit, Some(&self.connection.id))
            .await;
    }
}

/// Returns what the API itself answers to a message: nothing, unless the invocation failed or a
/// route response is defined.
async fn answer_of(core: &Core, connection: &Connection, message: &Bytes) -> Option<Bytes> {
    let api = &connection.api;
    let request = random::id();
    let say = |text| Some(bytes(&gateway_message(text, &connection.id, &request)));
    let Some(route) = select(api, message) else {
        return say("Forbidden");
    };
    if !core.throttles.take(&api.id, route) {
        return say("Too Many Requests");
    }
    let event = event::message(api, connection, &route.key, &request, message);
    let limit = core.limits.ws_integration;
    match core.call(route, &event, limit, Some(&connection.id)).await {
        Ok(answer) if route.answers => {
            let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
            Some(Bytes::from(answer["body"].as_str()?.to_owned()))
        }
        Ok(_) | Err(InvokeError::Vanished) => None,
        Err(InvokeError::Throttled) => say("Too Many Requests"),
        Err(_) => say("Internal server error"),
    }
}

fn frame(message: Bytes) -> Message {
    match Utf8Bytes::try_from(message.clone()) {
        Ok(text) => Message::Text(text),
        Err(_) => Message::Binary(message),
    }
}

/// Closes and discards what the client still sends: closing with unread bytes would reset the
/// connection, and the client would never receive the code.
async fn close(mut socket: Socket, code: u16) {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: Utf8Bytes::default(),
    };
    let _ = timeout(CLOSE_WITHIN, async {
        let _ = socket.send(Message::Close(Some(frame))).await;
        let mut stream = socket.into_inner();
        let mut rest = [0; 4_096];
        while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}
