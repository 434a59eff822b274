//! Customers whose network or browser keeps the page from connecting.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::{LobbyStep, Seat, SessionId};

use super::world::{Browser, World, events, kinds};

/// What a fresh link of the session carries.
async fn secret_of(agent: &Browser<'_>, session: SessionId) -> Value {
    let path = format!("/api/sessions/{session}/link");
    let answer = agent.clone().post(&path, json!({})).await;
    let link = answer.body["link"].as_str().unwrap();
    json!({ "secret": link.split_once("/j#").unwrap().1 })
}

fn path(session: SessionId) -> String {
    format!("/api/sessions/{session}/held-up")
}

#[tokio::test]
async fn the_agent_hears_of_a_network_without_sockets() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let agents = agent.attached(session, Seat::Agent).await;
    let (mut customer, _) = world.customer().await;
    agents.heard();
    let blocked = json!({ "step": "connection_blocked" });
    for _ in 0..2 {
        let answer = customer.post(&path(session), blocked.clone()).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    }
    let heard = events(&agents.heard());
    assert_eq!(kinds(&heard), ["lobby_reached"]);
    assert_eq!(
        world.state(session).await.lobby,
        Some(LobbyStep::ConnectionBlocked)
    );
    let other = json!({ "step": "in_lobby" });
    let answer = customer.post(&path(session), other).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(kinds(&events(&agents.heard())), [] as [&str; 0]);
    // On another network the page connects and says how far it is.
    let mut page = customer.attached(session, Seat::Customer).await;
    assert_eq!(page.join(false).await.refused, None);
    let heard = kinds(&events(&agents.heard()));
    assert!(heard.iter().any(|kind| kind == "joined"), "{heard:?}");
}

#[tokio::test]
async fn a_browser_without_cookies_is_known_by_its_link_and_by_no_other() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let secret = world.last_secret();
    let other = agent.start_call(2).await;
    let mut bare = world.browser();
    for (target, told) in [
        (session, json!({ "step": "cookies_blocked" })),
        (
            other,
            json!({ "step": "cookies_blocked", "secret": secret }),
        ),
        (
            session,
            json!({ "step": "cookies_blocked", "secret": "AAAAAAAAAAAAAAAAAAAAAA" }),
        ),
    ] {
        let answer = bare.post(&path(target), told).await;
        assert_eq!(answer.error(), "unknown_link", "{answer:?}");
    }
    let mut mallory = world.agent_called("Mallory");
    let told = json!({ "step": "cookies_blocked" });
    let answer = mallory.post(&path(session), told).await;
    assert_eq!(answer.error(), "unknown_link");
    assert_eq!(world.state(session).await.lobby, None);
    let told = json!({ "step": "cookies_blocked", "secret": secret });
    let answer = bare.post(&path(session), told).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(
        world.state(session).await.lobby,
        Some(LobbyStep::CookiesBlocked)
    );
}

#[tokio::test]
async fn a_browser_keeps_the_cookies_of_sixteen_seats() {
    let world = World::new();
    let agent = world.agent().await;
    let mut customer = world.browser();
    let mut last = None;
    for request in 0..40 {
        let session = agent.start_call(request).await;
        let secret = secret_of(&agent, session).await;
        last = Some((session, secret.clone()));
        let entered = customer.post("/api/enter", secret.clone()).await;
        assert_eq!(entered.status, StatusCode::OK);
        assert!(customer.jar.len() <= 16, "{}", customer.jar.len());
        // Entering again drops no other seat.
        let before = customer.jar.len();
        customer.post("/api/enter", secret).await;
        assert_eq!(customer.jar.len(), before);
    }
    assert_eq!(customer.jar.len(), 16);
    assert!(customer.cookies().len() < 4_096, "room for other headers");
    let (session, secret) = last.unwrap();
    let seat = format!("/api/sessions/{session}/seat");
    assert_eq!(customer.get(&seat).await.status, StatusCode::OK);
    // A browser of the version before, with more cookies than are read at once.
    for index in 0..200 {
        let name = format!("__Host-seat-{}", SessionId::from_bytes([index; 16]));
        customer.jar.insert(name, "x".repeat(20));
    }
    let entered = customer.post("/api/enter", secret).await;
    let cleared = entered.headers.get_all(header::SET_COOKIE).iter().count();
    assert!(cleared <= 65, "{cleared}");
    assert!(customer.jar.len() < 160, "{}", customer.jar.len());
    // A page that only reloads clears them as well.
    for _ in 0..4 {
        customer.get(&seat).await;
    }
    assert_eq!(customer.jar.len(), 16);
}

#[tokio::test]
async fn a_name_comes_back_to_browsers_that_may_take_the_seat() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let secret = json!({ "secret": world.last_secret() });
    let mut customer = world.browser();
    let entered = customer.post("/api/enter", secret.clone()).await;
    assert!(entered.body.get("name").is_none(), "{entered:?}");
    let mut page = customer.attached(session, Seat::Customer).await;
    assert_eq!(page.join(false).await.refused, None);
    let mut second = world.browser();
    let looked = second.post("/api/look", secret.clone()).await;
    assert!(looked.body.get("name").is_none(), "{looked:?}");
    let entered = second.post("/api/enter", secret).await;
    let state = world.state(session).await;
    let given = state.seats.get(Seat::Customer).name.clone().unwrap();
    assert_eq!(entered.body["name"], given.as_str());
    let seat = format!("/api/sessions/{session}/seat");
    assert_eq!(second.get(&seat).await.body["name"], given.as_str());
}
