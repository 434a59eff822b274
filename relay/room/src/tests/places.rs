//! The addresses that answers name: learned late, and changed later.

use sightline_wire::{OfferRefusal, RelaySays, Seat};

use super::world::{Peer, RELAY, World, config, offer};
use crate::{Input, MediaAddress, Protocol};

fn set_address(world: &mut World, at: &str) {
    let media = MediaAddress {
        protocol: Protocol::Udp,
        address: at.parse().unwrap(),
    };
    world
        .sfu
        .handle(Input::MediaAddresses(vec![media]), world.now);
    world.drain_sfu();
}

fn answer(world: &mut World, peer: &Peer) -> String {
    world.hear(offer(peer, 1, 1, false));
    match world.said.pop() {
        Some(RelaySays::Answer { sdp, .. }) => sdp.as_str().to_owned(),
        other => panic!("expected an answer, got {other:?}"),
    }
}

#[test]
fn offers_are_refused_until_the_relay_knows_where_it_is() {
    let mut config = config();
    config.media.clear();
    let mut world = World::with(config);
    let peer = Peer::new(1, Seat::Agent, world.now);
    world.hear(offer(&peer, 1, 1, true));
    let refused = world.said.pop();
    assert!(
        matches!(
            refused,
            Some(RelaySays::Refused {
                why: OfferRefusal::Full,
                ..
            })
        ),
        "{refused:?}"
    );
    set_address(&mut world, RELAY);
    for (name, seat) in [(1, Seat::Agent), (2, Seat::Customer)] {
        world.enter(name, seat, true);
    }
    world.run(1_000);
    assert!(world.peers.iter().all(|p| p.connected));
}

#[test]
fn after_a_move_new_answers_name_the_new_place_and_old_ones_still_hold() {
    let mut world = World::call();
    let port = RELAY.rsplit_once(':').unwrap().1;
    let moved = format!("198.51.100.7:{port}");
    set_address(&mut world, &moved);
    let late = Peer::new(3, Seat::Agent, world.now);
    let sdp = answer(&mut world, &late);
    assert!(sdp.contains("198.51.100.7"), "{sdp}");
    let old = RELAY.rsplit_once(':').unwrap().0;
    assert!(!sdp.contains(old), "{sdp}");
    // From here on datagrams arrive under the new name, also those of the call that knows the old
    // one.
    world.reached_as = moved;
    let before = [0, 1].map(|peer| world.peers[peer].got.len());
    world.run(20_000);
    assert!(
        world.peers.iter().take(2).all(|p| !p.closed),
        "consent goes on"
    );
    for (before, peer) in before.into_iter().zip(&world.peers) {
        assert!(peer.got.len() > before + 500);
    }
}
