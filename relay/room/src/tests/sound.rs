//! Sound through loss: RED from pages and to pages, and sound before the picture.

use std::time::Duration;

use sightline_wire::Seat;

use super::media::assert_gapless;
use super::peer::{client, client_with_red};
use super::world::{AUDIO_EVERY, Peer, World};

/// An agent and a customer in a call. Each knows RED or not. Their names are even, for Chromium's
/// payload types.
fn call(agent: bool, customer: bool) -> World {
    let mut world = World::new();
    for (name, seat, red) in [(4, Seat::Agent, agent), (2, Seat::Customer, customer)] {
        let config = if red { client_with_red() } else { client(name) };
        let mut peer = Peer::with(config, name, seat, world.now);
        peer.sound.wraps = red;
        // Sound is looked at, and little else makes time pass quickly.
        peer.frame_packets = 1;
        world.enter_as(peer, 1, true);
    }
    world.run(2_000);
    assert!(world.peers.iter().all(|p| p.connected), "both connect");
    world
}

/// The percentage of frames of the customer that the agent does not get at all in 30 s.
fn missing_percent(world: &mut World) -> f64 {
    world.run(4_000);
    let from = *world.peers[0].sound.heard.keys().next_back().unwrap();
    world.run(30_000);
    let heard = &world.peers[0].sound.heard;
    let to = *heard.keys().next_back().unwrap();
    let missing = (from..to).filter(|n| !heard.contains_key(n)).count();
    let percent = 100.0 * missing as f64 / f64::from(to - from);
    println!("{percent:.2} % missing of {}", to - from);
    assert!(to - from > 1_400, "{}", to - from);
    percent
}

#[test]
fn loss_on_the_way_to_the_relay_is_restored_for_every_receiver() {
    for receiver_knows_red in [true, false] {
        for (loss, most) in [(5, 0.8), (10, 2.0), (20, 5.5)] {
            let mut world = call(receiver_knows_red, true);
            world.peers[1].up.loss_percent = loss;
            let missing = missing_percent(&mut world);
            assert!(missing <= most, "{missing} % at {loss} %");
            // Without the repair it would be the loss.
            assert!(world.sfu.counters().sound_restored > 10 * loss);
            let sound = world.peers[0].audio();
            let numbers: Vec<u64> = sound.iter().map(|got| got.seq).collect();
            assert!(numbers.is_sorted(), "in order");
            assert!(
                numbers.windows(2).all(|pair| pair[0] != pair[1]),
                "never twice"
            );
        }
    }
}

#[test]
fn loss_on_the_way_to_a_receiver_that_knows_red_is_repaired_there() {
    for customer_knows_red in [true, false] {
        for (loss, most) in [(5, 0.3), (10, 0.5), (20, 1.5)] {
            let mut world = call(true, customer_knows_red);
            world.peers[0].down.loss_percent = loss;
            let missing = missing_percent(&mut world);
            assert!(missing <= most, "{missing} % at {loss} %");
            assert_eq!(
                world.sfu.counters().sound_restored,
                0,
                "nothing was lost before"
            );
        }
    }
}

#[test]
fn a_receiver_without_red_gets_plain_sound_without_a_gap() {
    let mut world = call(false, true);
    world.run(3_000);
    let sound = world.peers[0].audio();
    assert!(sound.len() > 200, "{}", sound.len());
    assert_gapless(&sound);
    assert!(!world.peers[0].answer.contains(" red/"));
    assert!(
        world.peers[1]
            .answer
            .contains("m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n")
    );
}

#[test]
fn a_packet_carries_as_many_earlier_frames_as_the_reports_of_its_receiver_ask_for() {
    // One level less where the estimate of the link falls with the loss.
    for (loss, expected) in [(0, 1..=1), (5, 1..=2), (20, 2..=3)] {
        let mut world = call(true, false);
        world.peers[1].frame_packets = 3;
        world.peers[0].down.loss_percent = loss;
        world.run(8_000);
        world.peers[0].sound.earlier.clear();
        world.run(4_000);
        let earlier = &world.peers[0].sound.earlier;
        let as_expected = earlier.iter().filter(|count| expected.contains(*count));
        let as_expected = as_expected.count();
        println!("{as_expected} of {} at {loss} %", earlier.len());
        assert!(as_expected * 10 > 9 * earlier.len() && earlier.len() > 120);
        // The other receiver knows no RED.
        assert!(world.peers[1].sound.earlier.is_empty());
    }
}

#[test]
fn sound_leaves_first_however_many_packets_of_video_wait() {
    let mut world = call(true, true);
    // More than the estimate at the start, so that video waits in the relay and not on the link.
    world.peers[1].frame_packets = 20;
    world.peers[0].got.clear();
    world.run(3_000);
    let waited = |sound: bool| {
        let got = world.peers[0].got.iter().filter(|got| got.video != sound);
        let frame = |number: u32| match sound {
            true => AUDIO_EVERY * number,
            false => Duration::from_millis(33) * (number / 20),
        };
        let arrived = got.map(|got| got.at - frame(got.number));
        let arrived: Vec<_> = arrived.collect();
        *arrived.iter().max().unwrap() - *arrived.iter().min().unwrap()
    };
    let (sound, video) = (waited(true), waited(false));
    println!("sound waited {sound:?}, video {video:?}");
    assert!(video > Duration::from_millis(60), "{video:?}");
    assert!(sound <= Duration::from_millis(2), "{sound:?}");
}
