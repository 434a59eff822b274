//! How soon the relay asks a page for packets of its picture that did not arrive.

use std::time::Duration;

use super::world::World;

/// The share of the picture's packets that came later than 25 ms after those around them, in
/// percent, and how late the latest nine in ten of these were, ms.
fn late(world: &World) -> (usize, u128) {
    let video = world.peers[0].video();
    let mut newest = (0, video[0].at);
    let mut late: Vec<Duration> = vec![];
    for got in &video {
        if got.seq > newest.0 {
            newest = (got.seq, got.at);
        } else {
            // The packet after it in number came at about the time that it was missed.
            let after = video.iter().find(|other| other.seq == got.seq + 1);
            late.extend(after.map(|after| got.at.saturating_duration_since(after.at)));
        }
    }
    late.sort_unstable();
    let most = late.get(late.len() * 9 / 10).map_or(0, Duration::as_millis);
    (100 * late.len() / video.len(), most)
}

#[test]
fn a_lost_packet_comes_a_round_trip_after_the_gap() {
    let mut world = World::call();
    world.peers[1].frame_packets = 4;
    world.peers[1].up.delay_ms = 40;
    world.peers[1].down.delay_ms = 40;
    world.run(3000);
    world.peers[1].up.loss_percent = 3;
    world.peers[0].got.clear();
    world.run(20_000);
    let (share, most_ms) = late(&world);
    println!("{share} % of the packets were repaired, nine in ten within {most_ms} ms");
    assert!((1..6).contains(&share), "{share}");
    assert!(most_ms <= 120, "{most_ms}");
}
