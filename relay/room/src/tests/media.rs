//! Media from one seat to the other.

use sightline_wire::{RelaySays, Seat};

use str0m::Rtc;

use super::world::{Got, Peer, World};

/// The numbers of a stream go up one by one from the first to the last, however they arrived.
pub(super) fn assert_gapless(got: &[Got]) {
    let mut seqs: Vec<u64> = got.iter().map(|g| g.seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    let (first, last) = (seqs[0], *seqs.last().unwrap());
    assert_eq!(
        seqs.len() as u64,
        last - first + 1,
        "numbers {first}..={last}"
    );
}

#[test]
fn media_flows_both_ways_and_no_page_receives_its_own() {
    let mut world = World::call();
    world.run(5000);
    for (me, other) in [(0, 1), (1, 0)] {
        let (me, other) = (&world.peers[me], &world.peers[other]);
        assert!(me.video().len() > 350, "{} video", me.video().len());
        assert!(me.audio().len() > 200, "{} audio", me.audio().len());
        assert!(me.got.iter().all(|g| g.from == other.name));
        assert!(me.video()[0].keyframe, "a picture begins with a key frame");
        assert!(me.video()[0].seq < 65_536);
        assert_gapless(&me.video());
        assert_gapless(&me.audio());
    }
    assert_eq!(world.astray, 0);
}

#[test]
fn packets_that_come_together_are_forwarded_each_once() {
    for loss_percent in [0, 3] {
        let mut world = World::call();
        world.together = true;
        for peer in &mut world.peers {
            peer.up.loss_percent = loss_percent;
        }
        world.run(5000);
        // What was lost last is repeated.
        world
            .peers
            .iter_mut()
            .for_each(|peer| peer.up.loss_percent = 0);
        world.run(500);
        for (me, other) in [(0, 1), (1, 0)] {
            let (me, other) = (&world.peers[me], &world.peers[other]);
            assert!(me.video().len() > 350, "{} video", me.video().len());
            assert!(me.audio().len() > 200, "{} audio", me.audio().len());
            assert!(me.got.iter().all(|g| g.from == other.name));
            assert_gapless(&me.video());
            assert!(!me.closed);
        }
    }
}

#[test]
fn one_page_alone_gets_no_media_at_all() {
    let mut world = World::new();
    world.enter(1, Seat::Agent, true);
    world.run(3000);
    assert!(world.peers[0].connected);
    assert!(world.peers[0].got.is_empty());
}

#[test]
fn a_lossy_network_is_repaired_by_asking_again() {
    let mut world = World::call();
    for peer in &mut world.peers {
        for link in [&mut peer.up, &mut peer.down] {
            link.loss_percent = 3;
            link.delay_ms = 25;
            link.jitter_ms = 15;
        }
    }
    for peer in &mut world.peers {
        peer.got.clear();
    }
    world.run(10_000);
    for peer in &world.peers {
        let mut seqs: Vec<u64> = peer.video().iter().map(|g| g.seq).collect();
        seqs.sort_unstable();
        seqs.dedup();
        let span = seqs.last().unwrap() - seqs[0] + 1;
        let missing = span - seqs.len() as u64;
        println!("{} of {span} missing after repair", missing);
        // Two links at 3 % lose some 6 % without repair.
        assert!(missing * 100 < span, "{missing} of {span} missing");
        assert!(seqs.len() > 700, "{}", seqs.len());
    }
}

#[test]
fn a_key_frame_request_reaches_the_sender_and_comes_back_as_a_picture() {
    let mut world = World::call();
    world.run(1000);
    let asked = world.peers[1].keyframe_asked.len();
    world.peers[0].got.clear();
    world.ask_for_picture(0);
    world.run(200);
    assert_eq!(world.peers[1].keyframe_asked.len(), asked + 1);
    assert!(world.peers[0].video().iter().any(|g| g.keyframe));
}

#[test]
fn requests_come_at_most_twice_a_second_and_the_last_is_not_lost() {
    let mut world = World::call();
    world.run(2000);
    world.peers[1].keyframe_asked.clear();
    let begin = world.now;
    for _ in 0..10 {
        world.ask_for_picture(0);
        world.run(45);
    }
    let last_asked = world.now;
    world.run(2000);
    let asked = &world.peers[1].keyframe_asked;
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0] < begin + std::time::Duration::from_millis(200));
    assert!(
        asked[1] > last_asked,
        "the last of the burst is answered too"
    );
    let apart = asked[1] - asked[0];
    assert!(apart.as_millis() >= 480, "{apart:?}");
}

#[test]
fn an_outage_ends_with_a_fresh_picture() {
    let mut world = World::call();
    world.run(2000);
    for cut in [true, false] {
        world.peers[0].up.cut = cut;
        world.peers[0].down.cut = cut;
        world.peers[1].keyframe_asked.clear();
        world.peers[0].got.clear();
        world.run(6000);
    }
    assert!(!world.peers[1].keyframe_asked.is_empty());
    let first = world.peers[0].video()[0];
    let resumed = world.now - first.at;
    assert!(resumed.as_millis() > 5500, "{resumed:?} of 6 s with media");
    assert!(world.peers[0].video().iter().any(|g| g.keyframe));
}

#[test]
fn a_short_gap_ends_with_fresh_pictures_at_the_first_packet() {
    for ms in [400, 1000, 2500] {
        let mut world = World::call();
        world.run(2000);
        for cut in [true, false] {
            world.peers[0].up.cut = cut;
            world.peers[0].down.cut = cut;
            for peer in &mut world.peers {
                peer.keyframe_asked.clear();
            }
            world.run(if cut { ms } else { 120 });
        }
        // Some 70 ms: the next packet of sound, and the way of the request.
        for peer in &world.peers {
            assert_eq!(peer.keyframe_asked.len(), 1, "{ms} ms, {:?}", peer.seat);
        }
    }
}

#[test]
fn a_sender_that_pauses_is_not_asked_for_a_picture() {
    let mut world = World::call();
    world.run(2000);
    for peer in &mut world.peers {
        peer.keyframe_asked.clear();
    }
    for sends in [false, true, false, true] {
        for peer in &mut world.peers {
            peer.sends = sends;
            peer.frame_at = world.now;
            peer.audio_at = world.now;
        }
        world.run(900);
    }
    for peer in &world.peers {
        assert!(peer.keyframe_asked.is_empty(), "{:?}", peer.seat);
    }
}

#[test]
fn a_room_that_panics_ends_alone() {
    let mut world = World::call();
    for (name, seat) in [(3, Seat::Agent), (4, Seat::Customer)] {
        let peer = super::world::Peer::new(name, seat, world.now);
        world.enter_as(peer, 2, true);
    }
    world.run(2000);
    world.said.clear();
    world
        .sfu
        .plant(super::world::session(1), |bytes| bytes[0] >= 128);
    for peer in &mut world.peers {
        peer.got.clear();
    }
    world.run(3000);
    assert_eq!(world.sfu.counters().rooms_panicked, 1);
    assert_eq!(world.sfu.counters().rooms, 1);
    let gone = |says: &&RelaySays| match says {
        RelaySays::Gone { session, .. } => *session == super::world::session(1),
        _ => false,
    };
    assert_eq!(world.said.iter().filter(gone).count(), 2);
    for peer in &world.peers[2..] {
        assert!(peer.video().len() > 200, "the other room goes on");
        assert_gapless(&peer.video());
        assert_gapless(&peer.audio());
    }
}

#[test]
fn a_unit_that_begins_again_ends_its_rooms_and_takes_new_ones() {
    let mut world = World::call();
    world.run(2000);
    world.said.clear();
    world.sfu.begin_again();
    world.run(100);
    let gone = |says: &&RelaySays| matches!(says, RelaySays::Gone { .. });
    assert_eq!(world.said.iter().filter(gone).count(), 2);
    assert_eq!(world.ended, [super::world::session(1)]);
    let counters = world.sfu.counters();
    assert_eq!((counters.rooms, counters.participants), (0, 0));
    assert_eq!((counters.rooms_panicked, counters.offers_answered), (1, 2));
    // The page that comes back has a transport that is not the old one.
    let peer = Peer::new(3, Seat::Agent, world.now);
    world.enter_as(peer, 1, true);
    world.run(2000);
    assert_eq!(world.sfu.counters().participants, 1);
    assert!(world.sfu.any_ufrag().starts_with('a'), "its unit's mark");
}

#[test]
fn who_lacks_the_senders_codec_gets_no_picture_and_both_are_told() {
    let mut world = World::new();
    let h264_only = Rtc::builder()
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        .enable_h264(true);
    world.enter(1, Seat::Agent, true);
    let mut customer = Peer::with(h264_only, 2, Seat::Customer, world.now);
    customer.sends = false;
    world.enter_as(customer, 1, true);
    world.run(4000);
    let told = |n: usize| {
        let (_, beat) = world.peers[n].beats.last().unwrap();
        (beat.undecodable, beat.unseen)
    };
    assert!(world.peers[1].video().is_empty());
    assert!(world.peers[1].audio().len() > 100);
    assert_eq!((told(0), told(1)), ((false, true), (true, false)));
}

/// Turns of all endpoints in so many milliseconds, for each packet that was forwarded.
#[cfg(test)]
fn turns_a_packet(world: &mut World, ms: u64) -> f64 {
    let (turns, packets) = (world.sfu.turns(), world.sfu.counters().packets_forwarded);
    world.run(ms);
    let packets = world.sfu.counters().packets_forwarded - packets;
    (world.sfu.turns() - turns) as f64 / packets as f64
}

#[test]
fn on_a_wide_link_a_packet_takes_few_turns_of_the_endpoints() {
    let mut world = World::call();
    world.peers[1].frame_packets = 10; // some 2.4 Mbit/s
    world.run(8000);
    let wide = turns_a_packet(&mut world, 5000);
    world.peers[0].down.bps = Some(400_000);
    world.peers[1].obeys = true;
    world.run(5000);
    let narrow = turns_a_packet(&mut world, 5000);
    println!("{wide:.2} turns a packet on a wide link, {narrow:.2} on a narrow one");
    assert!(wide < 5.5, "{wide}");
}
