//! What is malformed, oversize or unknown is refused with a word, and harms nothing.

use serde_json::json;
use sightline_wire::{
    CLOSE_VERSION, MESSAGE_BYTES_MAX, OfferFault, PageHears, Refusal, Sdp, SessionHears,
    SignalingHears,
};

use super::world::{World, done, refusal};
use crate::ports::ConnectionKey;

#[tokio::test]
async fn nonsense_is_refused_and_the_call_goes_on() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    let before = world.state(customers.session).await;
    let (session, page) = (customers.session, customers.page);
    let long = "x".repeat(MESSAGE_BYTES_MAX + 1);
    let cases: Vec<(String, Refusal)> = vec![
        (String::new(), Refusal::Malformed),
        ("{".to_owned(), Refusal::Malformed),
        ("[[[[".repeat(5_000), Refusal::Malformed),
        ("null".to_owned(), Refusal::Malformed),
        (long, Refusal::TooLong),
        (
            json!({ "topic": "weather" }).to_string(),
            Refusal::UnknownTopic,
        ),
        (
            json!({ "topic": "relay", "type": "lease" }).to_string(),
            Refusal::UnknownTopic,
        ),
        (
            json!({ "session": session, "page": page, "topic": "session", "type": "fly" })
                .to_string(),
            Refusal::Malformed,
        ),
        (
            json!({ "session": "?", "page": page, "topic": "session", "type": "ping" }).to_string(),
            Refusal::Malformed,
        ),
    ];
    for (text, wanted) in cases {
        customers.raw(text.as_bytes()).await;
        assert_eq!(
            refusal(&customers.heard()),
            Some(wanted),
            "{}",
            &text[..text.len().min(80)]
        );
    }
    customers.raw(&[0xff, 0xfe, 0x00]).await;
    assert_eq!(refusal(&customers.heard()), Some(Refusal::Malformed));
    assert_eq!(world.state(session).await, before);
    assert_eq!(agents.heard(), []);
    assert_eq!(customers.chat("still here").await.refused, None);
}

#[tokio::test]
async fn a_refused_command_is_answered_by_its_number() {
    let world = World::new();
    let (_, customers) = world.call().await;
    let text = "x".repeat(2_001);
    let command = json!({
        "session": customers.session, "page": customers.page, "topic": "chat", "type": "say", "n": 7, "text": text,
    });
    customers.raw(command.to_string().as_bytes()).await;
    let done = done(&customers.heard()).unwrap();
    assert_eq!((done.n, done.refused), (7, Some(Refusal::Malformed)));
}

#[tokio::test]
async fn an_offer_that_no_relay_could_read_is_refused_with_its_fault() {
    let world = World::new();
    let (_, customers) = world.call().await;
    let offer = |sdp: String| {
        json!({
            "session": customers.session, "page": customers.page, "topic": "signaling", "type": "offer",
            "attempt": 3, "sdp": sdp,
        })
        .to_string()
    };
    for (sdp, fault) in [
        ("x".repeat(Sdp::BYTES_MAX + 1), OfferFault::TooLong),
        ("x".repeat(4 * Sdp::BYTES_MAX), OfferFault::TooLong),
        (String::new(), OfferFault::Malformed),
    ] {
        customers.raw(offer(sdp).as_bytes()).await;
        let refused = SignalingHears::NoRelay {
            attempt: 3,
            unacceptable: true,
            fault: Some(fault),
        };
        assert_eq!(customers.heard(), [PageHears::Signaling(refused)]);
    }
}

#[tokio::test]
async fn a_page_that_did_not_attach_is_told_so() {
    let world = World::new();
    let (_, customers) = world.call().await;
    let fresh = customers
        .browser
        .page(customers.session, customers.seat)
        .await;
    let heard = fresh.ping().await;
    assert_eq!(
        heard,
        [PageHears::Session(SessionHears::Refused {
            refusal: Refusal::NotAttached
        })]
    );
}

#[tokio::test]
async fn a_connection_without_a_record_is_closed_so_that_the_page_reloads() {
    let world = World::new();
    let stray = ConnectionKey("stray".to_owned());
    world.memory().open(&stray);
    world.host.message(&stray, b"{}").await;
    assert_eq!(world.memory().close_code(&stray), Some(CLOSE_VERSION));
}

#[tokio::test]
async fn a_hundred_thousand_broken_messages_change_nothing() {
    let world = World::new();
    let (_, customers) = world.call().await;
    let before = world.state(customers.session).await;
    let good = json!({
        "session": customers.session, "page": customers.page, "topic": "chat", "type": "say", "n": 1, "text": "x",
    })
    .to_string();
    let mut seed = 1_u64;
    for _ in 0..100_000 {
        let mut bytes = good.clone().into_bytes();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let place = (seed >> 33) as usize % bytes.len();
        // A broken delimiter or a letter too many: never another valid message of this page.
        bytes[place] = (seed >> 20) as u8 | 0x80;
        customers.raw(&bytes).await;
    }
    let heard = customers.heard();
    assert_eq!(heard.len(), 100_000);
    assert_eq!(world.state(customers.session).await, before);
}
