//! Beginning a call: text messages, links, limits.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use sightline_session::{Fact, Rules};
use sightline_wire::{PublicFact, Seat, SmsFailure};

use super::world::{Browser, NOW_MS, ORIGIN, World, events, kinds};
use crate::memory::Faults;
use crate::ports::{Ports as _, Sessions as _};
use crate::{SourceAddress, router};

#[tokio::test]
async fn a_second_click_is_the_same_call_and_sends_no_second_message() {
    let world = World::new();
    let agent = world.agent().await;
    let (first, second) = tokio::join!(agent.start_call(1), agent.start_call(1));
    assert_eq!(first, second);
    assert_eq!(agent.start_call(1).await, first);
    assert_eq!(world.memory().sent().len(), 1);
    assert_ne!(agent.start_call(2).await, first);
    let other = world.agent_called("Mallory");
    assert_ne!(other.start_call(1).await, first);
}

#[tokio::test]
async fn nobody_waits_long_for_a_session_that_cannot_be_stored() {
    for (slow_ms, most_ms) in [(0, 1_000), (2_000, 7_000)] {
        let world = World::new();
        let mut agent = world.agent().await;
        world.memory().order(Faults {
            failed_commits: u32::MAX,
            slow_ms,
            ..Faults::default()
        });
        let began_ms = world.memory().now_ms();
        let started = agent.post("/api/sessions", Browser::start_body(1)).await;
        assert_eq!(started.error(), "trouble");
        let took_ms = world.memory().now_ms() - began_ms;
        assert!((3 * slow_ms..most_ms).contains(&took_ms), "{took_ms} ms");
        assert_eq!(world.memory().sent().len(), 0);
        // The same request again is the same call, and its message is paid for.
        world.memory().order(Faults::default());
        agent.start_call(1).await;
        assert_eq!(world.memory().sent().len(), 1);
    }
}

#[tokio::test]
async fn a_failed_message_is_told_with_its_reason_and_can_be_sent_again() {
    let world = World::new();
    let mut agent = world.agent().await;
    for (request, why) in [
        (1, SmsFailure::OptedOut),
        (2, SmsFailure::BadNumber),
        (3, SmsFailure::Throttled),
        (4, SmsFailure::SpendLimit),
        (5, SmsFailure::Trouble),
    ] {
        world.memory().refuse_sms(Some(why));
        let session = agent.start_call(request).await;
        let log = world.memory().events(session, 0, 10).await.unwrap();
        assert_eq!(
            log.last().map(|event| event.fact.clone()),
            Some(Fact::Public(PublicFact::SmsFailed { attempt: 1, why }))
        );
        let listed = agent.get("/api/sessions").await.body;
        let calls = listed["calls"].as_array().unwrap();
        let opted_out = calls.iter().filter(|call| call["opted_out"] == true);
        assert_eq!(opted_out.count(), 1, "the first alone");
    }
    world.memory().refuse_sms(None);
    let session = agent.start_call(1).await;
    let send = format!("/api/sessions/{session}/send");
    let soon = agent.post(&send, json!({ "attempt": 2 })).await;
    assert_eq!(
        (soon.status, soon.error()),
        (StatusCode::CONFLICT, "refused")
    );
    assert_eq!(
        (&soon.body["why"], &soon.body["wait_ms"]),
        (&json!("too_soon"), &json!(30_000))
    );
    world.advance_s(30);
    let agents = agent.attached(session, Seat::Agent).await;
    for _ in 0..3 {
        assert_eq!(
            agent.post(&send, json!({ "attempt": 2 })).await.status,
            StatusCode::NO_CONTENT
        );
    }
    assert_eq!(world.memory().sent().len(), 1, "one attempt is one message");
    assert_eq!(
        kinds(&events(&agents.heard())),
        ["sms_attempted", "sms_accepted"]
    );
    // The first link was lost with its message; the second works.
    world.customer().await;
}

#[tokio::test]
async fn killed_while_sending_leaves_the_outcome_unknown_and_sends_nothing_by_itself() {
    let world = World::new();
    let mut agent = world.agent().await;
    world.memory().order(Faults {
        hang_sms: true,
        ..Faults::default()
    });
    let mut clicking = Box::pin(agent.start_call(1));
    let killed = tokio::time::timeout(std::time::Duration::from_millis(50), &mut clicking).await;
    assert!(killed.is_err());
    drop(clicking);
    world.memory().order(Faults::default());
    let session = agent.start_call(1).await;
    assert_eq!(world.memory().sent().len(), 1, "asking again sends nothing");
    let agents = agent.attached(session, Seat::Agent).await;
    assert_eq!(agents.kinds().await, ["invite_issued", "sms_attempted"]);
    world.advance_s(30);
    assert_eq!(
        agent
            .post(
                &format!("/api/sessions/{session}/send"),
                json!({ "attempt": 2 })
            )
            .await
            .status,
        204
    );
    assert_eq!(world.memory().sent().len(), 2);
}

#[tokio::test]
async fn a_fresh_link_leads_to_the_same_call_and_has_a_limit() {
    let world = World::with(|config| {
        config.rules = Rules {
            links_max: 2,
            ..Rules::default()
        }
    });
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let path = format!("/api/sessions/{session}/link");
    let mut links = Vec::new();
    for _ in 0..2 {
        let fresh = agent.post(&path, json!({})).await;
        links.push(fresh.body["link"].as_str().unwrap().to_owned());
    }
    assert_ne!(links[0], links[1]);
    for link in links {
        let secret = link.strip_prefix(&format!("{ORIGIN}/j#")).unwrap();
        let look = world
            .browser()
            .post("/api/look", json!({ "secret": secret }))
            .await;
        assert_eq!(look.body["session"], json!(session));
    }
    let over = agent.post(&path, json!({})).await;
    assert_eq!(
        over.body,
        json!({ "error": "refused", "why": "limit_reached" })
    );
}

#[tokio::test]
async fn what_cannot_be_a_call_is_refused() {
    let world = World::new();
    let mut agent = world.agent().await;
    let with = |key: &str, value: serde_json::Value| {
        let mut body = Browser::start_body(1);
        body[key] = value;
        body
    };
    for (body, status, error) in [
        (with("number", json!("12")), 422, "bad_number"),
        (with("number", json!("1".repeat(50))), 422, "bad_number"),
        (with("region", json!("XX")), 422, "bad_number"),
        (with("language", json!("ja")), 422, "unknown_language"),
        (with("language", json!("!")), 400, "malformed"),
        (with("reference", json!("short")), 400, "malformed"),
        (with("request", json!("x")), 400, "malformed"),
        (json!([]), 400, "malformed"),
    ] {
        let answer = agent.post("/api/sessions", body).await;
        assert_eq!((answer.status.as_u16(), answer.error()), (status, error));
    }
    let unsigned = world
        .browser()
        .post("/api/sessions", Browser::start_body(1))
        .await;
    assert_eq!(
        (unsigned.status.as_u16(), unsigned.error()),
        (401, "not_signed_in")
    );
    assert_eq!(world.memory().sent().len(), 0);
}

#[tokio::test]
async fn a_link_tells_its_state_and_only_a_valid_one_gives_a_seat() {
    let world = World::new();
    let mut agent = world.agent().await;
    let expired = agent.start_call(1).await;
    let expired_secret = world.last_secret();
    world.advance_s(1_800);
    let cancelled = agent.start_call(2).await;
    let cancelled_secret = world.last_secret();
    let mut agents = agent.attached(cancelled, Seat::Agent).await;
    assert_eq!(
        agents.command("session", "cancel", json!({})).await.refused,
        None
    );
    world.advance_s(1_800);

    for (secret, state) in [(expired_secret, "expired"), (cancelled_secret, "cancelled")] {
        for path in ["/api/look", "/api/enter"] {
            let mut browser = world.browser();
            let answer = browser.post(path, json!({ "secret": secret })).await;
            // The link lies about for a month after the end, so it names nobody.
            let over = json!({ "state": state, "language": "de", "joined": false });
            assert_eq!(
                (answer.status, answer.body),
                (StatusCode::OK, over),
                "{path}"
            );
            assert!(browser.jar.is_empty(), "{path}");
        }
    }
    // Entering found the expiry and noted it.
    assert!(world.state(expired).await.ended.is_some());
    for (session, why) in [(expired, "invite_expired"), (cancelled, "invite_cancelled")] {
        let fresh = agent
            .post(&format!("/api/sessions/{session}/link"), json!({}))
            .await;
        assert_eq!(fresh.body, json!({ "error": "refused", "why": why }));
    }
}

#[tokio::test]
async fn looking_changes_nothing_not_even_what_is_overdue() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let before = world.state(session).await;
    let secret = json!({ "secret": world.last_secret() });
    for _ in 0..10 {
        world.browser().post("/api/look", secret.clone()).await;
        world
            .browser()
            .get(&format!("/api/sessions/{session}/seat"))
            .await;
    }
    world.advance_s(3_600);
    assert_eq!(
        world.browser().post("/api/look", secret).await.body["state"],
        "expired"
    );
    assert_eq!(world.state(session).await, before);
}

#[tokio::test]
async fn unknown_secrets_get_one_answer_and_are_counted_by_source() {
    let world = World::new();
    let agent = world.agent().await;
    agent.start_call(1).await;
    let try_from = async |source: [u8; 4], secret: String| {
        let mut request = Request::post("/api/look")
            .header("content-type", "application/json")
            .header("origin", ORIGIN)
            .body(Body::from(json!({ "secret": secret }).to_string()))
            .unwrap();
        request
            .extensions_mut()
            .insert(SourceAddress(IpAddr::from(source)));
        use tower::ServiceExt as _;
        let response = router(world.host.clone()).oneshot(request).await.unwrap();
        response.status().as_u16()
    };
    let guess = |i: u8| sightline_wire::SessionId::from_bytes([i; 16]).to_string();
    let attacker = [192, 0, 2, 1];
    for i in 0..20 {
        assert_eq!(try_from(attacker, guess(i)).await, 404);
    }
    assert_eq!(try_from(attacker, guess(21)).await, 429);
    assert_eq!(
        try_from(attacker, world.last_secret()).await,
        200,
        "behind the same address are others, with real links"
    );
    assert_eq!(try_from(attacker, guess(22)).await, 429);
    assert_eq!(
        try_from([192, 0, 2, 2], world.last_secret()).await,
        200,
        "others are not harmed"
    );
    world.advance_s(60);
    assert_eq!(try_from(attacker, guess(23)).await, 404);
    let unknown = world
        .browser()
        .post("/api/enter", json!({ "secret": guess(1) }))
        .await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.body),
        (404, json!({ "error": "unknown_link" }))
    );
}

#[tokio::test]
async fn all_records_of_a_session_carry_the_delete_date_of_its_beginning() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    world.advance_s(600);
    customers.chat("later").await;
    let loaded = world
        .memory()
        .load(agents.session, NOW_MS)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(loaded.delete_at_s, NOW_MS / 1_000 + 30 * 24 * 60 * 60);
}

#[tokio::test]
async fn calls_are_listed_to_their_agent() {
    let world = World::new();
    let mut agent = world.agent().await;
    for request in 1..=3 {
        world.advance_s(1);
        agent.start_call(request).await;
    }
    world.agent_called("Mallory").start_call(1).await;
    let calls = agent.get("/api/sessions").await.body;
    let calls = calls["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[0]["number"], "+4915123456789");
    assert_eq!(calls[0]["phase"], "waiting");
    assert!(calls[0]["at_ms"].as_u64() > calls[2]["at_ms"].as_u64());
}
