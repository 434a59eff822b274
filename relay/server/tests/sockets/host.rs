//! A minimal host: greets every relay that dials, sends messages on the link that said hello last,
//! and leaves the rest to the test.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sightline_wire::{FromRelay, RelayHears, RelaySays, ToRelay};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

enum Act {
    Say(RelayHears),
    Cut,
}

type Acts = mpsc::Sender<Act>;

/// What all links share.
struct Shared {
    heard: mpsc::Sender<RelaySays>,
    token: Mutex<Option<String>>,
    seen: Mutex<Option<IpAddr>>,
    /// The link that said hello last.
    owner: watch::Sender<Option<Acts>>,
    /// Links at the moment.
    links: watch::Sender<usize>,
    hellos: watch::Sender<usize>,
    /// Relays that left during the TLS handshake.
    strangers: watch::Sender<usize>,
}

pub(crate) struct Host {
    address: SocketAddr,
    scheme: &'static str,
    desk: Arc<Shared>,
    heard: mpsc::Receiver<RelaySays>,
}

impl Host {
    pub(crate) async fn start() -> Self {
        Self::listen(None).await
    }

    /// Behind TLS, with a certificate for `localhost` that only `tls/root.pem` vouches for.
    pub(crate) async fn start_with_tls() -> Self {
        let chain = CertificateDer::pem_slice_iter(include_bytes!("../tls/host.pem"));
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("../tls/host.key")).unwrap();
        let provider = tokio_rustls::rustls::crypto::aws_lc_rs::default_provider();
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain.collect::<Result<_, _>>().unwrap(), key)
            .unwrap();
        Self::listen(Some(Arc::new(config).into())).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> Self {
        // On every loopback address, so that it can be reached under other names too.
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let address = ([127, 0, 0, 1], listener.local_addr().unwrap().port()).into();
        let (hear, heard) = mpsc::channel(4096);
        let desk = Arc::new(Shared {
            heard: hear,
            token: Mutex::default(),
            seen: Mutex::default(),
            owner: watch::Sender::new(None),
            links: watch::Sender::new(0),
            hellos: watch::Sender::new(0),
            strangers: watch::Sender::new(0),
        });
        let scheme = if tls.is_some() { "wss" } else { "ws" };
        let shared = Arc::clone(&desk);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let desk = Arc::clone(&shared);
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        // A relay that does not trust this host leaves in the middle of it.
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, desk).await,
                            Err(_) => desk.strangers.send_modify(|strangers| *strangers += 1),
                        },
                        None => serve(stream, desk).await,
                    }
                });
            }
        });
        Self {
            address,
            scheme,
            desk,
            heard,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}/ws", self.scheme, self.address)
    }

    /// By a name that has to be looked up.
    pub(crate) fn url_by_name(&self) -> String {
        format!("{}://localhost:{}/ws", self.scheme, self.address.port())
    }

    pub(crate) fn token(&self) -> Option<String> {
        self.desk.token.lock().unwrap().clone()
    }

    /// From here on the host reports this address to relays.
    pub(crate) fn see(&self, at: &str) {
        *self.desk.seen.lock().unwrap() = Some(at.parse().unwrap());
    }

    /// Sends a message on the link that said hello last.
    pub(crate) async fn say(&self, hears: RelayHears) {
        let mut owner = self.desk.owner.subscribe();
        let waiting = async {
            // A link that closes may still be the owner for a moment.
            loop {
                let acts = owner.wait_for(Option::is_some).await.unwrap().clone();
                if acts.unwrap().send(Act::Say(hears.clone())).await.is_ok() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), waiting)
            .await
            .expect("a relay is there");
    }

    /// Drops the connection without closing it.
    pub(crate) async fn cut(&self) {
        let acts = self.desk.owner.borrow().clone();
        acts.unwrap().send(Act::Cut).await.ok().unwrap();
    }

    /// Waits until relays have said hello this often.
    pub(crate) async fn hellos(&self, count: usize) {
        let mut hellos = self.desk.hellos.subscribe();
        let waiting = hellos.wait_for(|hellos| *hellos >= count);
        let waited = tokio::time::timeout(Duration::from_secs(30), waiting);
        waited.await.expect("they say hello").unwrap();
    }

    /// Waits until this many relays did not trust this host.
    pub(crate) async fn strangers(&self, count: usize) {
        let mut strangers = self.desk.strangers.subscribe();
        let waiting = strangers.wait_for(|strangers| *strangers >= count);
        let waited = tokio::time::timeout(Duration::from_secs(10), waiting);
        waited.await.expect("they turn away").unwrap();
    }

    /// Waits until this many links are left.
    pub(crate) async fn links(&self, count: usize) {
        let mut links = self.desk.links.subscribe();
        let waiting = links.wait_for(|links| *links == count);
        let waited = tokio::time::timeout(Duration::from_secs(10), waiting);
        waited.await.expect("the others close").unwrap();
    }

    /// The next message of the relay that the test waits for. Skips others before it.
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

    /// The very next message, long before a lease is renewed.
    pub(crate) async fn expect_soon(&mut self, wanted: RelaySays) {
        let next = tokio::time::timeout(Duration::from_secs(5), self.heard.recv());
        assert_eq!(next.await.expect("soon"), Some(wanted));
    }

    /// All messages so far that the test did not wait for.
    pub(crate) fn heard(&mut self) -> Vec<RelaySays> {
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, desk: Arc<Shared>) {
    #[expect(
        clippy::result_large_err,
        reason = "the shape of the library's callback"
    )]
    let greet = |request: &Request, mut response: Response| {
        let headers = request.headers();
        let text = |name| Some(headers.get(name)?.to_str().unwrap().to_owned());
        *desk.token.lock().unwrap() = text("authorization");
        assert_eq!(text("sec-websocket-protocol").unwrap(), "sightline.1");
        response
            .headers_mut()
            .insert("sec-websocket-protocol", "sightline.1".parse().unwrap());
        Ok(response)
    };
    let Ok(mut link) = tokio_tungstenite::accept_hdr_async(stream, greet).await else {
        return;
    };
    desk.links.send_modify(|links| *links += 1);
    let (acts, mut to_do) = mpsc::channel(16);
    loop {
        let say = tokio::select! {
            act = to_do.recv() => match act {
                None | Some(Act::Cut) => break,
                Some(Act::Say(hears)) => hears,
            },
            message = link.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let FromRelay::Relay(says) = serde_json::from_str(&text).unwrap();
                    let hello = matches!(says, RelaySays::Hello { .. });
                    let greeted = hello || matches!(says, RelaySays::Lease { .. });
                    if hello {
                        desk.owner.send_replace(Some(acts.clone()));
                        desk.hellos.send_modify(|hellos| *hellos += 1);
                    }
                    let _ = desk.heard.send(says).await;
                    if !greeted {
                        continue;
                    }
                    let seen = *desk.seen.lock().unwrap();
                    RelayHears::Welcome { lease_s: 45, seen }
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
    desk.owner.send_if_modified(|owner| {
        let mine = owner
            .as_ref()
            .is_some_and(|other| other.same_channel(&acts));
        if mine {
            *owner = None;
        }
        mine
    });
    desk.links.send_modify(|links| *links -= 1);
}

/// One link, accepted by the test itself.
pub(crate) struct Single {
    link: tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>,
}

impl Single {
    /// Accepts it, receives hello, says welcome, and receives the first lease.
    pub(crate) async fn greet(stream: tokio::net::TcpStream) -> Self {
        #[expect(
            clippy::result_large_err,
            reason = "the shape of the library's callback"
        )]
        let greet = |_: &Request, mut response: Response| {
            let words = "sightline.1".parse().unwrap();
            response
                .headers_mut()
                .insert("sec-websocket-protocol", words);
            Ok(response)
        };
        let link = tokio_tungstenite::accept_hdr_async(stream, greet).await;
        let mut single = Self {
            link: link.unwrap(),
        };
        assert!(matches!(single.hear().await, RelaySays::Hello { .. }));
        single
            .say(RelayHears::Welcome {
                lease_s: 45,
                seen: None,
            })
            .await;
        assert!(matches!(single.hear().await, RelaySays::Lease { .. }));
        single
    }

    pub(crate) async fn say(&mut self, hears: RelayHears) {
        let words = serde_json::to_string(&ToRelay::Relay(hears)).unwrap();
        self.say_text(words).await;
    }

    /// Says something that need not be a word of the protocol.
    pub(crate) async fn say_text(&mut self, text: String) {
        self.link.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn hear(&mut self) -> RelaySays {
        let heard = tokio::time::timeout(Duration::from_secs(10), self.link.next());
        let Ok(Some(Ok(Message::Text(text)))) = heard.await else {
            panic!("expected a word");
        };
        let FromRelay::Relay(says) = serde_json::from_str(&text).unwrap();
        says
    }
}
