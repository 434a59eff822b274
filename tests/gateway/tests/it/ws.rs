use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::world::{World, refusal, scratch};

#[tokio::test]
async fn the_subprotocol_is_the_one_that_connect_selects() {
    let world = World::new().await;
    let offered = [("sec-websocket-protocol", "sightline.1, sightline.2")];
    let client = world.dial("?select=sightline.1", &offered).await.unwrap();
    assert_eq!(client.protocol.as_deref(), Some("sightline.1"));
    // Like browsers, a client that offers a subprotocol and gets none drops the connection.
    assert!(world.dial("", &offered).await.is_err());
    assert_eq!(world.connect("").await.protocol, None);
}

#[tokio::test]
async fn a_refusal_by_connect_keeps_its_status() {
    let world = World::new().await;
    assert_eq!(refusal(world.dial("?status=401", &[]).await), 401);
    assert_eq!(refusal(world.dial("?status=403", &[]).await), 403);
    assert_eq!(refusal(world.dial("?fail=1", &[]).await), 502);
    assert_eq!(refusal(world.dial("?crash=1", &[]).await), 502);
    assert_eq!(refusal(world.dial("x", &[]).await), 403);
    let long = format!("?x={}", "y".repeat(4_096));
    assert_eq!(refusal(world.dial(&long, &[]).await), 414);
    let _admitted = world.connect("").await;
    // A refused connection is not listed.
    world.connection().await;
}

#[tokio::test]
async fn an_api_without_a_connect_route_admits_every_client() {
    let refused = "?status=401";
    let world = World::with(|settings| {
        let text = std::fs::read_to_string(&settings.template).unwrap();
        let without = text.replace(
            "!Ref Socket, RouteKey: $connect,",
            "!Ref Socket, RouteKey: another,",
        );
        assert_ne!(text, without);
        settings.template = scratch().join("template.yaml");
        std::fs::write(&settings.template, without).unwrap();
    });
    world.await.dial(refused, &[]).await.unwrap();
    let with_route = World::new().await.dial(refused, &[]).await;
    assert_eq!(refusal(with_route), 401);
}

#[tokio::test]
async fn a_push_before_connect_has_returned_is_gone() {
    let world = World::new().await;
    let offered = [("sec-websocket-protocol", "410")];
    let client = world.dial("?push=early", &offered).await.unwrap();
    assert_eq!(client.protocol.as_deref(), Some("410"));
}

#[tokio::test]
async fn events_look_as_aws_sends_them() {
    let world = World::new().await;
    let headers = [("x-test-source", "192.0.2.7"), ("cookie", "a=b")];
    let mut client = world.dial("?a=1&a=2", &headers).await.unwrap();
    client.say(json!({ "topic": "chat" })).await;
    let message = world.events("MESSAGE", 1).await.remove(0);
    let connection = world.connection().await;
    client.socket.close(None).await.unwrap();
    let connect = world.events("CONNECT", 1).await.remove(0);
    let disconnect = world.events("DISCONNECT", 1).await.remove(0);

    assert!(connect.get("body").is_none() && disconnect.get("body").is_none());
    assert_eq!(connect["headers"]["Cookie"], "a=b");
    assert_eq!(connect["headers"]["X-Forwarded-For"], "192.0.2.7");
    assert_eq!(
        connect["headers"]["Host"],
        "socket.execute-api.eu-central-1.amazonaws.com"
    );
    assert_eq!(connect["multiValueHeaders"]["Cookie"], json!(["a=b"]));
    assert_eq!(connect["queryStringParameters"], json!({ "a": "2" }));
    assert_eq!(
        connect["multiValueQueryStringParameters"],
        json!({ "a": ["1", "2"] })
    );
    assert!(message.get("headers").is_none());
    assert_eq!(message["body"], r#"{"topic":"chat"}"#);
    let keys = [
        ("CONNECT", "$connect", &connect),
        ("MESSAGE", "chat", &message),
        ("DISCONNECT", "$disconnect", &disconnect),
    ];
    for (kind, route, event) in keys {
        let context = &event["requestContext"];
        assert_eq!(context["eventType"], kind);
        assert_eq!(context["routeKey"], route);
        assert_eq!(context["connectionId"], connection);
        assert_eq!(context["identity"]["sourceIp"], "192.0.2.7");
        assert_eq!(context["stage"], "ws");
        assert_eq!(context["messageDirection"], "IN");
        assert_eq!(
            context["connectedAt"],
            connect["requestContext"]["connectedAt"]
        );
        assert!(context["requestTimeEpoch"].as_u64() >= context["connectedAt"].as_u64());
    }
    assert_eq!(disconnect["requestContext"]["disconnectStatusCode"], 1005);
}

#[tokio::test]
async fn messages_go_by_topic_and_all_else_to_default() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    for text in [r#"{"topic":"chat"}"#, r#"{"topic":"nothing"}"#, "no json"] {
        client.send(Message::text(text)).await;
    }
    let events = world.events("MESSAGE", 3).await;
    let route = |text: &str| {
        let event = events.iter().find(|event| event["body"] == text);
        event.unwrap()["requestContext"]["routeKey"].clone()
    };
    assert_eq!(route(r#"{"topic":"chat"}"#), "chat");
    assert_eq!(route(r#"{"topic":"nothing"}"#), "$default");
    assert_eq!(route("no json"), "$default");
}

#[tokio::test]
async fn a_body_reaches_the_client_only_with_a_route_response() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    client
        .say(json!({ "topic": "chat", "body": "unsent", "push": "one" }))
        .await;
    assert_eq!(client.hear().await, "one");
    world.events("MESSAGE", 1).await;
    client
        .say(json!({ "topic": "answering", "body": "sent" }))
        .await;
    assert_eq!(client.hear().await, "sent");
}

#[tokio::test]
async fn a_failed_integration_names_connection_and_request() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    let connection = world.connection().await;
    for failing in ["fail", "crash"] {
        client.say(json!({ "topic": "chat", failing: true })).await;
        let told = client.hear_json().await;
        assert_eq!(told["message"], "Internal server error", "{failing}");
        assert_eq!(told["connectionId"], connection);
        assert_eq!(told["requestId"].as_str().unwrap().len(), 16);
    }
    // A crashed process is replaced.
    client.say(json!({ "topic": "chat", "push": "back" })).await;
    assert_eq!(client.hear().await, "back");
}

#[tokio::test]
async fn an_integration_that_is_late_is_an_error_and_its_function_runs_on() {
    let world = World::limited(|limits| limits.ws_integration = Duration::from_secs(2)).await;
    let mut client = world.connect("").await;
    client
        .say(json!({ "topic": "chat", "sleep_ms": 3_000, "push": "late" }))
        .await;
    assert_eq!(client.hear_json().await["message"], "Internal server error");
    assert_eq!(client.hear().await, "late");
}

#[tokio::test]
async fn messages_of_one_connection_run_side_by_side() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    client
        .say(json!({ "topic": "chat", "sleep_ms": 1_000, "push": "slow" }))
        .await;
    client
        .say(json!({ "topic": "chat", "push": "quick" }))
        .await;
    assert_eq!(client.hear().await, "quick");
    assert_eq!(client.hear().await, "slow");
}

#[tokio::test]
async fn reordering_is_seeded_and_loses_nothing() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    world.faults(json!({ "seed": 5, "reorder_ms": 200 })).await;
    for number in 0..12 {
        client
            .say(json!({ "topic": "chat", "push": format!("{number:02}") }))
            .await;
    }
    let mut heard = Vec::new();
    for _ in 0..12 {
        heard.push(client.hear().await);
    }
    assert!(!heard.is_sorted(), "{heard:?}");
    assert_eq!(heard.iter().collect::<BTreeSet<_>>().len(), 12);
}

#[tokio::test]
async fn a_frame_over_32_kb_closes_with_1009() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    client.send(Message::text("x".repeat(32 * 1024))).await;
    world.events("MESSAGE", 1).await;
    client.send(Message::text("x".repeat(32 * 1024 + 1))).await;
    assert_eq!(client.closed().await, Some(1009));
    let disconnect = world.events("DISCONNECT", 1).await.remove(0);
    assert_eq!(disconnect["requestContext"]["disconnectStatusCode"], 1009);
}

#[tokio::test]
async fn a_message_of_frames_over_128_kb_closes_with_1009() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    let frame = |data, bytes, last| {
        Message::Frame(Frame::message(vec![b'x'; bytes], OpCode::Data(data), last))
    };
    client.send(frame(Data::Text, 32 * 1024, false)).await;
    for last in [false, false, true] {
        client.send(frame(Data::Continue, 32 * 1024, last)).await;
    }
    let event = world.events("MESSAGE", 1).await.remove(0);
    assert_eq!(event["body"].as_str().unwrap().len(), 128 * 1024);
    client.send(frame(Data::Text, 32 * 1024, false)).await;
    for _ in 0..3 {
        client.send(frame(Data::Continue, 32 * 1024, false)).await;
    }
    client.send(frame(Data::Continue, 1, true)).await;
    assert_eq!(client.closed().await, Some(1009));
}

#[tokio::test]
async fn a_silent_connection_ends_and_pings_do_not_count() {
    let world = World::limited(|limits| limits.idle = Duration::from_secs(2)).await;
    let mut client = world.connect("").await;
    // Messages keep it open for longer than the limit, in steps of a quarter.
    for _ in 0..5 {
        client
            .say(json!({ "topic": "chat", "sleep_ms": 500, "push": "on" }))
            .await;
        assert_eq!(client.hear().await, "on");
    }
    client.send(Message::Ping(Vec::new().into())).await;
    assert_eq!(client.closed().await, Some(1001));
    world.events("DISCONNECT", 1).await;
}

#[tokio::test]
async fn any_connection_ends_after_its_longest_time() {
    let world = World::limited(|limits| limits.connection_max = Duration::from_secs(2)).await;
    let mut client = world.connect("").await;
    client.say(json!({ "topic": "chat", "push": "on" })).await;
    assert_eq!(client.hear().await, "on");
    assert_eq!(client.closed().await, Some(1001));
}

#[tokio::test]
async fn disconnect_is_delivered_unless_it_is_lost() {
    let world = World::new().await;
    let lost = world.connect("").await;
    world.faults(json!({ "lose_disconnect": true })).await;
    drop(lost);
    crate::world::until(async || {
        let all = world
            .control(http::Method::GET, "/connections", &json!(null))
            .await;
        (all.json() == json!([])).then_some(())
    })
    .await;
    world.faults(json!({})).await;
    drop(world.connect("").await);
    let told = world.events("DISCONNECT", 1).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["requestContext"]["disconnectStatusCode"], 1006);
}

#[tokio::test]
async fn a_cut_connection_gets_no_close_frame() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    let connection = world.connection().await;
    world
        .control(
            http::Method::POST,
            "/close",
            &json!({ "connection": connection }),
        )
        .await;
    assert_eq!(client.closed().await, None);
    let mut client = world.connect("").await;
    let connection = world.connection().await;
    let close = json!({ "connection": connection, "code": 4001 });
    world.control(http::Method::POST, "/close", &close).await;
    assert_eq!(client.closed().await, Some(4001));
}

#[tokio::test]
async fn faults_fall_on_the_function_they_name() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    let rules = json!({ "rules": [
        { "function": "Chat", "route": "chat", "throttle_429_percent": 100 },
        { "route": "answering", "lose_answer_percent": 100 },
        { "route": "short", "drop_percent": 100 },
    ] });
    world.faults(rules).await;
    client
        .say(json!({ "topic": "short", "push": "dropped" }))
        .await;
    client.say(json!({ "topic": "chat", "push": "no" })).await;
    assert_eq!(client.hear_json().await["message"], "Too Many Requests");
    client
        .say(json!({ "topic": "answering", "body": "no" }))
        .await;
    assert_eq!(client.hear_json().await["message"], "Internal server error");
    // It ran in any case; the dropped one did not.
    let events = world.events("MESSAGE", 1).await;
    assert_eq!(events.len(), 1);
    let wanted = [
        "$connect: ok",
        "answering: failed",
        "chat: throttled",
        "short: vanished",
    ];
    let wanted: BTreeSet<_> = wanted.map(str::to_owned).into();
    crate::world::until(async || {
        let log = world.control(http::Method::GET, "/log", &json!(null)).await;
        let log = log.json();
        let outcomes = log.as_array().unwrap().iter().map(|entry| {
            let (route, outcome) = (&entry["route"], &entry["outcome"]);
            format!("{}: {}", route.as_str().unwrap(), outcome.as_str().unwrap())
        });
        (outcomes.collect::<BTreeSet<_>>() == wanted).then_some(())
    })
    .await;
}
