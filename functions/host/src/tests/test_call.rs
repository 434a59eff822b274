//! A call without a number, whose link is shown instead of sent.

use serde_json::json;
use sightline_wire::Seat;

use super::world::World;
use crate::is_for_customers;

#[tokio::test]
async fn a_test_call_has_no_number_and_is_valid_for_an_hour() {
    let world = World::new();
    let link = world.host.test_call().await.unwrap();
    assert_eq!(world.memory().sent().len(), 0, "nothing is sent");
    let secret = link.split_once("/j#").unwrap().1;
    let mut phone = world.browser();
    world.advance_s(59 * 60);
    let entered = phone.post("/api/enter", json!({ "secret": secret })).await;
    assert_eq!(entered.body["state"], "valid", "{entered:?}");

    let agent = world.agent().await;
    let calls = agent.clone().get("/api/sessions").await;
    let call = &calls.body["calls"][0];
    assert_eq!(call["number"], "");
    let reference = call["reference"].as_str().unwrap();
    let letters = reference.strip_prefix("TEST-").unwrap();
    assert!(letters.len() == 8 && letters.bytes().all(|byte| byte.is_ascii_uppercase()));
    let session = entered.body["session"].as_str().unwrap();
    let answer = agent
        .clone()
        .post(
            &format!("/api/sessions/{session}/send"),
            json!({ "attempt": 1 }),
        )
        .await;
    assert_eq!(
        answer.status, 409,
        "there is no number to send to: {answer:?}"
    );

    let page = agent.attached(session.parse().unwrap(), Seat::Agent).await;
    drop(page);
    world.advance_s(2 * 60);
    let late = world
        .browser()
        .post("/api/look", json!({ "secret": secret }))
        .await;
    assert_eq!(late.body["state"], "expired", "{late:?}");
}

#[test]
fn customers_need_few_of_the_routes() {
    for path in [
        "/api/look",
        "/api/enter",
        "/api/sessions/x/seat",
        "/api/sessions/x/log",
    ] {
        assert!(is_for_customers(path), "{path}");
    }
    for path in [
        "/api",
        "/api/",
        "/api/me",
        "/api/entrance",
        "/api/sign-in/once",
        "/api/sign-out",
        "/api/sessions",
        "/api/sessions/x/send",
        "/api/sessions/x/link",
        "/api/sessions/x/code",
        "/api/sessions/x/seat/y",
        "/api//look",
        "/agent",
    ] {
        assert!(!is_for_customers(path), "{path}");
    }
}
