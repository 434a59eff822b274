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

use super::{FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, bytes, event, find, said, select};
use crate::connections::{Connection, Out};
use crate::dice;
use crate::gateway::Core;
use crate::runtime::InvokeError;

/// A client that takes nothing for so long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// After a goodbye the other side has so long to take it.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// RFC 6455 section 7.4.1.
const GOING_AWAY: u16 = 1001;
const NO_STATUS: u16 = 1005;
const ABNORMAL: u16 = 1006;
const TOO_BIG: u16 = 1009;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A conversation.
pub struct Talk {
    pub core: Arc<Core>,
    pub connection: Arc<Connection>,
}

/// How it ends.
enum End {
    /// The client closed, or broke off: with this code.
    Theirs(u16),
    /// We close with this code.
    Ours(u16),
    /// Without a word.
    Cut,
}

impl Talk {
    /// Talks until the end, and says `$disconnect`.
    pub async fn run(self, upgrade: OnUpgrade, out: mpsc::Receiver<Out>) {
        let (code, told) = match upgrade.await {
            Ok(upgraded) => {
                let config = WebSocketConfig::default()
                    .max_frame_size(Some(FRAME_BYTES_MAX))
                    .max_message_size(Some(MESSAGE_BYTES_MAX));
                let stream = TokioIo::new(upgraded);
                let socket =
                    WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
                self.talk(socket, out).await
            }
            Err(_) => (ABNORMAL, self.leave()),
        };
        if told {
            self.disconnected(code).await;
        }
    }

    async fn talk(&self, mut socket: Socket, mut out: mpsc::Receiver<Out>) -> (u16, bool) {
        let limits = &self.core.limits;
        let over = Instant::now() + limits.connection_max;
        let mut idle = Instant::now() + limits.idle;
        let end = loop {
            tokio::select! {
                said = socket.next() => match self.hear(said) {
                    Ok(true) => idle = Instant::now() + limits.idle,
                    Ok(false) => {}
                    Err(end) => break end,
                },
                told = out.recv() => match told {
                    Some(Out::Say(message)) => {
                        idle = Instant::now() + limits.idle;
                        self.connection.touch();
                        let sent = timeout(WRITE_WITHIN, socket.send(frame(message))).await;
                        if !matches!(sent, Ok(Ok(()))) {
                            break End::Theirs(ABNORMAL);
                        }
                    }
                    Some(Out::Close(code)) => break End::Ours(code),
                    Some(Out::Cut) | None => break End::Cut,
                },
                () = sleep_until(idle) => break End::Ours(GOING_AWAY),
                () = sleep_until(over) => break End::Ours(GOING_AWAY),
            }
        };
        // From here on nobody can be told anything, however long the goodbye takes.
        let told = self.leave();
        let code = match end {
            End::Theirs(code) => {
                let _ = timeout(GOODBYE_WITHIN, socket.close(None)).await;
                code
            }
            End::Ours(code) => {
                goodbye(socket, code).await;
                code
            }
            End::Cut => ABNORMAL,
        };
        (code, told)
    }

    /// Leaves the list of those who can be reached, and says whether `$disconnect` is to be told of
    /// it.
    fn leave(&self) -> bool {
        let route = self
            .core
            .ws
            .as_ref()
            .and_then(|api| find(api, "$disconnect"));
        let function = route.and_then(|route| self.core.functions.get(&route.function));
        let told =
            function.is_some_and(|function| self.core.mischief.tells_disconnect(function.names()));
        self.core.connections.remove(&self.connection.id);
        told
    }

    /// Whether something was said that counts: control frames do not keep a connection alive.
    fn hear(&self, said: Option<Result<Message, Error>>) -> Result<bool, End> {
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

    /// Gives a message to its function, beside those that came before it.
    fn pass_on(&self, message: Bytes) {
        let (core, connection) = (self.core.clone(), self.connection.clone());
        tokio::spawn(async move {
            if let Some(answer) = answer_of(&core, &connection, &message).await {
                core.connections.tell(&connection.id, Out::Say(answer));
            }
        });
    }

    async fn disconnected(&self, code: u16) {
        let Some(api) = &self.core.ws else { return };
        let Some(route) = find(api, "$disconnect") else {
            return;
        };
        let event = event::disconnect(api, &self.connection, code);
        let limit = self.core.limits.ws_integration;
        // Nobody hears how it went.
        let _ = self
            .core
            .call(route, &event, limit, Some(&self.connection.id))
            .await;
    }
}

/// What the client hears about its message from the API itself: nothing, unless something failed or
/// a route response is defined.
async fn answer_of(core: &Core, connection: &Connection, message: &Bytes) -> Option<Bytes> {
    let api = core.ws.as_ref()?;
    let request = dice::id();
    let say = |text| Some(bytes(&said(text, &connection.id, &request)));
    let Some(route) = select(api, message) else {
        return say("Forbidden");
    };
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

/// Closes, and drops what is still sent: closing with unread bytes would reset the connection, and
/// the other side would never learn the code.
async fn goodbye(mut socket: Socket, code: u16) {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: Utf8Bytes::default(),
    };
    let _ = timeout(GOODBYE_WITHIN, async {
        let _ = socket.send(Message::Close(Some(frame))).await;
        let mut stream = socket.into_inner();
        let mut rest = [0; 4_096];
        while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}
