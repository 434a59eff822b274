//! The contract of pushes on `@connections`, against a server that follows the API reference of
//! PostToConnection and DeleteConnection.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::fake::{Asked, Fake, Reply};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::{Credentials, SharedCredentialsProvider};
use sightline_aws::ApiGatewayPush;
use sightline_host::contract::{self, Case};
use sightline_host::ports::{ConnectionKey, Push, Said};
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION};

/// A connection id in the form of API Gateway.
const CONNECTION: &str = "L0SM9cOFvHcCIhw=";

#[tokio::test]
async fn pushes_keep_their_contract() {
    let gateway = Gateway::start().await;
    let heard = async |count: usize| {
        let heard = gateway.heard();
        assert_eq!(heard.len(), count);
        heard
    };
    // The suite ends with the connection closed.
    contract::push(&gateway.sockets, &Case::new(1, 0), &key(), heard).await;
    assert!(!gateway.is_open());
}

#[tokio::test]
async fn a_connection_is_named_in_the_path_with_its_escapes() {
    for (connection, path) in [
        (CONNECTION, "/ws/@connections/L0SM9cOFvHcCIhw%3D"),
        ("a+b/c=", "/ws/@connections/a%2Bb%2Fc%3D"),
        ("../a?b#c", "/ws/@connections/..%2Fa%3Fb%23c"),
        // A relay's, at an API of its own.
        ("relay/a+b/c=", "/relay/@connections/a%2Bb%2Fc%3D"),
    ] {
        let (fake, sockets) = answering(|_| said(200)).await;
        let connection = ConnectionKey(connection.to_owned());
        let said = sockets.say(&connection, "{\"ä\":1}").await;
        assert_eq!(said, Ok(Said::Handed));
        sockets.close(&connection, 1000).await.unwrap();
        let asked = fake.asked();
        let asked: Vec<_> = asked
            .iter()
            .map(|asked| (asked.method.as_str(), asked.path.as_str(), &*asked.body))
            .collect();
        assert_eq!(asked, [("POST", path, "{\"ä\":1}"), ("DELETE", path, "")]);
    }
}

#[tokio::test]
async fn a_push_is_signed_for_the_api() {
    let (fake, sockets) = answering(|_| said(200)).await;
    sockets.say(&key(), "{}").await.unwrap();
    let asked = fake.asked();
    let signed = asked[0].headers["authorization"].to_str().unwrap();
    assert!(signed.contains("/eu-central-1/execute-api/aws4_request"));
}

#[tokio::test]
async fn a_push_that_fails_is_gone_or_an_error() {
    for (status, name, why, again, times) in [
        (
            403,
            Some("ForbiddenException"),
            "ForbiddenException",
            false,
            1,
        ),
        (
            413,
            Some("PayloadTooLargeException"),
            "PayloadTooLargeException",
            false,
            1,
        ),
        (
            400,
            Some("BadRequestException"),
            "BadRequestException",
            false,
            1,
        ),
        (
            429,
            Some("LimitExceededException"),
            "LimitExceededException",
            true,
            2,
        ),
        (
            500,
            Some("InternalServerError"),
            "InternalServerError",
            true,
            2,
        ),
        (503, None, "unnamed error", true, 2),
    ] {
        let (fake, sockets) = answering(move |_| failed(status, name)).await;
        let error = sockets.say(&key(), "{}").await.unwrap_err();
        assert_eq!((error.cause.as_str(), error.retryable), (why, again));
        assert_eq!(fake.asked().len(), times, "{why}");
        let error = sockets.close(&key(), 1000).await.unwrap_err();
        assert_eq!((error.cause.as_str(), error.retryable), (why, again));
    }
    for name in [Some("GoneException"), None] {
        let (fake, sockets) = answering(move |_| failed(410, name)).await;
        assert_eq!(sockets.say(&key(), "{}").await, Ok(Said::Gone));
        assert_eq!(sockets.close(&key(), 1000).await, Ok(()));
        assert_eq!(fake.asked().len(), 2, "once each");
    }
}

#[tokio::test]
async fn a_push_is_retried_after_a_short_failure() {
    for first in ["throttled", "lost"] {
        let before = Mutex::new(0);
        let (fake, sockets) = answering(move |_| {
            let mut before = before.lock().unwrap();
            *before += 1;
            match (*before, first) {
                (1, "lost") => Reply::HangsUp,
                (1, _) => failed(429, Some("LimitExceededException")),
                _ => said(200),
            }
        })
        .await;
        let said = sockets.say(&key(), "{}").await;
        assert_eq!(said, Ok(Said::Handed), "{first}");
        assert_eq!(fake.asked().len(), 2, "{first}");
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "measures")]
async fn a_push_times_out_soon() {
    let (fake, sockets) = answering(|_| Reply::Waits).await;
    let began = Instant::now();
    let error = sockets.say(&key(), "{}").await.unwrap_err();
    assert!(error.retryable);
    assert_eq!(error.cause, "timed out");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(!fake.asked().is_empty());
}

#[tokio::test]
async fn a_close_notice_precedes_a_close_with_a_meaning() {
    for (code, words) in [
        (CLOSE_VERSION, true),
        (CLOSE_FLOOD, true),
        (1000, false),
        (1001, false),
        (4000, false),
    ] {
        let gateway = Gateway::start().await;
        gateway.sockets.close(&key(), code).await.unwrap();
        let wanted = words.then(|| sightline_host::closing(code));
        assert_eq!(gateway.heard(), Vec::from_iter(wanted), "{code}");
        assert!(!gateway.is_open(), "{code}");
        // Once more, on the closed connection.
        assert_eq!(gateway.sockets.close(&key(), code).await, Ok(()));
    }
}

#[tokio::test]
async fn a_failed_close_notice_does_not_keep_a_connection_open() {
    let (fake, sockets) = answering(|asked| match asked.method.as_str() {
        "POST" => failed(403, Some("ForbiddenException")),
        _ => said(204),
    })
    .await;
    assert_eq!(sockets.close(&key(), CLOSE_FLOOD).await, Ok(()));
    let methods: Vec<_> = fake.asked().into_iter().map(|one| one.method).collect();
    assert_eq!(methods, ["POST", "DELETE"]);
}

/// An API with one open connection, [`CONNECTION`].
struct Gateway {
    sockets: ApiGatewayPush,
    /// The messages of each open connection.
    open: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    /// The messages of the connection before it was closed.
    last: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    async fn start() -> Self {
        let open = BTreeMap::from([(CONNECTION.to_owned(), Vec::new())]);
        let open = Arc::new(Mutex::new(open));
        let last = Arc::new(Mutex::new(Vec::new()));
        let (of_open, of_last) = (open.clone(), last.clone());
        let (_, sockets) = answering(move |asked| {
            let named = asked.path.strip_prefix("/ws/@connections/").unwrap();
            let named = named.replace("%3D", "=");
            let mut open = of_open.lock().unwrap();
            match (asked.method.as_str(), open.get_mut(&named)) {
                (_, None) => failed(410, Some("GoneException")),
                ("POST", Some(heard)) => {
                    heard.push(asked.body.clone());
                    said(200)
                }
                ("DELETE", Some(heard)) => {
                    of_last.lock().unwrap().append(heard);
                    open.remove(&named);
                    said(204)
                }
                (method, _) => panic!("{method}"),
            }
        })
        .await;
        Self {
            sockets,
            open,
            last,
        }
    }

    fn is_open(&self) -> bool {
        self.open.lock().unwrap().contains_key(CONNECTION)
    }

    /// Returns the messages since the last call.
    fn heard(&self) -> Vec<String> {
        let mut open = self.open.lock().unwrap();
        let mut heard = std::mem::take(&mut *self.last.lock().unwrap());
        heard.extend(
            open.get_mut(CONNECTION)
                .map(std::mem::take)
                .unwrap_or_default(),
        );
        heard
    }
}

async fn answering(
    replies: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> (Fake, ApiGatewayPush) {
    let fake = Fake::start(replies).await;
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(format!("{}/ws", fake.url))
        .build();
    let relays = config
        .to_builder()
        .endpoint_url(format!("{}/relay", fake.url))
        .build();
    let sockets = ApiGatewayPush::new(&Client::new(&config), &Client::new(&relays));
    (fake, sockets)
}

fn said(status: u16) -> Reply {
    Reply::Says(status, Vec::new(), String::new())
}

fn failed(status: u16, name: Option<&'static str>) -> Reply {
    let headers = name.map(|name| ("x-amzn-errortype", name));
    Reply::Says(
        status,
        Vec::from_iter(headers),
        "{\"message\":\"no\"}".to_owned(),
    )
}

fn key() -> ConnectionKey {
    ConnectionKey(CONNECTION.to_owned())
}
