//! What a call leaves behind, for the people who see it afterwards.

use axum::http::header;
use serde_json::Value;
use sightline_wire::SessionId;
use sightline_wire::api::Role;

use super::camera::{COMPOSED, SHARP, stored_digest};
use super::world::{NOW_MS, Page, World};
use crate::case::{CaseJwk, CaseVerdict, verify};
use crate::memory::Faults;
use crate::ports::{CaseFiles as _, KeptFile, Ports as _};

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
    let asked = agents.asks("location").await;
    customers.tells_place(asked).await;
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

fn case_file(session: SessionId) -> String {
    format!("/api/sessions/{session}/case")
}

impl World {
    /// Fetches the file that an answer leads to.
    fn file_of(&self, answer: &super::world::Answer) -> Vec<u8> {
        assert_eq!(answer.status, 303, "{answer:?}");
        let link = answer.headers[header::LOCATION].to_str().unwrap();
        let got = self.memory().get_object(link);
        assert_eq!(got.status, 200);
        got.body
    }

    async fn known_keys(&self) -> Vec<CaseJwk> {
        let mut anybody = self.browser();
        let answer = anybody.get("/.well-known/jwks.json").await;
        assert_eq!(answer.status, 200);
        CaseJwk::read_all(&answer.body.to_string()).unwrap()
    }
}

fn verdict(file: &[u8], keys: &[CaseJwk]) -> CaseVerdict {
    let mut bytes = file;
    verify(&mut bytes, Some(keys)).unwrap()
}

fn has(file: &[u8], text: &str) -> bool {
    file.windows(text.len()).any(|some| some == text.as_bytes())
}

#[tokio::test]
async fn a_case_file_has_everything_and_proves_itself() {
    let world = World::new();
    let (mut agents, [first, second], through) = with_pictures(&world).await;
    let path = case_file(agents.session);
    let answer = agents.browser.get(&path).await;
    let file = world.file_of(&answer);
    let keys = world.known_keys().await;
    let CaseVerdict::Unchanged(origin) = verdict(&file, &keys) else {
        panic!("{:?}", verdict(&file, &keys));
    };
    assert_eq!(origin.deployment, super::world::ORIGIN);
    assert_eq!(origin.business, "Example");
    for text in [
        "data/pictures/001.jpg",
        "data/pictures/002.jpg",
        "Nothing was left out.",
        "data/location.json",
        "\"latitude\": 52.52001",
        "agent (Ada) invites",
        "call ended: by the agent",
        &format!("[picture {first}: data/pictures/001.jpg]"),
        &format!("\"picture\": {second}"),
        &format!("\"through\": {through}"),
        &super::camera::digest_of(SHARP).to_string(),
        &super::camera::digest_of(COMPOSED).to_string(),
    ] {
        assert!(has(&file, text), "{text}");
    }
    let page = agents.page.to_string();
    assert!(!has(&file, &page), "ids of pages stay inside");
}

#[tokio::test]
async fn two_askers_share_one_making_and_a_later_change_makes_another() {
    let world = World::new();
    let (agents, ..) = with_pictures(&world).await;
    let path = case_file(agents.session);
    let (mut one, mut other) = (agents.browser.clone(), agents.browser.clone());
    let (one, other) = tokio::join!(one.get(&path), other.get(&path));
    assert_eq!(world.file_of(&one), world.file_of(&other));
    assert_eq!(world.memory().cases_made().0, 1);
    let mut again = agents.browser.clone();
    world.file_of(&again.get(&path).await);
    assert_eq!(world.memory().cases_made().0, 1, "it is there");
}

#[tokio::test]
async fn what_is_not_ready_after_20_s_is_asked_for_again() {
    let world = World::new();
    let (mut agents, ..) = with_pictures(&world).await;
    let path = case_file(agents.session);
    world.memory().order(Faults {
        hold_work: true,
        ..Faults::default()
    });
    let began_ms = world.memory().now_ms();
    let answer = agents.browser.get(&path).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.headers[header::RETRY_AFTER], "3");
    let waited_ms = world.memory().now_ms() - began_ms;
    assert!((20_000..21_000).contains(&waited_ms), "{waited_ms}");
    world.memory().order(Faults::default());
    let answer = agents.browser.get(&path).await;
    assert!(!world.file_of(&answer).is_empty());
    assert_eq!(world.memory().cases_made().0, 1, "the first one goes on");
}

#[tokio::test]
async fn a_making_that_failed_is_told_and_begun_again_after_two_minutes() {
    let world = World::new();
    let (mut agents, ..) = with_pictures(&world).await;
    let path = case_file(agents.session);
    world.memory().order(Faults {
        failed_reads: 1,
        ..Faults::default()
    });
    let began_ms = world.memory().now_ms();
    let answer = agents.browser.get(&path).await;
    assert_eq!((answer.status.as_u16(), answer.error()), (503, "trouble"));
    assert!(world.memory().now_ms() - began_ms < 1_000, "at once");
    assert_eq!(agents.browser.get(&path).await.status, 202, "still claimed");
    world.advance_s(2 * 60);
    let answer = agents.browser.get(&path).await;
    assert!(!world.file_of(&answer).is_empty());
}

#[tokio::test]
async fn a_running_call_has_no_case_file_and_a_stranger_gets_none() {
    let world = World::new();
    let (mut agents, _) = world.call().await;
    let path = case_file(agents.session);
    let answer = agents.browser.get(&path).await;
    let said = (answer.status.as_u16(), answer.error());
    assert_eq!(said, (409, "call_running"));
    let mut colleague = world.signed_in("Ben", Role::Agent);
    assert_eq!(colleague.get(&path).await.status, 404);
    assert_eq!(world.browser().get(&path).await.status, 401);
    assert_eq!(world.memory().cases_made().0, 0);
}

#[tokio::test]
async fn erasing_removes_case_files() {
    let world = World::new();
    let (agents, ..) = with_pictures(&world).await;
    let (session, path) = (agents.session, case_file(agents.session));
    let mut admin = world.signed_in("Grace", Role::Admin);
    world.file_of(&admin.get(&path).await);
    let erased = admin.erase(session).await;
    assert_eq!(erased.status, 200, "{erased:?}");
    assert_eq!(world.memory().object_keys(), Vec::<String>::new());
    assert_eq!(admin.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_call_that_is_erased_while_its_case_file_is_made_leaves_none() {
    let world = World::new();
    let mut admin = world.signed_in("Grace", Role::Admin);
    let (agents, ..) = with_pictures(&world).await;
    let (session, path) = (agents.session, case_file(agents.session));
    world.memory().order(Faults {
        hold_work: true,
        ..Faults::default()
    });
    assert_eq!(admin.get(&path).await.status, 202);
    let erased = admin.erase(session).await;
    assert_eq!(erased.status, 200, "{erased:?}");
    world.memory().order(Faults::default());
    world.memory().pause(1).await;
    assert_eq!(world.memory().cases_made().0, 1);
    assert_eq!(world.memory().object_keys(), Vec::<String>::new());
}

#[tokio::test]
async fn a_case_from_before_a_new_key_verifies_after_it() {
    let world = World::new();
    let (mut agents, ..) = with_pictures(&world).await;
    let path = case_file(agents.session);
    let before = world.file_of(&agents.browser.get(&path).await);
    world.use_case_key("a new one");
    // Its day is over, and it is made again.
    let (session, revision) = (agents.session, world.state(agents.session).await.revision);
    let key = KeptFile::Case { session, revision };
    world.memory().forget_case(&key).await.unwrap();
    world.advance_s(2 * 60);
    let after = world.file_of(&agents.browser.get(&path).await);
    let keys = world.known_keys().await;
    assert_eq!(keys.len(), 2);
    for file in [before, after] {
        assert!(matches!(verdict(&file, &keys), CaseVerdict::Unchanged(_)));
    }
}
