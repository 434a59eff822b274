//! The end of a right: an agent who signed out, a customer whose link was taken back.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use sightline_session::{SeatState, State};
use sightline_wire::{CLOSE_RIGHTS, PageHears, Refusal, RelayHears, Seat, SessionHears, SessionId};

use super::world::{Browser, Page, World, kinds, refusal};
use crate::NotAdmitted;

/// The status of a request that only a signed-in agent may make.
async fn asks_who_it_is(browser: &mut Browser<'_>) -> StatusCode {
    browser.get("/api/me").await.status
}

async fn signs_out(browser: &mut Browser<'_>) {
    let answer = browser.post("/api/sign-out", json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

fn closed_with(page: &Page<'_>) -> Option<u16> {
    page.world.memory().close_code(&page.connection)
}

/// Security finding 9: the cookie was cleared, and nothing else happened.
#[tokio::test]
async fn finding_9_signing_out_ends_the_sign_in_wherever_its_cookie_was_copied_to() {
    let world = World::new();
    let mut agent = world.agent().await;
    let mut elsewhere = world.agent().await;
    let session = agent.start_call(1).await;
    let mut copied = agent.clone();
    let attached = agent.attached(session, Seat::Agent).await;
    let idle = copied.page(session, Seat::Agent).await;
    let other = elsewhere.page(session, Seat::Agent).await;
    signs_out(&mut agent).await;
    for page in [&attached, &idle] {
        assert_eq!(closed_with(page), Some(CLOSE_RIGHTS));
    }
    assert_eq!(asks_who_it_is(&mut copied).await, StatusCode::UNAUTHORIZED);
    let mut again = Page {
        browser: copied.clone(),
        ..attached
    };
    assert_eq!(again.connect().await, Err(NotAdmitted::Nobody));
    assert_eq!(
        copied.get(&again.log_path()).await.status,
        StatusCode::UNAUTHORIZED
    );
    // A renewal would otherwise go on for a day.
    world.advance_s(2 * 60 * 60);
    let answer = copied.get("/api/me").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(!answer.headers.contains_key(header::SET_COOKIE));

    assert_eq!(
        closed_with(&other),
        None,
        "another sign-in of the same agent"
    );
    assert_eq!(asks_who_it_is(&mut elsewhere).await, StatusCode::OK);
}

/// A close may find a connection that is not open yet, as API Gateway's are during `$connect`.
#[tokio::test]
async fn finding_9_a_connection_that_outlives_the_sign_in_is_attached_nowhere() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let late = agent.page(session, Seat::Agent).await;
    signs_out(&mut agent).await;
    world.memory().open(&late.connection);
    late.say("session", "attach", json!({ "seat": "agent" }))
        .await;
    assert_eq!(refusal(&late.heard()), Some(Refusal::NoSeat));
}

/// Media need no connection: who copied a cookie went on seeing and hearing the customer.
#[tokio::test]
async fn finding_9_signing_out_ends_the_media_of_its_pages_and_of_no_other() {
    for is_closed in [false, true] {
        let world = World::new();
        let relay = world.relay(10).await;
        let (agents, customers) = world.call().await;
        let mut elsewhere = world.agent().await;
        agents.offer(1, None).await;
        customers.offer(1, None).await;
        relay.heard();
        signs_out(&mut elsewhere).await;
        assert_eq!(relay.heard(), [], "another sign-in of the same agent");

        if is_closed {
            world.host.disconnected(&agents.connection).await;
        }
        signs_out(&mut agents.browser.clone()).await;
        let held = state(&world, &agents).await.seats.get(Seat::Agent).clone();
        assert_eq!(held.holder, Some(agents.page), "who signs in again goes on");
        let nobody = RelayHears::Promote {
            session: agents.session,
            epoch: 1,
            seat: Seat::Agent,
            page: SeatState::NOBODY,
            since: held.held_since,
        };
        assert_eq!(relay.heard(), [nobody], "closed before: {is_closed}");
    }
}

#[tokio::test]
async fn signing_out_without_a_cookie_or_twice_is_no_trouble() {
    let world = World::new();
    signs_out(&mut world.browser()).await;
    let mut agent = world.agent().await;
    let mut copied = agent.clone();
    signs_out(&mut agent).await;
    signs_out(&mut copied).await;
}

/// A browser that is an agent's and a customer's at once goes on as the customer's.
#[tokio::test]
async fn a_seat_outlives_the_sign_in_of_its_browser() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let (customer, _) = world.customer().await;
    let mut both = agent.clone();
    both.jar.extend(customer.jar);
    signs_out(&mut agent).await;
    let page = both.attached(session, Seat::Customer).await;
    page.say("session", "attach", json!({ "seat": "agent" }))
        .await;
    assert_eq!(refusal(&page.heard()), Some(Refusal::NoSeat));
}

struct Renewed<'w> {
    agents: Page<'w>,
    customers: Page<'w>,
    agent: Browser<'w>,
    secret: String,
}

async fn renew(agent: &mut Browser<'_>, session: SessionId) -> String {
    let path = format!("/api/sessions/{session}/renewed-link");
    let answer = agent.post(&path, json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let link = answer.body["link"].as_str().unwrap();
    link.split_once("/j#").unwrap().1.to_owned()
}

/// A call whose customer's link was just taken back.
async fn renewed(world: &World) -> Renewed<'_> {
    let (agents, customers) = world.call().await;
    let mut agent = agents.browser.clone();
    let secret = renew(&mut agent, agents.session).await;
    Renewed {
        agents,
        customers,
        agent,
        secret,
    }
}

async fn look(world: &World, by: Value) -> (StatusCode, Value) {
    let answer = world.browser().post("/api/look", by).await;
    (answer.status, answer.body)
}

/// Security finding 12: a link that leaked could not be taken back once somebody had joined.
#[tokio::test]
async fn finding_12_a_renewed_link_ends_every_link_code_and_seat_before_it() {
    let world = World::new();
    let other_session = world.agent().await.start_call(2).await;
    let first = world.last_secret();
    let renewed = renewed(&world).await;
    let session = renewed.agents.session;
    let sms = world.last_secret();

    let told = renewed.customers.heard();
    assert_eq!(
        told.last(),
        Some(&PageHears::Session(SessionHears::Renewed)),
        "{told:?}"
    );
    assert_eq!(closed_with(&renewed.customers), Some(CLOSE_RIGHTS));
    assert_eq!(
        look(&world, json!({ "secret": sms })).await.0,
        StatusCode::NOT_FOUND
    );
    let mut again = world.browser();
    let entered = again.post("/api/enter", json!({ "secret": sms })).await;
    assert_eq!(
        (entered.status, again.jar.len()),
        (StatusCode::NOT_FOUND, 0)
    );

    // The seat's cookie reads nothing and attaches nowhere.
    let mut seat = renewed.customers.browser.clone();
    let path = format!("/api/sessions/{session}/seat");
    assert_eq!(seat.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        renewed.customers.log_by_http().await.status,
        StatusCode::NOT_FOUND
    );
    let mut again = Page {
        browser: seat,
        ..renewed.customers
    };
    again.connect().await.unwrap();
    again
        .say("session", "attach", json!({ "seat": "customer" }))
        .await;
    assert_eq!(refusal(&again.heard()), Some(Refusal::NoSeat));

    // Nobody else's link is touched.
    assert_eq!(
        look(&world, json!({ "secret": first })).await.1["session"],
        json!(other_session)
    );
}

#[tokio::test]
async fn finding_12_the_new_link_and_its_code_lead_into_the_same_call_without_a_question() {
    let world = World::new();
    let mut renewed = renewed(&world).await;
    let session = renewed.agents.session;
    let path = format!("/api/sessions/{session}/code");
    let shown = renewed.agent.get(&path).await;
    assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
    let by_code = look(&world, json!({ "code": shown.body["code"] })).await.1;
    let by_link = look(&world, json!({ "secret": renewed.secret })).await.1;
    assert_eq!(by_code, by_link);
    assert_eq!(
        (&by_link["state"], &by_link["joined"]),
        (&json!("valid"), &json!(false))
    );

    let mut phone = world.browser();
    let entered = phone
        .post("/api/enter", json!({ "secret": renewed.secret }))
        .await;
    assert_eq!(entered.status, StatusCode::OK);
    let mut page = phone.page(session, Seat::Customer).await;
    let attached = page.attach().await;
    assert!(!attached.held_elsewhere && !attached.holds_seat);
    renewed.agents.heard();
    assert_eq!(page.join(false).await.refused, None);
    let log = page.log().await;
    let kinds = kinds(&log);
    let since = kinds
        .iter()
        .position(|kind| kind == "links_renewed")
        .unwrap();
    assert_eq!(kinds[since..], ["links_renewed", "moved", "resumed"]);
    assert_eq!(renewed.agents.chat("welcome back").await.refused, None);
    assert_eq!(
        renewed.agent.get(&path).await.status,
        StatusCode::CONFLICT,
        "used up"
    );
    // The link may be opened again, as any.
    let again = look(&world, json!({ "secret": renewed.secret })).await.1;
    assert_eq!(again["joined"], json!(true));
}

/// What is pushed, and what the other person's page passes on, stays in the call.
#[tokio::test]
async fn finding_12_nothing_more_reaches_the_page_whose_link_was_taken_back() {
    let world = World::new();
    let relay = world.relay(10).await;
    let (mut agents, customers) = world.call().await;
    customers.offer(1, None).await;
    let mut agent = agents.browser.clone();
    customers.heard();
    relay.heard();
    renew(&mut agent, agents.session).await;
    let promoted = relay.heard();
    let [
        RelayHears::Promote {
            seat, page, since, ..
        },
    ] = promoted.as_slice()
    else {
        panic!("the relay goes on with the page: {promoted:?}");
    };
    let held_since = state(&world, &agents)
        .await
        .seats
        .get(Seat::Customer)
        .held_since;
    let nobody = (Seat::Customer, SeatState::NOBODY, held_since);
    assert_eq!((*seat, *page, *since), nobody);
    customers.heard();
    // API Gateway's connection may stay for a moment.
    world.memory().open(&customers.connection);
    assert_eq!(agents.chat("between us").await.refused, None);
    agents.say("chat", "typing", json!({})).await;
    assert_eq!(customers.heard(), []);
    customers.say("session", "ping", json!({})).await;
    customers.offer(2, None).await;
    let refused = customers.heard();
    assert_eq!(refused.len(), 2);
    for one in &refused {
        assert_eq!(refusal(std::slice::from_ref(one)), Some(Refusal::NoSeat));
    }
}

/// A page that called itself as the holder of a seat that nobody holds was that holder: in the call
/// without a join, under the name of who was there before.
#[tokio::test]
async fn finding_12_nobody_is_no_page() {
    let world = World::new();
    let relay = world.relay(10).await;
    let renewed = renewed(&world).await;
    let session = renewed.agents.session;
    let mut phone = world.browser();
    phone
        .post("/api/enter", json!({ "secret": renewed.secret }))
        .await;
    let mut nobody = phone.page(session, Seat::Customer).await;
    nobody.page = SeatState::NOBODY;
    relay.heard();
    nobody
        .say("session", "attach", json!({ "seat": "customer" }))
        .await;
    assert_eq!(refusal(&nobody.heard()), Some(Refusal::Malformed));
    nobody.offer(1, None).await;
    assert_eq!(relay.heard(), []);
    assert_eq!(nobody.log_by_http().await.status, StatusCode::CONFLICT);
}

async fn state(world: &World, page: &Page<'_>) -> State {
    world.state(page.session).await
}

#[tokio::test]
async fn a_link_is_renewed_before_anybody_joined_too_and_only_by_its_agent() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    let first = world.last_secret();
    let (customer, _) = world.customer().await;
    let waits = customer.attached(session, Seat::Customer).await;
    let path = format!("/api/sessions/{session}/renewed-link");
    let mut stranger = world.agent_called("Eve");
    for mut other in [world.browser(), customer, stranger.clone()] {
        let answer = other.post(&path, json!({})).await.status;
        assert!(answer == StatusCode::UNAUTHORIZED || answer == StatusCode::NOT_FOUND);
    }
    assert_eq!(asks_who_it_is(&mut stranger).await, StatusCode::OK);
    let mut secrets = vec![first];
    for _ in 0..3 {
        secrets.push(renew(&mut agent, session).await);
        let codes = agent.get(&format!("/api/sessions/{session}/code")).await;
        secrets.push(codes.body["code"].as_str().unwrap().to_owned());
    }
    assert_eq!(closed_with(&waits), Some(CLOSE_RIGHTS));
    let newest = secrets.split_off(secrets.len() - 2);
    let ways = |text: &String| match text.len() {
        8 => json!({ "code": text }),
        _ => json!({ "secret": text }),
    };
    for (texts, status) in [(secrets, StatusCode::NOT_FOUND), (newest, StatusCode::OK)] {
        for text in &texts {
            assert_eq!(look(&world, ways(text)).await.0, status, "{text}");
        }
    }
}
