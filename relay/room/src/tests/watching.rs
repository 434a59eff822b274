//! What somebody sees of the packets that arrive: when each picture can be shown.

use std::time::{Duration, Instant};

use super::world::{Got, World};

/// When each picture of a stream could be shown: it is whole, and so are those before it, back to a
/// key frame.
fn shown(mut got: Vec<Got>) -> Vec<Instant> {
    got.sort_by_key(|g| (g.seq, g.at));
    got.dedup_by_key(|g| g.seq);
    let mut shown = vec![];
    // Whether all before is there, and the time of the newest picture.
    let mut whole = false;
    let mut newest = got[0].at;
    for picture in got.chunk_by(|a, b| a.time == b.time) {
        let first = picture[0];
        let follows = |g: &&Got| g.seq + 1 == first.seq;
        let joined = got.binary_search_by_key(&(first.seq - 1), |g| g.seq);
        let joined = joined.ok().map(|at| &got[at]).filter(follows).is_some();
        let unbroken = picture
            .windows(2)
            .all(|pair| pair[1].seq == pair[0].seq + 1);
        let last = picture[picture.len() - 1].seq;
        let ends = got.binary_search_by_key(&(last + 1), |g| g.seq).is_ok();
        whole = unbroken && ends && (first.keyframe || (whole && joined));
        if whole {
            let arrived = picture.iter().map(|g| g.at).max().unwrap();
            newest = newest.max(arrived);
            shown.push(newest);
        }
    }
    shown
}

/// The longest time without a new picture between two times, and the pictures shown.
pub(super) fn longest_gap(got: Vec<Got>, from: Instant, to: Instant) -> (Duration, usize) {
    let mut times = vec![from];
    times.extend(shown(got).into_iter().filter(|at| (from..to).contains(at)));
    times.push(to);
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    (gaps.max().unwrap(), times.len() - 2)
}

/// A call in which the customer's encoder obeys and the agent's link carries so much.
fn call(kbit: u64) -> World {
    let mut world = World::call();
    world.peers[1].frame_packets = 6;
    world.peers[1].obeys = true;
    world.peers[0].down.bps = Some(kbit * 1000);
    world.run(8000);
    world
}

#[test]
fn a_fall_to_a_seventh_stops_the_picture_for_a_second_at_most() {
    for delay_ms in [10, 40] {
        let mut world = call(2000);
        for peer in &mut world.peers {
            peer.up.delay_ms = delay_ms;
            peer.down.delay_ms = delay_ms;
        }
        world.run(2000);
        world.peers[0].down.bps = Some(300_000);
        let from = world.now;
        world.run(10_000);
        let (gap, pictures) = longest_gap(world.peers[0].video(), from, world.now);
        println!("longest gap {gap:?}, {pictures} pictures in 10 s");
        assert!(gap <= Duration::from_millis(1000), "{gap:?}");
    }
}

#[test]
fn a_thin_link_has_a_steady_picture_and_all_of_the_sound() {
    for kbit in [300, 400, 1000] {
        let mut world = call(kbit);
        world.run(5000);
        let from = world.now;
        world.run(30_000);
        let (gap, pictures) = longest_gap(world.peers[0].video(), from, world.now);
        let sound = world.peers[0]
            .audio()
            .iter()
            .filter(|g| g.at > from)
            .count();
        println!("{kbit} kbit/s: longest gap {gap:?}, {pictures} pictures in 30 s, {sound} sounds");
        assert!(gap <= Duration::from_millis(1000), "{gap:?}");
        assert!(pictures > 450, "{pictures}");
        assert!(sound > 1485, "{sound}");
    }
}
