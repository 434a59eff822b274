//! No log line carries a number, a secret, a token, an SDP or what people say.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use sightline_wire::{Refusal, SmsFailure};
use tracing_subscriber::fmt::MakeWriter;

use super::camera::{NO_PICTURE, PHOTO, base, sent, sharp};
use super::world::{NUMBER, Page, World};
use crate::memory::Faults;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Captured {
    type Writer = Self;
    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// Captures the log of the whole process: a subscriber of one thread misses lines whose callsite
/// another thread met first without one.
fn capture() -> Captured {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(captured.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("no other test sets one");
    captured
}

#[tokio::test]
async fn a_whole_call_with_trouble_leaves_nothing_private_in_the_log() {
    let captured = capture();
    let world = World::new();
    world.memory().refuse_sms(Some(SmsFailure::OptedOut));
    let agent = world.agent().await;
    agent.start_call(9).await;
    world.memory().refuse_sms(None);
    let relay = world.relay(10).await;
    let (mut agents, mut customers) = world.call().await;
    let secret = world.last_secret();
    let cookies = format!(
        "{}; {}",
        agents.browser.cookies(),
        customers.browser.cookies()
    );
    customers
        .say(
            "signaling",
            "offer",
            json!({ "attempt": 1, "sdp": "v=0 ice-ufrag-private" }),
        )
        .await;
    relay.answer(&customers, 1).await;
    customers.chat("words-between-the-two").await;
    for faults in [
        Faults {
            clashes: 100,
            ..Faults::default()
        },
        Faults {
            failed_commits: 100,
            ..Faults::default()
        },
    ] {
        world.memory().order(faults);
        customers.chat("words-between-the-two").await;
    }
    world.memory().order(Faults::default());
    let signed = pictures_with_trouble(&mut agents, &mut customers).await;
    customers
        .raw(format!("{{\"topic\":\"words-between-the-two\",\"secret\":\"{secret}\"}}").as_bytes())
        .await;
    relay
        .world
        .host
        .message(&relay.connection, b"words-between-the-two")
        .await;
    world
        .browser()
        .post("/api/look", json!({ "secret": "AAAAAAAAAAAAAAAAAAAAAA" }))
        .await;
    let code = world.host.keys().code(agents.session, 0);
    for code in [code.as_str(), "22222222"] {
        let typed = json!({ "code": code });
        world.browser().post("/api/look", typed).await;
    }
    ready_lines(&world).await;
    customers.disconnect().await;

    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    tells_of_trouble(&log);
    assert!(!log.contains(code.as_str()) && !log.contains("22222222"));
    shows_nothing_private(&log, &secret, &cookies, &signed);
}

fn tells_of_trouble(log: &str) {
    for said in [
        "session began",
        "session is busy",
        "store failed, trying again",
        "upload was not accepted",
        "ready lines changed",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
}

/// Lines that are stored, refused and malformed.
async fn ready_lines(world: &World) {
    for (revision, line) in [
        (0, "words-between-the-two"),
        (7, "words-between"),
        (1, "\n"),
    ] {
        let wanted = json!({ "revision": revision, "lines": [line, "words-between"] });
        world.admin_called("Root").put("/api/lines", wanted).await;
    }
}

fn shows_nothing_private(log: &str, secret: &str, cookies: &str, signed: &[String]) {
    let digits = NUMBER.trim_start_matches('+');
    let mut private = vec![
        digits,
        "23456789",
        "CLAIM-2026",
        secret,
        "words-between",
        "ice-ufrag",
        "v=0",
        "Ada",
        "Guest",
        "label-on-a-picture",
        "taken at home",
        "5252001",
        "1340495",
    ];
    private.extend(signed.iter().map(String::as_str));
    private.extend(
        cookies
            .split("; ")
            .map(|cookie| cookie.split_once('=').unwrap().1),
    );
    for private in private {
        assert!(!log.contains(private), "the log has {private:?}");
    }
}

/// A picture with a label, bad uploads, and a store that fails: the signed requests, which are
/// nobody else's either.
async fn pictures_with_trouble(agents: &mut Page<'_>, customers: &mut Page<'_>) -> Vec<String> {
    let memory = agents.world.memory();
    // Commands that met trouble used no number up.
    customers.attach().await;
    let asked = agents.asks("location").await;
    customers.tells_place(asked).await;
    let picture = agents.capture().await;
    let label = json!({ "mark": 1, "tool": "text", "at": [1, 2], "text": "label-on-a-picture" });
    let strokes = json!({ "picture": picture, "strokes": [label] });
    let drawn = agents.command("annotation", "draw", strokes).await;
    assert_eq!(drawn.refused, None);
    let slot = customers
        .slot(sharp(picture, 1), PHOTO.len())
        .await
        .unwrap();
    for (refused, faults) in [
        (
            Some(Refusal::Trouble),
            Faults {
                failed_reads: 3,
                ..Faults::default()
            },
        ),
        (
            Some(Refusal::Trouble),
            Faults {
                failed_keeps: 3,
                ..Faults::default()
            },
        ),
        (None, Faults::default()),
    ] {
        memory.order(faults);
        memory.put_object(&slot.url, &slot.headers, PHOTO.to_vec());
        let done = customers.uploaded(sharp(picture, 1)).await;
        assert_eq!(done.refused, refused);
        customers.n -= u32::from(refused.is_some());
    }
    let link = agents.link(base(picture)).await.unwrap();
    assert_eq!(agents.put(sent(picture, picture), NO_PICTURE).await, 200);
    let bad = agents.send(picture, picture).await;
    assert_eq!(bad.refused, Some(Refusal::BadPicture));
    memory.order(Faults {
        failed_deletes: 3,
        ..Faults::default()
    });
    agents.delete(picture).await;
    vec![slot.url, link]
}
