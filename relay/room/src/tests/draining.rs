//! A relay that drains: it reports its connected pages to the host, and a call that moves away ends
//! here only after it has moved.

use sightline_wire::{PageId, RelayHears, RelaySays, Seat, SessionId};

use super::world::{Peer, World, offer, page, session};
use crate::Input;

fn drain(world: &mut World) {
    world.sfu.handle(Input::Drain, world.now);
    world.drain_sfu();
}

fn leaving(world: &mut World) -> Vec<(SessionId, Seat, PageId)> {
    let said = world.said.drain(..);
    said.filter_map(|says| match says {
        RelaySays::Leaving {
            session,
            seat,
            page,
            ..
        } => Some((session, seat, page)),
        _ => None,
    })
    .collect()
}

fn close(world: &mut World, epoch: u32) {
    world.hear(RelayHears::Close {
        session: session(1),
        epoch,
    });
}

/// Media packets that each of the two got so far.
fn received(world: &World) -> [usize; 2] {
    [0, 1].map(|peer| world.peers[peer].got.len())
}

#[test]
fn connected_pages_are_reported_at_once_and_every_five_seconds() {
    let mut world = World::call();
    // It offered and never connected, so there is nothing to move.
    let mut peer = Peer::new(3, Seat::Agent, world.now);
    peer.up.cut = true;
    world.enter_as(peer, 2, true);
    let both = [
        (session(1), Seat::Agent, page(1)),
        (session(1), Seat::Customer, page(2)),
    ];
    drain(&mut world);
    assert_eq!(leaving(&mut world), both, "at once");
    world.run(4_990);
    assert_eq!(leaving(&mut world), [], "not before five seconds are over");
    world.run(20);
    assert_eq!(leaving(&mut world), both);
    drain(&mut world);
    assert_eq!(leaving(&mut world), [], "a second drain changes nothing");
    world.run(5_000);
    assert_eq!(leaving(&mut world), both);
}

#[test]
fn a_call_that_moves_away_is_carried_on_for_a_moment_without_beats() {
    let mut world = World::call();
    drain(&mut world);
    close(&mut world, 1);
    leaving(&mut world);
    world.run(100);
    let (media, beats) = (received(&world), world.peers[0].beats.len());
    world.run(4_500);
    assert!(world.peers.iter().all(|p| !p.closed), "still there");
    for (before, after) in media.into_iter().zip(received(&world)) {
        assert!(after > before + 100, "media flows: {before}, then {after}");
    }
    assert_eq!(world.peers[0].beats.len(), beats, "this leg has no future");
    assert_eq!(leaving(&mut world), [], "no page is left to move");
    world.run(600);
    assert!(world.peers.iter().all(|p| p.closed), "and then it ends");
    assert_eq!(world.sfu.counters().rooms, 0);
}

#[test]
fn a_call_that_has_moved_away_is_over_when_its_pages_went() {
    let mut world = World::call();
    drain(&mut world);
    close(&mut world, 1);
    for peer in [0, 1] {
        let _ = world.peers[peer].rtc.close();
        world.drain_peer(peer);
    }
    world.run(200);
    assert_eq!(world.sfu.counters().rooms, 0);
    assert_eq!(world.sfu.counters().participants, 0);
}

#[test]
fn a_call_that_comes_back_stays() {
    let mut world = World::call();
    drain(&mut world);
    close(&mut world, 1);
    world.run(100);
    let mut again = offer(&world.peers[0], 1, 2, true);
    if let RelayHears::Offer { epoch, .. } = &mut again {
        *epoch = 3;
    }
    world.hear(again);
    let beats = world.peers[1].beats.len();
    world.run(6_000);
    assert!(!world.peers[1].closed);
    assert!(world.peers[1].beats.len() > beats + 8);
    world.said.clear();
    world.run(5_000);
    let still = leaving(&mut world);
    let both = [(Seat::Agent, page(1)), (Seat::Customer, page(2))];
    assert_eq!(still, both.map(|(seat, page)| (session(1), seat, page)));
}

#[test]
fn a_relay_that_stays_closes_a_room_at_once() {
    let mut world = World::call();
    close(&mut world, 1);
    world.run(50);
    assert!(world.peers.iter().all(|p| p.closed));
}
