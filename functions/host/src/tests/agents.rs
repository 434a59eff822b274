//! Agents whose access an admin takes back, and gives again.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sightline_session::SeatState;
use sightline_wire::api::Role;
use sightline_wire::{AgentId, CLOSE_RIGHTS, DisplayName, PageHears, Refusal, RelayHears, Seat};

use super::world::{Answer, Browser, Page, World, refusal};
use crate::agent_id;

/// Somebody who signed in. Their browser.
async fn signs_in<'w>(world: &'w World, name: &str) -> (Browser<'w>, AgentId) {
    let id = agent_id("elsewhere", name);
    let named = DisplayName::new(name).unwrap();
    world.host.note_signed_in(id, &named, Role::Agent).await;
    (world.agent_called(name), id)
}

async fn set(admin: &mut Browser<'_>, agent: AgentId, allowed: bool) -> Answer {
    let path = format!("/api/agents/{agent}/access");
    admin.put(&path, json!({ "allowed": allowed })).await
}

async fn is_in(browser: &mut Browser<'_>) -> bool {
    browser.get("/api/me").await.status == StatusCode::OK
}

async fn line(admin: &mut Browser<'_>, name: &str) -> Value {
    let listed = admin.get("/api/agents").await.body;
    let lines = listed["agents"].as_array().unwrap().clone();
    let mut lines = lines.into_iter().filter(|line| line["name"] == name);
    lines.next().unwrap()
}

fn is_closed(page: &Page<'_>) -> bool {
    page.world.memory().close_code(&page.connection) == Some(CLOSE_RIGHTS)
}

#[tokio::test]
async fn access_that_is_taken_back_ends_every_sign_in_and_call_page_of_the_agent_alone() {
    let world = World::new();
    let relay = world.relay(10).await;
    let mut admin = world.agent().await;
    let (mut grace, id) = signs_in(&world, "Grace").await;
    let (mut hedy, _) = signs_in(&world, "Hedy").await;
    let session = grace.start_call(1).await;
    let mut attached = grace.attached(session, Seat::Agent).await;
    attached.join(false).await;
    attached.offer(1, None).await;
    let idle = grace.page(session, Seat::Agent).await;
    let theirs = hedy.start_call(2).await;
    let mut others = hedy.attached(theirs, Seat::Agent).await;
    others.join(false).await;
    others.offer(1, None).await;
    relay.heard();

    assert_eq!(
        set(&mut admin, id, false).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(!is_in(&mut grace).await);
    assert!(is_in(&mut hedy).await);
    assert!(is_closed(&attached));
    assert!(!is_closed(&others));
    let nobody = RelayHears::Promote {
        session,
        epoch: 1,
        seat: Seat::Agent,
        page: SeatState::NOBODY,
        since: world.state(session).await.seats.get(Seat::Agent).held_since,
    };
    assert_eq!(relay.heard(), [nobody], "media end with it");
    idle.say("session", "attach", json!({ "seat": "agent" }))
        .await;
    assert_eq!(refusal(&idle.heard()), Some(Refusal::NoSeat));
    assert!(attached.connect().await.is_err());
    let log = grace.get(&attached.log_path()).await;
    assert_eq!(log.status, StatusCode::UNAUTHORIZED);
    assert!(line(&mut admin, "Grace").await["revoked_at_ms"].is_u64());
    assert_eq!(line(&mut admin, "Hedy").await.get("revoked_at_ms"), None);
}

#[tokio::test]
async fn access_that_is_given_again_is_for_new_sign_ins_only() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (mut before, id) = signs_in(&world, "Grace").await;
    for allowed in [false, false, true, true] {
        world.advance_s(5);
        let answer = set(&mut admin, id, allowed).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert!(!is_in(&mut before).await, "{allowed}");
    }
    assert_eq!(line(&mut admin, "Grace").await.get("revoked_at_ms"), None);
    let (mut after, _) = signs_in(&world, "Grace").await;
    assert!(is_in(&mut after).await);
    let session = after.start_call(1).await;
    let page = after.attached(session, Seat::Agent).await;
    assert_eq!(page.heard(), Vec::<PageHears>::new());
    // A second time.
    assert_eq!(
        set(&mut admin, id, false).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(!is_in(&mut after).await);
}

#[tokio::test]
async fn nobody_takes_back_their_own_access_or_that_of_a_stranger() {
    let world = World::new();
    let mut admin = world.agent().await;
    let listed = line(&mut admin, "Ada").await;
    assert_eq!(listed["own"], true);
    let own = listed["id"].as_str().unwrap().parse().unwrap();
    let refused = set(&mut admin, own, false).await;
    assert_eq!(
        (refused.status, refused.error()),
        (StatusCode::CONFLICT, "own_access")
    );
    let stranger = set(&mut admin, agent_id("elsewhere", "Nobody"), false).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    let (_, id) = signs_in(&world, "Grace").await;
    for wrong in [json!({}), json!({ "allowed": "no" }), json!([])] {
        let path = format!("/api/agents/{id}/access");
        assert_eq!(
            admin.put(&path, wrong).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let path = "/api/agents/x/access";
    let answer = admin.put(path, json!({ "allowed": false })).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
