//! Offers, answers, leases, assignments.

use serde_json::json;
use sightline_wire::{
    GoneWhy, OfferFault, OfferRefusal, PageHears, RelayHears, RelayId, RelaySays, Sdp, Seat,
    SessionId, SignalingHears,
};

use super::refused_offers::refusal;
use super::world::{Page, Relay, World};
use crate::ports::Relays as _;
use crate::records::Assignment;
use crate::words;

pub(super) fn signaling(page: &Page<'_>) -> Vec<SignalingHears> {
    let heard = page.heard().into_iter();
    heard
        .filter_map(|hears| match hears {
            PageHears::Signaling(hears) => Some(hears),
            _ => None,
        })
        .collect()
}

fn gone_from(relay: RelayId) -> SignalingHears {
    SignalingHears::Gone { relay, why: None }
}

pub(super) fn offers(relay: &Relay<'_>) -> Vec<(SessionId, u32, Seat, bool)> {
    let heard = relay.heard().into_iter();
    heard
        .filter_map(|hears| match hears {
            RelayHears::Offer {
                session,
                epoch,
                seat,
                speaks,
                ..
            } => Some((session, epoch, seat, speaks)),
            _ => None,
        })
        .collect()
}

/// Two relays, of which the first gets the next room: it has none, and the other has one.
pub(super) async fn preferred_and_other(world: &World) -> (Relay<'_>, Relay<'_>) {
    let (preferred, other) = (world.relay(10).await, world.relay(10).await);
    other.lease(1, false).await;
    (preferred, other)
}

pub(super) async fn assigned(world: &World, session: SessionId) -> Option<Assignment> {
    world.memory().assigned(session).await.unwrap()
}

#[tokio::test]
async fn an_offer_goes_to_a_relay_and_its_answer_comes_back() {
    let world = World::new();
    let relay = world.relay(10).await;
    let (agents, customers) = world.call().await;
    let session = customers.session;
    customers.offer(1, None).await;
    let offered = SignalingHears::Offered {
        attempt: 1,
        relay: relay.id,
    };
    assert_eq!(signaling(&customers), [offered]);
    assert_eq!(offers(&relay), [(session, 1, Seat::Customer, true)]);
    relay.answer(&customers, 1).await;
    let heard = signaling(&customers);
    assert!(
        matches!(&heard[..], [SignalingHears::Answer { attempt: 1, relay: from, .. }] if *from == relay.id)
    );
    agents.offer(4, None).await;
    assert_eq!(offers(&relay), [(session, 1, Seat::Agent, true)]);

    let gone = RelaySays::Gone {
        relay: relay.id,
        session,
        seat: Seat::Customer,
        page: customers.page,
        why: Some(GoneWhy::Messages),
    };
    relay.say(gone).await;
    // The page learns what it did.
    let told = SignalingHears::Gone {
        relay: relay.id,
        why: Some(GoneWhy::Messages),
    };
    assert_eq!(signaling(&customers), [told]);
}

#[tokio::test]
async fn no_offer_is_longer_than_what_a_relay_reads() {
    let world = World::new();
    let relay = world.relay(10).await;
    let (_, customers) = world.call().await;
    let message = |attempt: u32, sdp: &str| {
        json!({
            "session": customers.session, "page": customers.page, "topic": "signaling", "type": "offer",
            "attempt": attempt, "sdp": sdp,
        })
        .to_string()
    };
    // Line ends are two characters each in JSON, so it is the message that is too long.
    let around = message(1, "").len();
    let (mut passed, mut refused) = (0, 0);
    for bytes in Sdp::JSON_BYTES_MAX - 100..=Sdp::JSON_BYTES_MAX + 100 {
        let ends = 8_000;
        let sdp = "\n".repeat(ends) + &"x".repeat(bytes - 2 * ends);
        let text = message(1, &sdp);
        assert_eq!(text.len(), around + bytes);
        customers.raw(text.as_bytes()).await;
        match &signaling(&customers)[..] {
            [SignalingHears::Offered { .. }] => {
                let heard = relay.heard().pop().unwrap();
                assert!(words::to_relay(heard).is_ok(), "{bytes}");
                passed += 1;
            }
            [
                SignalingHears::NoRelay {
                    unacceptable: true,
                    fault: Some(OfferFault::TooLong),
                    ..
                },
            ] => {
                assert!(relay.heard().is_empty());
                refused += 1;
            }
            heard => panic!("{heard:?}"),
        }
    }
    assert!(passed > 0 && refused > 0, "{passed} {refused}");
}

#[tokio::test]
async fn a_guest_is_warmed_up_and_promoted_when_it_joins() {
    let world = World::new();
    let relay = world.relay(10).await;
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let (phone, _) = world.customer().await;
    let mut customers = phone.attached(session, Seat::Customer).await;
    customers.offer(1, None).await;
    assert_eq!(offers(&relay), [(session, 1, Seat::Customer, false)]);
    customers.join(false).await;
    let promote = RelayHears::Promote {
        session,
        epoch: 1,
        seat: Seat::Customer,
        page: customers.page,
        since: world
            .state(session)
            .await
            .seats
            .get(Seat::Customer)
            .held_since,
    };
    assert_eq!(relay.heard(), std::slice::from_ref(&promote));
    // The promotion was lost on the way: the page asks for it.
    customers
        .say("signaling", "promote", serde_json::json!({}))
        .await;
    assert_eq!(relay.heard(), [promote]);
    customers
        .command("session", "end", serde_json::json!({}))
        .await;
    let close = RelayHears::Close { session, epoch: 1 };
    assert_eq!(relay.heard(), [close]);
}

#[tokio::test]
async fn without_a_relay_the_page_is_told_so() {
    let world = World::new();
    let (_, customers) = world.call().await;
    let no_relay = |attempt| SignalingHears::NoRelay {
        attempt,
        unacceptable: false,
        fault: None,
    };
    customers.offer(1, None).await;
    assert_eq!(signaling(&customers), [no_relay(1)]);

    let relay = world.relay(10).await;
    world.advance_s(45);
    customers.ping().await;
    customers.offer(2, None).await;
    assert_eq!(signaling(&customers), [no_relay(2)], "its lease is over");
    assert_eq!(relay.lease(0, false).await, []);
    assert_eq!(
        world.memory().close_code(&relay.connection),
        Some(1012),
        "it is to dial again"
    );
}

#[tokio::test]
async fn the_less_loaded_relay_of_two_is_taken_and_kept() {
    let world = World::new();
    let (big, small, draining) = (
        world.relay(100).await,
        world.relay(10).await,
        world.relay(100).await,
    );
    big.lease(40, false).await;
    small.lease(5, false).await;
    draining.lease(0, true).await;
    let (agents, customers) = world.call().await;
    customers.offer(1, None).await;
    assert_eq!(offers(&big).len(), 1, "40 of 100 is less than 5 of 10");
    // The room stays where it is, also when that relay fills up.
    big.lease(100, false).await;
    agents.offer(1, None).await;
    assert_eq!(offers(&big).len(), 1);
    assert_eq!((offers(&small).len(), offers(&draining).len()), (0, 0));
}

#[tokio::test]
async fn a_relay_that_is_avoided_loses_the_room_and_cannot_come_back() {
    let world = World::new();
    let (first, second) = preferred_and_other(&world).await;
    let (mut agents, customers) = world.call().await;
    let session = customers.session;
    for page in [&agents, &customers] {
        page.offer(1, None).await;
        signaling(page);
    }
    assert_eq!(offers(&first).len(), 2);

    customers.offer(2, Some(first.id)).await;
    assert_eq!(offers(&second), [(session, 2, Seat::Customer, true)]);
    assert_eq!(
        first.heard(),
        [RelayHears::Close { session, epoch: 1 }],
        "two relays must not carry one call"
    );
    assert_eq!(
        signaling(&agents),
        [gone_from(first.id)],
        "the other one moves too"
    );
    signaling(&customers);

    // The old relay wakes up and fights.
    first.answer(&customers, 1).await;
    let gone = RelaySays::Gone {
        relay: first.id,
        session,
        seat: Seat::Agent,
        page: agents.page,
        why: None,
    };
    first.say(gone).await;
    assert_eq!(
        (signaling(&customers), signaling(&agents)),
        (vec![], vec![])
    );
    agents.offer(2, Some(first.id)).await;
    assert_eq!(offers(&second), [(session, 2, Seat::Agent, true)]);
    assert_eq!(
        assigned(&world, session).await,
        Some(Assignment {
            relay: second.id,
            epoch: 2
        })
    );
    // Back where it was: each learns the assignment it lost, and the end learns the stored one.
    first.heard();
    second.heard();
    customers.offer(3, Some(second.id)).await;
    assert_eq!(second.heard(), [RelayHears::Close { session, epoch: 2 }]);
    assert_eq!(offers(&first), [(session, 3, Seat::Customer, true)]);
    agents
        .command("session", "end", serde_json::json!({}))
        .await;
    assert_eq!(first.heard(), [RelayHears::Close { session, epoch: 3 }]);
    assert_eq!(second.heard(), []);
}

fn leaving(relay: &Relay<'_>, page: &Page<'_>, seat: Seat) -> RelaySays {
    RelaySays::Leaving {
        relay: relay.id,
        session: page.session,
        seat,
        page: page.page,
    }
}

#[tokio::test]
async fn a_relay_without_an_address_gets_no_room_before_its_first_lease() {
    let world = World::new();
    let relay = world.relay(10).await;
    let nowhere = RelaySays::Hello {
        relay: relay.id,
        rooms_max: 10,
        media: vec![],
    };
    relay.say(nowhere).await;
    relay.heard();
    let (_, customers) = world.call().await;
    customers.offer(1, None).await;
    assert_eq!(offers(&relay), []);
    relay.lease(0, false).await;
    customers.offer(2, None).await;
    assert_eq!(offers(&relay).len(), 1);
}

#[tokio::test]
async fn a_relay_that_leaves_gives_its_rooms_to_a_spare_and_both_pages_follow() {
    let world = World::new();
    let first = world.relay(10).await;
    let (agents, customers) = world.call().await;
    let session = customers.session;
    for page in [&agents, &customers] {
        page.offer(1, None).await;
        signaling(page);
    }
    assert_eq!(offers(&first).len(), 2);
    first.lease(1, true).await;
    // There is no other: the call goes on where it is.
    first.say(leaving(&first, &customers, Seat::Customer)).await;
    assert_eq!(signaling(&customers), []);
    assert_eq!(first.heard(), []);
    // Then there is one.
    let spare = world.relay(10).await;
    for (page, seat) in [(&customers, Seat::Customer), (&agents, Seat::Agent)] {
        first.say(leaving(&first, page, seat)).await;
    }
    let gone = gone_from(first.id);
    assert_eq!(signaling(&customers), std::slice::from_ref(&gone));
    assert_eq!(signaling(&agents), [gone], "once, for all relays together");
    assert_eq!(
        first.heard(),
        [RelayHears::Close { session, epoch: 1 }],
        "it carries on until they are there"
    );
    for page in [&customers, &agents] {
        page.offer(2, None).await;
    }
    let wanted = [
        (session, 2, Seat::Customer, true),
        (session, 2, Seat::Agent, true),
    ];
    assert_eq!(offers(&spare), wanted);
    assert_eq!(offers(&first), []);
}

#[tokio::test]
async fn a_guest_of_a_relay_that_leaves_moves_nobody_before_the_room_moves() {
    let world = World::new();
    let first = world.relay(10).await;
    let (agents, customers) = world.call().await;
    customers.offer(1, None).await;
    let spare = world.relay(10).await;
    // Said of a page that is not the one of its seat.
    let stranger = RelaySays::Leaving {
        relay: first.id,
        session: customers.session,
        seat: Seat::Agent,
        page: customers.page,
    };
    for page in [&agents, &customers] {
        signaling(page);
    }
    first.lease(1, true).await;
    first.say(stranger).await;
    assert_eq!(
        (signaling(&agents), signaling(&customers)),
        (vec![], vec![])
    );
    let stands = assigned(&world, customers.session).await.unwrap();
    assert_eq!((stands.relay, stands.epoch), (first.id, 1));
    assert_eq!(offers(&spare), []);
}

#[tokio::test]
async fn a_fresh_offer_for_a_room_on_a_relay_that_drains_goes_to_a_spare() {
    let world = World::new();
    let (first, spare) = preferred_and_other(&world).await;
    let (agents, customers) = world.call().await;
    let session = customers.session;
    customers.offer(1, None).await;
    assert_eq!(offers(&first).len(), 1);
    first.lease(1, true).await;
    agents.offer(1, None).await;
    assert_eq!(offers(&spare), [(session, 2, Seat::Agent, true)]);
    assert_eq!(first.heard(), [RelayHears::Close { session, epoch: 1 }]);
    assert!(
        signaling(&customers).contains(&gone_from(first.id)),
        "the other one follows"
    );
}

#[tokio::test]
async fn a_relay_that_drains_keeps_its_room_where_no_other_has_one() {
    let world = World::new();
    let (only, full) = preferred_and_other(&world).await;
    let (agents, customers) = world.call().await;
    customers.offer(1, None).await;
    assert_eq!(offers(&only).len(), 1);
    only.lease(1, true).await;
    full.lease(10, false).await;
    agents.offer(1, None).await;
    agents.offer(2, Some(only.id)).await;
    assert_eq!(offers(&only).len(), 2);
    assert_eq!(offers(&full), []);
}

#[tokio::test]
async fn the_only_relay_is_better_than_none() {
    let world = World::new();
    let relay = world.relay(10).await;
    let (_, customers) = world.call().await;
    customers.offer(1, None).await;
    customers.offer(2, Some(relay.id)).await;
    assert_eq!(offers(&relay).len(), 2);
    assert_eq!(
        assigned(&world, customers.session)
            .await
            .map(|stands| stands.epoch),
        Some(1)
    );
}

#[tokio::test]
async fn a_relay_found_gone_is_forgotten_and_the_next_one_asked() {
    let world = World::new();
    let (first, second) = preferred_and_other(&world).await;
    let (_, customers) = world.call().await;
    world.memory().cut(&first.connection);
    customers.offer(1, None).await;
    let offered: Vec<_> = signaling(&customers);
    assert_eq!(
        offered.last(),
        Some(&SignalingHears::Offered {
            attempt: 1,
            relay: second.id
        })
    );
    assert_eq!(offers(&second).len(), 1);
    let alive = world
        .memory()
        .alive_relays(super::world::NOW_MS)
        .await
        .unwrap();
    assert_eq!(alive.len(), 1);
}

#[tokio::test]
async fn a_full_relay_passes_the_room_on_and_an_unacceptable_offer_is_final() {
    let world = World::new();
    let (first, second) = preferred_and_other(&world).await;
    let (_, customers) = world.call().await;
    let refused = |relay: &Relay<'_>, attempt, why, fault| {
        refusal(relay, &customers, attempt, (attempt, why, fault))
    };
    customers.offer(1, None).await;
    signaling(&customers);
    first
        .say(refused(&first, 1, OfferRefusal::Full, None))
        .await;
    let no_relay = |attempt, unacceptable, fault| SignalingHears::NoRelay {
        attempt,
        unacceptable,
        fault,
    };
    assert_eq!(signaling(&customers), [no_relay(1, false, None)]);
    customers.offer(2, None).await;
    assert_eq!(offers(&second).len(), 1);
    signaling(&customers);
    let fault = Some(OfferFault::IceLite);
    let says = refused(&second, 2, OfferRefusal::Unacceptable, fault);
    second.say(says).await;
    assert_eq!(signaling(&customers), [no_relay(2, true, fault)]);
}

#[tokio::test]
async fn a_relay_changes_over_to_a_fresh_connection_without_a_gap() {
    let world = World::new();
    let mut relay = world.relay(10).await;
    let (_, customers) = world.call().await;
    let old = relay.connection.clone();
    relay.dial().await;
    // Its old connection renews once more, then closes.
    let lease = format!(
        r#"{{"topic":"relay","type":"lease","relay":"{}","rooms":3,"draining":false}}"#,
        relay.id
    );
    world.host.message(&old, lease.as_bytes()).await;
    world.memory().cut(&old);
    world.host.disconnected(&old).await;
    customers.offer(1, None).await;
    assert_eq!(offers(&relay).len(), 1);
    world.host.disconnected(&relay.connection).await;
    assert_eq!(
        world.memory().alive_relays(super::world::NOW_MS).await,
        Ok(vec![])
    );
}

#[tokio::test]
async fn a_lease_that_overlaps_a_hello_elsewhere_does_not_take_the_relay_back() {
    let world = World::new();
    let mut relay = world.relay(10).await;
    let old = Relay {
        connection: relay.connection.clone(),
        ..relay
    };
    let (heard, ()) = tokio::join!(old.lease(3, true), relay.dial());
    assert_eq!(heard.len(), 1, "welcome, and no more than that");
    assert_eq!(world.memory().close_code(&old.connection), None);
    let alive = world
        .memory()
        .alive_relays(super::world::NOW_MS)
        .await
        .unwrap();
    assert_eq!(alive.len(), 1);
    let stands = (&alive[0].connection, alive[0].rooms, alive[0].draining);
    assert_eq!(stands, (&relay.connection, 0, false));
}

#[tokio::test]
async fn a_lease_that_overlaps_the_end_of_its_connection_does_not_bring_it_back() {
    let world = World::new();
    let relay = world.relay(10).await;
    tokio::join!(
        relay.lease(3, false),
        world.host.disconnected(&relay.connection)
    );
    assert_eq!(
        world.memory().alive_relays(super::world::NOW_MS).await,
        Ok(vec![])
    );
    assert_eq!(world.memory().close_code(&relay.connection), Some(1012));
}

#[tokio::test]
async fn a_relay_speaks_under_its_own_name_only_and_a_page_is_no_relay() {
    let world = World::new();
    let (honest, liar) = preferred_and_other(&world).await;
    let (_, customers) = world.call().await;
    customers.offer(1, None).await;
    signaling(&customers);
    let forged = Relay {
        world: &world,
        id: honest.id,
        connection: liar.connection.clone(),
        rooms_max: 10,
    };
    forged.answer(&customers, 1).await;
    assert_eq!(signaling(&customers), []);
    liar.answer(&customers, 1).await;
    assert_eq!(signaling(&customers), [], "the room is not with it");
    // A relay's connection has no seat, and its nonsense is only logged.
    let attach = format!(
        r#"{{"session":"{}","topic":"session","type":"attach","seat":"agent"}}"#,
        customers.session
    );
    world
        .host
        .message(&liar.connection, attach.as_bytes())
        .await;
    assert_eq!(liar.heard(), []);
}
