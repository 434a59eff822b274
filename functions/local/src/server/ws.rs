//! The WebSocket: handshake, one reader and one writer a connection, limits, the end.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use sightline_host::flood::{Bucket, Flow};
use sightline_host::ports::ConnectionKey;
use sightline_host::{Admitted, Cookies, Handshake, NotAdmitted, too_often};
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::House;
use super::crowd::{Person, Place};
use crate::desk::now_ms;
use crate::sockets::Out;

/// Up to here a message that is too long gets a typed refusal; beyond it the connection closes with
/// 1009.
const REFUSED_BYTES_MAX: usize = 128 * 1024;

/// More than this is not read at all.
const READ_BYTES_MAX: usize = 1024 * 1024;

/// A connection that says nothing for so long is closed, as API Gateway does. Pages ping every 25
/// s.
const SILENCE_MAX: Duration = Duration::from_secs(600);

/// A peer that takes nothing for so long is gone.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

/// After our goodbye the peer has so long for its own. What it still sends is read and dropped:
/// closing with unread bytes would reset the connection, and the peer would never learn the reason.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// `/ws`.
pub async fn upgrade(
    State(house): State<House>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let handshake = Handshake::of(&headers);
    // Only a relay has a token. It goes past all limits for pages, once the host has checked the
    // token.
    let is_page = handshake.bearer.is_none();
    let permit = is_page
        .then(|| house.talks.clone().try_acquire_owned())
        .transpose();
    let Ok(permit) = permit else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let random = u128::from_be_bytes(crate::desk::random());
    let connection = ConnectionKey(format!("{random:032x}"));
    match house.host.connect(&connection, &handshake).await {
        Ok(Admitted::Speaks(subprotocol)) => {
            let persons = persons(&house, &handshake.cookies, is_page);
            let Ok((place, closing)) = house.crowd.enter(persons, &connection) else {
                house.host.disconnected(&connection).await;
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            };
            for oldest in &closing {
                house.host.ports().sockets.hang_up(oldest, CLOSE_FLOOD);
            }
            let upgrade = select(upgrade, subprotocol);
            let talk = Talk {
                // A relay's words are bounded by what pages ask of it.
                bucket: is_page.then(|| Bucket::new(now_ms())),
                connection: connection.clone(),
                house: house.clone(),
                _place: place,
                _permit: permit,
            };
            upgrade
                .on_failed_upgrade(move |_| {
                    tokio::spawn(async move { house.host.disconnected(&connection).await });
                })
                .on_upgrade(|socket| talk.run(socket))
        }
        Ok(Admitted::OtherVersion(subprotocol)) => {
            select(upgrade, Some(&subprotocol)).on_upgrade(|socket| async move {
                let _permit = permit;
                let (sink, mut stream) = socket.split();
                end(sink, CLOSE_VERSION).await;
                see_off(&mut stream).await;
            })
        }
        Err(refused) => refuse(refused),
    }
}

/// Whose connection it is, by the cookies that the host admitted it with.
fn persons(house: &House, cookies: &Cookies, is_page: bool) -> Vec<Person> {
    if !is_page {
        return Vec::new();
    }
    let (keys, now_ms) = (house.host.keys(), now_ms());
    match cookies.agent(keys, now_ms) {
        Some(agent) => vec![Person::Agent(agent.agent)],
        None => {
            let mut seats = cookies.seats(keys, now_ms);
            seats.sort_unstable();
            seats.dedup();
            seats.into_iter().map(Person::Customer).collect()
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

/// One connection's conversation.
struct Talk {
    house: House,
    connection: ConnectionKey,
    bucket: Option<Bucket>,
    _place: Place,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Talk {
    async fn run(mut self, socket: WebSocket) {
        let host = self.house.host.clone();
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
        see_off(&mut stream).await;
    }

    /// Takes messages one after the other, so that one connection's words keep their order. Taking
    /// one is never broken off.
    async fn read(&mut self, stream: &mut SplitStream<WebSocket>, writing: &mut JoinHandle<()>) {
        let sockets = &self.house.host.ports().sockets;
        loop {
            let next = tokio::select! {
                next = timeout(SILENCE_MAX, stream.next()) => next,
                _ = &mut *writing => return,
            };
            let message = match next {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => return sockets.hang_up(&self.connection, code_of(&error)),
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
            match self
                .bucket
                .as_mut()
                .map_or(Flow::Pass, |bucket| bucket.take(now_ms()))
            {
                Flow::Pass => self.house.host.message(&self.connection, &bytes).await,
                Flow::Warn => {
                    sockets.send(&self.connection, &too_often());
                }
                Flow::Drop => {}
                Flow::Close => {
                    tracing::warn!(connection.id = %self.connection.0, "connection floods and is closed");
                    return sockets.hang_up(&self.connection, CLOSE_FLOOD);
                }
            }
        }
    }
}

/// axum does not tell kinds of errors apart; tungstenite's capacity errors begin like this, and a
/// test watches it.
fn code_of(error: &axum::Error) -> u16 {
    if error.to_string().starts_with("Space limit exceeded") {
        close_code::SIZE
    } else {
        close_code::PROTOCOL
    }
}

/// Says what the connection is told, until it is closed or removed.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut out: mpsc::Receiver<Out>) {
    loop {
        match out.recv().await {
            Some(Out::Say(message)) => {
                if !matches!(timeout(WRITE_WITHIN, sink.send(message)).await, Ok(Ok(()))) {
                    return;
                }
            }
            Some(Out::Close(code)) => return end(sink, code).await,
            // Removed: the peer has gone, or fell behind and may come back.
            None => return end(sink, close_code::AGAIN).await,
        }
    }
}

async fn end(mut sink: SplitSink<WebSocket, Message>, code: u16) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(""),
    };
    // A peer that is gone hears no goodbye.
    let _ = timeout(GOODBYE_WITHIN, sink.send(Message::Close(Some(frame)))).await;
}

async fn see_off(stream: &mut SplitStream<WebSocket>) {
    let gone = async {
        loop {
            match stream.next().await {
                Some(Ok(_)) => {}
                None => return,
                // What cannot be read any more is waited out, so that the peer has time to read our
                // goodbye.
                Some(Err(_)) => std::future::pending().await,
            }
        }
    };
    let _ = timeout(GOODBYE_WITHIN, gone).await;
}
