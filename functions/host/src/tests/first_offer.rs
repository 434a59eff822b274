//! The offer that comes with the attaching of a page.

use serde_json::json;
use sightline_wire::{PageHears, Seat, SessionHears, SignalingHears};

use super::relays::{offers, signaling};
use super::world::World;

/// A round trip less of a join.
#[tokio::test]
async fn an_offer_that_comes_with_the_attaching_goes_to_a_relay_too() {
    let world = World::new();
    let relay = world.relay(10).await;
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let (browser, _) = world.customer().await;
    let mut customers = browser.attached(session, Seat::Customer).await;
    customers.join(false).await;
    customers.heard();
    let offer = json!({ "attempt": 3, "sdp": "v=0" });
    let attach = json!({ "seat": Seat::Customer, "offer": offer });
    customers.say("session", "attach", attach.clone()).await;
    let heard = customers.heard();
    let [
        PageHears::Session(SessionHears::Attached(attached)),
        rest @ ..,
    ] = &heard[..]
    else {
        panic!("not attached: {heard:?}");
    };
    assert_eq!(attached.offered, Some(3));
    let offered = SignalingHears::Offered {
        attempt: 3,
        relay: relay.id,
    };
    assert!(rest.contains(&PageHears::Signaling(offered)), "{rest:?}");
    assert_eq!(offers(&relay), [(session, 1, Seat::Customer, true)]);

    // A page that does not hold the seat may attach. An answer could not reach it.
    let guest = browser.page(session, Seat::Customer).await;
    guest.say("session", "attach", attach).await;
    let refused = SignalingHears::NoRelay {
        attempt: 3,
        unacceptable: false,
        fault: None,
    };
    assert_eq!(signaling(&guest), [refused]);
    assert_eq!(offers(&relay), []);
}
