//! One call from beginning to end.

use serde_json::json;
use sightline_session::{Away, SeatState};
use sightline_wire::{
    EndReason, EventKind, PageHears, PageId, Presence, PublicFact, Refusal, RelayHears, Seat,
    SessionHears, SessionId, SignalingHears,
};

use super::world::{NUMBER, Page, World, done, events, kinds, refusal};

#[tokio::test]
async fn a_call_from_the_invite_to_hanging_up() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let sms = world.memory().sent();
    assert_eq!(sms.len(), 1);
    assert_eq!(sms[0].to.as_str(), NUMBER);
    assert!(
        sms[0].text.starts_with("Example lädt Sie"),
        "{}",
        sms[0].text
    );

    let mut agents = agent.page(session, Seat::Agent).await;
    let attached = agents.attach().await;
    assert_eq!((attached.head, attached.next_n), (3, 1));
    assert!(!attached.holds_seat && !attached.held_elsewhere && !attached.other_here);
    assert_eq!(
        agents.kinds().await,
        ["invite_issued", "sms_attempted", "sms_accepted"]
    );

    let mut customers = enters_the_lobby(&world, session, &mut agents).await;

    // Both join; the agent's name is the sign-in's.
    assert_eq!(customers.join(false).await.refused, None);
    assert_eq!(agents.join(false).await.refused, None);
    let log = customers.log().await;
    let name = log.iter().find_map(|event| match &event.kind {
        EventKind::Joined {
            seat: Seat::Agent,
            name,
            ..
        } => Some(name.as_str().to_owned()),
        _ => None,
    });
    assert_eq!(name.as_deref(), Some("Ada"));

    both_chat(&agents, &mut customers).await;
    is_cut_and_comes_back(&world, session, &agents, &mut customers).await;
    ends_for_both(&world, &mut agents, &mut customers).await;
}

/// The link: looking changes nothing, the first tap enters.
async fn enters_the_lobby<'w>(
    world: &'w World,
    session: SessionId,
    agents: &mut Page<'_>,
) -> Page<'w> {
    let mut customer = world.browser();
    let secret = json!({ "secret": world.last_secret() });
    let look = customer.post("/api/look", secret.clone()).await;
    assert_eq!(look.body["state"], "valid");
    assert_eq!(look.body["agent_name"], "Ada");
    assert_eq!(world.state(session).await.head, 3);
    assert!(customer.jar.is_empty());
    customer.post("/api/enter", secret.clone()).await;
    customer.post("/api/enter", secret).await;
    assert_eq!(kinds(&events(&agents.heard())), ["link_opened"]);
    let seat = customer.get(&format!("/api/sessions/{session}/seat")).await;
    assert_eq!(seat.body["joined"], false);

    // The lobby.
    let mut customers = customer.attached(session, Seat::Customer).await;
    let heard = agents.heard();
    let here = PageHears::Session(SessionHears::Connection {
        seat: Seat::Customer,
        here: true,
    });
    assert_eq!(heard, [here]);
    assert_eq!(
        customers
            .command("session", "lobby", json!({ "step": "asking" }))
            .await
            .refused,
        None
    );
    assert_eq!(kinds(&events(&agents.heard())), ["lobby_reached"]);
    assert_eq!(
        customers.chat("too early").await.refused,
        Some(Refusal::NotJoined)
    );
    customers
}

/// Pushes come before the answer, so that no page asks for events that are on their way.
async fn both_chat(agents: &Page<'_>, customers: &mut Page<'_>) {
    agents.heard();
    customers
        .say("chat", "say", json!({ "n": customers.n, "text": "hello" }))
        .await;
    let heard = customers.heard();
    let Some(PageHears::Session(SessionHears::Events(batch))) = heard.first() else {
        panic!("events first: {heard:?}");
    };
    assert_eq!(done(&heard).map(|done| done.head), Some(batch.head));
    assert_eq!(kinds(&events(&agents.heard())), ["said"]);
    customers.n += 1;
    agents.say("chat", "typing", json!({})).await;
    assert_eq!(customers.heard().len(), 1);
    customers
        .say(
            "signaling",
            "presence",
            json!({ "paused": true, "camera": true }),
        )
        .await;
    let passed = Presence {
        paused: true,
        camera: Some(true),
    };
    assert_eq!(
        agents.heard(),
        [PageHears::Signaling(SignalingHears::Presence(passed))]
    );
}

/// Lost 10 s later, when any page asks, and back by attaching.
async fn is_cut_and_comes_back(
    world: &World,
    session: SessionId,
    agents: &Page<'_>,
    customers: &mut Page<'_>,
) {
    customers.disconnect().await;
    let gone = PageHears::Session(SessionHears::Connection {
        seat: Seat::Customer,
        here: false,
    });
    assert_eq!(agents.heard(), [gone]);
    world.advance_s(9);
    assert_eq!(events(&agents.ping().await), []);
    world.advance_s(1);
    let heard = agents.ping().await;
    assert_eq!(kinds(&events(&heard)), ["lost"]);
    assert_eq!(
        world.state(session).await.seats.get(Seat::Customer).away,
        Some(Away::Lost)
    );
    customers.connect().await.unwrap();
    let attached = customers.attach().await;
    assert!(attached.holds_seat && attached.other_here);
    assert_eq!(attached.next_n, 5);
    assert_eq!(kinds(&events(&agents.heard())), ["resumed"]);
}

/// The end is for both, and final.
async fn ends_for_both(world: &World, agents: &mut Page<'_>, customers: &mut Page<'_>) {
    let done = agents.command("session", "end", json!({})).await;
    assert_eq!(done.refused, None);
    let heard = events(&customers.heard());
    assert_eq!(
        heard.last().map(|event| event.kind.clone()),
        Some(EventKind::Public(PublicFact::Ended {
            why: EndReason::AgentEnded
        }))
    );
    assert_eq!(customers.chat("?").await.refused, Some(Refusal::CallEnded));
    customers.offer(1, None).await;
    assert_eq!(refusal(&customers.heard()), Some(Refusal::CallEnded));
    let look = world
        .browser()
        .post("/api/look", json!({ "secret": world.last_secret() }))
        .await;
    let over = json!({ "state": "ended", "language": "de", "joined": false });
    assert_eq!(look.body, over);
    let seat = format!("/api/sessions/{}/seat", customers.session);
    let seat = customers.browser.clone().get(&seat).await.body;
    assert_eq!(
        seat["agent_name"], "Ada",
        "who was in the call may know with whom"
    );
}

#[tokio::test]
async fn the_customer_sees_neither_number_nor_reference() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    let shown = |log: Vec<sightline_wire::Event>| serde_json::to_string(&log).unwrap();
    let (agent, customer) = (shown(agents.log().await), shown(customers.log().await));
    assert!(agent.contains(NUMBER) && agent.contains("CLAIM-2026-1"));
    assert!(!customer.contains(NUMBER) && !customer.contains("CLAIM-2026-1"));
    let path = customers.log_path();
    let log = customers.browser.get(&path).await.body.to_string();
    assert!(
        log.contains("invite_issued") && !log.contains(NUMBER) && !log.contains("CLAIM-2026-1")
    );
}

#[tokio::test]
async fn a_silent_page_is_lost_and_a_word_brings_it_back() {
    let world = World::new();
    let (agents, customers) = world.call().await;
    // The customer pings; the agent's laptop sleeps.
    world.advance_s(25);
    customers.ping().await;
    world.advance_s(15);
    assert_eq!(kinds(&events(&customers.ping().await)), ["lost"]);
    let heard = agents.ping().await;
    assert_eq!(kinds(&events(&heard)), ["lost", "resumed"]);
    assert_eq!(
        world
            .state(agents.session)
            .await
            .seats
            .get(Seat::Agent)
            .away,
        None
    );
    world.advance_s(25);
    customers.ping().await;
    assert_eq!(events(&agents.ping().await), []);
}

#[tokio::test]
async fn a_page_that_said_goodbye_is_back_when_it_attaches_or_goes_on_after_all() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    customers.say("session", "leave", json!({})).await;
    assert_eq!(
        kinds(&events(&customers.heard())),
        ["left"],
        "leaving is not answered"
    );
    customers.disconnect().await;
    world.advance_s(60);
    agents.ping().await;
    assert_eq!(
        world
            .state(agents.session)
            .await
            .seats
            .get(Seat::Customer)
            .away,
        Some(Away::Left)
    );
    agents.heard();
    customers.connect().await.unwrap();
    // A page that has not attached has no seat.
    customers.ping().await;
    assert_eq!(events(&agents.heard()), []);
    customers.attach().await;
    assert_eq!(kinds(&events(&agents.heard())), ["resumed"]);

    customers.say("session", "leave", json!({})).await;
    assert_eq!(
        kinds(&events(&customers.ping().await)),
        ["left", "resumed"],
        "it did not go"
    );
    assert_eq!(kinds(&events(&agents.heard())), ["left", "resumed"]);
}

/// The agent reads that the customer left. A page that said so and kept its transport went on
/// hearing and seeing the agent.
#[tokio::test]
async fn who_left_hears_nothing_more_at_the_relay_and_asks_for_it_in_the_open_only() {
    let world = World::new();
    let relay = world.relay(10).await;
    let (agents, customers) = world.call().await;
    customers.offer(1, None).await;
    relay.heard();
    let promoted = |heard: Vec<RelayHears>| -> Vec<PageId> {
        let pages = heard.into_iter().filter_map(|hears| match hears {
            RelayHears::Promote { page, .. } => Some(page),
            RelayHears::Offer { page, speaks, .. } => speaks.then_some(page),
            _ => None,
        });
        pages.collect()
    };
    for (kind, more) in [
        ("promote", json!({})),
        ("offer", json!({ "attempt": 2, "sdp": "v=0\r\n" })),
    ] {
        agents.heard();
        customers.say("session", "leave", json!({})).await;
        assert_eq!(promoted(relay.heard()), [SeatState::NOBODY]);
        customers.say("signaling", kind, more).await;
        let back = promoted(relay.heard());
        assert!(!back.is_empty() && back.iter().all(|page| *page == customers.page));
        assert_eq!(
            kinds(&events(&agents.heard())),
            ["left", "resumed"],
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_goodbye_that_a_reload_has_overtaken_is_nobodys() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    let old = customers.connection.clone();
    customers.connect().await.unwrap();
    let new = customers.connection.clone();
    customers.attach().await;
    agents.heard();
    customers.connection = old;
    customers.say("session", "leave", json!({})).await;
    customers.disconnect().await;
    customers.connection = new;
    world.advance_s(11);
    customers.ping().await;
    assert_eq!(agents.heard(), []);
    assert_eq!(
        world
            .state(agents.session)
            .await
            .seats
            .get(Seat::Customer)
            .away,
        None
    );
}

#[tokio::test]
async fn in_the_lobby_a_page_leaves_for_itself_only() {
    let world = World::new();
    let session = world.agent().await.start_call(1).await;
    let (phone, _) = world.customer().await;
    let mut first = phone.attached(session, Seat::Customer).await;
    let step = json!({ "step": "in_lobby" });
    first.command("session", "lobby", step).await;
    let second = phone.attached(session, Seat::Customer).await;
    first.say("session", "leave", json!({})).await;
    assert_eq!(
        world.state(session).await.seats.get(Seat::Customer).away,
        None
    );
    second.say("session", "leave", json!({})).await;
    assert_eq!(
        world.state(session).await.seats.get(Seat::Customer).away,
        Some(Away::Left)
    );
}

#[tokio::test]
async fn an_older_connection_that_attached_late_and_closed_leaves_the_seat_to_the_living_one() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    let old = customers.connection.clone();
    customers.connect().await.unwrap();
    customers.attach().await;
    let new = customers.connection.clone();
    // The old connection's `attach` was long under way.
    customers.connection = old;
    customers.attach().await;
    customers.disconnect().await;
    customers.connection = new;
    agents.heard();
    agents.say("chat", "typing", json!({})).await;
    assert_eq!(customers.heard(), []);

    customers.ping().await;
    let here = PageHears::Session(SessionHears::Connection {
        seat: Seat::Customer,
        here: true,
    });
    assert_eq!(agents.heard(), [here]);
    agents.say("chat", "typing", json!({})).await;
    assert_eq!(customers.heard().len(), 1);
    world.advance_s(11);
    assert_eq!(events(&agents.ping().await), [], "no seat is lost");
}

/// A page that speaks is heard first: the clock may have jumped by these minutes, and what a page
/// says must not end its own call.
#[tokio::test]
async fn a_word_after_any_silence_goes_on_unless_the_end_came_before() {
    for s in [39, 40, 15 * 60 - 1, 15 * 60, 60 * 60] {
        let world = World::new();
        let (mut agents, mut customers) = world.call().await;
        world.advance_s(s);
        assert_eq!(customers.chat("still here").await.refused, None, "{s} s");
        assert_eq!(world.state(agents.session).await.ended, None, "{s} s");
        // The agent, who has not spoken, is the one who is away.
        let away = world.state(agents.session).await;
        let away = Seat::ALL.map(|seat| away.seats.get(seat).away.is_some());
        assert_eq!(away, [s >= 40, false], "{s} s");
        agents.connect().await.unwrap();
        agents.attach().await;
        assert_eq!(agents.chat("so am I").await.refused, None, "{s} s");
        let away = world.state(agents.session).await;
        let away = Seat::ALL.map(|seat| away.seats.get(seat).away.is_some());
        assert_eq!(away, [false, false], "{s} s");
    }
}

#[tokio::test]
async fn attaching_after_any_silence_goes_on_unless_the_end_came_before() {
    let world = World::new();
    let (_, mut customers) = world.call().await;
    customers.disconnect().await;
    world.advance_s(20 * 60);
    customers.connect().await.unwrap();
    customers.attach().await;
    assert_eq!(customers.chat("back").await.refused, None);
}

/// A word of a stranger to the seat is no sign of life of it.
#[tokio::test]
async fn a_guest_beside_the_holder_does_not_keep_the_seat() {
    let world = World::new();
    let (agents, customers) = world.call().await;
    let second = customers.browser.attached(agents.session, Seat::Customer);
    let second = second.await;
    customers.disconnect().await;
    world.advance_s(15 * 60);
    second.ping().await;
    let ended = world.state(agents.session).await.ended;
    assert_eq!(ended, Some(EndReason::NobodyHeard));
}

#[tokio::test]
async fn the_four_hours_and_the_invites_end_hold_also_for_one_who_speaks() {
    let world = World::new();
    let (_, mut customers) = world.call().await;
    world.advance_s(4 * 60 * 60);
    let refused = customers.chat("too late").await.refused;
    assert_eq!(refused, Some(Refusal::CallEnded));

    let world = World::new();
    let session = world.agent().await.start_call(1).await;
    let (phone, _) = world.customer().await;
    let mut lobby = phone.attached(session, Seat::Customer).await;
    world.advance_s(60 * 60);
    let refused = lobby.join(false).await.refused;
    assert_eq!(refused, Some(Refusal::InviteExpired));
}

#[tokio::test]
async fn after_fifteen_minutes_of_silence_and_a_sweep_coming_back_finds_the_end() {
    let world = World::new();
    let (_, mut customers) = world.call().await;
    world.advance_s(15 * 60);
    world.host.tidy(customers.session).await.unwrap();
    customers.connect().await.unwrap();
    customers.attach().await;
    let log = customers.log().await;
    assert_eq!(
        log.last().map(|event| event.kind.clone()),
        Some(EventKind::Public(PublicFact::Ended {
            why: EndReason::NobodyHeard
        }))
    );
}

#[tokio::test]
async fn a_session_nobody_asks_about_is_tidied() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let agents = agent.attached(session, Seat::Agent).await;
    world.advance_s(60 * 60);
    world.host.tidy(session).await.unwrap();
    assert_eq!(kinds(&events(&agents.heard())), ["ended"]);
    world.host.tidy(session).await.unwrap();
    assert_eq!(agents.heard(), []);
}

#[tokio::test]
async fn a_lost_push_is_healed_by_resume() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    let before = agents.log().await.len();
    let faults = |lose_pushes| crate::memory::Faults {
        lose_pushes,
        ..Default::default()
    };
    world.memory().order(faults(true));
    for _ in 0..3 {
        customers
            .say("chat", "say", json!({ "n": customers.n, "text": "lost?" }))
            .await;
        customers.n += 1;
    }
    world.memory().order(faults(false));
    assert_eq!(agents.heard(), []);
    let heard = agents.ping().await;
    assert!(heard.iter().any(|hears| matches!(hears,
        PageHears::Session(SessionHears::Pong { head, .. }) if *head as usize == before + 3)));
    assert_eq!(agents.log().await.len(), before + 3);
}
