//! A host as small as it can be: takes one relay at a time, says welcome, lets the test do the rest.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sightline_wire::{FromRelay, RelayHears, RelaySays, ToRelay};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

enum Act {
    Say(RelayHears),
    Cut,
}

pub(crate) struct Host {
    address: SocketAddr,
    acts: mpsc::Sender<Act>,
    heard: mpsc::Receiver<RelaySays>,
    token: Arc<Mutex<Option<String>>>,
}

impl Host {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acts, mut to_do) = mpsc::channel(16);
        let (hear, heard) = mpsc::channel(1024);
        let token = Arc::new(Mutex::new(None));
        let shown = Arc::clone(&token);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                #[expect(
                    clippy::result_large_err,
                    reason = "the shape of the library's callback"
                )]
                let greet = |request: &Request, mut response: Response| {
                    let headers = request.headers();
                    let text = |name| Some(headers.get(name)?.to_str().unwrap().to_owned());
                    *shown.lock().unwrap() = text("authorization");
                    assert_eq!(text("sec-websocket-protocol").unwrap(), "sightline.1");
                    response
                        .headers_mut()
                        .insert("sec-websocket-protocol", "sightline.1".parse().unwrap());
                    Ok(response)
                };
                let mut link = tokio_tungstenite::accept_hdr_async(stream, greet)
                    .await
                    .unwrap();
                loop {
                    let say = tokio::select! {
                        act = to_do.recv() => match act {
                            None => return,
                            Some(Act::Cut) => break,
                            Some(Act::Say(hears)) => hears,
                        },
                        message = link.next() => match message {
                            Some(Ok(Message::Text(text))) => {
                                let FromRelay::Relay(says) = serde_json::from_str(&text).unwrap();
                                let greeted = matches!(says, RelaySays::Hello { .. } | RelaySays::Lease { .. });
                                let _ = hear.send(says).await;
                                if !greeted {
                                    continue;
                                }
                                RelayHears::Welcome { lease_s: 45 }
                            }
                            Some(Ok(_)) => continue,
                            _ => break,
                        },
                    };
                    let words = serde_json::to_string(&ToRelay::Relay(say)).unwrap();
                    if link.send(Message::text(words)).await.is_err() {
                        break;
                    }
                }
            }
        });
        Self {
            address,
            acts,
            heard,
            token,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    pub(crate) fn token(&self) -> Option<String> {
        self.token.lock().unwrap().clone()
    }

    pub(crate) async fn say(&self, hears: RelayHears) {
        self.acts.send(Act::Say(hears)).await.ok().unwrap();
    }

    /// Drops the connection without a goodbye.
    pub(crate) async fn cut(&self) {
        self.acts.send(Act::Cut).await.ok().unwrap();
    }

    /// The next word of the relay that the test waits for; others before it are passed over.
    pub(crate) async fn expect(&mut self, wanted: impl Fn(&RelaySays) -> bool) -> RelaySays {
        let waiting = async {
            loop {
                let says = self.heard.recv().await.expect("the host runs");
                if wanted(&says) {
                    return says;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting)
            .await
            .expect("the relay says it")
    }

    /// The very next word, long before a lease is renewed.
    pub(crate) async fn expect_soon(&mut self, wanted: RelaySays) {
        let next = tokio::time::timeout(Duration::from_secs(5), self.heard.recv());
        assert_eq!(next.await.expect("soon"), Some(wanted));
    }
}
