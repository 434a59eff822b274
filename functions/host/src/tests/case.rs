//! What a call leaves behind, for the people who see it afterwards.

use serde_json::Value;
use sightline_wire::SessionId;
use sightline_wire::api::Role;

use super::camera::{COMPOSED, SHARP, stored_digest};
use super::world::{NOW_MS, Page, World};

/// A call with two pictures, of which the first was sent and deleted, which has ended.
async fn with_pictures(world: &World) -> (Page<'_>, [u32; 2], u32) {
    let (mut agents, mut customers) = world.call().await;
    let first = agents.capture().await;
    customers.gives(first).await;
    let through = customers.draw(first).await;
    customers.sends(first, through).await;
    let deleted = serde_json::json!({ "picture": first });
    let deleted = agents.command("screenshots", "delete", deleted).await;
    assert_eq!(deleted.refused, None);
    world.advance_s(60);
    let second = agents.capture().await;
    customers.gives(second).await;
    let ended = agents
        .command("session", "end", serde_json::json!({}))
        .await;
    assert_eq!(ended.refused, None);
    (agents, [first, second], through)
}

fn pictures(session: SessionId) -> String {
    format!("/api/sessions/{session}/pictures")
}

#[tokio::test]
async fn pictures_are_listed_with_links_that_live_five_minutes() {
    let world = World::new();
    let (mut agents, [first, second], through) = with_pictures(&world).await;
    let path = pictures(agents.session);
    let answer = agents.browser.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let listed = answer.body["pictures"].as_array().unwrap();
    let of = |name: &str| {
        listed
            .iter()
            .map(|one| one[name].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("picture"), [first, second]);
    assert_eq!(of("base")[0], Value::Null, "it was deleted");
    assert_eq!(of("sent")[0][0]["through"], through);
    assert_eq!(of("sent")[1], Value::Array(Vec::new()));
    assert_eq!(of("at_ms")[1], NOW_MS + 60_000);
    assert_eq!(
        (of("width")[1].clone(), of("height")[1].clone()),
        (64.into(), 48.into())
    );
    let base = of("base")[1].as_str().unwrap().to_owned();
    let sent = of("sent")[0][0]["url"].as_str().unwrap().to_owned();
    for (url, bytes) in [(&base, SHARP), (&sent, COMPOSED)] {
        let got = world.memory().get_object(url);
        let wanted = super::camera::digest_of(bytes);
        assert_eq!((got.status, stored_digest(&got.body)), (200, wanted));
    }
    world.advance_s(5 * 60);
    assert_eq!(world.memory().get_object(&base).status, 403);
}

#[tokio::test]
async fn a_call_of_somebody_else_is_seen_by_admins_only() {
    let world = World::new();
    let (agents, ..) = with_pictures(&world).await;
    let path = pictures(agents.session);
    let mut stranger = world.browser();
    assert_eq!(stranger.get(&path).await.status, 401);
    let mut colleague = world.signed_in("Ben", Role::Agent);
    let answer = colleague.get(&path).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (404, "not_found"));
    let mut admin = world.signed_in("Grace", Role::Admin);
    assert_eq!(admin.get(&path).await.status, 200);
}
