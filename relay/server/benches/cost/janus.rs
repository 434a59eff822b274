//! Janus, a relay of others, as Debian packages it. Its plugin EchoTest sends a page its own media
//! back, so a call costs as many packets as elsewhere: each is received, unprotected, protected and
//! sent.
//!
//! Options are those of Janus 1.1.2. What is not named here has its default: a full ICE agent whose
//! answer names its candidates, and a thread for each page. The package encrypts media with NSS.

use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

pub(crate) const PROGRAM: &str = "janus";
const PLUGIN: &str = "janus.plugin.echotest";
/// What else the package brings would take threads, memory and ports.
const OTHER_PLUGINS: &str =
    "audiobridge duktape lua nosip recordplay sip streaming textroom videocall videoroom voicemail";
const OTHER_TRANSPORTS: &str = "http mqtt nanomsg pfunix rabbitmq";
const START_WITHIN: Duration = Duration::from_secs(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// An address of this machine beside loopback, which Janus leaves out whatever its configuration
/// says. What is sent to it crosses loopback all the same.
pub(crate) fn own_address() -> Option<Ipv4Addr> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    let mut running = interfaces.iter().filter(|at| at.is_oper_up());
    running.find_map(|at| match at.ip() {
        // The pages refuse link-local ones.
        IpAddr::V4(at) if !at.is_loopback() && !at.is_link_local() => Some(at),
        _ => None,
    })
}

/// The folder of its configuration. Dropping it removes it.
pub(crate) struct Config {
    address: Ipv4Addr,
    /// Of its WebSocket.
    port: u16,
    folder: PathBuf,
}

impl Config {
    /// Writes what Janus reads when it starts.
    pub(crate) fn write() -> Self {
        let address = own_address().expect("an address beside loopback");
        // Janus would not say which port it has if it chose one. This one is free at the moment.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let name = format!("sightline-cost-janus-{}-{port}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let config = Self {
            address,
            port,
            folder,
        };
        config.put("janus", &config.core());
        let socket = format!("ws = true; ws_ip = \"127.0.0.1\"; ws_port = {port};");
        config.put("janus.transport.websockets", &group("general", &socket));
        config.put(PLUGIN, &group("general", ""));
        config
    }

    /// Its path.
    pub(crate) fn folder(&self) -> &str {
        self.folder.to_str().unwrap()
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(format!("{name}.jcfg")), text).unwrap();
    }

    fn core(&self) -> String {
        // Only errors are noted. A page says nothing after its offer, which would end its session.
        let general = format!(
            "debug_level = 2; debug_colors = false; log_to_stdout = false; log_to_file = {:?}; \
             session_timeout = 0;",
            self.folder.join("log")
        );
        let nat = format!("ice_enforce_list = \"{}\";", self.address);
        [
            group("general", &general),
            group("nat", &nat),
            group("plugins", &without(OTHER_PLUGINS)),
            group("transports", &without(OTHER_TRANSPORTS)),
            group("loggers", &without("jsonlog")),
        ]
        .concat()
    }

    /// What went wrong, in its words.
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn group(name: &str, settings: &str) -> String {
    format!("{name}: {{ {settings} }}\n")
}

/// Keeps these from being loaded.
fn without(names: &str) -> String {
    let files = names.split(' ').map(|name| format!("libjanus_{name}.so"));
    let files: Vec<String> = files.collect();
    format!("disable = \"{}\";", files.join(","))
}

type Link = WebSocketStream<TcpStream>;

/// A running Janus, as its pages reach it.
pub(crate) struct Janus {
    config: Config,
    /// Janus ends all sessions of a link that closes.
    link: Link,
    /// So far. What Janus says to one repeats its number.
    requests: u64,
}

impl Janus {
    /// Waits until Janus listens.
    pub(crate) async fn connect(config: Config) -> Self {
        let port = config.port;
        let dialled = async move {
            loop {
                if let Some(link) = dial(port).await {
                    return link;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let dialled = tokio::time::timeout(START_WITHIN, dialled).await;
        let Ok(link) = dialled else {
            panic!("Janus does not listen:\n{}", config.log());
        };
        Self {
            config,
            link,
            requests: 0,
        }
    }

    /// Where its media is.
    pub(crate) fn address(&self) -> IpAddr {
        self.config.address.into()
    }

    /// Brings the offer of a page, which has a session of its own. Returns the answer.
    pub(crate) async fn answer(&mut self, offer: &str) -> String {
        let created = self.ask(json!({ "janus": "create" })).await;
        let session = &created["data"]["id"];
        let attach = json!({ "janus": "attach", "session_id": session, "plugin": PLUGIN });
        let attached = self.ask(attach).await;
        let message = json!({
            "janus": "message",
            "session_id": session,
            "handle_id": attached["data"]["id"],
            "body": { "audio": true, "video": true },
            "jsep": { "type": "offer", "sdp": offer, "trickle": false },
        });
        let says = self.ask(message).await;
        let Some(answer) = says["jsep"]["sdp"].as_str() else {
            panic!("Janus has no answer: {says}\n{}", self.config.log());
        };
        answer.to_owned()
    }

    /// Says something. Returns what Janus says to it.
    async fn ask(&mut self, mut request: Value) -> Value {
        self.requests += 1;
        let transaction = self.requests.to_string();
        request["transaction"] = transaction.clone().into();
        let words = Message::text(request.to_string());
        self.link.send(words).await.unwrap();
        let heard = async {
            loop {
                let says = self.hear().await;
                // It also says what happens to other pages, and first that a message came.
                if says["transaction"] == transaction && says["janus"] != "ack" {
                    return says;
                }
            }
        };
        let heard = tokio::time::timeout(ANSWER_WITHIN, heard).await;
        let says = heard.expect("Janus answers");
        assert!(says["janus"] != "error", "Janus refuses: {says}");
        says
    }

    async fn hear(&mut self) -> Value {
        loop {
            match self.link.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(_)) => {}
                end => panic!("Janus left: {end:?}\n{}", self.config.log()),
            }
        }
    }
}

/// Dials once. Returns nothing while Janus does not listen.
async fn dial(port: u16) -> Option<Link> {
    let to = (Ipv4Addr::LOCALHOST, port);
    let stream = TcpStream::connect(to).await.ok()?;
    // The kernel may choose this very port for the near end, and TCP then reaches itself.
    if stream.local_addr().ok()? == stream.peer_addr().ok()? {
        return None;
    }
    let url = format!("ws://127.0.0.1:{port}/");
    let mut request = url.into_client_request().unwrap();
    let subprotocol = "janus-protocol".parse().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", subprotocol);
    let shaken = tokio_tungstenite::client_async(request, stream).await;
    let (link, _) = shaken.expect("Janus greets");
    Some(link)
}
