//! One gateway on free ports, and clients for each of its servers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ::http::{Method, Request, Response};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sightline_gateway::{Gateway, GatewaySettings, Limits};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// A test fails when something takes longer.
pub const WITHIN: Duration = Duration::from_secs(20);

pub const SECRET: &str = "from the secrets";

pub struct World {
    pub gateway: Gateway,
    pub folder: PathBuf,
    /// URL of the services that hold data.
    pub endpoint: String,
}

pub fn settings() -> GatewaySettings {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bin = Path::new(env!("CARGO_BIN_EXE_echo-function"));
    let mut settings = GatewaySettings::new(
        here.join("tests/fixtures/template.yaml"),
        bin.parent().unwrap().to_owned(),
    );
    let physical = &mut settings.deployment.physical;
    physical.insert("Table".to_owned(), "table-1".to_owned());
    physical.insert("Pictures".to_owned(), "pictures-made".to_owned());
    physical.insert("WebBucket".to_owned(), "web-1".to_owned());
    settings
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn limited(change: impl FnOnce(&mut Limits)) -> Self {
        Self::with(|settings| change(&mut settings.limits)).await
    }

    pub async fn with(change: impl FnOnce(&mut GatewaySettings)) -> Self {
        let folder = scratch();
        let mut settings = settings();
        let endpoint = secrets().await;
        settings.endpoint = Some(endpoint.clone());
        settings.page_dir = Some(folder.join("pages"));
        let events = folder.join("events");
        settings
            .env
            .insert("EVENTS".to_owned(), events.display().to_string());
        change(&mut settings);
        let gateway = Gateway::start(settings).await.unwrap();
        Self {
            gateway,
            folder,
            endpoint,
        }
    }

    /// Stops the gateway, and waits for it.
    pub async fn stop(mut self) {
        self.gateway.stop().await;
    }

    pub async fn api(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.gateway.ready().http_api);
        ask(Method::GET, &url, &[], "").await
    }

    pub async fn page(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.gateway.ready().page);
        ask(Method::GET, &url, headers, "").await
    }

    pub async fn control(&self, method: Method, path: &str, body: &Value) -> Answer {
        let url = format!("{}{path}", self.gateway.ready().control);
        let answer = ask(method, &url, &[], &body.to_string()).await;
        assert!(answer.status < 300, "{path}: {}", answer.text);
        answer
    }

    pub async fn faults(&self, faults: Value) {
        self.control(Method::POST, "/faults", &faults).await;
    }

    /// Returns the only open connection.
    pub async fn connection(&self) -> String {
        let all = self
            .control(Method::GET, "/connections", &json!(null))
            .await;
        let all = all.json();
        assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
        all[0]["connection"].as_str().unwrap().to_owned()
    }

    pub async fn connect(&self, query: &str) -> Client {
        self.dial(query, &[]).await.unwrap()
    }

    pub async fn dial(
        &self,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Client, Error> {
        let url = &self.gateway.ready().sockets["ws"];
        dial(&format!("{url}{query}"), headers).await
    }

    /// Waits for `count` events of one kind and returns them.
    pub async fn events(&self, kind: &str, count: usize) -> Vec<Value> {
        until(async || {
            let text = std::fs::read_to_string(self.folder.join("events")).unwrap_or_default();
            let events: Vec<Value> = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .filter(|event: &Value| event["requestContext"]["eventType"] == kind)
                .collect();
            (events.len() >= count).then_some(events)
        })
        .await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Repeats until there is an answer.
pub async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(WITHIN, asked).await.expect("it did not happen")
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: ::http::HeaderMap,
    pub bytes: Bytes,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub async fn ask(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let uri: ::http::Uri = url.parse().unwrap();
    let server = uri.authority().unwrap().to_string();
    let mut request = Request::builder()
        .method(method)
        .uri(uri.path_and_query().unwrap().as_str());
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", &server);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::from(body.to_owned())))
        .unwrap();
    let asked = async {
        let stream = TcpStream::connect(&server).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        }
    };
    timeout(WITHIN, asked).await.expect("no answer")
}

pub struct Client {
    pub socket: WebSocketStream<TcpStream>,
    pub protocol: Option<String>,
}

pub async fn dial(url: &str, headers: &[(&'static str, &str)]) -> Result<Client, Error> {
    let mut request = url.into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let server = request.uri().authority().unwrap().to_string();
    let stream = TcpStream::connect(server).await.unwrap();
    let shaken = tokio_tungstenite::client_async(request, stream);
    let (socket, answer) = timeout(WITHIN, shaken).await.expect("no handshake")?;
    let protocol = answer.headers().get("sec-websocket-protocol");
    let protocol = protocol.map(|name| name.to_str().unwrap().to_owned());
    Ok(Client { socket, protocol })
}

/// Returns the status of a refused handshake.
pub fn refusal(dialled: Result<Client, Error>) -> u16 {
    match dialled {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

impl Client {
    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        timeout(WITHIN, self.socket.send(message))
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn hear(&mut self) -> String {
        match timeout(WITHIN, self.socket.next()).await.expect("silence") {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn hear_json(&mut self) -> Value {
        serde_json::from_str(&self.hear().await).unwrap()
    }

    /// Returns the close code, or `None` if the connection broke off.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match timeout(WITHIN, self.socket.next())
                .await
                .expect("still open")
            {
                Some(Ok(Message::Close(frame))) => {
                    let frame = frame.unwrap();
                    assert_eq!(frame.reason.as_str(), "");
                    return Some(frame.code.into());
                }
                Some(Ok(Message::Text(text))) => panic!("{text}"),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }
}

pub fn scratch() -> PathBuf {
    static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("sightline-gateway-{}-{count}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let assets = folder.join("pages/assets");
    std::fs::create_dir_all(&assets).unwrap();
    let long = "x".repeat(2_000);
    for (name, content) in [
        ("j.html", "<p>customer</p>"),
        ("agent.html", "<p>agent</p>"),
        ("favicon.svg", "<svg/>"),
        ("assets/j-1.js", long.as_str()),
        ("assets/j-1.js.br", "packed"),
    ] {
        std::fs::write(folder.join("pages").join(name), content).unwrap();
    }
    folder
}

/// A Secrets Manager with one secret.
async fn secrets() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = service_fn(|request: Request<Incoming>| async move {
                assert_eq!(
                    request.headers()["x-amz-target"],
                    "secretsmanager.GetSecretValue"
                );
                let body = request.into_body().collect().await.unwrap().to_bytes();
                let body: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(body["SecretId"], "origin-secret");
                let answer = json!({ "SecretString": SECRET }).to_string();
                Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from(answer))))
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    format!("http://{address}")
}
