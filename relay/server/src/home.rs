//! The link home: dials the host's WebSocket, keeps the lease, carries words both ways.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, StatusCode, Uri, header};
use sightline_wire::{
    FromRelay, MESSAGE_BYTES_MAX, RelayHears, RelayId, RelaySays, SUBPROTOCOL, ToRelay,
};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::media::Command;
use crate::{BindError, Counters, TokenSource, chance};

/// How often the lease is renewed. It holds for three times as long.
const LEASE_EVERY: Duration = Duration::from_secs(15);
/// A link on which `hello` or `lease` stays unanswered for so long is dead, whatever TCP believes.
const WELCOME_WITHIN: Duration = Duration::from_secs(10);
/// How long a dial may take.
const DIAL_WITHIN: Duration = Duration::from_secs(5);
/// Shortest and longest wait before the next dial; in between it is chance (full jitter), so that relays that lost the
/// same host do not come back together.
const BACKOFF_MIN: Duration = Duration::from_millis(200);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// How often a line about a relay at work is logged.
const REPORT_EVERY: Duration = Duration::from_secs(60);

type Link = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Whom to dial, and what to say.
pub(crate) struct Home {
    pub(crate) url: String,
    pub(crate) token: TokenSource,
    pub(crate) relay: RelayId,
    pub(crate) rooms_max: u32,
    pub(crate) media: Vec<SocketAddr>,
    pub(crate) counters: Arc<Counters>,
}

/// Whether an address can be dialled at all.
pub(crate) fn check(url: &str) -> Result<(), BindError> {
    let refuse = |why| {
        Err(BindError::Home {
            url: url.to_owned(),
            why,
        })
    };
    let Ok(uri) = url.parse::<Uri>() else {
        return refuse("not an address");
    };
    match uri.scheme_str() {
        Some("ws") if uri.host().is_some() => Ok(()),
        Some("wss") => refuse("this build has no TLS for the link home"),
        _ => refuse("not the address of a WebSocket"),
    }
}

/// Why a link ended.
#[derive(Debug, thiserror::Error)]
enum LinkEnd {
    #[error("the relay is leaving")]
    Leaving,
    #[error("no answer within {} s", WELCOME_WITHIN.as_secs())]
    Silence,
    #[error("the host closed the link")]
    Closed,
    #[error("the token does not fit into a header")]
    Token,
    #[error("the host refused the token")]
    TokenRefused,
    #[error(transparent)]
    Trouble(Error),
}

impl From<Error> for LinkEnd {
    fn from(error: Error) -> Self {
        match error {
            Error::Http(answer) if answer.status() == StatusCode::UNAUTHORIZED => {
                Self::TokenRefused
            }
            error => Self::Trouble(error),
        }
    }
}

impl Home {
    /// Keeps a link to the host until there is nothing more to say: the media thread dropped its end of `says`.
    pub(crate) async fn run(
        self,
        mut says: mpsc::Receiver<RelaySays>,
        commands: mpsc::Sender<Command>,
    ) {
        let mut tries = 0;
        loop {
            let welcomes = self.counters.snapshot().welcomes;
            let end = match self.dial().await {
                Ok(link) => self.stay(link, &mut says, &commands).await,
                Err(end) => end,
            };
            self.counters.update(|latest| latest.at_home = false);
            match end {
                LinkEnd::Leaving => return,
                end => tracing::warn!(%end, "link to the host is down"),
            }
            if self.counters.snapshot().welcomes > welcomes {
                tries = 0;
            }
            let wait = backoff(tries, chance());
            tries += 1;
            if !wait_unless_leaving(wait, &says).await {
                return;
            }
        }
    }

    async fn dial(&self) -> Result<Link, LinkEnd> {
        let mut request = self.url.as_str().into_client_request()?;
        let headers = request.headers_mut();
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", (self.token)()))
            .map_err(|_| LinkEnd::Token)?;
        bearer.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
        let limits = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let dialled = tokio_tungstenite::connect_async_with_config(request, Some(limits), true);
        let (link, _) = tokio::time::timeout(DIAL_WITHIN, dialled)
            .await
            .map_err(|_| LinkEnd::Silence)??;
        Ok(link)
    }

    /// Says hello and carries words until the link ends.
    async fn stay(
        &self,
        mut link: Link,
        says: &mut mpsc::Receiver<RelaySays>,
        commands: &mpsc::Sender<Command>,
    ) -> LinkEnd {
        let hello = RelaySays::Hello {
            relay: self.relay,
            rooms_max: self.rooms_max,
            media: self.media.clone(),
        };
        if let Err(error) = say(&mut link, hello).await {
            return error.into();
        }
        let mut lease = tokio::time::interval_at(Instant::now() + LEASE_EVERY, LEASE_EVERY);
        lease.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut report = tokio::time::interval_at(Instant::now() + REPORT_EVERY, REPORT_EVERY);
        let mut greeted = false;
        // When the host must have answered by; `None` while nothing is asked.
        let mut patience = Some(Instant::now() + WELCOME_WITHIN);
        loop {
            let silence = async {
                match patience {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = silence => return LinkEnd::Silence,
                said = says.recv() => {
                    let Some(said) = said else {
                        return self.farewell(link).await;
                    };
                    if let Err(error) = say(&mut link, said).await {
                        return error.into();
                    }
                }
                message = link.next() => match message {
                    None => return LinkEnd::Closed,
                    Some(Err(error)) => return error.into(),
                    Some(Ok(Message::Close(_))) => return LinkEnd::Closed,
                    Some(Ok(Message::Text(text))) => {
                        if self.hear(text.as_str(), commands) {
                            patience = None;
                            // Hello does not tell of rooms that outlived the last link, nor of draining. Only its answer says
                            // that it was taken in: words said together may overtake each other on their way.
                            if !greeted {
                                greeted = true;
                                lease.reset_immediately();
                            }
                        }
                    }
                    Some(Ok(_)) => {}
                },
                _ = lease.tick() => {
                    if let Err(error) = say(&mut link, self.lease()).await {
                        return error.into();
                    }
                    patience.get_or_insert(Instant::now() + WELCOME_WITHIN);
                }
                _ = report.tick() => self.report(),
            }
        }
    }

    /// Takes a word of the host; says whether it was the answer to hello or lease.
    fn hear(&self, text: &str, commands: &mpsc::Sender<Command>) -> bool {
        match serde_json::from_str(text) {
            Ok(ToRelay::Relay(RelayHears::Welcome { .. })) => {
                self.counters.update(|latest| {
                    latest.welcomes += u64::from(!latest.at_home);
                    latest.at_home = true;
                });
                true
            }
            Ok(ToRelay::Relay(hears)) => {
                if commands.try_send(Command::Hear(hears)).is_err() {
                    tracing::warn!("media thread is behind, the host's word is dropped");
                }
                false
            }
            Err(error) => {
                // The text itself may hold a session description.
                tracing::warn!(
                    line = error.line(),
                    column = error.column(),
                    "the host's word is not understood"
                );
                false
            }
        }
    }

    fn lease(&self) -> RelaySays {
        let latest = self.counters.snapshot();
        RelaySays::Lease {
            relay: self.relay,
            rooms: latest.rooms,
            draining: latest.draining,
        }
    }

    async fn farewell(&self, mut link: Link) -> LinkEnd {
        let _ = say(&mut link, self.lease()).await;
        let _ = link.close(None).await;
        LinkEnd::Leaving
    }

    fn report(&self) {
        let latest = self.counters.snapshot();
        if latest.rooms > 0 {
            tracing::info!(
                rooms = latest.rooms,
                participants = latest.participants,
                packets_forwarded = latest.packets_forwarded,
                packets_dropped = latest.packets_dropped,
                datagrams_foreign = latest.datagrams_foreign,
                datagrams_unsent = latest.datagrams_unsent,
                "relay at work"
            );
        }
    }
}

async fn say(link: &mut Link, says: RelaySays) -> Result<(), Error> {
    let words = serde_json::to_string(&FromRelay::Relay(says)).expect("words have only text keys");
    // A link that takes no bytes for so long is dead.
    tokio::time::timeout(WELCOME_WITHIN, link.send(Message::text(words)))
        .await
        .unwrap_or(Err(Error::ConnectionClosed))
}

/// Waits; says whether the relay still stays.
async fn wait_unless_leaving(wait: Duration, says: &mpsc::Receiver<RelaySays>) -> bool {
    let until = Instant::now() + wait;
    while Instant::now() < until && !says.is_closed() {
        tokio::time::sleep(BACKOFF_MIN / 2).await;
    }
    !says.is_closed()
}

/// Between the shortest wait and one that doubles with each try, by chance.
fn backoff(tries: u32, chance: u64) -> Duration {
    let cap = BACKOFF_MIN
        .saturating_mul(1_u32.checked_shl(tries + 1).unwrap_or(u32::MAX))
        .min(BACKOFF_MAX);
    let span = (cap - BACKOFF_MIN).as_millis() as u64 + 1;
    BACKOFF_MIN + Duration::from_millis(chance % span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_seconds_and_never_leave_their_bounds() {
        for tries in 0..40 {
            for chance in [0, 1, 12_345, u64::MAX] {
                let wait = backoff(tries, chance);
                assert!((BACKOFF_MIN..=BACKOFF_MAX).contains(&wait), "{wait:?}");
            }
        }
        assert!(backoff(0, u64::MAX) <= 2 * BACKOFF_MIN);
        assert_eq!(backoff(20, 4800), BACKOFF_MAX);
    }

    #[test]
    fn only_addresses_that_can_be_dialled_are_taken() {
        assert!(check("ws://127.0.0.1:8080/ws").is_ok());
        let tls = check("wss://example.com/ws").unwrap_err().to_string();
        assert_eq!(
            tls,
            "cannot dial wss://example.com/ws: this build has no TLS for the link home"
        );
        for url in ["", "http://example.com", "/ws", "ws://"] {
            assert!(check(url).is_err(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_called_by_its_name() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let home = Home {
            url: format!("ws://{}/ws", listener.local_addr().unwrap()),
            token: Box::new(|| "old".to_owned()),
            relay: RelayId::from_bytes([1; 16]),
            rooms_max: 1,
            media: Vec::new(),
            counters: Arc::default(),
        };
        for (status, said) in [
            ("401 Unauthorized", "the host refused the token"),
            ("503 Busy", "HTTP error: 503 Service Unavailable"),
        ] {
            let answer = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 2048]).await.unwrap();
                let words = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(words.as_bytes()).await.unwrap();
            };
            let (dialled, ()) = tokio::join!(home.dial(), answer);
            assert_eq!(dialled.err().unwrap().to_string(), said);
        }
    }
}
