//! The agent's page inside another program: its tokens, its cookie, and the door that counts it.

use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::api::Role;
use sightline_wire::{CLOSE_RIGHTS, DisplayName, EMBED_S, EMBED_TOKEN_S, KeyScope, Seat};

use super::v1::{Program, assert_problem};
use super::world::{Answer, Browser, HOLDER, ORIGIN, World};
use crate::ports::{Agents as _, ConnectionKey, Ports as _};
use crate::records::RevocationRecord;
use crate::{Admitted, NotAdmitted, ProviderConfig, desk_agent_id};

const TOKENS: &str = "/api/v1/embed-tokens";
const DOOR: &str = "embed";
const COOKIE: &str = "__Host-embed";

async fn program(world: &World) -> Program<'_> {
    Program::with(world, &[KeyScope::Embed]).await
}

async fn token(world: &World) -> String {
    let wanted = json!({ "origin": HOLDER });
    let made = program(world).await.ask("post", TOKENS, Some(wanted)).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    let until_ms = world.memory().now_ms() + u64::from(EMBED_TOKEN_S) * 1_000;
    assert_eq!(made.body["expires_at_ms"], until_ms);
    made.body["token"].as_str().unwrap().to_owned()
}

fn page(world: &World) -> Browser<'_> {
    Browser {
        door: Some(DOOR),
        ..world.browser()
    }
}

async fn trades(page: &mut Browser<'_>, token: &str) -> Answer {
    let asked = json!({ "token": token, "origin": HOLDER });
    page.post("/api/embed", asked).await
}

/// A page inside the program, signed in as the desk's agent.
async fn embedded(world: &World) -> Browser<'_> {
    let mut page = page(world);
    let entered = trades(&mut page, &token(world).await).await;
    assert_eq!(entered.status, StatusCode::OK, "{entered:?}");
    page
}

fn refuses(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    assert_eq!(answer.error(), "sign_in_link_spent");
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn a_token_becomes_a_cookie_of_an_hour_and_the_agent_holds_a_call() {
    let world = World::new();
    let mut page = page(&world);
    let entered = trades(&mut page, &token(&world).await).await;
    let line = entered.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(line.contains("; Max-Age=3600; Path=/;"), "{line}");
    assert_eq!(entered.body["name"], "Ada");
    // The desk's agent is an admin elsewhere.
    assert_eq!(entered.body["role"], "agent");
    assert_eq!(page.get("/api/me").await.body, entered.body);

    let session = page.start_call(1).await;
    let mut agents = page.attached(session, Seat::Agent).await;
    let (customer, _) = world.customer().await;
    let mut customers = customer.attached(session, Seat::Customer).await;
    assert_eq!(customers.join(false).await.refused, None);
    assert_eq!(agents.join(false).await.refused, None);
    assert_eq!(agents.chat("Which valve?").await.refused, None);
    assert_eq!(page.get("/api/audit").await.error(), "not_admin");
    let mut admin = world.admin_called("Root");
    let lines = admin.get("/api/audit").await.body["lines"].clone();
    let entry = &lines[1];
    assert_eq!(entry["deed"], "signed_in", "{lines}");
    assert_eq!(
        (&entry["name"], &entry["about"]),
        (&json!("Ada"), &json!("Claims"))
    );
}

#[tokio::test]
async fn a_token_is_made_for_an_allowed_origin_and_the_desks_agent_only() {
    let world = World::new();
    let program = program(&world).await;
    for (body, code) in [
        (
            json!({ "origin": "https://other.example.com" }),
            "unknown_origin",
        ),
        (
            json!({ "origin": "https://claims.example.com:8443" }),
            "unknown_origin",
        ),
        (
            json!({ "origin": "https://claims.example.com/" }),
            "invalid",
        ),
        (json!({ "origin": "http://claims.example.com" }), "invalid"),
        (json!({}), "invalid"),
        (
            json!({ "origin": HOLDER, "agent": "somebody" }),
            "unknown_agent",
        ),
    ] {
        let refused = program.ask("post", TOKENS, Some(body)).await;
        assert_problem(&refused, 422, code);
    }
    let agent = desk_agent_id(&DisplayName::new("Ada").unwrap());
    take_access_back(&world, agent).await;
    let wanted = json!({ "origin": HOLDER });
    let refused = program.ask("post", TOKENS, Some(wanted)).await;
    assert_problem(&refused, 422, "unknown_agent");
}

#[tokio::test]
async fn with_a_provider_a_token_is_for_a_subject_who_has_signed_in() {
    const ISSUER: &str = "https://idp.example.com";
    let world = World::with(|config| {
        config.desk_agent = None;
        config.provider = Some(ProviderConfig::new(ISSUER, "client"));
    });
    let program = program(&world).await;
    let named = json!({ "origin": HOLDER, "agent": "subject-1" });
    for body in [json!({ "origin": HOLDER }), named.clone()] {
        let refused = program.ask("post", TOKENS, Some(body)).await;
        assert_problem(&refused, 422, "unknown_agent");
    }
    let (id, name) = (
        crate::agent_id(ISSUER, "subject-1"),
        DisplayName::new("Grace").unwrap(),
    );
    world.host.note_signed_in(id, &name, Role::Admin).await;
    world.advance_s(60);
    let made = program.ask("post", TOKENS, Some(named)).await;
    let entered = trades(&mut page(&world), made.body["token"].as_str().unwrap()).await;
    assert_eq!(entered.body["name"], "Grace");
    assert_eq!(entered.body["role"], "agent");
    // The visit counts as one, and the role of an admin stays.
    let known = world.memory().agents(0).await.unwrap().remove(0);
    assert_eq!((known.agent, known.role), (id, Role::Admin));
    assert!(known.seen_at_ms >= super::world::NOW_MS + 60_000);
}

#[tokio::test]
async fn a_token_is_good_once_even_if_two_pages_trade_it_at_once() {
    let world = World::new();
    let token = token(&world).await;
    let (mut one, mut other) = (page(&world), page(&world));
    let (first, second) = tokio::join!(trades(&mut one, &token), trades(&mut other, &token));
    let won = [&first, &second].map(|answer| answer.status == StatusCode::OK);
    assert_eq!(won.into_iter().filter(|won| *won).count(), 1, "{won:?}");
    refuses(if won[0] { &second } else { &first });
    refuses(&trades(&mut page(&world), &token).await);
}

#[tokio::test]
async fn a_token_lives_for_a_minute() {
    for (after_ms, is_good) in [(59_999, true), (60_000, false), (60_001, false)] {
        let world = World::new();
        let token = token(&world).await;
        world.memory().advance(after_ms);
        let answer = trades(&mut page(&world), &token).await;
        assert_eq!(answer.status == StatusCode::OK, is_good, "{after_ms}");
    }
}

#[tokio::test]
async fn a_token_is_good_for_its_origin_and_through_its_door_alone() {
    let world = World::new();
    let token = token(&world).await;
    let mut page = page(&world);
    let elsewhere = json!({ "token": token, "origin": "https://other.example.com" });
    refuses(&page.post("/api/embed", elsewhere).await);
    let mut without_door = world.browser();
    let answer = trades(&mut without_door, &token).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let foreign = Request::post("/api/embed")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ORIGIN, HOLDER)
        .body(
            json!({ "token": token, "origin": HOLDER })
                .to_string()
                .into(),
        );
    let answer = page.ask(foreign.unwrap()).await;
    assert_eq!(answer.error(), "wrong_origin");
    // None of this spent it.
    assert_eq!(trades(&mut page, &token).await.status, StatusCode::OK);
    for forged in ["1.e30.c2ln", "x", &token[..token.len() - 2]] {
        refuses(&trades(&mut page, forged).await);
    }
    let cookie = page.jar[COOKIE].clone();
    refuses(&trades(&mut page, &cookie).await);
}

#[tokio::test]
async fn a_deployment_without_origins_has_no_such_door() {
    let world = World::with(|config| config.embed_origins.clear());
    let refused = program(&world).await;
    let wanted = json!({ "origin": HOLDER });
    let refused = refused.ask("post", TOKENS, Some(wanted)).await;
    assert_problem(&refused, 422, "unknown_origin");
    let mut page = page(&world);
    assert_eq!(page.get("/api/embed").await.status, StatusCode::NOT_FOUND);
    let answer = trades(&mut page, "1.e30.c2ln").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_hears_which_pages_may_hold_it() {
    let world = World::new();
    let answer = page(&world).get("/api/embed").await;
    assert_eq!(answer.body, json!({ "origins": [HOLDER] }));
}

/// Both cookies come along where the page around is of the same site.
#[tokio::test]
async fn each_door_counts_its_own_cookie_and_no_other_one() {
    let world = World::new();
    let mut both = embedded(&world).await;
    let session = both.start_call(1).await;
    both.jar.extend(world.agent_called("Linus").jar);
    let (customer, _) = world.customer().await;
    both.jar.extend(customer.jar);

    assert_eq!(both.get("/api/me").await.body["name"], "Ada");
    let agents = both.attached(session, Seat::Agent).await;
    assert_eq!(agents.seat, Seat::Agent);
    let seat = format!("/api/sessions/{session}/seat");
    assert_eq!(both.get(&seat).await.status, StatusCode::NOT_FOUND);

    let mut own = Browser {
        door: None,
        ..both.clone()
    };
    assert_eq!(own.get("/api/me").await.body["name"], "Linus");
    assert_eq!(own.get(&seat).await.status, StatusCode::OK);
    own.jar.retain(|name, _| name == COOKIE);
    let nobody = own.get("/api/me").await.status;
    assert_eq!(nobody, StatusCode::UNAUTHORIZED, "without the door's name");
    assert_eq!(connects(&own).await, Err(NotAdmitted::Nobody));

    for door in ["", "agent", "embed, embed", "embedded"] {
        let mut other = Browser {
            door: Some(door),
            ..both.clone()
        };
        let status = other.get("/api/me").await.status;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{door}");
        assert_eq!(connects(&other).await, Err(NotAdmitted::Nobody), "{door}");
    }
    let mut swapped = both.clone();
    let of_agent = swapped.jar.remove("__Host-agent").unwrap();
    swapped.jar.insert(COOKIE.to_owned(), of_agent);
    let status = swapped.get("/api/me").await.status;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "another cookie's value");
}

#[tokio::test]
async fn the_cookie_lasts_an_hour_and_only_a_token_renews_it() {
    let world = World::new();
    let mut page = embedded(&world).await;
    let session = page.start_call(1).await;
    world.advance_s(u64::from(EMBED_S) - 1);
    let answer = page.get("/api/me").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    let mut left_alone = page.clone();
    let renewed = trades(&mut page, &token(&world).await).await;
    assert_eq!(renewed.status, StatusCode::OK);
    world.advance_s(1);
    let ended = left_alone.get("/api/me").await.status;
    assert_eq!(ended, StatusCode::UNAUTHORIZED);
    let me = page.get("/api/me").await;
    assert_eq!(me.status, StatusCode::OK);
    let detail = page.get(&format!("/api/sessions/{session}")).await;
    assert_eq!(detail.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_ends_the_sign_in_with_its_renewals_and_no_other_one() {
    let world = World::new();
    let mut elsewhere = world.agent().await;
    let mut page = embedded(&world).await;
    let session = page.start_call(1).await;
    let agents = page.attached(session, Seat::Agent).await;
    let mut before = page.clone();
    let renewed = trades(&mut page, &token(&world).await).await;
    assert_eq!(renewed.status, StatusCode::OK);
    let out = page.post("/api/sign-out", json!({})).await;
    assert_eq!(out.body, json!({}));
    assert!(page.jar.is_empty());
    let code = world.memory().close_code(&agents.connection);
    assert_eq!(code, Some(CLOSE_RIGHTS));
    assert_eq!(before.get("/api/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(elsewhere.get("/api/me").await.status, StatusCode::OK);
    // A copy of the cookie does not bring the sign-in back.
    let again = trades(&mut before, &token(&world).await).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(before.get("/api/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn taking_access_back_ends_it_and_spends_tokens_that_are_under_way() {
    let world = World::new();
    let mut page = embedded(&world).await;
    let session = page.start_call(1).await;
    let agents = page.attached(session, Seat::Agent).await;
    let under_way = token(&world).await;
    let agent = desk_agent_id(&DisplayName::new("Ada").unwrap());
    let path = format!("/api/agents/{agent}/access");
    // The desk's agent is listed once they signed in.
    world.agent().await;
    let body = json!({ "allowed": false });
    let taken = world.admin_called("Root").put(&path, body).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT, "{taken:?}");
    assert_eq!(page.get("/api/me").await.status, StatusCode::UNAUTHORIZED);
    let code = world.memory().close_code(&agents.connection);
    assert_eq!(code, Some(CLOSE_RIGHTS));
    refuses(&trades(&mut page, &under_way).await);
}

/// A page elsewhere has the cookie sent along, and neither the door's name nor our origin.
#[tokio::test]
async fn a_page_of_another_site_makes_nothing_of_the_cookie() {
    let world = World::new();
    let page = embedded(&world).await;
    let mut forged = Browser { door: None, ..page };
    for origin in [HOLDER, "https://evil.example", "null"] {
        let request = Request::post("/api/sessions")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ORIGIN, origin)
            .header("sec-fetch-site", "cross-site");
        let body = Browser::start_body(1).to_string().into();
        let answer = forged.ask(request.body(body).unwrap()).await;
        assert_eq!(answer.error(), "wrong_origin", "{origin}");
    }
    let read = Request::get("/api/sessions").header(header::ORIGIN, HOLDER);
    let answer = forged.ask(read.body(String::new().into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let shares = header::ACCESS_CONTROL_ALLOW_ORIGIN;
    assert!(!answer.headers.contains_key(shares), "no door by CORS");
    let mut handshake = forged.handshake();
    handshake.origin = Some(HOLDER.to_owned());
    let connection = ConnectionKey("forged".to_owned());
    let connected = world.host.connect(&connection, &handshake).await;
    assert_eq!(connected, Err(NotAdmitted::WrongOrigin));
    assert_ne!(ORIGIN, HOLDER);
}

async fn connects(page: &Browser<'_>) -> Result<Admitted, NotAdmitted> {
    let connection = ConnectionKey("fresh".to_owned());
    let handshake = page.handshake();
    page.world.host.connect(&connection, &handshake).await
}

async fn take_access_back(world: &World, agent: sightline_wire::AgentId) {
    let revocation = RevocationRecord {
        at_ms: world.memory().now_ms(),
        lifted_at_ms: None,
    };
    let noted = world.memory().note_revocation(agent, revocation).await;
    noted.unwrap();
}

#[test]
fn the_page_may_be_held_by_the_allowed_origins_and_every_other_page_by_nobody() {
    let origins = [HOLDER, "https://crm.example.org:8443"].map(|origin| origin.parse().unwrap());
    let of = |headers: Vec<_>, wanted: &str| -> String {
        let found: Vec<_> = headers
            .into_iter()
            .filter(|(name, _): &(header::HeaderName, header::HeaderValue)| name == wanted)
            .collect();
        assert_eq!(found.len(), 1, "{wanted}");
        found[0].1.to_str().unwrap().to_owned()
    };
    let embed = || crate::embed_headers(&origins);
    let page = || crate::security_headers(crate::Surface::Page, None);
    let (policy, usual) = (
        of(embed(), "content-security-policy"),
        of(page(), "content-security-policy"),
    );
    let holders = format!("frame-ancestors {HOLDER} https://crm.example.org:8443;");
    assert_eq!(policy, usual.replace("frame-ancestors 'none';", &holders));
    assert!(policy.contains(&holders));
    let shared = "cross-origin-resource-policy";
    assert_eq!(of(embed(), shared), "cross-origin");
    assert_eq!(of(page(), shared), "same-origin");
    assert_eq!(embed().len(), page().len());
    assert_eq!(
        of(crate::embed_headers(&[]), "content-security-policy"),
        usual
    );
}

/// Values of the wrong kind are refused before anything is looked up.
#[tokio::test]
async fn a_malformed_trade_is_refused() {
    let world = World::new();
    let token = token(&world).await;
    let mut page = page(&world);
    for body in [
        json!({}),
        json!({ "token": token }),
        json!({ "token": "", "origin": HOLDER }),
        json!({ "token": "a b", "origin": HOLDER }),
        json!({ "token": "a".repeat(2_049), "origin": HOLDER }),
        json!({ "token": 7, "origin": HOLDER }),
        json!({ "token": token, "origin": "null" }),
        Value::Null,
    ] {
        let answer = page.post("/api/embed", body.clone()).await;
        assert_eq!(answer.error(), "malformed", "{body}");
    }
}
