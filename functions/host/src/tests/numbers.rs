//! Numbers over the HTTP API: how they are read, which ones are asked about, which never receive a
//! message.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sightline_session::Fact;
use sightline_wire::{PublicFact, SmsFailure};

use super::world::{Browser, World};
use crate::RefusedNumbers;
use crate::ports::Sessions as _;

fn start(request: u8, number: &str, region: &str) -> Value {
    let mut body = Browser::start_body(request);
    body["number"] = json!(number);
    body["region"] = json!(region);
    body
}

#[tokio::test]
async fn a_number_is_read_for_agents_and_nothing_is_stored_or_sent() {
    let world = World::new();
    let mut agent = world.agent().await;
    let asked = json!({ "number": "470 75 955", "region": "NO" });
    let read = agent.post("/api/number", asked.clone()).await;
    assert_eq!(
        read.body,
        json!({
            "number": "+4747075955",
            "formatted": "+47 47 07 59 55",
            "region": "NO",
            "kind": "mobile",
            "texting": "usual",
        })
    );
    let wrong = json!({ "number": "470 75 95S", "region": "NO" });
    let refused = agent.post("/api/number", wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refused.body,
        json!({ "error": "bad_number", "why": "letters" })
    );
    let stranger = world.browser().post("/api/number", asked).await;
    assert_eq!(stranger.error(), "not_signed_in");
    assert_eq!(world.memory().sent().len(), 0);
}

#[tokio::test]
async fn an_unlikely_number_is_sent_after_it_was_confirmed() {
    let world = World::new();
    let mut agent = world.agent().await;
    for (request, number, texting) in [
        (1, "030 123456", "fixed_line"),
        (2, "+1 555 555 0199", "unassigned"),
        (3, "49 151 23456789", "two_readings"),
    ] {
        let mut body = start(request, number, "DE");
        let refused = agent.post("/api/sessions", body.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.error(), "number_unlikely");
        assert_eq!(refused.body["reading"]["texting"], texting, "{number}");
        assert_eq!(world.memory().sent().len(), usize::from(request) - 1);
        body["confirm"] = json!(true);
        let started = agent.post("/api/sessions", body).await;
        assert_eq!(started.status, StatusCode::OK, "{number}");
        let sent = world.memory().sent();
        let to = sent.last().unwrap().to.as_str().to_owned();
        assert_eq!(refused.body["reading"]["number"], to);
    }
}

#[tokio::test]
async fn numbers_that_cost_or_are_refused_have_links_but_no_messages() {
    let world = World::with(|config| {
        config.refused_numbers = RefusedNumbers::parse("voip,KP").unwrap();
    });
    let mut agent = world.agent().await;
    for (request, number, why) in [
        (1, "+44 909 879 0000", SmsFailure::BadNumber),
        (2, "+49 900 1234567", SmsFailure::BadNumber),
        (3, "+44 56 1234 5678", SmsFailure::BadNumber),
        (4, "+850 192 123 4567", SmsFailure::CountryBlocked),
    ] {
        let started = agent
            .post("/api/sessions", start(request, number, "US"))
            .await;
        assert_eq!(started.status, StatusCode::OK, "{number}");
        let session = started.body["session"].as_str().unwrap().parse().unwrap();
        let log = world.memory().events(session, 0, 10).await.unwrap();
        assert_eq!(
            log.last().map(|event| event.fact.clone()),
            Some(Fact::Public(PublicFact::SmsFailed { attempt: 1, why })),
            "{number}"
        );
        let link = agent
            .post(&format!("/api/sessions/{session}/link"), json!({}))
            .await;
        assert_eq!(link.status, StatusCode::OK, "{number}");
        world.advance_s(30);
        let again = agent
            .post(
                &format!("/api/sessions/{session}/send"),
                json!({ "attempt": 2 }),
            )
            .await;
        assert_eq!(again.status, StatusCode::NO_CONTENT, "{number}");
    }
    assert_eq!(world.memory().sent().len(), 0);
}
