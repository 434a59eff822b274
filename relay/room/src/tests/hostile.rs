//! What somebody with a link tries from a modified page, each by the number of the finding that it
//! repeats. The neighbour is the call in session 1; the hostile page sits in session 2.

use std::net::SocketAddr;
use std::time::Duration;

use sightline_wire::{GoneWhy, OfferRefusal, RelaySays, Seat};
use str0m::channel::{ChannelConfig, ChannelId};

use super::smuggler;
use super::world::{Peer, World, offer, page};
use crate::Input;

/// A call in session 1 (0 and 1), and a hostile customer with their agent in session 2 (2 and 3).
fn calls() -> World {
    let mut world = World::call();
    for (name, seat) in [(3, Seat::Customer), (4, Seat::Agent)] {
        let peer = Peer::new(name, seat, world.now);
        world.enter_as(peer, 2, true);
    }
    world.run(1_000);
    assert!(world.peers.iter().all(|p| p.connected));
    world
}

const HOSTILE: usize = 2;
const WITH_THEM: usize = 3;

/// The packets of video that each page of the neighbour gets while something happens.
fn neighbours_get(world: &mut World, happens: impl FnOnce(&mut World)) -> [usize; 2] {
    for peer in &mut world.peers {
        peer.got.clear();
    }
    happens(world);
    [0, 1].map(|peer| world.peers[peer].video().len())
}

/// At ninety packets a second, as [`Peer`] sends them, all but a few that are on their way.
fn assert_whole(got: [usize; 2], seconds: usize) {
    assert!(got.iter().all(|got| *got + 9 > 90 * seconds), "{got:?}");
}

fn gone(world: &World, name: u8) -> Option<Option<GoneWhy>> {
    world.said.iter().find_map(|says| match says {
        RelaySays::Gone { page: p, why, .. } if *p == page(name) => Some(*why),
        _ => None,
    })
}

#[test]
fn finding_2a_a_page_with_a_thousand_streams_has_those_it_declared() {
    let mut world = calls();
    let before = world.sfu.counters();
    let got = neighbours_get(&mut world, |world| {
        world.peers[HOSTILE].sends = false;
        for n in 0..1_000_u64 {
            let peer = &mut world.peers[HOSTILE];
            let (mid, pt) = (peer.audio, peer.audio_pt);
            let fresh = u32::try_from(n).unwrap().into();
            peer.rtc
                .direct_api()
                .reset_stream_tx(mid, None, fresh, None);
            let now = world.now;
            world.peers[HOSTILE].write(
                mid,
                pt,
                1_000,
                960,
                vec![0xfc, 0, 3, 0, 0, 0, 9],
                false,
                now,
            );
            world.drain_peer(HOSTILE);
            world.run(2);
        }
    });
    let after = world.sfu.counters();
    assert!(
        after.datagrams_refused - before.datagrams_refused > 990,
        "{after:?}"
    );
    let forged = world.peers[WITH_THEM]
        .got
        .iter()
        .filter(|got| got.number == 9);
    assert!(forged.count() < 5);
    assert_whole(got, 2);
}

#[test]
fn finding_2b_a_check_from_each_of_twenty_thousand_ports_makes_four_addresses() {
    let mut world = calls();
    let check = world.peers[HOSTILE].check(true);
    let mut answered = 0;
    let got = neighbours_get(&mut world, |world| {
        for port in 10_000..30_000 {
            let source = SocketAddr::from(([203, 0, 113, 3], port));
            let before = world.astray;
            world.throw(source, &check);
            // Of what went out with it, the answer alone goes to no page.
            answered += world.astray - before;
            if port % 200 == 0 {
                world.run(20);
            }
        }
    });
    assert_eq!(answered, 4);
    assert_whole(got, 2);
    assert!(!world.peers[HOSTILE].closed);
}

#[test]
fn finding_2c_a_hundred_channels_without_a_word_are_thirty_two_streams() {
    let mut world = calls();
    world.peers[HOSTILE].sends = false;
    let channels: Vec<ChannelId> = (100..200)
        .map(|id| {
            let config = ChannelConfig {
                negotiated: Some(id),
                ..Default::default()
            };
            let mut api = world.peers[HOSTILE].rtc.direct_api();
            let channel = api.create_data_channel(config);
            world.drain_peer(HOSTILE);
            channel
        })
        .collect();
    world.run(200);
    let got = neighbours_get(&mut world, |world| {
        for channel in &channels {
            let _ = world.peers[HOSTILE].send(*channel, true, b"x");
            world.drain_peer(HOSTILE);
            world.run(10);
        }
        world.run(4_000);
    });
    // What the relay took it acknowledged. Two streams are `live` and `sure`.
    let taken = channels.iter().filter(|channel| {
        let channel = world.peers[HOSTILE].rtc.channel(**channel);
        channel.is_some_and(|mut channel| channel.buffered_amount() == 0)
    });
    assert_eq!(taken.count(), 30);
    assert_whole(got, 5);
}

#[test]
fn finding_2d_beginnings_of_associations_take_nothing_from_the_call() {
    let mut world = World::call_with_smuggler();
    let mut tag = 1_u32;
    let got = neighbours_get(&mut world, |world| {
        for _ in 0..500 {
            tag += 1;
            let mut init = vec![1, 0, 0, 20];
            init.extend(tag.to_be_bytes());
            init.extend([0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9]);
            smuggler::send_chunks(&init);
            world.run(4);
        }
    });
    assert_whole(got, 2);
    let answered = smuggler::beginnings_answered();
    assert!((1..=8).contains(&answered), "{answered}");
    assert!(
        world.write(1, true, false, b"still the first"),
        "its first association is the one"
    );
    world.run(500);
    let sure = world.peers[0].sure;
    assert_eq!(world.peers[0].texts_on(sure), ["still the first"]);
}

#[test]
fn finding_2e_a_flood_of_messages_is_dropped_on_live_and_ends_the_page_on_sure() {
    let mut world = calls();
    let got = neighbours_get(&mut world, |world| {
        for _ in 0..1_000 {
            world.write(HOSTILE, false, false, b"live");
            world.run(1);
        }
        world.run(1_000);
    });
    let live = world.peers[WITH_THEM].live;
    let forwarded = world.peers[WITH_THEM].texts_on(live).len();
    assert!((200..=400).contains(&forwarded), "{forwarded}");
    assert_eq!(gone(&world, 3), None);
    assert_whole(got, 2);
    world.run(3_000);
    for _ in 0..300 {
        if !world.peers[HOSTILE].closed {
            world.write(HOSTILE, true, false, b"sure");
            world.run(1);
        }
    }
    world.run(1_000);
    assert_eq!(gone(&world, 3), Some(Some(GoneWhy::Messages)));
    assert!(world.peers[HOSTILE].closed, "the page notices at once");
    let sure = world.peers[WITH_THEM].sure;
    let forwarded = world.peers[WITH_THEM].texts_on(sure).len();
    assert!((200..=240).contains(&forwarded), "{forwarded}");
    assert!(!world.peers[WITH_THEM].closed);
}

#[test]
fn finding_2e_packets_beyond_three_times_the_rate_are_dropped() {
    let mut world = calls();
    let got = neighbours_get(&mut world, |world| {
        // 120,000 bytes in each of thirty frames a second: 29 Mbit/s.
        world.peers[HOSTILE].frame_packets = 120;
        world.run(3_000);
    });
    assert_whole(got, 3);
    let through = world.peers[WITH_THEM].video().len();
    assert!(through < 4_200, "{through} packets");
    assert!(world.sfu.counters().datagrams_refused > 5_000);
}

/// str0m 0.25 panics where a packet of media does not fit into 2,000 bytes with its header, in the
/// endpoint of the page that it is forwarded to.
#[test]
fn a_packet_too_long_to_be_sent_on_ends_no_other_page() {
    let mut world = calls();
    world.peers[HOSTILE].sends = false;
    world.run(500);
    let before = world.sfu.counters().datagrams_refused;
    let got = neighbours_get(&mut world, |world| {
        for n in 0..100 {
            let (now, peer) = (world.now, &mut world.peers[HOSTILE]);
            let (mid, pt) = (peer.video, peer.video_pt);
            let payload = vec![0x10; 1_400 + 5 * n];
            let seq = 60_000 + n as u64;
            peer.write(mid, pt, seq, 90_000 + n as u32, payload, true, now);
            world.drain_peer(HOSTILE);
            world.run(50);
        }
    });
    assert!(world.sfu.counters().datagrams_refused >= before + 80);
    assert!(!world.peers[WITH_THEM].closed);
    assert_whole(got, 5);
}

#[test]
fn finding_7_a_forged_address_takes_nothing_from_the_page_that_has_it() {
    let mut world = calls();
    let victim = world.peers[1].at.address;
    let got = neighbours_get(&mut world, |world| {
        for _ in 0..70 {
            let check = world.peers[HOSTILE].check(true);
            assert_eq!(world.throw(victim, &check), 0, "not one byte to the victim");
            world.run(100);
        }
    });
    assert_whole(got, 7);
    assert!(world.sfu.counters().datagrams_refused >= 70);
}

/// Packets of a stream that the page never had, for its section of video, from its address.
#[test]
fn finding_26_forged_streams_from_a_pages_address_freeze_nothing() {
    let mut world = calls();
    let victim = &world.peers[1];
    let (source, pt) = (victim.at.address, *victim.video_pt);
    let mid = victim.video.to_string();
    let lines = victim.answer.lines();
    let id = lines
        .filter_map(|line| line.strip_prefix("a=extmap:"))
        .find_map(|line| line.strip_suffix(" urn:ietf:params:rtp-hdrext:sdes:mid"));
    let id: u8 = id.unwrap().parse().unwrap();
    let mut extension = vec![id << 4 | (mid.len() as u8 - 1)];
    extension.extend(mid.as_bytes());
    extension.resize(extension.len().next_multiple_of(4), 0);
    let got = neighbours_get(&mut world, |world| {
        for n in 0..600_u32 {
            let mut packet = vec![0x90, pt, 0, n as u8, 0, 0, 0, 1];
            packet.extend((0x1000 + n).to_be_bytes());
            packet.extend([0xbe, 0xde, 0, (extension.len() / 4) as u8]);
            packet.extend(&extension);
            packet.resize(200, 7);
            assert_eq!(world.throw(source, &packet), 0);
            world.run(5);
        }
    });
    assert_whole(got, 3);
}

#[test]
fn an_address_goes_to_its_next_page_once_the_last_one_is_gone() {
    let mut world = World::call();
    let at = world.peers[1].at;
    world.peers[1].up.cut = true;
    world.peers[1].alive = false;
    world.run(10_000);
    let mut next = Peer::new(5, Seat::Customer, world.now);
    next.at = at;
    let next = world.enter_as(next, 2, true);
    world.run(14_000);
    assert!(world.peers[next].connected);
}

#[test]
fn finding_13_a_seat_offers_five_times_at_once_and_then_once_a_second() {
    let mut world = World::new();
    let peer = Peer::new(1, Seat::Agent, world.now);
    let offers = |world: &mut World, attempts: std::ops::Range<u32>, speaks| -> Vec<bool> {
        attempts
            .map(|attempt| {
                world.hear(offer(&peer, 1, attempt, speaks));
                match world.said.pop() {
                    Some(RelaySays::Answer { .. }) => true,
                    Some(RelaySays::Refused { why, .. }) => {
                        assert_eq!(why, OfferRefusal::TooOften);
                        false
                    }
                    other => panic!("{other:?}"),
                }
            })
            .collect()
    };
    let answered = offers(&mut world, 1..101, false);
    assert_eq!(answered.iter().filter(|answered| **answered).count(), 5);
    assert_eq!(
        offers(&mut world, 101..102, true),
        [true],
        "the page that speaks is not held up by guests"
    );
    world.now += Duration::from_secs(1);
    assert_eq!(offers(&mut world, 102..104, false), [true, false]);
}

#[test]
fn a_page_that_takes_more_than_its_share_of_the_processor_is_let_go_with_a_reason() {
    let mut world = calls();
    let spend = |world: &mut World, peer: usize, ms: u64| {
        let from = world.peers[peer].at;
        let time = Duration::from_millis(ms);
        world.sfu.handle(Input::Spent { from, time }, world.now);
        world.drain_sfu();
    };
    let got = neighbours_get(&mut world, |world| {
        for _ in 0..50 {
            spend(world, HOSTILE, 32);
            spend(world, 1, 3);
            world.run(100);
        }
    });
    assert_eq!(gone(&world, 3), Some(Some(GoneWhy::Work)));
    assert!(world.peers[HOSTILE].closed);
    assert_eq!(gone(&world, 2), None);
    assert_whole(got, 5);
}

/// str0m 0.25 counts past the end of its numbers when the first packets of a transport are reported
/// with a number from before them. Builds for tests and `make run` notice an overflow.
#[test]
fn finding_29_a_page_whose_report_makes_its_endpoint_panic_ends_alone() {
    let report =
        include_bytes!("../../../../tests/fuzz/found/rtcp/feedback-before-the-first-packet");
    let mut world = World::call_with_smuggler();
    smuggler::send_report(report);
    world.run(1_000);
    assert_eq!(gone(&world, 2), Some(None));
    assert_eq!(gone(&world, 1), None);
    let counters = world.sfu.counters();
    assert_eq!((counters.participants, counters.rooms_panicked), (1, 0));
    let again = Peer::new(4, Seat::Customer, world.now);
    world.enter_as(again, 1, true);
    for peer in &mut world.peers {
        peer.got.clear();
    }
    world.run(1_000);
    assert!(world.peers[0].video().len() > 50, "the call goes on");
}
