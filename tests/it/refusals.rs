//! Messages outside the protocol get a typed refusal over the real socket, and do not affect
//! connection and session.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sightline_wire::{CLOSE_FLOOD, EventKind, MESSAGE_BYTES_MAX, PublicFact, SessionId};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::page::{Socket, dial};
use crate::world::{World, random_page};

struct Raw(Socket);

impl Raw {
    async fn connect(world: &World, cookie: &str) -> Self {
        Self(dial(world.base(), cookie).await.unwrap().0)
    }

    async fn say(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    /// Receives the next message other than pushes of the session.
    async fn hear(&mut self) -> Value {
        loop {
            let message = timeout(Duration::from_secs(5), self.0.next())
                .await
                .expect("an answer")
                .unwrap()
                .unwrap();
            if let Message::Text(text) = message {
                let value: Value = serde_json::from_str(&text).unwrap();
                if value["type"] != "events" && value["type"] != "connection" {
                    return value;
                }
            }
        }
    }

    async fn ask(&mut self, text: impl Into<String>) -> Value {
        self.say(text).await;
        self.hear().await
    }

    /// Returns the close code, skipping other messages.
    async fn close_code(&mut self) -> u16 {
        loop {
            match timeout(Duration::from_secs(5), self.0.next())
                .await
                .expect("an end")
            {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                end => panic!("no close code: {end:?}"),
            }
        }
    }
}

fn message(session: SessionId, rest: Value) -> String {
    let mut value = json!({ "session": session, "page": random_page() });
    value
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    value.to_string()
}

fn refused(why: &str) -> Value {
    json!({ "topic": "session", "type": "refused", "why": why })
}

async fn messages_without_a_number_are_refused(raw: &mut Raw) {
    let malformed = [
        "",
        "{",
        "[]",
        "null",
        "\u{0}",
        "{\"topic\":\"chat\"}",
        &"[".repeat(20_000),
    ];
    for text in malformed {
        assert_eq!(raw.ask(text).await, refused("malformed"), "{text:.40}");
    }
    assert_eq!(
        raw.ask("{\"topic\":\"weather\"}").await,
        refused("unknown_topic")
    );
    raw.0.send(Message::binary(vec![255; 100])).await.unwrap();
    assert_eq!(raw.hear().await, refused("malformed"));

    // One byte more than a message may have, and as much as is read at all.
    for bytes in [MESSAGE_BYTES_MAX + 1, 128 * 1024] {
        assert_eq!(raw.ask("x".repeat(bytes)).await, refused("too_long"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalid_messages_are_refused_and_do_no_harm() {
    let world = World::start();
    let mut call = world.call().await;
    let session = call.session;
    let before = world.log(&call.agent, session).await;
    let mut raw = Raw::connect(&world, &call.agent.cookie).await;

    messages_without_a_number_are_refused(&mut raw).await;
    let long = message(
        session,
        json!({ "topic": "chat", "type": "say", "n": 1, "text": "x".repeat(2_001) }),
    );
    let answer = raw.ask(long).await;
    assert_eq!(
        (&answer["type"], &answer["why"]),
        (&json!("done"), &Value::Null)
    );
    assert_eq!(
        (&answer["n"], &answer["refused"]["why"]),
        (&json!(1), &json!("malformed"))
    );

    // This connection is not attached to any seat.
    let ping = message(session, json!({ "topic": "session", "type": "ping" }));
    assert_eq!(raw.ask(ping).await["why"], "not_attached");
    // Its cookies give the agent's seat and no other, in this session and in an unknown one.
    let customer = json!({ "topic": "session", "type": "attach", "seat": "customer" });
    assert_eq!(
        raw.ask(message(session, customer.clone())).await["why"],
        "no_seat"
    );
    let unknown = SessionId::from_bytes([9; 16]);
    for seat in ["agent", "customer"] {
        let attach = json!({ "topic": "session", "type": "attach", "seat": seat });
        assert_eq!(raw.ask(message(unknown, attach)).await["why"], "no_seat");
    }
    // A page cannot send the messages of a relay.
    assert_eq!(
        raw.ask("{\"topic\":\"relay\",\"type\":\"lease\"}").await,
        refused("unknown_topic")
    );

    // After all that, the same connection attaches like any other.
    let attach = json!({ "topic": "session", "type": "attach", "seat": "agent" });
    assert_eq!(raw.ask(message(session, attach)).await["type"], "attached");
    assert_eq!(
        world.log(&call.agent, session).await,
        before,
        "the session is unharmed"
    );
    let done = call.customer_page.say("still here").await.unwrap();
    call.agent_page.catch_up(done.head).await;
    assert_eq!((call.customer_page.dials, call.agent_page.dials), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_reaches_no_other_session() {
    let world = World::start();
    let (one, other) = (world.call().await, world.call().await);
    let (cookie, _) = world.enter(&world.outbox().await[0].link).await;
    let mut raw = Raw::connect(&world, &cookie).await;
    for seat in ["agent", "customer"] {
        let attach = json!({ "topic": "session", "type": "attach", "seat": seat });
        assert_eq!(
            raw.ask(message(other.session, attach)).await["why"],
            "no_seat"
        );
    }
    let attach = json!({ "topic": "session", "type": "attach", "seat": "customer" });
    assert_eq!(
        raw.ask(message(one.session, attach)).await["type"],
        "attached"
    );
    // Attached to one session is not attached to another.
    let say = json!({ "topic": "chat", "type": "say", "n": 1, "text": "hello" });
    let answer = raw.ask(message(other.session, say)).await;
    assert_eq!(answer["refused"]["why"], "not_attached");
    assert!(
        !world
            .log(&other.agent, other.session)
            .await
            .iter()
            .any(|event| { matches!(event.kind, EventKind::Public(PublicFact::Said { .. })) })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_is_read_closes_with_1009() {
    let world = World::start();
    let agent = world.sign_in().await;
    for bytes in [128 * 1024 + 1, 1024 * 1024] {
        let mut raw = Raw::connect(&world, &agent.cookie).await;
        raw.say("x".repeat(bytes)).await;
        assert_eq!(raw.close_code().await, 1009, "{bytes}");
    }
    // Unread data may fill all buffers on the way: then the connection is reset before the close
    // frame arrives.
    let mut raw = Raw::connect(&world, &agent.cookie).await;
    let endless = Message::text("x".repeat(64 * 1024 * 1024));
    if raw.0.send(endless).await.is_ok() {
        assert_eq!(raw.close_code().await, 1009, "beyond what is read at all");
    }
    let mut raw = Raw::connect(&world, &agent.cookie).await;
    assert_eq!(raw.ask("{").await["why"], "malformed", "the server is up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flooding_connection_is_warned_and_then_closed_while_others_go_on() {
    let world = World::start();
    let mut call = world.call().await;
    let mut raw = Raw::connect(&world, &call.agent.cookie).await;
    let began = tokio::time::Instant::now();
    for _ in 0..400 {
        raw.say("{}").await;
    }
    let mut warned = false;
    let code = loop {
        match timeout(Duration::from_secs(5), raw.0.next()).await.unwrap() {
            Some(Ok(Message::Text(text))) => warned |= text.contains("too_often"),
            Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
            Some(Ok(_)) => {}
            end => panic!("{end:?}"),
        }
    };
    assert!(warned);
    assert_eq!(code, CLOSE_FLOOD);
    assert!(began.elapsed() < Duration::from_secs(2));
    call.customer_page.say("unmoved").await.unwrap();
    assert_eq!(call.customer_page.dials, 1);
}
