//! One seat, one page: moving a call to another page or device.

use serde_json::json;
use sightline_wire::{PageHears, Refusal, Seat, SessionHears, SignalingHears};

use super::world::{World, events, kinds, refusal};

const MOVED: PageHears = PageHears::Session(SessionHears::Moved);

#[tokio::test]
async fn a_second_device_attaches_without_displacing_and_takes_the_seat_by_joining() {
    let world = World::new();
    let (agents, mut old) = world.call().await;
    let (tablet, session) = world.customer().await;
    let mut new = tablet.page(session, Seat::Customer).await;
    let attached = new.attach().await;
    assert!(attached.held_elsewhere && !attached.holds_seat);
    assert_eq!(old.heard(), []);
    let guest = PageHears::Session(SessionHears::Guest {
        seat: Seat::Customer,
    });
    assert_eq!(agents.heard(), [guest], "somebody else has this link");

    // Not by the way: the seat is asked for.
    assert_eq!(new.join(false).await.refused, Some(Refusal::SeatTaken));
    assert_eq!(old.chat("still mine").await.refused, None);
    new.offer(1, None).await;
    let no_relay = SignalingHears::NoRelay {
        attempt: 1,
        unacceptable: false,
        fault: None,
    };
    assert_eq!(new.heard(), [PageHears::Signaling(no_relay)]);

    agents.heard();
    assert_eq!(new.join(true).await.refused, None);
    assert_eq!(old.heard(), [MOVED]);
    assert_eq!(kinds(&events(&agents.heard())), ["moved"]);

    // The old page gets the same refusal for every message, and later events reach the new one.
    assert_eq!(old.chat("mine?").await.refused, Some(Refusal::Moved));
    assert_eq!(
        old.command("session", "end", json!({})).await.refused,
        Some(Refusal::Moved)
    );
    for (topic, kind, rest) in [
        ("chat", "typing", json!({})),
        ("signaling", "promote", json!({})),
        ("signaling", "presence", json!({ "paused": true })),
    ] {
        old.say(topic, kind, rest).await;
        assert_eq!(refusal(&old.heard()), Some(Refusal::Moved), "{kind}");
    }
    assert_eq!(agents.heard(), []);
    agents.say("chat", "typing", json!({})).await;
    assert_eq!((new.heard().len(), old.heard().len()), (1, 0));

    // Its goodbye and its end are nobody's.
    old.say("session", "leave", json!({})).await;
    old.disconnect().await;
    assert_eq!(agents.heard(), []);
    world.advance_s(11);
    assert_eq!(events(&agents.ping().await), []);
}

#[tokio::test]
async fn the_agents_newest_page_wins_by_joining() {
    let world = World::new();
    let (old, _customers) = world.call().await;
    let mut new = old.browser.page(old.session, Seat::Agent).await;
    assert!(new.attach().await.held_elsewhere);
    assert_eq!(new.join(false).await.refused, None);
    assert_eq!(old.heard(), [MOVED]);
}

#[tokio::test]
async fn a_reload_goes_on_without_joining() {
    let world = World::new();
    let (_, mut customers) = world.call().await;
    customers.chat("one").await;
    let n = customers.n;
    // The new socket may come before the old one is known to be gone.
    let old = customers.connection.clone();
    customers.connect().await.unwrap();
    let attached = customers.attach().await;
    assert!(attached.holds_seat && !attached.held_elsewhere);
    assert_eq!(attached.next_n, n);
    world.host.disconnected(&old).await;
    assert_eq!(customers.chat("two").await.refused, None);
    world.advance_s(11);
    assert_eq!(
        events(&customers.ping().await),
        [],
        "the old socket's end is nobody's"
    );
}

#[tokio::test]
async fn in_the_lobby_the_newest_page_is_told_and_the_first_to_join_has_the_seat() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let (phone, _) = world.customer().await;
    let mut first = phone.attached(session, Seat::Customer).await;
    let mut second = phone.attached(session, Seat::Customer).await;
    assert_eq!(first.heard(), [], "attaching displaces nobody");
    assert_eq!(first.join(false).await.refused, None);
    agent.attached(session, Seat::Agent).await;
    assert!(
        !first.heard().is_empty(),
        "the page that joined receives the events"
    );
    assert_eq!(second.heard(), []);
    assert_eq!(second.join(false).await.refused, Some(Refusal::SeatTaken));
    assert_eq!(second.join(true).await.refused, None);
    assert!(first.heard().contains(&MOVED));
}

#[tokio::test]
async fn a_join_whose_attaching_was_interrupted_is_mended_by_the_next_word() {
    let world = World::new();
    let (agents, old) = world.call().await;
    let (tablet, session) = world.customer().await;
    let mut new = tablet.attached(session, Seat::Customer).await;
    // The old page's attachment comes back, as if the process had died between commit and
    // attaching.
    let kept = {
        use crate::ports::{Attachments as _, Sessions as _};
        let loaded = world
            .memory()
            .load(session, super::world::NOW_MS)
            .await
            .unwrap()
            .unwrap();
        let kept = loaded.attachments.get(Seat::Customer).clone().unwrap();
        assert_eq!(kept.connection, old.connection);
        new.join(true).await;
        world
            .memory()
            .attach(session, Seat::Customer, kept)
            .await
            .unwrap()
    };
    assert_eq!(kept.unwrap().connection, new.connection);
    agents.say("chat", "typing", json!({})).await;
    assert_eq!(new.heard(), []);
    new.ping().await;
    agents.say("chat", "typing", json!({})).await;
    assert_eq!(new.heard().len(), 1);
}
