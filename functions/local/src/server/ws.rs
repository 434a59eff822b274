//! The WebSocket: handshake, one reader and one writer per connection, limits, closing.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use sightline_host::limits::flood::{Bucket, Flow};
use sightline_host::ports::{ConnectionKey, Ports as _};
use sightline_host::{Admitted, Cookies, Handshake, NotAdmitted, too_often};
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::ServerState;
use super::connection_counts::{CookieHolder, CountedConnection};
use crate::sockets::Outgoing;

/// Longest message that gets a typed refusal for its length; a longer one closes the connection
/// with 1009.
const REFUSED_BYTES_MAX: usize = 128 * 1024;

/// Longest message that is read at all.
const READ_BYTES_MAX: usize = 1024 * 1024;

/// A connection without messages is closed after this time, as by API Gateway. Pages ping every
/// 25 s.
const SILENCE_MAX: Duration = Duration::from_secs(600);

/// A peer that accepts no data within this time is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

/// Time that a peer has to answer our close frame. What it still sends is read and discarded:
/// closing with unread bytes would reset the connection, and the peer would never receive the code.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Handles a handshake at `/ws`.
pub async fn upgrade(
    State(server): State<ServerState>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let handshake = Handshake::of(&headers);
    // Only a relay has a token. The limits of pages do not apply to it once the host has checked
    // the token.
    let is_page = handshake.bearer.is_none();
    let permit = is_page
        .then(|| server.conversations.clone().try_acquire_owned())
        .transpose();
    let Ok(permit) = permit else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let random = u128::from_be_bytes(crate::desk::random());
    let connection = ConnectionKey(format!("{random:032x}"));
    match server.host.connect(&connection, &handshake).await {
        Ok(Admitted::Speaks(subprotocol)) => {
            let holders = holders(&server, &handshake.cookies, is_page);
            let Ok((counted, closing)) = server.counts.enter(holders, &connection) else {
                server.host.disconnected(&connection).await;
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            };
            for oldest in &closing {
                server.host.ports().sockets.hang_up(oldest, CLOSE_FLOOD);
            }
            let upgrade = select(upgrade, subprotocol);
            let conversation = Conversation {
                // The messages of a relay are bounded by what pages ask of it.
                bucket: is_page.then(|| Bucket::new(server.host.ports().now_ms())),
                connection: connection.clone(),
                server: server.clone(),
                _counted: counted,
                _permit: permit,
            };
            upgrade
                .on_failed_upgrade(move |_| {
                    tokio::spawn(async move { server.host.disconnected(&connection).await });
                })
                .on_upgrade(|socket| conversation.run(socket))
        }
        Ok(Admitted::OtherVersion(subprotocol)) => {
            select(upgrade, Some(&subprotocol)).on_upgrade(|socket| async move {
                let _permit = permit;
                let (sink, mut stream) = socket.split();
                close(sink, CLOSE_VERSION).await;
                drain(&mut stream).await;
            })
        }
        Err(refused) => refuse(refused),
    }
}

/// Returns the holders of the cookies that the host admitted a connection with.
fn holders(server: &ServerState, cookies: &Cookies, is_page: bool) -> Vec<CookieHolder> {
    if !is_page {
        return Vec::new();
    }
    let (keys, now_ms) = (server.host.keys(), server.host.ports().now_ms());
    match cookies.agent(keys, now_ms) {
        Some(agent) => vec![CookieHolder::Agent(agent.agent)],
        None => {
            let mut seats = cookies.seats(keys, now_ms);
            seats.sort_unstable();
            seats.dedup();
            seats.into_iter().map(CookieHolder::Customer).collect()
        }
    }
}

fn select(mut upgrade: WebSocketUpgrade, subprotocol: Option<&str>) -> WebSocketUpgrade {
    if let Some(name) = subprotocol.and_then(|name| HeaderValue::from_str(name).ok()) {
        upgrade.set_selected_protocol(name);
    }
    upgrade
        .max_message_size(READ_BYTES_MAX)
        .max_frame_size(READ_BYTES_MAX)
        .write_buffer_size(0)
}

fn refuse(refused: NotAdmitted) -> Response {
    (refused.status(), refused.to_string()).into_response()
}

/// A connection with what serves it.
struct Conversation {
    server: ServerState,
    connection: ConnectionKey,
    bucket: Option<Bucket>,
    _counted: CountedConnection,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Conversation {
    async fn run(mut self, socket: WebSocket) {
        let host = self.server.host.clone();
        let sockets = &host.ports().sockets;
        let out = sockets.open(self.connection.clone());
        let (sink, mut stream) = socket.split();
        let mut writing = tokio::spawn(write(sink, out));
        self.read(&mut stream, &mut writing).await;
        sockets.remove(&self.connection);
        host.disconnected(&self.connection).await;
        if !writing.is_finished() {
            let _ = writing.await;
        }
        drain(&mut stream).await;
    }

    /// Handles messages one after the other, so that those of a connection keep their order.
    /// Handling a message is never cancelled.
    async fn read(&mut self, stream: &mut SplitStream<WebSocket>, writing: &mut JoinHandle<()>) {
        let sockets = &self.server.host.ports().sockets;
        loop {
            let next = tokio::select! {
                next = timeout(SILENCE_MAX, stream.next()) => next,
                _ = &mut *writing => return,
            };
            let message = match next {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => {
                    return sockets.hang_up(&self.connection, close_code_of(&error));
                }
                Ok(None) => return,
                Err(_) => return sockets.hang_up(&self.connection, close_code::AWAY),
            };
            let bytes = match message {
                Message::Text(text) => text.into(),
                Message::Binary(bytes) => bytes,
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => return,
            };
            if bytes.len() > REFUSED_BYTES_MAX {
                return sockets.hang_up(&self.connection, close_code::SIZE);
            }
            match self.bucket.as_mut().map_or(Flow::Pass, |bucket| {
                bucket.take(self.server.host.ports().now_ms())
            }) {
                Flow::Pass => self.server.host.message(&self.connection, &bytes).await,
                Flow::Warn => {
                    sockets.send(&self.connection, &too_often());
                }
                Flow::Drop => {}
                Flow::Close => {
                    let id = &self.connection.0;
                    tracing::warn!(connection.id = %id, "closing connection that floods");
                    return sockets.hang_up(&self.connection, CLOSE_FLOOD);
                }
            }
        }
    }
}

/// Returns the close code for an error. axum does not expose the kind of an error, so this reads
/// the text of tungstenite's capacity errors; a test covers it.
fn close_code_of(error: &axum::Error) -> u16 {
    if error.to_string().starts_with("Space limit exceeded") {
        close_code::SIZE
    } else {
        close_code::PROTOCOL
    }
}

/// Sends messages to the peer until the connection is closed or removed.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut out: mpsc::Receiver<Outgoing>) {
    loop {
        match out.recv().await {
            Some(Outgoing::Say(message)) => {
                if !matches!(timeout(WRITE_WITHIN, sink.send(message)).await, Ok(Ok(()))) {
                    return;
                }
            }
            Some(Outgoing::Close(code)) => return close(sink, code).await,
            // Removed: the peer is gone, or fell behind and may reconnect.
            None => return close(sink, close_code::AGAIN).await,
        }
    }
}

async fn close(mut sink: SplitSink<WebSocket, Message>, code: u16) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(""),
    };
    // Fails if the peer is gone already.
    let _ = timeout(CLOSE_WITHIN, sink.send(Message::Close(Some(frame)))).await;
}

/// Reads and discards until the peer closes or its time is up.
async fn drain(stream: &mut SplitStream<WebSocket>) {
    let gone = async {
        loop {
            match stream.next().await {
                Some(Ok(_)) => {}
                None => return,
                // After an error, wait so that the peer has time to read our close frame.
                Some(Err(_)) => std::future::pending().await,
            }
        }
    };
    let _ = timeout(CLOSE_WITHIN, gone).await;
}
