//! Short codes: shown to the agent, typed by the customer, and hard to guess.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};
use sightline_session::Invitation;
use sightline_wire::{InviteCode, Language, Reference, Seat, SessionId};

use super::world::{Answer, Browser, NOW_MS, ORIGIN, World};
use crate::contract::together;
use crate::memory::Faults;
use crate::ports::{Commit, Committed, Directory as _, Sessions as _};
use crate::records::InviteHash;
use crate::{SourceAddress, desk_agent_id};

const HOUR_S: u64 = 3_600;

async fn shown(agent: &mut Browser<'_>, session: SessionId) -> Answer {
    agent.get(&format!("/api/sessions/{session}/code")).await
}

async fn code_of(agent: &mut Browser<'_>, session: SessionId) -> String {
    let shown = shown(agent, session).await;
    assert_eq!(shown.status.as_u16(), 200, "{shown:?}");
    assert_eq!(shown.body["address"], format!("{ORIGIN}/j"));
    shown.body["code"].as_str().unwrap().to_owned()
}

/// Sends a body to a route from an address.
async fn from(world: &World, source: &str, path: &str, body: Value) -> (u16, String) {
    let mut request = Request::post(path)
        .header("content-type", "application/json")
        .header("origin", ORIGIN)
        .body(Body::from(body.to_string()))
        .unwrap();
    let source: IpAddr = source.parse().unwrap();
    request.extensions_mut().insert(SourceAddress(source));
    let answer = world.browser().ask(request).await;
    let error = answer.error().to_owned();
    (answer.status.as_u16(), error)
}

async fn tries(world: &World, source: &str, code: &str) -> u16 {
    from(world, source, "/api/look", json!({ "code": code }))
        .await
        .0
}

/// A code that was never given.
fn wrong(i: u32) -> String {
    let code = InviteCode::of_number(u128::from(i) * 7_919 + 5);
    code.as_str().to_owned()
}

#[tokio::test]
async fn a_code_leads_where_the_link_leads_and_is_the_same_each_time() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let code = code_of(&mut agent, session).await;
    assert_eq!(code.len(), 8);
    assert_eq!(code_of(&mut agent, session).await, code);
    let other = agent.start_call(2).await;
    assert_ne!(code_of(&mut agent, other).await, code);

    let before = world.state(session).await;
    let mut customer = world.browser();
    let typed = format!(" {}-{}\n", code[..4].to_lowercase(), &code[4..]);
    let look = customer.post("/api/look", json!({ "code": typed })).await;
    assert_eq!(
        (look.status.as_u16(), &look.body["session"]),
        (200, &json!(session))
    );
    assert!(customer.jar.is_empty(), "looking gives no seat");
    assert_eq!(world.state(session).await, before, "and changes nothing");
    assert!(!look.body.to_string().contains("/j"), "{}", look.body);
    let enter = customer.post("/api/enter", json!({ "code": typed })).await;
    assert_eq!(enter.body, look.body);
    let mut customers = customer.attached(session, Seat::Customer).await;
    assert_eq!(customers.join(false).await.refused, None);
}

#[tokio::test]
async fn a_code_is_void_after_the_first_join_a_cancel_and_expiry() {
    let world = World::new();
    let mut agent = world.agent().await;
    let joined = agent.start_call(1).await;
    let (customer, _) = world.customer().await;
    let cancelled = agent.start_call(2).await;
    let expired = agent.start_call(3).await;
    let mut codes = Vec::new();
    for session in [joined, cancelled, expired] {
        codes.push(code_of(&mut agent, session).await);
    }
    for code in &codes {
        assert_eq!(tries(&world, "192.0.2.1", code).await, 200);
    }
    let mut customers = customer.attached(joined, Seat::Customer).await;
    assert_eq!(customers.join(false).await.refused, None);
    let mut agents = agent.attached(cancelled, Seat::Agent).await;
    agents.command("session", "cancel", json!({})).await;
    assert_eq!(tries(&world, "192.0.2.1", &codes[2]).await, 200);
    assert_eq!(tries(&world, "192.0.2.1", &codes[0]).await, 404);
    let refused = shown(&mut agent, joined).await;
    assert_eq!(refused.body["why"], "already_joined");
    world.advance_s(HOUR_S);

    let sessions = [joined, cancelled, expired];
    let refusals = ["call_ended", "invite_cancelled", "invite_expired"];
    for ((code, session), why) in codes.iter().zip(sessions).zip(refusals) {
        for path in ["/api/look", "/api/enter"] {
            let answer = from(&world, "192.0.2.1", path, json!({ "code": code })).await;
            assert_eq!(answer, (404, "unknown_link".to_owned()), "{why}");
        }
        let refused = shown(&mut agent, session).await;
        assert_eq!(refused.body, json!({ "error": "refused", "why": why }));
    }
}

#[tokio::test]
async fn a_seat_that_was_left_does_not_make_the_code_good_again() {
    let world = World::new();
    let (agents, customers) = world.call().await;
    customers.disconnect().await;
    world.advance_s(60);
    let code = world.host.keys().code(agents.session, 0);
    assert_eq!(tries(&world, "192.0.2.1", code.as_str()).await, 404);
}

#[tokio::test]
async fn only_the_sessions_own_agent_is_shown_its_code() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let theirs = shown(&mut world.agent_called("Mallory"), session).await;
    assert_eq!((theirs.status.as_u16(), theirs.error()), (404, "not_found"));
    let (mut customer, _) = world.customer().await;
    let unsigned = shown(&mut customer, session).await;
    assert_eq!(unsigned.error(), "not_signed_in");
    for path in [
        "/api/sessions/x/code",
        "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/code",
    ] {
        assert_eq!(agent.get(path).await.error(), "not_found");
    }
}

#[tokio::test]
async fn a_code_that_leads_elsewhere_is_skipped() {
    // The same request of the same agent is the same session in every world.
    let session = World::new().agent().await.start_call(1).await;
    let world = World::new();
    let mut agent = world.agent().await;
    let other = agent.start_call(2).await;
    let keys = world.host.keys();
    let taken = keys.code_hash(&keys.code(session, 0));
    let loaded = world.memory().load(other, NOW_MS).await.unwrap().unwrap();
    let mut state = loaded.state;
    let expected = Some(state.revision);
    state.revision += 1;
    let commit = Commit {
        expected,
        invites: vec![taken],
        summary: None,
        ..Commit::first(other, state, Vec::new(), loaded.delete_at_s)
    };
    assert_eq!(world.memory().commit(commit).await, Ok(Committed::Done));

    assert_eq!(agent.start_call(1).await, session);
    assert_eq!(agent.start_call(1).await, session);
    assert_eq!(world.memory().sent().len(), 2, "one for each call");
    let code = code_of(&mut agent, session).await;
    assert_eq!(code, keys.code(session, 1).as_str());
    let mut customer = world.browser();
    let look = customer.post("/api/look", json!({ "code": code })).await;
    assert_eq!(look.body["session"], json!(session));
    let found = world.memory().by_invite(taken, NOW_MS).await;
    assert_eq!(found, Ok(Some(other)), "it still leads elsewhere");
}

#[tokio::test]
async fn a_call_of_a_version_without_codes_has_none_and_is_still_the_same_call() {
    let session = World::new().agent().await.start_call(1).await;
    let world = World::new();
    let name = world.host.config().desk_agent.clone().unwrap();
    let invitation = Invitation {
        agent: desk_agent_id(&name),
        agent_name: name,
        number: None,
        reference: Reference::new("CLAIM-2026").unwrap(),
        language: Language::new("en").unwrap(),
    };
    let elsewhere = InviteHash([9; 32]);
    let begun = world
        .host
        .begin(session, &invitation, elsewhere, |_| ())
        .await;
    assert!(begun.unwrap().is_some());
    let mut agent = world.agent().await;
    assert_eq!(agent.start_call(1).await, session);
    assert_eq!(world.memory().sent().len(), 0, "nothing is sent again");
    assert_eq!(shown(&mut agent, session).await.error(), "not_found");
}

#[tokio::test]
async fn a_call_by_link_alone_has_a_code_too() {
    let world = World::new();
    world.host.test_call().await.unwrap();
    let mut agent = world.agent().await;
    let calls = agent.get("/api/sessions").await.body;
    let session = calls["calls"][0]["session"].as_str().unwrap().parse();
    let code = code_of(&mut agent, session.unwrap()).await;
    assert_eq!(tries(&world, "192.0.2.1", &code).await, 200);
}

#[tokio::test]
async fn what_cannot_be_a_code_is_malformed_and_counts_as_no_try() {
    let world = World::new();
    for i in 0..50 {
        for code in ["", "ABCD234", "0BCD2345", "ABCD23456", &"A".repeat(4_000)] {
            assert_eq!(tries(&world, "192.0.2.1", code).await, 400, "{i} {code}");
        }
    }
    let both = json!({ "code": 5 });
    assert_eq!(from(&world, "192.0.2.1", "/api/enter", both).await.0, 400);
    assert_eq!(world.memory().counters(), []);
}

#[tokio::test]
async fn ten_wrong_codes_of_a_source_pause_its_codes_for_the_hour() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let code = code_of(&mut agent, session).await;
    let secret = json!({ "secret": world.last_secret() });
    // Right ones are not counted.
    for _ in 0..30 {
        assert_eq!(tries(&world, "2001:db8::1", &code).await, 200);
    }
    for i in 0..10 {
        let source = format!("2001:db8::{i:x}");
        let path = if i % 2 == 0 {
            "/api/look"
        } else {
            "/api/enter"
        };
        let told = from(&world, &source, path, json!({ "code": wrong(i) })).await;
        assert_eq!(told, (404, "unknown_link".to_owned()), "{i}");
    }
    // One /64 is one source, for right codes too, and for the third route that reads them.
    for paused in [&wrong(10), &code] {
        assert_eq!(tries(&world, "2001:db8::ffff", paused).await, 429);
    }
    let held = format!("/api/sessions/{session}/held-up");
    let body = json!({ "step": "cookies_blocked", "code": code });
    assert_eq!(
        from(&world, "2001:db8::1", &held, body.clone()).await.0,
        429
    );
    // Links and other sources go on.
    assert_eq!(
        from(&world, "2001:db8::1", "/api/look", secret).await.0,
        200
    );
    assert_eq!(tries(&world, "2001:db8:0:1::1", &code).await, 200);
    assert_eq!(from(&world, "192.0.2.1", &held, body).await.0, 204);
    let other = agent.start_call(2).await;
    let mismatch = json!({ "step": "cookies_blocked", "code": code_of(&mut agent, other).await });
    assert_eq!(from(&world, "192.0.2.1", &held, mismatch).await.0, 404);

    world.advance_s(HOUR_S - NOW_MS / 1_000 % HOUR_S - 1);
    assert_eq!(tries(&world, "2001:db8::1", &code).await, 429);
    world.advance_s(1);
    assert_eq!(tries(&world, "2001:db8::1", &wrong(11)).await, 404);
}

#[tokio::test]
async fn a_thousand_wrong_codes_of_all_pause_codes_for_everybody() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let code = code_of(&mut agent, session).await;
    let secret = json!({ "secret": world.last_secret() });
    for i in 0..1_000_u32 {
        let [.., c, d] = (i / 7).to_be_bytes();
        let source = format!("10.0.{c}.{d}");
        assert_eq!(tries(&world, &source, &wrong(i)).await, 404, "{i}");
    }
    for paused in [&wrong(1_000), &code] {
        assert_eq!(tries(&world, "203.0.113.9", paused).await, 429);
    }
    assert_eq!(
        from(&world, "203.0.113.9", "/api/look", secret).await.0,
        200
    );
    // The counts are shared: nothing of the pause is this process's own.
    let counters = world.memory().counters();
    let all = counters
        .iter()
        .find(|(name, _)| name.starts_with("codes all "));
    assert_eq!(all.map(|(_, count)| *count), Some(1_000));
    for (name, _) in counters {
        assert!(!name.contains("10.0."), "{name}");
    }
    world.advance_s(HOUR_S);
    let look = from(
        &world,
        "203.0.113.9",
        "/api/look",
        json!({ "code": wrong(1) }),
    )
    .await;
    assert_eq!(look.0, 404);
}

#[tokio::test]
async fn of_tries_at_once_no_more_than_ten_are_told_that_they_are_wrong() {
    let world = World::new();
    let codes: Vec<String> = (0..40).map(wrong).collect();
    let trying = codes.iter().map(|code| tries(&world, "192.0.2.1", code));
    let told = together::all(
        trying
            .map(|one| Box::pin(one) as together::Boxed<'_, u16>)
            .collect(),
    );
    let told = told.await;
    assert_eq!(told.iter().filter(|status| **status == 404).count(), 10);
    assert_eq!(told.iter().filter(|status| **status == 429).count(), 30);
}

#[tokio::test]
async fn codes_that_cannot_be_counted_are_not_answered() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let code = code_of(&mut agent, session).await;
    let secret = json!({ "secret": world.last_secret() });
    world.memory().order(Faults {
        failed_counts: u32::MAX,
        ..Faults::default()
    });
    for code in [&code, &wrong(1)] {
        assert_eq!(tries(&world, "192.0.2.1", code).await, 503);
    }
    assert_eq!(from(&world, "192.0.2.1", "/api/look", secret).await.0, 200);
}

#[tokio::test]
async fn codes_are_not_in_what_is_stored() {
    let world = World::new();
    let session = world.agent().await.start_call(1).await;
    let code = world.host.keys().code(session, 0);
    // A plain hash of the code would be found by trying all codes.
    let bare = InviteHash(
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, code.as_str().as_bytes())
            .as_ref()
            .try_into()
            .unwrap(),
    );
    assert_eq!(world.memory().by_invite(bare, NOW_MS).await, Ok(None));
    let other = crate::Keys::from_bytes(&[8; 32]);
    assert_ne!(other.code(session, 0), code);
    assert_ne!(other.code_hash(&code), world.host.keys().code_hash(&code));
}

proptest! {
    /// However it is typed, a code is read as itself; with anything else in it, it is refused.
    #[test]
    fn typing_does_not_change_a_code(
        number: u128,
        marks in proptest::collection::vec((0..9_usize, "[\\s\\p{Pd}\\p{Cf}\u{2212}\u{30fc}]{0,2}"), 9),
        stranger in "[01OILoil\u{ff10}\u{ff11}\u{ff2f}\u{ff29}\u{ff2c}\u{0660}\u{0661}а-яА-Я+$^`~|<>=]",
        at in 0..9_usize,
    ) {
        let code = InviteCode::of_number(number);
        let spelt: Vec<char> = code.as_str().chars().collect();
        let mut typed = String::new();
        for (place, (how, mark)) in marks.iter().enumerate() {
            typed.push_str(mark);
            let Some(symbol) = spelt.get(place) else { continue };
            typed.push(match how % 3 {
                0 => *symbol,
                1 => symbol.to_ascii_lowercase(),
                _ => char::from_u32(u32::from(*symbol) + 0xFEE0).unwrap(),
            });
        }
        prop_assert_eq!(typed.parse(), Ok(code));
        let mut strange: Vec<char> = typed.chars().collect();
        strange.insert(at.min(strange.len()), stranger.chars().next().unwrap());
        let strange: String = strange.into_iter().collect();
        prop_assert!(strange.parse::<InviteCode>().is_err());
        // In the place of a symbol, it is refused too.
        let swapped = typed.replace(*spelt.get(at.min(7)).unwrap(), &stranger);
        if swapped != typed {
            prop_assert!(swapped.parse::<InviteCode>().is_err());
        }
    }
}
