//! The guest's controls: a request on its way through both pages, and who learns of a place.

use serde_json::{Value, json};
use sightline_wire::{EventKind, GuestWish, KeyScope, PublicFact, Refusal};

use super::v1::Program;
use super::world::{Answer, Page, World, events};

/// As it stands in events, and as people write it.
pub const PLACE: [&str; 2] = ["5252001", "52.52001"];

fn place() -> Value {
    json!({ "latitude_e5": 5_252_001, "longitude_e5": 1_340_495, "accuracy_m": 14 })
}

impl Page<'_> {
    async fn guest(&mut self, kind: &str, rest: Value) -> Option<Refusal> {
        self.command("guest", kind, rest).await.refused
    }

    /// Asks, and returns the number of the request.
    pub async fn asks(&mut self, wish: &str) -> u32 {
        let refused = self.guest("ask", json!({ "wish": wish })).await;
        assert_eq!(refused, None);
        self.log().await.last().unwrap().seq
    }

    /// Allows a request for the place, and tells it.
    pub async fn tells_place(&mut self, asked: u32) {
        let allowed = json!({ "asked": asked, "answer": "allowed" });
        assert_eq!(self.guest("answer", allowed).await, None);
        let told = json!({ "asked": asked, "place": place() });
        assert_eq!(self.guest("locate", told).await, None);
    }
}

fn shows_a_place(answer: &Answer) -> bool {
    let body = answer.body.to_string();
    PLACE.iter().any(|place| body.contains(place))
}

#[tokio::test]
async fn a_request_reaches_the_other_page_and_so_does_its_answer() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    customers.heard();
    let asked = agents.asks("flip").await;
    let heard = events(&customers.heard());
    let wish = GuestWish::Flip;
    let request = EventKind::Public(PublicFact::GuestAsked { wish });
    assert_eq!(heard.last().map(|event| &event.kind), Some(&request));
    let second = agents.guest("ask", json!({ "wish": "location" })).await;
    assert!(
        matches!(second, Some(Refusal::TooSoon { .. })),
        "{second:?}"
    );
    let no = json!({ "asked": asked, "answer": "not_now" });
    assert_eq!(
        agents.guest("answer", no.clone()).await,
        Some(Refusal::NotYours)
    );
    assert_eq!(customers.guest("answer", no.clone()).await, None);
    assert_eq!(customers.guest("answer", no).await, Some(Refusal::TooLate));
    agents.asks("location").await;
}

#[tokio::test]
async fn a_request_that_nobody_answers_ends_at_the_next_sign_of_life() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    agents.asks("flip").await;
    world.advance_s(30);
    customers.ping().await;
    assert_eq!(agents.kinds().await.last().unwrap(), "guest_asked");
    world.advance_s(4);
    customers.ping().await;
    assert_eq!(agents.kinds().await.last().unwrap(), "guest_answered");
}

#[tokio::test]
async fn a_place_is_in_the_call_and_for_the_scope_case_and_nowhere_else() {
    let world = World::new();
    let reader = Program::with(&world, &[KeyScope::Read]).await;
    let keeper = Program::with(&world, &[KeyScope::Read, KeyScope::Case]).await;
    let (mut agents, mut customers) = world.call().await;
    let call = format!("/api/v1/calls/{}", agents.session);
    let asked = agents.asks("location").await;
    customers.tells_place(asked).await;

    let own = format!("/api/sessions/{}", agents.session);
    let detail = agents.browser.get(&own).await;
    assert_eq!(detail.body["located"]["latitude_e5"], 5_252_001);
    let seen = keeper.get(&call).await.body;
    let location = &seen["location"];
    assert_eq!(
        (
            &location["latitude"],
            &location["longitude"],
            &location["accuracy_m"]
        ),
        (&json!(52.52001), &json!(13.40495), &json!(14))
    );
    let without = reader.get(&call).await;
    assert_eq!(without.status, 200);
    assert!(!shows_a_place(&without), "{without:?}");
    for list in [
        agents.browser.get("/api/sessions").await,
        keeper.get("/api/v1/calls").await,
    ] {
        assert_eq!(list.status, 200);
        assert!(!shows_a_place(&list), "{list:?}");
    }

    agents.command("session", "end", json!({})).await;
    let late = json!({ "asked": asked, "place": place() });
    let refused = customers.guest("locate", late).await;
    assert_eq!(refused, Some(Refusal::CallEnded));
}
