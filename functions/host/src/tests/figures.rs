//! Figures: what is counted, when, and once.

mod made_up;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::world::{Browser, ORIGIN, World};
use crate::memory::Faults;
use made_up::{Fold, MadeUp};

/// The day of the world's clock, and the next one.
const TODAY: &str = "2027-01-15";
const TOMORROW: &str = "2027-01-16";

const MINUTE_S: u64 = 60;

async fn figures(world: &World, from: &str, to: &str) -> Value {
    let mut admin = world.admin_called("Root");
    let path = format!("/api/figures?from={from}&to={to}");
    let answer = admin.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

async fn today(world: &World) -> Value {
    figures(world, TODAY, TODAY).await
}

async fn count(world: &World) -> usize {
    world.host.count_calls().await.unwrap()
}

async fn erase(world: &World, session: &str) {
    let mut admin = world.admin_called("Root");
    let request = Request::delete(format!("/api/sessions/{session}"));
    let request = request.header(header::ORIGIN, ORIGIN).body(Body::empty());
    assert_eq!(admin.ask(request.unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_thousand_made_up_calls_are_what_a_fold_by_hand_gives() {
    let world = World::new();
    let (mut fold, mut in_part) = (Fold::default(), Fold::default());
    for which in 0..1_000 {
        let call = MadeUp::of(which);
        call.store(&world, which).await;
        fold.add(&call);
        if call.day == 1 {
            in_part.add(&call);
        }
    }
    // All days of the calls, and the time in which they can be rated.
    world.advance_s(5 * 24 * 60 * MINUTE_S);
    assert_eq!(count(&world).await, 1_000);
    assert_eq!(count(&world).await, 0, "each once");
    assert_eq!(
        figures(&world, TODAY, "2027-01-18").await,
        fold.answer(TODAY, "2027-01-18")
    );
    let part = figures(&world, TOMORROW, TOMORROW).await;
    assert_eq!(part, in_part.answer(TOMORROW, TOMORROW));
}

#[tokio::test]
async fn a_call_is_counted_once_nobody_can_rate_it_any_more() {
    let world = World::new();
    let (mut agents, _) = world.call().await;
    agents.command("session", "end", json!({})).await;
    world.advance_s(10 * MINUTE_S - 1);
    assert_eq!(count(&world).await, 0, "it can be rated");
    let path = format!("/api/sessions/{}/rating", agents.session);
    let rating = json!({ "seat": "agent", "stars": 4 });
    assert!(
        agents
            .browser
            .put(&path, rating.clone())
            .await
            .status
            .is_success()
    );
    world.advance_s(1);
    assert!(!agents.browser.put(&path, rating).await.status.is_success());
    assert_eq!(today(&world).await["funnel"]["invited"], 0);
    assert_eq!(count(&world).await, 1);
    let told = today(&world).await;
    let funnel = json!({ "invited": 1, "opened": 1, "allowed": 1, "joined": 1 });
    assert_eq!(told["funnel"], funnel);
    assert_eq!(told["days"], json!([{ "day": TODAY, "funnel": funnel }]));
    assert_eq!(told["agent_stars"], json!([0, 0, 0, 1, 0]));
    assert_eq!(told["ended"], json!([{ "why": "agent_ended", "calls": 1 }]));
    assert_eq!(told["counted_after_min"], 10);
}

#[tokio::test]
async fn a_call_that_nobody_joined_is_counted_at_the_next_sweep() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    world.advance_s(60 * MINUTE_S);
    assert_eq!(count(&world).await, 0, "its end was not noted yet");
    world.host.tidy(session).await.unwrap();
    assert_eq!(count(&world).await, 1);
    let told = today(&world).await;
    assert_eq!(
        told["not_joined"],
        json!([{ "why": "not_opened", "calls": 1 }])
    );
    assert_eq!(told["funnel"]["joined"], 0);
}

#[tokio::test]
async fn an_erased_call_stays_counted_and_is_not_counted_again() {
    let world = World::new();
    let (mut agents, _) = world.call().await;
    agents.command("session", "end", json!({})).await;
    world.memory().order(Faults {
        failed_erasures: 1,
        ..Faults::default()
    });
    let mut admin = world.admin_called("Root");
    let path = format!("/api/sessions/{}", agents.session);
    let request = Request::delete(path).header(header::ORIGIN, ORIGIN);
    let cut_off = admin.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(cut_off.status, StatusCode::SERVICE_UNAVAILABLE);
    for _again in 0..2 {
        erase(&world, &agents.session.to_string()).await;
    }
    world.advance_s(60 * MINUTE_S);
    assert_eq!(count(&world).await, 0);
    let told = today(&world).await;
    assert_eq!(told["funnel"]["joined"], 1, "{told}");
}

#[tokio::test]
async fn two_sweeps_at_once_count_a_call_once() {
    let world = World::new();
    for which in 0..7 {
        MadeUp::of(which).store(&world, which).await;
    }
    world.advance_s(5 * 24 * 60 * MINUTE_S);
    let (one, two) = tokio::join!(count(&world), count(&world));
    assert_eq!(one + two, 7);
    let told = figures(&world, TODAY, "2027-01-18").await;
    assert_eq!(told["funnel"]["invited"], 7);
}

#[tokio::test]
async fn what_one_sweep_could_not_count_the_next_one_does() {
    let world = World::new();
    for which in 0..3 {
        MadeUp::of(which).store(&world, which).await;
    }
    world.advance_s(5 * 24 * 60 * MINUTE_S);
    world.memory().order(Faults {
        // As often as it is tried.
        failed_figures: 12,
        ..Faults::default()
    });
    assert_eq!(count(&world).await, 2, "the others are counted");
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn of_a_call_whose_records_went_the_invitation_is_counted() {
    let world = World::new();
    MadeUp::of(0).store(&world, 0).await;
    world.advance_s(400 * 24 * 60 * MINUTE_S);
    assert_eq!(count(&world).await, 1);
    let told = figures(&world, TODAY, "2027-01-18").await;
    let funnel = json!({ "invited": 1, "opened": 0, "allowed": 0, "joined": 0 });
    assert_eq!(told["funnel"], funnel);
}

#[tokio::test]
async fn looking_at_figures_is_a_line_of_the_audit_log_and_needs_one() {
    let world = World::new();
    today(&world).await;
    let mut admin = world.admin_called("Root");
    let lines = admin.get("/api/audit").await.body;
    assert_eq!(lines["lines"][1]["deed"], "figures_read", "{lines}");
    world.memory().order(Faults {
        failed_lines: 9,
        ..Faults::default()
    });
    let path = format!("/api/figures?from={TODAY}&to={TODAY}");
    assert_eq!(
        admin.get(&path).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
}

#[tokio::test]
async fn without_days_the_last_thirty_are_meant() {
    let world = World::new();
    let mut admin = world.admin_called("Root");
    let told = admin.get("/api/figures").await.body;
    assert_eq!(
        (&told["from"], &told["to"]),
        (&json!("2026-12-17"), &json!(TODAY))
    );
}

#[tokio::test]
async fn what_is_no_period_is_refused() {
    let world = World::new();
    let mut admin: Browser<'_> = world.admin_called("Root");
    for query in [
        "?from=2027-01-15",
        "?from=&to=",
        "?from=2027-01-15&to=2027-01-14",
        "?from=2027-01-15&to=2027-04-18",
        "?from=yesterday&to=today",
        "?from=2027-01-15&to=2027-01-15&to=2027-01-16",
        "?from=%00&to=%ff",
    ] {
        let answer = admin.get(&format!("/api/figures{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}
