//! What the HTTP API asks of a request, and what every answer carries.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;
use tower::ServiceExt as _;

use super::world::{Browser, NOW_MS, ORIGIN, World};
use crate::{Keys, Surface, only_hosts, router, security_headers};

const POSTS: [&str; 9] = [
    "/api/look",
    "/api/enter",
    "/api/sign-in/once",
    "/api/sign-out",
    "/api/sessions",
    "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/send",
    "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/link",
    "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/renewed-link",
    "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/held-up",
];

#[tokio::test]
async fn every_changing_route_asks_where_the_request_comes_from() {
    let world = World::new();
    let agent = world.agent().await;
    for path in POSTS {
        for (origins, sites) in [
            (&["https://evil.example"][..], &[][..]),
            (&["null"], &[]),
            (&["http://help.example.com"], &[]),
            (&[], &[]),
            (&[ORIGIN], &["cross-site"]),
            (&[ORIGIN], &["same-site"]),
            (&[], &["none"]),
            (&[ORIGIN, "https://evil.example"], &[]),
            (&[ORIGIN], &["same-origin", "cross-site"]),
        ] {
            let mut request = Request::post(path).header("content-type", "application/json");
            for origin in origins {
                request = request.header("origin", *origin);
            }
            for site in sites {
                request = request.header("sec-fetch-site", *site);
            }
            let answer = agent
                .clone()
                .ask(request.body(Body::from("{}")).unwrap())
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.error()),
                (403, "wrong_origin"),
                "{path} {origins:?} {sites:?}"
            );
        }
    }
    // A program without cookies has nothing anybody could ride on.
    let mut program = world.browser();
    let request = Request::post("/api/look").header("content-type", "application/json");
    let answer = program.ask(
        request
            .body(Body::from(
                json!({ "secret": "AAAAAAAAAAAAAAAAAAAAAA" }).to_string(),
            ))
            .unwrap(),
    );
    assert_eq!(answer.await.error(), "unknown_link");
}

#[tokio::test]
async fn bodies_are_json_of_at_most_four_kibibytes() {
    let world = World::new();
    let mut agent = world.agent().await;
    let mut post = async |kind: &str, body: Vec<u8>, announced: bool| {
        let mut request = Request::post("/api/sessions").header("origin", ORIGIN);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        if announced {
            request = request.header("content-length", body.len());
        }
        let answer = agent.ask(request.body(Body::from(body)).unwrap()).await;
        (answer.status.as_u16(), answer.error().to_owned())
    };
    let json = "application/json; charset=utf-8";
    let good = Browser::start_body(1).to_string().into_bytes();
    let padded = |bytes: usize| {
        let mut body = good.clone();
        body.resize(bytes, b' ');
        body
    };
    let malformed = (400, "malformed".to_owned());
    let too_long = (413, "too_long".to_owned());
    for kind in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        assert_eq!(post(kind, good.clone(), false).await, malformed, "{kind}");
    }
    for body in [&b""[..], b"{", b"\xff", b"null", b"{\"request\":1}"] {
        assert_eq!(post(json, body.to_vec(), false).await, malformed);
    }
    for announced in [false, true] {
        assert_eq!(post(json, padded(4_097), announced).await, too_long);
        assert_eq!(post(json, vec![b'['; 1 << 20], announced).await, too_long);
    }
    assert_eq!(post(json, padded(4_096), true).await.0, 200);
}

#[tokio::test]
async fn every_answer_that_is_not_a_success_says_why() {
    let world = World::new();
    let mut browser = world.browser();
    for (method, path, status, error) in [
        (Method::GET, "/api", 404, "not_found"),
        (Method::GET, "/api/", 404, "not_found"),
        (Method::GET, "/api/nothing", 404, "not_found"),
        (Method::GET, "/api/look", 405, "not_found"),
        (Method::DELETE, "/api/sessions", 403, "wrong_origin"),
        (Method::GET, "/api/me", 401, "not_signed_in"),
        (Method::GET, "/api/sessions", 401, "not_signed_in"),
        (Method::GET, "/api/sessions/x/log", 404, "not_found"),
        (Method::GET, "/api/sessions/x/seat", 404, "unknown_link"),
        (
            Method::GET,
            "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/log?after=x",
            400,
            "malformed",
        ),
        (
            Method::GET,
            "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/log",
            401,
            "not_signed_in",
        ),
        (
            Method::GET,
            "/api/sessions/AAAAAAAAAAAAAAAAAAAAAA/seat",
            404,
            "unknown_link",
        ),
        (Method::GET, "/api/sessions/%ff/log", 404, "not_found"),
    ] {
        let mut request = Request::builder().method(method.clone()).uri(path);
        if method == Method::DELETE {
            request = request.header("origin", "https://evil.example");
        }
        let answer = browser.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.error()),
            (status, error),
            "{method} {path}"
        );
        for (name, value) in security_headers(Surface::Api, None) {
            assert_eq!(answer.headers.get(&name), Some(&value), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn other_host_names_are_turned_away() {
    let world = World::new();
    let hosts = ["127.0.0.1:8080".to_owned(), "localhost:8080".to_owned()];
    let guarded = only_hosts(router(world.host.clone()), &hosts);
    for (host, status) in [
        (Some("127.0.0.1:8080"), 401),
        (Some("LOCALHOST:8080"), 401),
        (Some("evil.example:8080"), 421),
        (Some("127.0.0.1"), 421),
        (Some("127.0.0.1:8080.evil.example"), 421),
        (None, 421),
    ] {
        for path in ["/api/me", "/somewhere"] {
            let mut request = Request::get(path);
            if let Some(host) = host {
                request = request.header(header::HOST, host);
            }
            let response = guarded
                .clone()
                .oneshot(request.body(Body::empty()).unwrap())
                .await
                .unwrap();
            let wanted = if status == 401 && path == "/somewhere" {
                404
            } else {
                status
            };
            assert_eq!(response.status().as_u16(), wanted, "{host:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_for_an_hour() {
    let world = World::new();
    let link = world.host.sign_in_link();
    let token = json!({ "token": link.strip_prefix(&format!("{ORIGIN}/agent#t=")).unwrap() });
    let mut first = world.browser();
    let answer = first.post("/api/sign-in/once", token.clone()).await;
    assert_eq!(answer.body["name"], "Ada");
    assert_eq!(answer.body["role"], "admin");
    assert!(answer.body["languages"].as_array().unwrap().len() >= 6);
    assert_eq!(first.get("/api/me").await.body, answer.body);

    let mut second = world.browser();
    let spent = second.post("/api/sign-in/once", token).await;
    assert_eq!(
        (spent.status.as_u16(), spent.error()),
        (403, "sign_in_link_spent")
    );
    let late = world.host.sign_in_link();
    world.advance_s(3_600);
    let late = json!({ "token": late.split_once("#t=").unwrap().1 });
    assert_eq!(
        second.post("/api/sign-in/once", late).await.error(),
        "sign_in_link_spent"
    );
    assert!(second.jar.is_empty());

    let out = first.post("/api/sign-out", json!({})).await;
    assert_eq!((out.status, out.body), (StatusCode::OK, json!({})));
    assert_eq!(first.get("/api/me").await.error(), "not_signed_in");
}

#[tokio::test]
async fn guessing_sign_in_links_is_limited_and_a_cloud_has_none() {
    let world = World::new();
    let mut guesser = world.browser();
    let mut answers = Vec::new();
    for i in 0..=255 {
        let token = json!({ "token": sightline_wire::PageId::from_bytes([i; 16]) });
        for _ in 0..3 {
            answers.push(
                guesser
                    .post("/api/sign-in/once", token.clone())
                    .await
                    .status
                    .as_u16(),
            );
        }
    }
    assert_eq!(answers.first(), Some(&403));
    assert_eq!(answers.last(), Some(&429));
    let link = world.host.sign_in_link();
    let token = json!({ "token": link.split_once("#t=").unwrap().1 });
    let signed_in = guesser.post("/api/sign-in/once", token).await;
    assert_eq!(signed_in.status, StatusCode::OK, "a real link is let in");
    let cloud = World::with(|config| config.desk_agent = None);
    let token = json!({ "token": sightline_wire::PageId::from_bytes([1; 16]) });
    assert_eq!(
        cloud
            .browser()
            .post("/api/sign-in/once", token)
            .await
            .error(),
        "not_found"
    );
}

#[tokio::test]
async fn a_sign_in_slides_and_then_ends() {
    let world = World::new();
    let mut agent = world.agent().await;
    let first = agent.jar["__Host-agent"].clone();
    world.advance_s(3_599);
    agent.get("/api/me").await;
    assert_eq!(agent.jar["__Host-agent"], first);
    world.advance_s(1);
    agent.get("/api/me").await;
    assert_ne!(agent.jar["__Host-agent"], first);
    world.advance_s(12 * 3_600 - 1);
    assert_eq!(agent.clone().get("/api/me").await.status, StatusCode::OK);
    world.advance_s(1);
    assert_eq!(agent.get("/api/me").await.error(), "not_signed_in");
}

#[tokio::test]
async fn a_sign_in_that_is_always_used_ends_after_a_day() {
    let world = World::new();
    let mut agent = world.agent().await;
    for _ in 1..24 {
        world.advance_s(3_600);
        let before = agent.jar["__Host-agent"].clone();
        assert_eq!(agent.get("/api/me").await.status, StatusCode::OK);
        assert_ne!(agent.jar["__Host-agent"], before, "it slides");
    }
    world.advance_s(3_599);
    assert_eq!(agent.get("/api/me").await.status, StatusCode::OK);
    let last = agent.jar["__Host-agent"].clone();
    world.advance_s(1);
    assert_eq!(agent.get("/api/me").await.error(), "not_signed_in");
    assert_eq!(agent.jar["__Host-agent"], last, "and no sign-in is renewed");
}

#[tokio::test]
async fn another_deployments_cookie_is_nobodys() {
    let world = World::new();
    let mut agent = world.agent().await;
    let name = sightline_wire::DisplayName::new("Ada").unwrap();
    let id = crate::desk_agent_id(&name);
    let value = Keys::from_bytes(&[8; 32]).agent(
        (id, sightline_wire::SignInId::from_bytes([9; 16])),
        &name,
        sightline_wire::api::Role::Admin,
        NOW_MS,
    );
    agent.jar.insert("__Host-agent".to_owned(), value);
    assert_eq!(agent.get("/api/me").await.error(), "not_signed_in");
}

#[tokio::test]
async fn the_log_comes_in_pages_to_whoever_is_far_behind() {
    let world = World::new();
    let (mut agents, _) = world.call().await;
    for _ in 0..600 {
        agents.chat("x").await;
        agents.heard();
    }
    let head = world.state(agents.session).await.head;
    let mut after = 0;
    loop {
        let path = format!("/api/sessions/{}/log?after={after}", agents.session);
        let log = agents.browser.get(&path).await.body;
        let events = log["events"].as_array().unwrap();
        assert_eq!(events[0]["seq"], after + 1);
        after = events.last().unwrap()["seq"].as_u64().unwrap();
        assert_eq!(log["head"], head);
        if log["more"] == false {
            break;
        }
    }
    assert_eq!(after, u64::from(head));
}

#[test]
fn the_router_needs_no_fallback_of_its_own() {
    let world = World::new();
    let _ = axum::Router::<()>::new()
        .fallback(|| async { "page" })
        .merge(router(Arc::clone(&world.host)));
}
