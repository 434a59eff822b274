//! Datagrams of strangers get no answer.

use std::net::SocketAddr;

use sightline_wire::{Sdp, Seat};
use str0m::ice::{IceCreds, StunMessage, TransId};

use super::world::{Chance, Peer, World};
use crate::demux::local_ufrag;

fn stranger() -> SocketAddr {
    "192.0.2.66:6666".parse().unwrap()
}

#[test]
fn datagrams_from_unknown_addresses_get_not_one_byte() {
    let mut world = World::call();
    world.run(1000);
    let mut chance = Chance::from_env();
    let mut sent = 0;
    for first in 0..=255_u8 {
        for length in [0, 1, 12, 20, 100, 1200] {
            let mut bytes: Vec<u8> = (0..length).map(|_| chance.below(256) as u8).collect();
            if let Some(byte) = bytes.first_mut() {
                *byte = first;
            }
            sent += world.throw(stranger(), &bytes);
        }
    }
    assert_eq!(sent, 0);
    assert_eq!(world.sfu.counters().datagrams_foreign, 256 * 6);
}

#[test]
fn what_a_page_sent_is_worth_nothing_from_another_address() {
    let mut world = World::new();
    world.keep = true;
    world.enter(1, Seat::Agent, true);
    world.enter(2, Seat::Customer, true);
    world.run(2000);
    let kept = std::mem::take(&mut world.kept);
    world.keep = false;
    // DTLS, SRTP and SRTCP of both pages. STUN would authenticate itself: it is what makes an
    // address known.
    let replay: Vec<&Vec<u8>> = kept.iter().filter(|bytes| bytes[0] >= 4).collect();
    assert!(
        replay.iter().any(|b| b[0] == 22),
        "a ClientHello among them"
    );
    assert!(replay.iter().any(|b| b[0] >= 128), "media among them");
    for bytes in replay {
        assert_eq!(world.throw(stranger(), bytes), 0);
    }
    assert_eq!(world.astray, 0);
}

fn request(ufrag: &str, password: &str) -> Vec<u8> {
    let creds = IceCreds {
        ufrag: ufrag.into(),
        pass: password.into(),
    };
    let name = format!("{}:theirs", creds.ufrag);
    let message = StunMessage::binding_request(&name, TransId::new(), true, 1, 100, true);
    let mut buffer = vec![0; 500];
    let key = creds.pass.as_bytes();
    let length = message
        .to_bytes(Some(key), &mut buffer, |key, parts| {
            let provider = str0m::crypto::from_feature_flags();
            provider.sha1_hmac_provider.sha1_hmac(key, parts)
        })
        .unwrap();
    buffer.truncate(length);
    buffer
}

#[test]
fn mutated_binding_requests_never_panic_and_name_only_what_they_contain() {
    let attributes = b"\x80\x22\0\x01x\0\0\0\0\x06\0\x07mine:yo\0";
    let mut whole = vec![0, 1, 0, attributes.len() as u8, 0x21, 0x12, 0xa4, 0x42];
    whole.extend([7; 12]);
    whole.extend(attributes);
    assert_eq!(local_ufrag(&whole), Some("mine"));
    let mut chance = Chance::from_env();
    let mut below = move |bound: usize| chance.below(bound as u64) as usize;
    let (mut named, mut ignored) = (0, 0);
    for _ in 0..100_000 {
        let mut bytes = whole.clone();
        for _ in 0..=below(3) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes[at] = below(256) as u8,
                1 => bytes[at] ^= 1 << below(8),
                2 => bytes.insert(at, below(256) as u8),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let Some(ufrag) = local_ufrag(&bytes) else {
            ignored += 1;
            continue;
        };
        named += 1;
        let part = format!("{ufrag}:");
        let mut windows = bytes.windows(part.len());
        assert!(windows.any(|window| window == part.as_bytes()), "{bytes:?}");
    }
    assert!(named > 1_000 && ignored > 1_000, "{named}, {ignored}");
}

#[test]
fn a_stun_request_without_the_right_name_or_key_gets_no_answer() {
    let mut world = World::new();
    let peer = Peer::new(1, Seat::Agent, world.now);
    world.enter_as(peer, 1, true);
    for (ufrag, password) in [("nobody", "some-password-of-24-chars"), ("", "x")] {
        let bytes = request(ufrag, password);
        assert_eq!(world.throw(stranger(), &bytes), 0);
    }
    // The right name with a wrong key: the name travels in clear text, so an attacker may know it.
    let known = world.sfu.any_ufrag();
    let bytes = request(&known, "a-guess-of-twenty-four-ch");
    assert_eq!(world.throw(stranger(), &bytes), 0);
    assert_eq!(world.sfu.counters().datagrams_foreign, 3);
}

#[test]
fn a_flipped_bit_never_becomes_media() {
    let mut world = World::new();
    world.keep = true;
    world.enter(1, Seat::Agent, true);
    world.enter(2, Seat::Customer, true);
    world.run(3000);
    let kept = std::mem::take(&mut world.kept);
    world.keep = false;
    let forwarded = world.sfu.counters().packets_forwarded;
    let address = world.peers[0].at.address;
    let mut chance = Chance::from_env();
    for bytes in kept.iter().filter(|b| b[0] >= 128) {
        // Once as it was (a replay), once with a bit flipped; both from an address that is known.
        world.throw(address, bytes);
        let mut bytes = bytes.clone();
        let place = 12 + chance.below(bytes.len() as u64 - 12) as usize;
        bytes[place] ^= 1 << chance.below(8);
        world.throw(address, &bytes);
    }
    assert_eq!(world.sfu.counters().packets_forwarded, forwarded);
    assert_eq!(world.sfu.counters().rooms_panicked, 0);
    world.peers[1].got.clear();
    world.run(1000);
    assert!(world.peers[1].video().len() > 50, "the call goes on");
}

#[test]
fn a_page_with_another_certificate_than_its_offer_says_gets_no_media() {
    let mut world = World::new();
    world.enter(1, Seat::Agent, true);
    let mut peer = Peer::new(2, Seat::Customer, world.now);
    let before = peer.offer.as_str().to_owned();
    let mark = "a=fingerprint:sha-256 ";
    let at = before.find(mark).unwrap() + mark.len();
    let honest = &before[at..at + 95];
    let false_one = honest.replace(|c: char| c.is_ascii_hexdigit(), "A");
    peer.offer = Sdp::new(before.replace(honest, &false_one)).unwrap();
    let index = world.enter_as(peer, 1, true);
    world.run(3000);
    assert!(world.peers[index].got.is_empty());
    assert!(world.peers[0].got.is_empty());
    assert!(world.peers[index].beats.is_empty());
    assert_eq!(world.sfu.counters().participants, 1, "the impostor is out");
}
