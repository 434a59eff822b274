//! The WebSocket: handshake, one reader and one writer per connection, limits, closing.

mod budgeted;
mod frames;
mod opening;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use sightline_host::limits::flood::{Bucket, Flow};
use sightline_host::ports::{ConnectionKey, Connections as _, Ports as _};
use sightline_host::{Admitted, Handshake, NotAdmitted, too_often};
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use self::budgeted::Budgeted;
use self::frames::Overrun;
use self::opening::Opening;
use super::connection_counts::{CookieHolder, CountedConnection};
use super::places::ConnectionPlace;
use super::{GOING_AWAY, ServerState};
use crate::sockets::Outgoing;

/// Longest message that is read at all, and that gets a typed refusal for its length; a longer one
/// closes the connection with 1009.
const READ_BYTES_MAX: usize = 128 * 1024;

/// Bytes that each connection has in memory for what arrives. Nearly all messages are shorter.
const READ_BUFFER_BYTES: usize = 4 * 1024;

/// A connection without messages is closed after this time, as by API Gateway. Pages ping every
/// 25 s.
const SILENCE_MAX: Duration = Duration::from_secs(600);

/// A peer that accepts no data within this time is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

/// Time that a peer has to answer our close frame. What it still sends is read and discarded:
/// closing with unread bytes would reset the connection, and the peer would never receive the code.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Close codes (RFC 6455 section 7.4.1, and 1013 of the IANA registry).
const PROTOCOL: u16 = 1002;
const POLICY: u16 = 1008;
const SIZE: u16 = 1009;
const AGAIN: u16 = 1013;

type Socket = WebSocketStream<Budgeted<TokioIo<Upgraded>>>;

/// Handles a handshake at `/ws`.
pub async fn upgrade(State(server): State<ServerState>, mut request: Request) -> Response {
    let opening = match Opening::of(&request) {
        Ok(opening) => opening,
        Err(refused) => return refused.into_response(),
    };
    let handshake = Handshake::of(request.headers());
    // Only a relay has a token. The limits of pages do not apply to it once the host has checked
    // the token.
    let is_page = handshake.bearer.is_none();
    let permit = is_page
        .then(|| server.conversations.clone().try_acquire_owned())
        .transpose();
    let Ok(permit) = permit else {
        return too_many();
    };
    let place = request.extensions_mut().remove::<Arc<ConnectionPlace>>();
    let random = u128::from_be_bytes(crate::desk::random());
    let connection = ConnectionKey(format!("{random:032x}"));
    match server.host.connect(&connection, &handshake).await {
        Ok(Admitted::Speaks(subprotocol)) => {
            let holders = match is_page {
                true => holders(&server, &connection, &handshake).await,
                false => Vec::new(),
            };
            let store = &server.host.ports().store;
            let entered = server
                .counts
                .enter(holders, &connection, |other| !store.is_attached(other));
            let Ok((counted, closing)) = entered else {
                server.host.disconnected(&connection).await;
                return too_many();
            };
            for oldest in &closing {
                server.host.ports().sockets.hang_up(oldest, CLOSE_FLOOD);
            }
            let conversation = Conversation {
                // The messages of a relay are bounded by what pages ask of it.
                bucket: is_page.then(|| Bucket::new(server.host.ports().now_ms())),
                connection,
                server,
                _counted: counted,
                _permit: permit,
                _place: place.inspect(|place| place.talk()),
            };
            tokio::spawn(conversation.begin(hyper::upgrade::on(&mut request)));
            opening.accept(subprotocol)
        }
        Ok(Admitted::OtherVersion(subprotocol)) => {
            drop(permit);
            let Ok(permit) = server.turned_away.clone().try_acquire_owned() else {
                return too_many();
            };
            let upgrade = hyper::upgrade::on(&mut request);
            let place = place.inspect(|place| place.talk());
            tokio::spawn(async move {
                let _held = (permit, place);
                if let Ok(upgraded) = upgrade.await {
                    let (socket, _) = socket(upgraded, is_page).await;
                    let (sink, mut stream) = socket.split();
                    let _sink = close(sink, CLOSE_VERSION).await;
                    drain(&mut stream).await;
                }
            });
            opening.accept(Some(&subprotocol))
        }
        Err(refused) => refuse(refused),
    }
}

/// Returns the holders of the cookies that the host admitted a page with. It admits nobody with the
/// cookie of an agent who signed out, so a copy of that must not displace the agent's connections.
async fn holders(
    server: &ServerState,
    connection: &ConnectionKey,
    handshake: &Handshake,
) -> Vec<CookieHolder> {
    let host = &server.host;
    let record = host.ports().store.find_connection(connection).await;
    // It was stored a moment ago.
    let record = record.ok().flatten().unwrap_or_default();
    if let Some((agent, _)) = record.agent {
        return vec![CookieHolder::Agent(agent)];
    }
    let page = handshake.page();
    let seats = record.seats.into_iter();
    let mut seats: Vec<_> = seats.map(|(session, _)| session).collect();
    seats.sort_unstable();
    seats.dedup();
    let mut holders = Vec::new();
    for session in seats {
        let holds = match page {
            Some(page) => host.holds_seat(session, page).await,
            None => false,
        };
        holders.push(match holds {
            true => CookieHolder::Customer(session),
            false => CookieHolder::Guest(session),
        });
    }
    holders
}

/// The socket of an accepted handshake, and what tells that it overruns its budget.
async fn socket(upgraded: Upgraded, is_page: bool) -> (Socket, oneshot::Receiver<Overrun>) {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(READ_BYTES_MAX))
        .max_frame_size(Some(READ_BYTES_MAX));
    let (budgeted, overrun) = Budgeted::new(TokioIo::new(upgraded), is_page);
    let socket = Socket::from_raw_socket(budgeted, Role::Server, Some(config)).await;
    (socket, overrun)
}

fn too_many() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, "too many connections").into_response()
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
    _place: Option<Arc<ConnectionPlace>>,
}

impl Conversation {
    async fn begin(self, upgrade: OnUpgrade) {
        match upgrade.await {
            Ok(upgraded) => {
                let (socket, overrun) = socket(upgraded, self.bucket.is_some()).await;
                self.run(socket, overrun).await;
            }
            // The peer is gone.
            Err(_) => self.server.host.disconnected(&self.connection).await,
        }
    }

    async fn run(mut self, socket: Socket, mut overrun: oneshot::Receiver<Overrun>) {
        let host = self.server.host.clone();
        let sockets = &host.ports().sockets;
        let out = sockets.open(self.connection.clone());
        let (sink, mut stream) = socket.split();
        let mut writing = tokio::spawn(write(sink, out));
        let end = self.read(&mut stream, &mut writing, &mut overrun).await;
        if let Some(code) = end.code {
            sockets.hang_up(&self.connection, code);
        }
        sockets.remove(&self.connection);
        host.disconnected(&self.connection).await;
        let sink = match end.sink {
            Some(sink) => Some(sink),
            None => writing.await.ok(),
        };
        // After an error the stream reads nothing more.
        match sink.filter(|_| end.broken) {
            Some(sink) => {
                if let Ok(mut socket) = stream.reunite(sink) {
                    let _ = timeout(CLOSE_WITHIN, socket.get_mut().discard_all()).await;
                }
            }
            None => drain(&mut stream).await,
        }
    }

    /// Handles messages one after the other, so that those of a connection keep their order.
    /// Handling a message is never cancelled.
    async fn read(
        &mut self,
        stream: &mut SplitStream<Socket>,
        writing: &mut JoinHandle<Sink>,
        overrun: &mut oneshot::Receiver<Overrun>,
    ) -> End {
        loop {
            let next = tokio::select! {
                biased;
                Ok(overrun) = &mut *overrun => return self.overran(overrun),
                written = &mut *writing => return End { sink: written.ok(), ..End::default() },
                next = timeout(SILENCE_MAX, stream.next()) => next,
            };
            let bytes = match next {
                Ok(Some(Ok(Message::Text(text)))) => Some(text.into()),
                Ok(Some(Ok(Message::Binary(bytes)))) => Some(bytes),
                // A ping is no message, and counts like one.
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)))) => None,
                Ok(Some(Ok(Message::Close(_))) | None) => return End::default(),
                Ok(Some(Err(error))) => {
                    return End {
                        broken: true,
                        ..End::by(close_code_of(&error))
                    };
                }
                Err(_) => return End::by(GOING_AWAY),
            };
            match self.bucket.as_mut().map_or(Flow::Pass, |bucket| {
                bucket.take(self.server.host.ports().now_ms())
            }) {
                Flow::Pass => {
                    if let Some(bytes) = bytes {
                        self.server.host.message(&self.connection, &bytes).await;
                    }
                }
                Flow::Warn => {
                    let sockets = &self.server.host.ports().sockets;
                    sockets.send(&self.connection, &too_often());
                }
                Flow::Drop => {}
                Flow::Close => return self.overran(Overrun::Flood),
            }
        }
    }

    fn overran(&self, overrun: Overrun) -> End {
        let id = &self.connection.0;
        match overrun {
            Overrun::Flood => {
                tracing::warn!(connection.id = %id, "closing connection that floods");
                End::by(CLOSE_FLOOD)
            }
            Overrun::Unfinished => {
                tracing::warn!(connection.id = %id, "closing connection with an unfinished message");
                End::by(POLICY)
            }
        }
    }
}

/// How reading ended.
#[derive(Default)]
struct End {
    /// Close with this code.
    code: Option<u16>,
    /// The peer broke the protocol.
    broken: bool,
    /// The writer has ended already.
    sink: Option<Sink>,
}

impl End {
    fn by(code: u16) -> Self {
        Self {
            code: Some(code),
            ..Self::default()
        }
    }
}

type Sink = SplitSink<Socket, Message>;

const fn close_code_of(error: &Error) -> u16 {
    match error {
        Error::Capacity(_) => SIZE,
        _ => PROTOCOL,
    }
}

/// Sends messages to the peer until the connection is closed or removed.
async fn write(mut sink: Sink, mut out: mpsc::Receiver<Outgoing>) -> Sink {
    loop {
        match out.recv().await {
            Some(Outgoing::Say(message)) => {
                if !matches!(timeout(WRITE_WITHIN, sink.send(message)).await, Ok(Ok(()))) {
                    return sink;
                }
            }
            Some(Outgoing::Close(code)) => return close(sink, code).await,
            // Removed: the peer is gone, or fell behind and may reconnect.
            None => return close(sink, AGAIN).await,
        }
    }
}

async fn close(mut sink: Sink, code: u16) -> Sink {
    let frame = CloseFrame {
        code: code.into(),
        reason: Utf8Bytes::from_static(""),
    };
    // Fails if the peer is gone already.
    let _ = timeout(CLOSE_WITHIN, sink.send(Message::Close(Some(frame)))).await;
    sink
}

/// Reads and discards until the peer closes or its time is up.
async fn drain(stream: &mut SplitStream<Socket>) {
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
