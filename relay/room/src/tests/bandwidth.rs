//! What a narrow link does to the sender across the table.

use sightline_wire::Seat;

use super::world::{Peer, World};

#[test]
fn a_narrow_link_of_the_receiver_slows_the_sender_down() {
    let mut world = World::call();
    world.peers[1].frame_packets = 6; // some 1.4 Mbit/s
    world.peers[1].obeys = true;
    world.run(4000);
    let free = world.peers[1].rembs.last().unwrap().1;
    world.peers[0].down.bps = Some(400_000);
    world.run(15_000);
    let narrow = world.peers[1].rembs.last().unwrap().1;
    println!("told {free} bit/s on a free link, {narrow} on one of 400 kbit/s");
    assert!(free > 600_000, "{free}");
    assert!((60_000..450_000).contains(&narrow), "{narrow}");
    world.peers[0].got.clear();
    world.run(5000);
    let got = world.peers[0].video();
    assert!(got.len() > 75, "{} packets in 5 s", got.len());
    // Reminded at least every second.
    let recent = world.peers[1].rembs.iter().rev().take(4);
    let recent: Vec<_> = recent.map(|(at, _)| *at).collect();
    assert!((recent[0] - recent[3]).as_millis() <= 3200);
}

#[test]
fn a_queue_that_grows_too_long_is_cut_until_the_next_whole_picture() {
    let mut world = World::call();
    world.run(3000);
    // A sender that obeys nothing, at four times what the link carries.
    world.peers[1].frame_packets = 8;
    world.peers[0].down.bps = Some(500_000);
    world.peers[1].keyframe_asked.clear();
    world.peers[0].got.clear();
    let dropped = world.sfu.counters().packets_dropped;
    world.run(15_000);
    let dropped = world.sfu.counters().packets_dropped - dropped;
    println!("{dropped} packets dropped before a queue of the relay");
    assert!(dropped > 500, "{dropped}");
    assert!(world.peers[1].keyframe_asked.len() >= 2);
    let mut video = world.peers[0].video();
    video.sort_by_key(|g| g.seq);
    // Where packets of the sender were left out, a whole picture begins.
    let leaps: Vec<_> = video
        .windows(2)
        .filter(|p| p[1].seq == p[0].seq + 1 && p[1].number != p[0].number + 1)
        .collect();
    assert!(!leaps.is_empty());
    assert!(leaps.iter().all(|p| p[1].keyframe), "{leaps:?}");
}

#[test]
fn sound_does_not_wait_behind_the_picture() {
    let mut world = World::call();
    world.run(3000);
    world.peers[1].frame_packets = 8;
    world.peers[0].down.bps = Some(800_000);
    world.run(5000);
    world.peers[0].got.clear();
    world.run(5000);
    let audio = world.peers[0].audio();
    println!("{} of 250 packets of sound", audio.len());
    assert!(audio.len() > 200, "{}", audio.len());
}

#[test]
fn without_transport_feedback_the_whole_picture_comes_until_reports_speak_against_it() {
    let mut world = World::new();
    let agent = Peer::new(1, Seat::Agent, world.now).without_transport_feedback();
    world.enter_as(agent, 1, true);
    world.enter(2, Seat::Customer, true);
    world.run(2000);
    world.peers[1].frame_packets = 8; // some 1.9 Mbit/s
    world.peers[1].obeys = true;
    world.peers[0].got.clear();
    world.run(10_000);
    let got = world.peers[0].video().len();
    println!("{got} of 2,400 packets on a free link");
    assert!(got > 2300, "{got}");
    world.peers[0].down.bps = Some(500_000);
    world.run(15_000);
    let told = world.peers[1].rembs.last().unwrap().1;
    println!("told {told} bit/s on a link of 500 kbit/s");
    assert!((60_000..500_000).contains(&told), "{told}");
    world.peers[0].got.clear();
    world.run(5000);
    assert!(world.peers[0].video().len() > 75);
    // The link is free again: the picture comes back.
    world.peers[0].down.bps = None;
    world.run(40_000);
    let again = world.peers[1].rembs.last().unwrap().1;
    println!("told {again} bit/s later");
    assert!(again > 2 * told, "{again}");
}

/// A call in which the agent's link loses packets, and the customer's encoder obeys.
fn lossy_call(percent: u64) -> World {
    let mut world = World::call();
    world.peers[1].frame_packets = 6; // some 1.4 Mbit/s
    world.peers[1].obeys = true;
    world.run(4000);
    world.peers[0].down.loss_percent = percent;
    world
}

#[test]
fn loss_alone_does_not_starve_the_picture() {
    for percent in [10, 20] {
        let mut world = lossy_call(percent);
        world.run(10_000);
        world.peers[0].got.clear();
        world.run(20_000);
        let told = world.peers[1].rembs.last().unwrap().1;
        let mut seqs: Vec<u64> = world.peers[0].video().iter().map(|g| g.seq).collect();
        seqs.sort_unstable();
        seqs.dedup();
        let span = seqs.last().unwrap() - seqs[0] + 1;
        let missing = span - seqs.len() as u64;
        println!("{percent} %: told {told} bit/s, {missing} of {span} missing after repair");
        assert!(told > 700_000, "{told}");
        assert!(missing * 100 < span, "{missing} of {span}");
    }
}

#[test]
fn loss_in_a_narrow_link_does_not_keep_its_queue_full() {
    let mut world = lossy_call(10);
    world.peers[0].down.bps = Some(800_000);
    world.run(15_000);
    world.peers[0].got.clear();
    world.peers[1].rembs.clear();
    world.run(10_000);
    let mut told: Vec<u64> = world.peers[1].rembs.iter().map(|(_, bps)| *bps).collect();
    told.sort_unstable();
    let told = told[told.len() / 2];
    let audio = world.peers[0].audio().len();
    println!("told {told} bit/s, {audio} of 500 packets of sound");
    assert!((150_000..800_000).contains(&told), "{told}");
    assert!(audio > 400, "{audio}");
}

#[test]
fn a_link_that_became_narrow_shows_within_a_second_and_wide_again_within_six() {
    let mut world = World::call();
    world.peers[1].frame_packets = 6;
    world.peers[1].obeys = true;
    world.peers[0].down.bps = Some(2_000_000);
    world.run(8000);
    let wide = world.peers[1].rembs.last().unwrap().1;
    world.peers[0].down.bps = Some(500_000);
    world.run(1200);
    let narrow = world.peers[1].rembs.last().unwrap().1;
    println!("told {wide} bit/s at 2 Mbit/s, {narrow} 1.2 s after it became 500 kbit/s");
    assert!(narrow < wide / 2, "{narrow}");
    world.run(20_000);
    world.peers[0].down.bps = Some(2_000_000);
    world.run(6000);
    let again = world.peers[1].rembs.last().unwrap().1;
    println!("told {again} bit/s 6 s after it is wide again");
    assert!(again > 1_200_000, "{again}");
}
