//! Beginning a sign-in, the callback, signing out, and what can go wrong on the way.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use super::idp::{
    BACK, CLIENT, ISSUER, Place, SECRET, basic, config, ec_jwk, es256, header, pairs, rs256,
    rsa_jwk, under_way, way_back,
};
use crate::tests::world::{ORIGIN, World};
use crate::{agent_id, router, sign_in};

const FAILED: &str = "/agent?sign-in=failed";
const CANCELLED: &str = "/agent?sign-in=cancelled";

#[tokio::test]
async fn an_agent_signs_in_and_is_known_by_issuer_and_subject() {
    let place = Place::new();
    let mut browser = place.browser();
    let entrance = browser.get("/api/entrance").await;
    assert_eq!(entrance.body, json!({ "sign_in": "provider" }));
    let asked = browser.set_out().await;
    for (name, value) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", BACK),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    assert!(!browser.is_signed_in().await);
    assert_eq!(browser.come_back(&asked).await, "/agent");
    let names: Vec<_> = browser.jar.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["__Host-agent"],
        "the sign-in is no longer under way"
    );
    let me = browser.get("/api/me").await;
    assert_eq!(me.body["name"], "Ada Lovelace");
    assert_eq!(me.body["role"], "admin");
    let now_ms = crate::tests::world::NOW_MS;
    let known = place
        .host
        .keys()
        .check_agent(&browser.jar["__Host-agent"], now_ms)
        .unwrap();
    assert_eq!(known.agent, agent_id(ISSUER, "ada-1"));
}

#[tokio::test]
async fn nothing_of_two_sign_ins_is_the_same() {
    let place = Place::new();
    let mut browser = place.browser();
    let (one, other) = (browser.set_out().await, browser.set_out().await);
    for secret in ["state", "nonce", "code_challenge"] {
        assert_ne!(one[secret], other[secret], "{secret}");
        assert!(one[secret].len() >= 22, "{secret} has 128 bits");
    }
    for asked in [&one, &other] {
        let (name, value) = browser.jar.get_key_value(&under_way(asked)).unwrap();
        assert!(!name.contains(&asked["state"][..8]) && !value.contains(&asked["state"]));
    }
}

#[tokio::test]
async fn two_tabs_sign_in_beside_each_other() {
    let place = Place::new();
    for first in [0, 1] {
        let mut browser = place.browser();
        let tabs = [browser.set_out().await, browser.set_out().await];
        assert_eq!(browser.come_back(&tabs[first]).await, "/agent");
        let names: Vec<_> = browser.jar.keys().map(String::as_str).collect();
        let left = under_way(&tabs[1 - first]);
        assert_eq!(names, ["__Host-agent", &left], "the other's goes on");
        assert_eq!(browser.come_back(&tabs[1 - first]).await, "/agent");
        assert_eq!(browser.jar.len(), 1);
    }
}

#[tokio::test]
async fn sign_ins_that_are_left_behind_make_room() {
    let place = Place::new();
    let mut browser = place.browser();
    for _ in 0..10 {
        browser.set_out().await;
        assert!(browser.jar.len() <= 4, "{}", browser.jar.len());
    }
    assert_eq!(browser.jar.len(), 4);
    assert_eq!(browser.sign_in().await, "/agent");
    // Names that are not ours are not repeated in a header.
    let request = Request::get("/api/sign-in").header(
        "cookie",
        "__Host-sign-in-a b=1; __Host-sign-in-=1; __Host-sign-in-\"x\"=1; \
         __Host-sign-in-AAAAAAA1=1; __Host-sign-in-AAAAAAA2=1; __Host-sign-in-AAAAAAA3=1; __Host-sign-in-AAAAAAA4=1",
    );
    let mut fresh = place.browser();
    let answer = fresh.ask(request.body(Body::empty()).unwrap()).await;
    let lines = answer.headers.get_all("set-cookie").iter();
    let cleared: Vec<_> = lines
        .map(|line| line.to_str().unwrap())
        .filter(|line| line.contains("Max-Age=0;"))
        .map(|line| line.split('=').next().unwrap())
        .collect();
    assert_eq!(cleared, ["__Host-sign-in-AAAAAAA1"], "the oldest");
}

#[tokio::test]
async fn only_the_groups_that_are_let_in_are() {
    for (agents, admins, groups, leads_to, role) in [
        (None, None, json!(null), "/agent", "agent"),
        (None, Some("admins"), json!([]), "/agent", "agent"),
        (Some("agents"), None, json!(["agents"]), "/agent", "agent"),
        (Some("agents"), None, json!("agents"), "/agent", "agent"),
        (
            Some("agents"),
            Some("admins"),
            json!(["admins"]),
            "/agent",
            "admin",
        ),
        (
            Some("agents"),
            Some("admins"),
            json!(["x", "agents"]),
            "/agent",
            "agent",
        ),
        (
            Some("agents"),
            Some("admins"),
            json!(["agents", "admins"]),
            "/agent",
            "admin",
        ),
        (Some("agents"), None, json!(["admins"]), FAILED, ""),
        (
            Some("agents"),
            Some("admins"),
            json!(["Agents", "agent", "agents2"]),
            FAILED,
            "",
        ),
        (
            Some("agents"),
            Some("admins"),
            json!("agents admins"),
            FAILED,
            "",
        ),
        (
            Some("agents"),
            Some("admins"),
            json!({ "agents": true }),
            FAILED,
            "",
        ),
        (Some("agents"), Some("admins"), json!([]), FAILED, ""),
        (Some("agents"), Some("admins"), json!(null), FAILED, ""),
    ] {
        let place = Place::with(
            |config| {
                config.agent_group = agents.map(str::to_owned);
                config.admin_group = admins.map(str::to_owned);
            },
            [7; 32],
        );
        let told = groups.clone();
        place.forge(move |mut claims| {
            claims["cognito:groups"] = told.clone();
            rs256(&pairs().rsa, &header(), &claims)
        });
        let mut browser = place.browser();
        assert_eq!(
            browser.sign_in().await,
            leads_to,
            "{agents:?} {admins:?} {groups}"
        );
        assert_eq!(browser.is_signed_in().await, leads_to == "/agent");
        if leads_to == "/agent" {
            assert_eq!(browser.get("/api/me").await.body["role"], role, "{groups}");
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_away_is_asked_once_in_ten_seconds() {
    let place = Place::new();
    place.idp.lock().down = true;
    // The failure counts from the end of the wait for the provider.
    place.idp.lock().slow = Some((Arc::clone(&place.host), 5_000));
    let mut browser = place.browser();
    let asked = || place.idp.lock().fetched.len();
    assert_eq!(browser.get("/api/sign-in").await.location(), FAILED);
    for _ in 0..9 {
        place.advance_s(1);
        assert_eq!(browser.get("/api/sign-in").await.location(), FAILED);
    }
    assert_eq!(asked(), 1);
    place.advance_s(1);
    assert_eq!(browser.get("/api/sign-in").await.location(), FAILED);
    assert_eq!(asked(), 2);
    place.idp.lock().down = false;
    place.advance_s(9);
    assert_eq!(browser.get("/api/sign-in").await.location(), FAILED);
    assert_eq!(asked(), 2, "nor is it asked when it is back");
    place.advance_s(1);
    assert_eq!(browser.sign_in().await, "/agent");
}

#[tokio::test]
async fn the_client_proves_itself_as_the_provider_wants() {
    let encoded = "s3cret%2F%2B%20of%20ours";
    for (methods, secret, header, value) in [
        (None, Some(SECRET), Some(basic(CLIENT, encoded)), None),
        (
            Some(json!(["client_secret_basic", "client_secret_post"])),
            Some(SECRET),
            Some(basic(CLIENT, encoded)),
            None,
        ),
        (
            Some(json!(["client_secret_post"])),
            Some(SECRET),
            None,
            Some(SECRET.to_owned()),
        ),
        (None, None, None, None),
    ] {
        let place = Place::with(
            |config| config.client_secret = secret.map(str::to_owned),
            [7; 32],
        );
        if let Some(methods) = methods {
            place.idp.lock().discovery["token_endpoint_auth_methods_supported"] = methods;
        }
        assert_eq!(place.browser().sign_in().await, "/agent");
        let (sent, form) = place.idp.lock().traded.pop().unwrap();
        assert_eq!((sent, form.get("client_secret")), (header, value.as_ref()));
    }
    assert!(!format!("{:?}", config()).contains("s3cret"));
}

#[tokio::test]
async fn documents_are_read_once_an_hour() {
    let place = Place::new();
    for _ in 0..3 {
        assert_eq!(place.browser().sign_in().await, "/agent");
    }
    assert_eq!(place.idp.lock().fetched.len(), 2);
    place.advance_s(3_599);
    place.browser().set_out().await;
    assert_eq!(place.idp.lock().fetched.len(), 2);
    place.advance_s(1);
    place.browser().set_out().await;
    assert_eq!(place.idp.lock().fetched.len(), 3);
}

#[tokio::test]
async fn a_new_key_is_fetched_and_unknown_ones_are_asked_for_once_a_minute() {
    let place = Place::new();
    assert_eq!(place.browser().sign_in().await, "/agent");
    // The provider changes its key.
    place.idp.lock().keys = json!({ "keys": [rsa_jwk("b", &pairs().other_rsa)] });
    place.forge(|claims| {
        let header = json!({ "alg": "RS256", "kid": "b" });
        rs256(&pairs().other_rsa, &header, &claims)
    });
    place.advance_s(59);
    assert_eq!(
        place.browser().sign_in().await,
        FAILED,
        "asked a minute ago"
    );
    place.advance_s(1);
    assert_eq!(place.browser().sign_in().await, "/agent");
    // The old key is gone with it.
    place.forge(|claims| rs256(&pairs().rsa, &header(), &claims));
    let before = place.idp.lock().fetched.len();
    for _ in 0..20 {
        assert_eq!(place.browser().sign_in().await, FAILED);
    }
    assert_eq!(place.idp.lock().fetched.len(), before);
}

#[tokio::test]
async fn keys_on_a_curve_sign_as_well_and_a_lone_key_needs_no_name() {
    let place = Place::new();
    place.forge(|claims| es256(&pairs().ec, &json!({ "alg": "ES256", "kid": "e" }), &claims));
    assert_eq!(place.browser().sign_in().await, "/agent");
    let place = Place::new();
    place.forge(|claims| es256(&pairs().ec, &json!({ "alg": "ES256" }), &claims));
    assert_eq!(place.browser().sign_in().await, FAILED, "which of two?");
    let place = Place::new();
    place.idp.lock().keys = json!({ "keys": [ec_jwk("e", &pairs().ec)] });
    place.forge(|claims| es256(&pairs().ec, &json!({ "alg": "ES256" }), &claims));
    assert_eq!(place.browser().sign_in().await, "/agent");
}

#[tokio::test]
async fn only_the_browser_that_set_out_comes_back_and_only_once() {
    let place = Place::new();
    let mut browser = place.browser();
    let asked = browser.set_out().await;
    let way = way_back(&asked["state"], &place.idp.signs_in(&asked));

    // A victim is lured onto another person's callback, with no cookie or with the one of an own
    // sign-in.
    let mut lured = place.browser();
    assert_eq!(lured.get(&way).await.location(), FAILED);
    let own = lured.set_out().await;
    assert_eq!(lured.get(&way).await.location(), FAILED);
    assert!(lured.jar.contains_key(&under_way(&own)), "theirs goes on");
    assert_eq!(lured.come_back(&own).await, "/agent");

    let kept = browser.jar.clone();
    assert_eq!(browser.get(&way).await.location(), "/agent");
    // An attacker replays the cookie with another code of the same sign-in.
    for code in ["", place.idp.signs_in(&asked).as_str()] {
        let mut replayed = place.browser();
        replayed.jar = kept.clone();
        let way = way_back(&asked["state"], code);
        assert_eq!(replayed.get(&way).await.location(), FAILED);
        assert!(!replayed.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_sign_in_takes_ten_minutes_at_most() {
    let place = Place::new();
    let (mut in_time, mut late) = (place.browser(), place.browser());
    let (one, other) = (in_time.set_out().await, late.set_out().await);
    place.advance_s(599);
    assert_eq!(in_time.come_back(&one).await, "/agent");
    place.advance_s(1);
    assert_eq!(late.come_back(&other).await, FAILED);
    assert!(!late.is_signed_in().await);
}

#[tokio::test]
async fn another_deployments_sign_in_is_none_here() {
    let (place, other) = (Place::new(), Place::with(|_| {}, [8; 32]));
    let mut there = other.browser();
    let asked = there.set_out().await;
    let mut browser = place.browser();
    browser.jar = there.jar.clone();
    assert_eq!(browser.come_back(&asked).await, FAILED);
    // A cookie for another purpose is not accepted as a pending sign-in.
    browser.jar.clear();
    assert_eq!(browser.sign_in().await, "/agent");
    let agents = browser.jar["__Host-agent"].clone();
    let mut mixed = place.browser();
    let asked = mixed.set_out().await;
    let name = under_way(&asked);
    let sealed = mixed.jar[&name].clone();
    mixed.jar.insert(name, agents);
    assert_eq!(mixed.come_back(&asked).await, FAILED);
    mixed.jar.insert("__Host-agent".to_owned(), sealed);
    assert!(!mixed.is_signed_in().await);
}

#[tokio::test]
async fn a_way_back_that_brings_no_good_code_signs_nobody_in() {
    let place = Place::new();
    for (brought, leads_to) in [
        ("error=access_denied&state=STATE", CANCELLED),
        ("error=access_denied&state=x", FAILED),
        ("error=access_denied", FAILED),
        ("error=server_error&error_description=x&state=STATE", FAILED),
        ("error=access_denied&code=x&state=STATE", CANCELLED),
        ("code=unknown&state=STATE", FAILED),
        ("code=&state=STATE", FAILED),
        ("state=STATE", FAILED),
        ("code=x", FAILED),
        ("code=x&code=y&state=STATE", FAILED),
        ("code=x&state=STATE&state=STATE", FAILED),
        ("code=x&state=", FAILED),
        ("code=%ff&state=%00", FAILED),
        ("", FAILED),
    ] {
        let mut browser = place.browser();
        let asked = browser.set_out().await;
        let way = brought.replace("STATE", &asked["state"]);
        let answer = browser.get(&format!("/api/sign-in/back?{way}")).await;
        assert_eq!(answer.location(), leads_to, "{brought}");
        assert!(!browser.is_signed_in().await, "{brought}");
    }
    let mut browser = place.browser();
    let asked = browser.set_out().await;
    let way = way_back(&asked["state"], &"x".repeat(4_097));
    assert_eq!(browser.get(&way).await.location(), FAILED);
    assert!(place.idp.lock().traded.len() < 3, "no code, no trade");
}

#[tokio::test]
async fn a_provider_that_answers_badly_or_not_at_all_signs_nobody_in() {
    let place = Place::new();
    let mut browser = place.browser();
    let asked = browser.set_out().await;
    place.idp.lock().down = true;
    assert_eq!(browser.come_back(&asked).await, FAILED);
    assert!(!browser.is_signed_in().await);
    place.advance_s(3_600);
    assert_eq!(browser.get("/api/sign-in").await.location(), FAILED);
    assert!(browser.jar.is_empty());
    place.idp.lock().down = false;
    place.advance_s(10);
    for answer in [
        (400, &br#"{"error":"invalid_grant"}"#[..]),
        (500, b"<html>"),
        (302, b""),
        (201, b"{}"),
        (200, b""),
        (200, b"{}"),
        (200, b"[]"),
        (200, br#"{"id_token":null}"#),
        (200, br#"{"id_token":""}"#),
        (200, b"\xff\xfe"),
    ] {
        place.idp.lock().answer = Some((answer.0, answer.1.to_vec()));
        let mut browser = place.browser();
        assert_eq!(browser.sign_in().await, FAILED, "{answer:?}");
        assert!(!browser.is_signed_in().await);
    }
    place.idp.lock().answer = None;
    assert_eq!(browser.sign_in().await, "/agent", "and it was not for good");
}

#[tokio::test]
async fn a_document_that_is_not_the_issuers_own_is_not_used() {
    for (name, value) in [
        ("issuer", json!("https://id.example.com/pool/")),
        ("issuer", json!("https://evil.example")),
        ("issuer", json!(null)),
        (
            "token_endpoint",
            json!("http://id.example.com/oauth2/token"),
        ),
        ("token_endpoint", json!("https://169.254.170.2/token")),
        ("token_endpoint", json!("http://127.0.0.1/token")),
        ("jwks_uri", json!("http://id.example.com/keys")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("authorization_endpoint", json!("//evil.example")),
        ("authorization_endpoint", json!("https://a.example\r\nx: y")),
    ] {
        let place = Place::new();
        place.idp.lock().discovery[name] = value.clone();
        let mut browser = place.browser();
        let answer = browser.get("/api/sign-in").await;
        assert_eq!(answer.location(), FAILED, "{name} {value}");
        assert!(browser.jar.is_empty());
    }
    // An issuer without https is never requested.
    let place = Place::with(
        |config| config.issuer = "http://id.example.com/pool".to_owned(),
        [7; 32],
    );
    assert_eq!(place.browser().get("/api/sign-in").await.location(), FAILED);
    assert!(place.idp.lock().fetched.is_empty());
}

#[tokio::test]
async fn signing_out_ends_at_the_provider() {
    let place = Place::new();
    let mut browser = place.browser();
    browser.sign_in().await;
    let answer = browser.post("/api/sign-out").await;
    let next = "https://id.example.com/out?client_id=client-1&post_logout_redirect_uri=https%3A%2F%2Fhelp.example.com%2Fagent";
    assert_eq!(answer.body, json!({ "next": next }));
    assert!(!browser.is_signed_in().await);

    // If the provider has no such page or is down, the person is signed out here only.
    for down in [false, true] {
        let place = Place::new();
        place.idp.lock().discovery["end_session_endpoint"] = json!(null);
        let mut browser = place.browser();
        browser.sign_in().await;
        place.advance_s(3_600);
        place.idp.lock().down = down;
        let answer = browser.post("/api/sign-out").await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({})));
        assert!(!browser.is_signed_in().await);
    }
    // A page of another origin cannot sign out.
    let mut browser = place.browser();
    browser.sign_in().await;
    let request = Request::post("/api/sign-out").header("origin", "https://evil.example");
    let answer = browser.ask(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn cognito_is_left_by_its_own_word() {
    let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc";
    for named in [true, false] {
        let place = Place::with(
            |config| {
                config.issuer = issuer.to_owned();
                config.discovery =
                    Some("https://id.example.com/pool/.well-known/openid-configuration".to_owned());
            },
            [7; 32],
        );
        {
            let mut idp = place.idp.lock();
            idp.discovery["issuer"] = json!(issuer);
            idp.discovery["authorization_endpoint"] =
                json!("https://x.auth.eu-central-1.amazoncognito.com/oauth2/authorize");
            idp.discovery["end_session_endpoint"] = if named {
                json!("https://x.auth.eu-central-1.amazoncognito.com/logout")
            } else {
                json!(null)
            };
        }
        let answer = place.browser().post("/api/sign-out").await;
        assert_eq!(
            answer.body["next"],
            "https://x.auth.eu-central-1.amazoncognito.com/logout?client_id=client-1&logout_uri=https%3A%2F%2Fhelp.example.com%2Fagent"
        );
    }
}

#[tokio::test]
async fn where_nobody_signs_in_so_there_is_no_such_way() {
    let world = World::new();
    let mut browser = world.browser();
    assert_eq!(
        browser.get("/api/entrance").await.body,
        json!({ "sign_in": "link" })
    );
    for path in ["/api/sign-in", "/api/sign-in/back?code=x&state=y"] {
        assert_eq!(browser.get(path).await.error(), "not_found");
    }
    // Merging the routes all the same adds none.
    let idp = std::sync::Arc::clone(&Place::new().idp);
    let _ = router(world.host.clone()).merge(sign_in::router(world.host.clone(), idp));
    // With a provider, the printed link does not exist.
    let place = Place::new();
    let request = Request::post("/api/sign-in/once")
        .header("content-type", "application/json")
        .header("origin", ORIGIN);
    let token = json!({ "token": sightline_wire::PageId::from_bytes([1; 16]) });
    let answer = place
        .browser()
        .ask(request.body(Body::from(token.to_string())).unwrap())
        .await;
    assert_eq!(answer.body["error"], "not_found");
    let answer = place.browser().post("/api/sign-in").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
