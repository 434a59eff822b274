mod entry;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};
use sightline_host::limits::flood::{BURST, DROPPED_MAX};
use sightline_host::memory::Memory;
use sightline_host::ports::{Connections as _, Relays as _};
use sightline_host::{HostConfig, Keys};
use sightline_wire::api::Role;
use sightline_wire::{AgentId, CLOSE_FLOOD, CLOSE_VERSION, DisplayName, SUBPROTOCOL};

use super::*;
use crate::places::{CookieOwner, Places};
use crate::sockets::RELAY_STAGE;

const NOW_MS: u64 = 1_800_000_000_000;
const ORIGIN: &str = "https://help.example.com";
const SECRET: &str = "of CloudFront alone";

fn keys() -> Keys {
    Keys::from_bytes(&[7; 32]).with_relay_key("a secret of the relays")
}

fn handler() -> SocketHandler<Memory, MemoryPlaces> {
    let config = HostConfig::new("Example", ORIGIN);
    let host = Host::new(Memory::at(NOW_MS), config, keys());
    SocketHandler::new(host, MemoryPlaces::default()).behind(OriginSecret::new(SECRET.to_owned()))
}

/// Places in memory. The first `clashes` changes come too late.
#[derive(Default)]
struct MemoryPlaces(Mutex<Stored>);

#[derive(Default)]
struct Stored {
    places: BTreeMap<CookieOwner, (Places, u64)>,
    messages: BTreeMap<(String, u64), u64>,
    clashes: u32,
}

impl PlaceStore for MemoryPlaces {
    async fn places(&self, owner: CookieOwner) -> Result<(Places, u64), StoreError> {
        let stored = self.0.lock().unwrap();
        Ok(stored.places.get(&owner).cloned().unwrap_or_default())
    }

    async fn set_places(
        &self,
        owner: CookieOwner,
        places: &Places,
        revision: u64,
        _now_s: u64,
    ) -> Result<bool, StoreError> {
        let mut stored = self.0.lock().unwrap();
        if stored.clashes > 0 {
            stored.clashes -= 1;
            return Ok(false);
        }
        let before = stored.places.get(&owner).map_or(0, |(_, before)| *before);
        assert_eq!(before, revision, "nothing else changes it here");
        stored.places.insert(owner, (places.clone(), revision + 1));
        Ok(true)
    }

    async fn count_messages(
        &self,
        connection: &ConnectionKey,
        stretch: u64,
        messages: u32,
        _now_s: u64,
    ) -> Result<u64, StoreError> {
        let mut stored = self.0.lock().unwrap();
        let count = stored.messages.entry((connection.0.clone(), stretch));
        let count = count.or_default();
        *count += u64::from(messages);
        Ok(*count)
    }
}

fn key() -> ConnectionKey {
    ConnectionKey("TWegAcC4EowCHnA=".to_owned())
}

/// The event of a handshake.
fn connect(headers: &[(&str, &str)]) -> WsEvent {
    let one = |(name, value): &(&str, &str)| ((*name).to_owned(), json!(value));
    let all = |(name, value): &(&str, &str)| ((*name).to_owned(), json!([value]));
    event(json!({
        "headers": headers.iter().map(one).collect::<serde_json::Map<_, _>>(),
        "multiValueHeaders": headers.iter().map(all).collect::<serde_json::Map<_, _>>(),
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "extendedRequestId": "ZLp0TGqPliAFpOg=",
            "requestTime": "15/Jan/2027:08:00:00 +0000",
            "messageDirection": "IN",
            "stage": "ws",
            "connectedAt": NOW_MS,
            "requestTimeEpoch": NOW_MS,
            "identity": { "sourceIp": "192.0.2.7", "userAgent": "Mozilla/5.0" },
            "requestId": "ZLp0TGqPliAFpOg=",
            "domainName": "abc.execute-api.eu-central-1.amazonaws.com",
            "connectionId": key().0,
            "apiId": "abc"
        },
        "isBase64Encoded": false
    }))
}

fn message(body: &str, base64: bool) -> WsEvent {
    event(json!({
        "requestContext": {
            "routeKey": "chat",
            "messageId": "ZLp2MeGqliACEvg=",
            "eventType": "MESSAGE",
            "messageDirection": "IN",
            "connectedAt": NOW_MS,
            "identity": { "sourceIp": "192.0.2.7" },
            "connectionId": key().0,
        },
        "body": body,
        "isBase64Encoded": base64
    }))
}

fn disconnect() -> WsEvent {
    event(json!({
        "headers": { "Host": "abc.execute-api.eu-central-1.amazonaws.com", "x-api-key": "" },
        "multiValueHeaders": { "Host": ["abc.execute-api.eu-central-1.amazonaws.com"], "x-api-key": [""] },
        "requestContext": {
            "routeKey": "$disconnect",
            "disconnectStatusCode": 1001,
            "eventType": "DISCONNECT",
            "connectedAt": NOW_MS,
            "disconnectReason": "Going away",
            "identity": { "sourceIp": "192.0.2.7" },
            "connectionId": key().0,
        },
        "isBase64Encoded": false
    }))
}

fn event(json: Value) -> WsEvent {
    serde_json::from_value(json).unwrap()
}

fn agent_cookie() -> String {
    let name = DisplayName::new("Ada").unwrap();
    let agent = AgentId::from_bytes([1; 16]);
    let value = keys().agent(
        (agent, sightline_wire::SignInId::from_bytes([9; 16])),
        &name,
        Role::Agent,
        NOW_MS,
    );
    format!("theme=dark; __Host-agent={value}")
}

fn page(subprotocols: &str) -> WsEvent {
    let cookie = agent_cookie();
    connect(&[
        ("Cookie", &cookie),
        ("Host", "abc.execute-api.eu-central-1.amazonaws.com"),
        ("Origin", ORIGIN),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", subprotocols),
        ("Sec-WebSocket-Version", "13"),
        ("X-Sightline-Origin", SECRET),
        ("X-Forwarded-For", "198.51.100.4, 192.0.2.7"),
    ])
}

async fn answered(handler: &SocketHandler<Memory, MemoryPlaces>, event: WsEvent) -> Value {
    serde_json::to_value(handler.answer(event).await).unwrap()
}

#[tokio::test]
async fn a_page_is_accepted_with_the_subprotocol_it_asked_for() {
    let handler = handler();
    let wanted = json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": SUBPROTOCOL } });
    let several = format!("sightline.9, {SUBPROTOCOL}");
    assert_eq!(answered(&handler, page(&several)).await, wanted);
    let record = handler
        .host
        .ports()
        .find_connection(&key())
        .await
        .unwrap()
        .unwrap();
    assert!(record.agent.is_some() && !record.relay);
}

#[tokio::test]
async fn a_refused_handshake_has_its_status_and_no_body() {
    let handler = handler();
    assert_eq!(
        answered(&handler, page("chat")).await,
        json!({ "statusCode": 400 })
    );
    let foreign = connect(&[
        ("Origin", "https://evil.example"),
        ("X-Sightline-Origin", SECRET),
        ("Sec-WebSocket-Protocol", SUBPROTOCOL),
    ]);
    assert_eq!(
        answered(&handler, foreign).await,
        json!({ "statusCode": 403 })
    );
    let nobody = connect(&[
        ("Origin", ORIGIN),
        ("Sec-WebSocket-Protocol", SUBPROTOCOL),
        ("X-Sightline-Origin", SECRET),
    ]);
    assert_eq!(
        answered(&handler, nobody).await,
        json!({ "statusCode": 401 })
    );
    assert_eq!(handler.host.ports().find_connection(&key()).await, Ok(None));
}

#[tokio::test]
async fn headers_are_found_in_any_case_and_in_both_maps() {
    let handler = handler();
    let wanted = json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": SUBPROTOCOL } });
    let cookie = agent_cookie();
    let either = [
        json!({ "headers": { "cookie": cookie, "ORIGIN": ORIGIN, "sec-websocket-protocol": SUBPROTOCOL,
            "x-SIGHTLINE-origin": SECRET } }),
        json!({ "headers": null, "multiValueHeaders": {
            "COOKIE": ["theme=dark", cookie], "origin": [ORIGIN], "Sec-Websocket-Protocol": ["x", SUBPROTOCOL],
            "X-Sightline-Origin": [SECRET], "not a header": ["x"], "x-broken": ["a\nb"], "x-null": null
        } }),
    ];
    for mut headers in either {
        headers["requestContext"] = json!({ "eventType": "CONNECT", "connectionId": key().0 });
        assert_eq!(answered(&handler, event(headers)).await, wanted);
    }
}

#[tokio::test]
async fn a_page_past_cloudfront_is_refused_and_a_relay_is_not() {
    let handler = handler();
    let cookie = agent_cookie();
    let (origin, protocol) = (("Origin", ORIGIN), ("Sec-WebSocket-Protocol", SUBPROTOCOL));
    let wrong = ("X-Sightline-Origin", "guessed");
    let forged = ("Authorization", "Bearer forged");
    for (headers, status) in [
        (vec![("Cookie", cookie.as_str()), origin, protocol], 421),
        (
            vec![("Cookie", cookie.as_str()), origin, protocol, wrong],
            421,
        ),
        // With a token instead of the secret it is a relay, or nobody.
        (
            vec![("Cookie", cookie.as_str()), origin, protocol, forged],
            401,
        ),
    ] {
        let answer = answered(&handler, connect(&headers)).await;
        assert_eq!(answer, json!({ "statusCode": status }));
    }
    let token = format!("Bearer {}", keys().relay(NOW_MS));
    let dials = connect(&[("Authorization", &token)]);
    let answer = answered(&handler, dials).await;
    assert_eq!(answer, json!({ "statusCode": 200 }));
}

/// The same event at the relays' API.
fn at_relays(mut event: WsEvent) -> WsEvent {
    event.request_context.stage = Some(RELAY_STAGE.to_owned());
    event
}

/// Finding 4.
#[tokio::test]
async fn the_relays_api_admits_no_page_and_has_no_limit_of_pages() {
    let handler = handler();
    let answer = answered(&handler, at_relays(page(SUBPROTOCOL))).await;
    assert_eq!(answer, json!({ "statusCode": 421 }));

    let token = format!("Bearer {}", keys().relay(NOW_MS));
    let dials = at_relays(connect(&[("Authorization", &token)]));
    assert_eq!(
        answered(&handler, dials).await,
        json!({ "statusCode": 200 })
    );
    // The key leads a push to the API that the relay came to.
    let (ports, key) = (
        handler.host.ports(),
        ConnectionKey(format!("relay/{}", key().0)),
    );
    ports.open(&key);
    let hello = include_str!("../../../../wire/samples/from_relay/hello.json");
    let many = 2 * (BURST + DROPPED_MAX);
    for _ in 0..many {
        answered(&handler, at_relays(message(hello, false))).await;
    }
    assert_eq!(ports.heard(&key).len(), many as usize);
    assert!(handler.limits().is_empty(), "nothing was counted");
    answered(&handler, at_relays(disconnect())).await;
    assert_eq!(ports.find_connection(&key).await, Ok(None));
}

#[tokio::test]
async fn a_relay_receives_its_address_as_the_service_saw_it() {
    let handler = handler();
    let token = format!("Bearer {}", keys().relay(NOW_MS));
    let dials = connect(&[
        ("Authorization", &token),
        ("X-Forwarded-For", "203.0.113.9"),
    ]);
    assert_eq!(
        answered(&handler, dials).await,
        json!({ "statusCode": 200 })
    );
    let record = handler
        .host
        .ports()
        .find_connection(&key())
        .await
        .unwrap()
        .unwrap();
    let seen: IpAddr = "192.0.2.7".parse().unwrap();
    assert_eq!((record.relay, record.source), (true, Some(seen)));

    handler.host.ports().open(&key());
    let hello = include_str!("../../../../wire/samples/from_relay/hello.json");
    assert_eq!(
        answered(&handler, message(hello, false)).await,
        json!({ "statusCode": 200 })
    );
    let heard = handler.host.ports().heard(&key()).concat();
    assert!(
        heard.contains("welcome") && heard.contains("192.0.2.7"),
        "{heard}"
    );

    assert_eq!(
        answered(&handler, disconnect()).await,
        json!({ "statusCode": 200 })
    );
    assert_eq!(handler.host.ports().find_connection(&key()).await, Ok(None));
    assert_eq!(
        handler.host.ports().alive_relays(NOW_MS).await,
        Ok(Vec::new())
    );
}

#[tokio::test]
async fn a_malformed_message_is_refused_without_an_error() {
    let handler = handler();
    answered(&handler, page(SUBPROTOCOL)).await;
    handler.host.ports().open(&key());
    let binary = BASE64_STANDARD.encode([0xff, 0, 0x80]);
    let mut further = message("", false);
    further.body = None;
    let events = [
        message("{", false),
        message(r#"{"topic":"tea"}"#, false),
        message(&binary, true),
        message("no base64", true),
        further,
    ];
    for event in events {
        assert_eq!(
            answered(&handler, event).await,
            json!({ "statusCode": 200 })
        );
        let heard = handler.host.ports().heard(&key());
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(heard.concat().contains("refused"), "{heard:?}");
    }
}

#[tokio::test]
async fn a_binary_frame_is_read_as_what_it_holds() {
    let handler = handler();
    answered(&handler, page(SUBPROTOCOL)).await;
    handler.host.ports().open(&key());
    let says = r#"{"topic":"session","type":"ping","session":"AQEBAQEBAQEBAQEBAQEBAQ","page":"AQEBAQEBAQEBAQEBAQEBAQ"}"#;
    answered(&handler, message(says, false)).await;
    let as_text = handler.host.ports().heard(&key());
    answered(&handler, message(&BASE64_STANDARD.encode(says), true)).await;
    assert_eq!(handler.host.ports().heard(&key()), as_text);
    assert_eq!(as_text.len(), 1);
}

#[tokio::test]
async fn a_page_of_another_version_is_accepted_and_closed_at_its_first_message() {
    let handler = handler();
    let wanted =
        json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": "sightline.9" } });
    assert_eq!(answered(&handler, page("sightline.9")).await, wanted);
    handler.host.ports().open(&key());
    answered(&handler, message("{}", false)).await;
    assert_eq!(handler.host.ports().close_code(&key()), Some(CLOSE_VERSION));
}

#[tokio::test]
async fn a_flooder_is_warned_once_and_then_closed() {
    let handler = handler();
    answered(&handler, page(SUBPROTOCOL)).await;
    let ports = handler.host.ports();
    ports.open(&key());
    for _ in 0..BURST {
        answered(&handler, message("{", false)).await;
    }
    assert_eq!(ports.heard(&key()).len(), BURST as usize);
    for _ in 0..DROPPED_MAX {
        assert_eq!(ports.close_code(&key()), None);
        answered(&handler, message("{", false)).await;
    }
    assert_eq!(ports.heard(&key()), [too_often()]);
    answered(&handler, message("{", false)).await;
    assert_eq!(ports.close_code(&key()), Some(CLOSE_FLOOD));
}

#[tokio::test]
async fn a_relay_has_no_limit_and_a_page_that_writes_its_topic_has_one() {
    let handler = handler();
    let token = format!("Bearer {}", keys().relay(NOW_MS));
    answered(&handler, connect(&[("Authorization", &token)])).await;
    let ports = handler.host.ports();
    ports.open(&key());
    let hello = include_str!("../../../../wire/samples/from_relay/hello.json");
    let many = 2 * (BURST + DROPPED_MAX);
    for _ in 0..many {
        answered(&handler, message(hello, false)).await;
    }
    assert_eq!(ports.heard(&key()).len(), many as usize);

    let handler = self::handler();
    answered(&handler, page(SUBPROTOCOL)).await;
    let ports = handler.host.ports();
    ports.open(&key());
    for _ in 0..many {
        answered(&handler, message(hello, false)).await;
    }
    assert_eq!(ports.close_code(&key()), Some(CLOSE_FLOOD));
}

#[test]
fn debug_shows_no_content_of_an_event() {
    let told = format!("{:?}", page(SUBPROTOCOL));
    assert_eq!(
        told,
        r#"WsEvent { event_type: Some("CONNECT"), connection_id: Some("TWegAcC4EowCHnA="), .. }"#
    );
    let told = format!("{:?}", message("a word of a chat", false));
    assert!(told.contains("MESSAGE") && !told.contains("word"), "{told}");
}

#[tokio::test]
async fn an_event_without_a_connection_gets_an_answer() {
    assert_eq!(
        answered(&handler(), event(json!({}))).await,
        json!({ "statusCode": 400 })
    );
}
