//! A call afterwards: its detail, notes and ratings.

use std::sync::Arc;

use serde_json::{Value, json};
use sightline_wire::SessionId;

use super::world::{Answer, Browser, Page, World};
use crate::ports::BesideLog as _;

async fn rates(page: &mut Page<'_>, body: Value) -> Answer {
    let path = format!("/api/sessions/{}/rating", page.session);
    page.browser.put(&path, body).await
}

async fn detail(browser: &mut Browser<'_>, session: SessionId) -> Answer {
    browser.get(&format!("/api/sessions/{session}")).await
}

async fn ended(world: &World) -> (Page<'_>, Page<'_>) {
    let (mut agents, customers) = world.call().await;
    agents.command("session", "end", json!({})).await;
    (agents, customers)
}

#[tokio::test]
async fn both_seats_rate_a_call_after_its_end_and_for_ten_minutes() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let early = rates(&mut customers, json!({ "seat": "customer", "stars": 5 })).await;
    assert_eq!(
        (early.status.as_u16(), &early.body["error"]),
        (409, &json!("call_running"))
    );
    agents.command("session", "end", json!({})).await;

    let body = json!({ "seat": "customer", "stars": 2, "comment": " Slow \u{1F600} " });
    assert_eq!(rates(&mut customers, body).await.status, 204);
    let body = json!({ "seat": "agent", "stars": 4 });
    assert_eq!(rates(&mut agents, body).await.status, 204);
    world.advance_s(599);
    let body = json!({ "seat": "customer", "stars": 5, "comment": "It works now." });
    assert_eq!(rates(&mut customers, body).await.status, 204, "changed");

    let session = agents.session;
    let seen = detail(&mut agents.browser, session).await.body;
    let ratings: Vec<_> = seen["ratings"].as_array().unwrap().iter().collect();
    let of = |seat: &str| {
        ratings
            .iter()
            .find(|rating| rating["seat"] == seat)
            .unwrap()
    };
    assert_eq!(of("customer")["stars"], 5);
    assert_eq!(of("customer")["comment"], "It works now.");
    assert_eq!(of("agent")["stars"], 4);
    assert_eq!(of("agent").get("comment"), None);
    assert!(seen["rate_until_ms"].is_u64());
    let state = world.state(session).await;
    assert_eq!(
        state
            .seats
            .get(sightline_wire::Seat::Customer)
            .stars
            .unwrap()
            .get(),
        5
    );

    world.advance_s(1);
    let over = detail(&mut agents.browser, session).await.body;
    assert_eq!(over.get("rate_until_ms"), None);
    for page in [&mut customers, &mut agents] {
        let seat = page.seat;
        let late = rates(page, json!({ "seat": seat, "stars": 1 })).await;
        assert_eq!(
            (late.status.as_u16(), &late.body["why"]),
            (409, &json!("too_late"))
        );
    }
    let kept = world.memory().case_records(session).await.unwrap();
    let stars = kept.ratings.get(sightline_wire::Seat::Customer).as_ref();
    assert_eq!(stars.unwrap().stars.get(), 5);
}

#[tokio::test]
async fn only_who_sat_in_a_call_rates_it_and_with_what_is_a_rating() {
    let world = World::new();
    let (mut agents, mut customers) = ended(&world).await;
    for wrong in [
        json!({ "seat": "customer", "stars": 0 }),
        json!({ "seat": "customer", "stars": 6 }),
        json!({ "seat": "customer", "stars": 4.5 }),
        json!({ "seat": "customer", "stars": 3, "comment": "x".repeat(1_001) }),
        json!({ "seat": "customer", "stars": 3, "comment": "  " }),
        json!({ "seat": "host", "stars": 3 }),
        json!({ "stars": 3 }),
        json!({}),
    ] {
        assert_eq!(
            rates(&mut customers, wrong.clone()).await.status,
            400,
            "{wrong}"
        );
    }
    // Each needs the cookie of its own seat.
    let theirs = rates(&mut customers, json!({ "seat": "agent", "stars": 1 })).await;
    assert_eq!(theirs.status, 401);
    let theirs = rates(&mut agents, json!({ "seat": "customer", "stars": 1 })).await;
    assert_eq!(theirs.status, 401);
    let session = agents.session;
    let mut colleague = world.agent_called("Eve");
    let path = format!("/api/sessions/{session}/rating");
    let body = json!({ "seat": "agent", "stars": 1 });
    assert_eq!(colleague.put(&path, body).await.status, 404);
    let longest = json!({ "seat": "customer", "stars": 3, "comment": "\u{6F22}".repeat(1_000) });
    assert_eq!(rates(&mut customers, longest).await.status, 204);
}

#[tokio::test]
async fn a_call_that_nobody_joined_is_not_rated() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let mut page = agent.attached(session, sightline_wire::Seat::Agent).await;
    page.join(false).await;
    page.command("session", "cancel", json!({})).await;
    let refused = rates(&mut page, json!({ "seat": "agent", "stars": 3 })).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.body["why"]),
        (409, &json!("not_joined"))
    );
    let seen = detail(&mut page.browser, session).await.body;
    assert_eq!(seen.get("rate_until_ms"), None);
    assert_eq!(seen["ended"], "invite_cancelled");
}

#[tokio::test]
async fn notes_are_written_edited_and_kept_with_what_they_said_before() {
    let world = World::new();
    let (mut agents, _customers) = world.call().await;
    let notes = format!("/api/sessions/{}/notes", agents.session);
    let agent = &mut agents.browser;
    let first = agent
        .post(&notes, json!({ "text": "Valve leaks.\n<b>Part</b>" }))
        .await;
    assert_eq!(
        first.status, 200,
        "also while the call runs: {:?}",
        first.body
    );
    assert_eq!(first.body["notes"][0]["n"], 1);
    agent
        .post(&notes, json!({ "text": "\u{6F22}".repeat(4_000) }))
        .await;
    world.advance_s(5);
    let edited = agent
        .put(&format!("{notes}/1"), json!({ "text": "Valve 3 leaks." }))
        .await;
    let texts = edited.body["notes"][0]["texts"].as_array().unwrap().clone();
    let said: Vec<_> = texts
        .iter()
        .map(|text| text["text"].as_str().unwrap())
        .collect();
    assert_eq!(said, ["Valve leaks.\n<b>Part</b>", "Valve 3 leaks."]);
    assert!(texts[0]["at_ms"].as_u64() < texts[1]["at_ms"].as_u64());
    assert_eq!(texts[1]["author"], "Ada");
    assert_eq!(
        edited.body["notes"][1]["texts"].as_array().unwrap().len(),
        1
    );

    for (path, text, status) in [
        (format!("{notes}/3"), "no such note".to_owned(), 404),
        (format!("{notes}/0"), "nor this".to_owned(), 404),
        (format!("{notes}/+1"), "no number".to_owned(), 404),
        (format!("{notes}/257"), "too large".to_owned(), 404),
        (format!("{notes}/1"), String::new(), 400),
        (format!("{notes}/1"), "x".repeat(4_001), 400),
        (format!("{notes}/1"), "x".repeat(25_000), 413),
    ] {
        let refused = agent.put(&path, json!({ "text": text })).await;
        assert_eq!(refused.status.as_u16(), status, "{path} {:?}", refused.body);
    }
    for n in 3..=50 {
        let more = agent
            .post(&notes, json!({ "text": format!("note {n}") }))
            .await;
        assert_eq!(more.status, 200, "{n}");
    }
    let full = agent.post(&notes, json!({ "text": "note 51" })).await;
    assert_eq!(
        (full.status.as_u16(), &full.body["why"]),
        (409, &json!("limit_reached"))
    );
}

#[tokio::test]
async fn a_call_is_looked_at_by_its_agent_and_by_admins() {
    let world = World::new();
    let (mut agents, mut customers) = ended(&world).await;
    let session = agents.session;
    let notes = format!("/api/sessions/{session}/notes");
    let mut colleague = world.agent_called("Eve");
    let mut admin = world.admin_called("Grace");
    let seen = detail(&mut agents.browser, session).await;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.body["reference"], "CLAIM-2026-1");
    assert_eq!(seen.body["ended"], "agent_ended");
    assert_eq!(detail(&mut admin, session).await.status, 200);
    assert_eq!(detail(&mut colleague, session).await.status, 404);
    assert_eq!(detail(&mut customers.browser, session).await.status, 401);
    let log = format!("/api/sessions/{session}/log");
    assert_eq!(admin.get(&log).await.status, 200);
    assert_eq!(colleague.get(&log).await.status, 404);
    let text = json!({ "text": "seen" });
    assert_eq!(admin.post(&notes, text.clone()).await.status, 200);
    assert_eq!(colleague.post(&notes, text.clone()).await.status, 404);
    assert_eq!(customers.browser.post(&notes, text).await.status, 401);
    let shown = detail(&mut admin, session).await.body;
    assert_eq!(shown["notes"][0]["texts"][0]["author"], "Grace");
    assert_eq!(shown.get("rate_until_ms"), None, "it is not their call");
}

#[tokio::test]
async fn what_a_person_joined_with_reaches_the_detail_and_no_page() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let mut page = world.browser();
    let look = page
        .post("/api/enter", json!({ "secret": world.last_secret() }))
        .await;
    assert_eq!(look.status, 200);
    let mut customers = page.attached(session, sightline_wire::Seat::Customer).await;
    let arrival = json!({ "browser": "ladybird", "system": "iphone", "language": "ar" });
    let join = json!({ "name": "Guest", "video_only": false, "microphone": true, "camera": true,
        "take": false, "arrival": arrival });
    customers.command("session", "join", join).await;
    let seen = detail(&mut agent, session).await.body;
    assert_eq!(
        seen["arrival"],
        json!({ "browser": "other", "system": "iphone", "language": "ar" })
    );
    let log = customers.log_by_http().await.body.to_string();
    assert!(log.contains("joined") && !log.contains("iphone"), "{log}");
}

#[tokio::test]
async fn the_days_are_those_that_the_lobby_named_at_the_join() {
    let mut world = World::with(|config| {
        (config.picture_days, config.retention_days) = (14, 90);
    });
    let session = joined_with_arrival(&world).await;
    let host = Arc::get_mut(&mut world.host).unwrap();
    host.config.rules.kept_days = [7, 7];
    let mut agent = world.agent().await;
    let joined = detail(&mut agent, session).await.body;
    assert_eq!(joined["kept_days"], json!([14, 90]));
    let waiting = agent.start_call(2).await;
    let waiting = detail(&mut agent, waiting).await.body;
    assert_eq!(waiting["kept_days"], json!([7, 7]), "nobody joined yet");
}

/// A call whose customer's page told what it joined with.
async fn joined_with_arrival(world: &World) -> SessionId {
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let mut page = world.browser();
    let entered = json!({ "secret": world.last_secret() });
    page.post("/api/enter", entered).await;
    let mut customers = page.attached(session, sightline_wire::Seat::Customer).await;
    let arrival = json!({ "browser": "safari", "system": "iphone", "language": "de" });
    let join = json!({ "name": "Guest", "video_only": false, "microphone": true, "camera": true,
        "take": false, "arrival": arrival });
    let joined = customers.command("session", "join", join).await;
    assert_eq!(joined.refused, None);
    session
}
