//! Pages that reach the relay over TCP, because their network blocks UDP.

use std::net::SocketAddr;

use sightline_wire::{RelaySays, Seat};

use super::peer::client;
use super::world::{Peer, World, offer};
use crate::{Protocol, Remote};

fn over(protocol: Protocol, address: &str, name: u8, seat: Seat, world: &World) -> Peer {
    let address: SocketAddr = address.parse().unwrap();
    let at = Remote { protocol, address };
    Peer::reached_at(at, client(name), name, seat, world.now)
}

#[test]
fn an_answer_names_both_ways_and_udp_is_the_better_one() {
    let mut world = World::new();
    let peer = Peer::new(1, Seat::Agent, world.now);
    world.hear(offer(&peer, 1, 1, true));
    let Some(RelaySays::Answer { sdp, .. }) = world.said.pop() else {
        panic!("expected an answer");
    };
    let candidates: Vec<Vec<&str>> = sdp
        .as_str()
        .lines()
        .filter_map(|line| line.strip_prefix("a=candidate:"))
        .map(|line| line.split(' ').collect())
        .collect();
    let of = |protocol: &str| {
        let found = candidates.iter().find(|parts| parts[2] == protocol);
        found.unwrap_or_else(|| panic!("{candidates:?}"))
    };
    let (udp, tcp) = (of("udp"), of("tcp"));
    assert!(tcp.windows(2).any(|p| p == ["tcptype", "passive"]));
    let priority = |parts: &[&str]| parts[3].parse::<u32>().unwrap();
    assert!(priority(udp) > priority(tcp));
}

#[test]
fn a_page_over_tcp_and_one_over_udp_see_each_other() {
    let mut world = World::new();
    let agent = over(Protocol::Tcp, "192.0.2.7:50000", 1, Seat::Agent, &world);
    world.enter_as(agent, 1, true);
    world.enter(2, Seat::Customer, true);
    world.run(3_000);
    for peer in &world.peers {
        assert!(peer.connected && !peer.closed);
        assert!(peer.video().len() > 100 && peer.audio().len() > 50);
        assert!(!peer.beats.is_empty());
    }
    assert_eq!(world.astray, 0, "each is answered the way they came");
}

/// Behind one address translator they can have the same port, one of each protocol.
#[test]
fn the_same_address_over_the_other_protocol_is_somebody_else() {
    let mut world = World::new();
    let same = "192.0.2.7:50000";
    let agent = over(Protocol::Udp, same, 1, Seat::Agent, &world);
    let customer = over(Protocol::Tcp, same, 2, Seat::Customer, &world);
    world.enter_as(agent, 1, true);
    world.enter_as(customer, 1, true);
    world.run(3_000);
    for (peer, other) in [(0, 2), (1, 1)] {
        let peer = &world.peers[peer];
        assert!(peer.got.len() > 150, "{}", peer.got.len());
        assert!(peer.got.iter().all(|got| got.from == other));
    }
    let counters = world.sfu.counters();
    assert_eq!(counters.datagrams_foreign, 0, "{counters:?}");
}

#[test]
fn an_address_is_known_once_it_authenticated_itself_and_until_its_page_is_gone() {
    let mut world = World::new();
    let at = Remote {
        protocol: Protocol::Tcp,
        address: "192.0.2.7:50000".parse().unwrap(),
    };
    let peer = over(Protocol::Tcp, "192.0.2.7:50000", 1, Seat::Agent, &world);
    let agent = world.enter_as(peer, 1, true);
    assert!(!world.sfu.is_known(at));
    world.run(1_000);
    assert!(world.sfu.is_known(at));
    let udp = Remote {
        protocol: Protocol::Udp,
        ..at
    };
    assert!(!world.sfu.is_known(udp));
    world.peers[agent].rtc.close().unwrap();
    world.drain_peer(agent);
    world.run(1_000);
    assert!(!world.sfu.is_known(at));
}
