//! Datagrams that nobody means well with, against twenty calls: random ones, changed and repeated
//! ones of pages, from strangers' addresses and from forged ones of pages.
//!
//! `SIGHTLINE_DATAGRAMS` sets how many.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use sightline_wire::Seat;

use super::world::{Chance, Peer, World, config};
use crate::SfuConfig;

const CALLS: u8 = 20;
/// Of these calls pages send sound and picture. The others are connected.
const LOUD: usize = 2;
/// At ten thousand a second.
const DATAGRAMS_IN_10_MS: u64 = 100;
const BYTES_MAX: u64 = 1_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Random,
    Changed,
    Repeated,
}

/// What was thrown, and what the relay sent because of it.
#[derive(Default)]
struct Toll {
    datagrams: u64,
    bytes: u64,
    sent_bytes: u64,
}

fn calls() -> World {
    let mut world = World::with(SfuConfig {
        rooms_max: usize::from(CALLS),
        ..config()
    });
    world.keep = true;
    for call in 1..=CALLS {
        for (name, seat) in [(2 * call - 1, Seat::Agent), (2 * call, Seat::Customer)] {
            let peer = Peer::new(name, seat, world.now);
            world.enter_as(peer, call, true);
        }
    }
    world.run(1_500);
    world.keep = false;
    for (place, peer) in world.peers.iter_mut().enumerate() {
        assert!(peer.connected, "{place}");
        peer.sends = place < 2 * LOUD;
    }
    world
}

fn count() -> u64 {
    let count = std::env::var("SIGHTLINE_DATAGRAMS").ok();
    count.map_or(100_000, |count| count.parse().expect("a number"))
}

fn made(kind: Kind, kept: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let any = chance.below(kept.len() as u64) as usize;
    let mut bytes = match kind {
        Kind::Random => (0..chance.below(BYTES_MAX))
            .map(|_| chance.below(256) as u8)
            .collect(),
        Kind::Changed | Kind::Repeated => kept[any].clone(),
    };
    if kind == Kind::Changed {
        for _ in 0..=chance.below(4) {
            let at = chance.below(bytes.len().max(1) as u64) as usize;
            match chance.below(4) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, chance.below(256) as u8),
                _ => bytes
                    .iter_mut()
                    .skip(at)
                    .take(1)
                    .for_each(|byte| *byte ^= 1 << chance.below(8)),
            }
        }
    }
    bytes
}

#[test]
fn hostile_datagrams_end_no_call_and_bring_out_no_more_bytes_than_they_have() {
    let mut world = calls();
    let kept = std::mem::take(&mut world.kept);
    let mut chance = Chance::from_env();
    let mut tolls: BTreeMap<(Kind, bool), Toll> = BTreeMap::new();
    for n in 0..count() {
        let kind = [Kind::Random, Kind::Changed, Kind::Repeated][chance.below(3) as usize];
        let forged = chance.below(2) == 0;
        let source = if forged {
            let victim = chance.below(world.peers.len() as u64) as usize;
            world.peers[victim].at.address
        } else {
            SocketAddr::from(([192, 0, 2, 1], 1_024 + chance.below(60_000) as u16))
        };
        let bytes = made(kind, &kept, &mut chance);
        let before = world.sent_bytes;
        world.throw(source, &bytes);
        let toll = tolls.entry((kind, forged)).or_default();
        toll.datagrams += 1;
        toll.bytes += bytes.len() as u64;
        toll.sent_bytes += world.sent_bytes - before;
        if n % DATAGRAMS_IN_10_MS == 0 {
            world.run(10);
            // Nothing of a long run is kept.
            for peer in &mut world.peers {
                (peer.got, peer.beats, peer.texts) = Default::default();
            }
        }
    }
    for ((kind, forged), toll) in &tolls {
        let factor = toll.sent_bytes as f64 / toll.bytes as f64;
        let Toll {
            datagrams, bytes, ..
        } = toll;
        println!("{kind:?}, forged {forged}: {datagrams} of {bytes} B, amplification {factor:.4}");
        assert!(factor <= 1.0, "{kind:?}, forged {forged}: {factor}");
    }
    world.run(1_000);
    assert!(world.peers.iter().all(|p| p.alive && !p.closed));
    for peer in &world.peers[..2 * LOUD] {
        let video = peer.video().len();
        assert!(video > 80, "{video} packets in a second");
    }
    let counters = world.sfu.counters();
    assert_eq!(counters.participants, 2 * usize::from(CALLS));
    assert_eq!(counters.rooms_panicked, 0);
}
