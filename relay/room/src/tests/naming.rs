//! A page that speaks over a path before it names it.

use std::net::SocketAddr;
use std::time::Duration;

use sightline_wire::Seat;

use super::world::{Peer, World};

/// A page with a round trip of 300 ms that names no path for ten seconds.
fn far_page(world: &mut World) -> usize {
    let mut peer = Peer::new(1, Seat::Agent, world.now);
    peer.names_from = world.now + Duration::from_secs(10);
    peer.up.delay_ms = 150;
    peer.down.delay_ms = 150;
    world.enter_as(peer, 1, true)
}

#[test]
fn a_page_that_speaks_before_it_names_its_path_waits_for_no_name() {
    let mut world = World::new();
    let far = far_page(&mut world);
    // One for the check, two of DTLS and half a one until the last flight arrives.
    world.run(300 * 7 / 2 + 100);
    assert!(world.peers[far].connected);
    world.run(2_000);
    assert!(!world.peers[far].open.is_empty(), "its channels open");
    // Then it names the path itself, as it does all the time.
    world.run(10_000);
    assert!(!world.peers[far].closed);
    assert!(!world.peers[far].beats.is_empty());
}

#[test]
fn a_path_that_was_only_checked_is_not_named() {
    let mut world = World::new();
    let far = far_page(&mut world);
    let check = world.peers[far].check(false);
    let elsewhere = SocketAddr::from(([203, 0, 113, 77], 9_000));
    assert_eq!(world.throw(elsewhere, &check), 1, "the check is answered");
    let answered = world.astray;
    world.run(5_000);
    assert!(world.peers[far].connected, "over the path it spoke on");
    assert_eq!(world.astray, answered, "nothing else goes elsewhere");
}

#[test]
fn who_only_forges_the_sender_of_speech_names_nothing() {
    let mut world = World::new();
    let far = far_page(&mut world);
    let check = world.peers[far].check(false);
    let elsewhere = SocketAddr::from(([203, 0, 113, 77], 9_000));
    let stranger = SocketAddr::from(([203, 0, 113, 78], 9_000));
    world.throw(elsewhere, &check);
    let hello = [
        &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4][..],
        &[1, 0, 0, 0],
    ]
    .concat();
    assert_eq!(world.throw(stranger, &hello), 0);
    world.run(5_000);
    assert!(world.peers[far].connected);
}
