//! The WebSocket of a page.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// The connection closed, or an answer did not come in time.
#[derive(Debug)]
pub(crate) struct Cut;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) struct Socket {
    stream: Stream,
    session: String,
    page: String,
    n: u32,
}

impl Socket {
    /// Connects as a page that was just loaded.
    pub(crate) async fn dial(base: &str, cookie: &str, session: &str) -> Result<Self, Cut> {
        Ok(Self {
            stream: stream(base, cookie).await?,
            session: session.to_owned(),
            page: random_id(),
            n: 0,
        })
    }

    /// Connects again as the same page.
    pub(crate) async fn redial(&mut self, base: &str, cookie: &str) -> Result<(), Cut> {
        self.stream = stream(base, cookie).await?;
        Ok(())
    }

    /// Attaches and, as the holder of the seat, joins.
    pub(crate) async fn enter(&mut self, seat: &str, joins: bool) -> Result<(), Cut> {
        self.say(json!({ "topic": "session", "type": "attach", "seat": seat }))
            .await?;
        self.hear_until(|heard| heard["type"] == "attached").await?;
        if joins {
            let name = if seat == "agent" { "-" } else { "Ada" };
            self.command(json!({
                "topic": "session", "type": "join", "name": name, "video_only": false,
                "microphone": true, "camera": true, "take": true,
            }))
            .await?;
        }
        Ok(())
    }

    /// Returns the relay's answer to an offer.
    pub(crate) async fn offer(&mut self, attempt: u32, sdp: &str) -> Result<String, Cut> {
        let offer =
            json!({ "topic": "signaling", "type": "offer", "attempt": attempt, "sdp": sdp });
        self.say(offer).await?;
        let answer = self
            .hear_until(|heard| heard["type"] == "answer" && heard["attempt"] == attempt)
            .await?;
        Ok(answer["sdp"].as_str().unwrap().to_owned())
    }

    /// Sends a numbered command and waits until it is answered.
    pub(crate) async fn command(&mut self, mut says: Value) -> Result<Value, Cut> {
        self.n += 1;
        let n = self.n;
        says["n"] = n.into();
        self.say(says).await?;
        self.hear_until(|heard| heard["type"] == "done" && heard["n"] == n)
            .await
    }

    pub(crate) async fn say(&mut self, mut says: Value) -> Result<(), Cut> {
        says["session"] = self.session.clone().into();
        says["page"] = self.page.clone().into();
        let message = Message::text(says.to_string());
        let sent = timeout_at(Instant::now() + ANSWER, self.stream.send(message)).await;
        sent.map_err(|_| Cut)?.map_err(|_| Cut)
    }

    /// Reads until a wanted message.
    pub(crate) async fn hear_until(
        &mut self,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, Cut> {
        let until = Instant::now() + ANSWER;
        loop {
            let heard = timeout_at(until, self.hear()).await.map_err(|_| Cut)??;
            if wanted(&heard) {
                return Ok(heard);
            }
        }
    }

    /// The next message. Nothing is lost if the wait is given up.
    pub(crate) async fn hear(&mut self) -> Result<Value, Cut> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return Err(Cut),
            }
        }
    }
}

async fn stream(base: &str, cookie: &str) -> Result<Stream, Cut> {
    let url = format!("{}/ws", base.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    for (name, value) in [
        ("origin", base),
        ("cookie", cookie),
        ("sec-websocket-protocol", "sightline.1"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let dialled = tokio_tungstenite::connect_async(request);
    let dialled = timeout_at(Instant::now() + ANSWER, dialled).await;
    let (stream, _) = dialled.map_err(|_| Cut)?.map_err(|_| Cut)?;
    Ok(stream)
}

fn random_id() -> String {
    // The standard library's seed of hash maps is random.
    let chance = || {
        use std::hash::{BuildHasher, Hasher};
        std::hash::RandomState::new().build_hasher().finish()
    };
    let bytes = [chance().to_be_bytes(), chance().to_be_bytes()].concat();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
