//! The two data channels.

use sightline_wire::{CHANNEL_MESSAGE_BYTES_MAX, Seat};

use super::world::World;

#[test]
fn texts_cross_on_the_channel_they_were_written_on() {
    let mut world = World::call();
    world.run(500);
    for n in 0..20 {
        assert!(world.write(0, true, false, format!("sure {n}").as_bytes()));
        assert!(world.write(0, false, false, format!("live {n}").as_bytes()));
        world.run(10);
    }
    world.run(1000);
    let customer = &world.peers[1];
    let sure: Vec<String> = (0..20).map(|n| format!("sure {n}")).collect();
    assert_eq!(customer.texts_on(customer.sure), sure);
    assert_eq!(customer.texts_on(customer.live).len(), 20);
    assert!(
        world.peers[0].texts.is_empty(),
        "no page receives its own texts"
    );
}

#[test]
fn messages_that_are_binary_too_long_or_from_a_guest_are_dropped() {
    let mut world = World::call();
    let guest = world.enter(3, Seat::Customer, false);
    world.run(1000);
    let longest = "x".repeat(CHANNEL_MESSAGE_BYTES_MAX);
    let too_long = "x".repeat(CHANNEL_MESSAGE_BYTES_MAX + 1);
    for sure in [true, false] {
        world.write(0, sure, false, longest.as_bytes());
        world.run(300);
        world.write(0, sure, false, too_long.as_bytes());
        world.run(300);
        world.write(0, sure, true, b"binary");
        world.write(guest, sure, false, b"from a guest");
        world.run(300);
    }
    let customer = &world.peers[1];
    for channel in [customer.sure, customer.live] {
        assert_eq!(customer.texts_on(channel), [longest.as_str()]);
    }
    assert!(world.peers[0].texts.is_empty());
    assert!(world.peers[guest].texts.is_empty());
}

#[test]
fn a_beat_cannot_be_forged() {
    let mut world = World::call();
    world.run(500);
    let forged = br#"{"beat":4000000000,"speaks":false,"other_here":false}"#;
    for sure in [true, false] {
        world.write(0, sure, true, forged);
        world.write(0, sure, false, forged);
    }
    world.run(1000);
    let customer = &world.peers[1];
    assert!(customer.beats.iter().all(|(_, b)| b.beat < 100));
    // Those sent as text arrive as text, which no page takes for a beat.
    assert_eq!(customer.texts.len(), 2);
}

#[test]
fn beats_come_twice_a_second_with_the_truth() {
    let mut world = World::new();
    world.enter(1, Seat::Agent, true);
    world.run(3000);
    let alone = world.peers[0].beats.clone();
    assert!(alone.iter().all(|(_, b)| b.speaks && !b.other_here));
    let guest = world.enter(2, Seat::Customer, false);
    world.run(3000);
    world.promote(Seat::Customer, 2);
    world.run(4000);
    for index in [0, guest] {
        let beats = &world.peers[index].beats;
        assert!(beats.len() >= 12, "{}", beats.len());
        for (n, pair) in beats.windows(2).enumerate() {
            assert_eq!(pair[0].1.beat as usize, n);
            assert_eq!(pair[1].1.beat as usize, n + 1);
            if n > 0 {
                let apart = (pair[1].0 - pair[0].0).as_millis();
                assert!((450..=550).contains(&apart), "{apart} ms at {n}");
            }
        }
        let last = beats.last().unwrap().1;
        assert!(last.speaks && last.other_here);
        assert!(last.down_bps.is_some_and(|bps| bps > 100_000), "{last:?}");
    }
    assert!(world.peers[0].beats.len() >= 19);
}

#[test]
fn sure_waits_for_a_slow_link_and_loses_nothing_within_its_bounds() {
    let mut world = World::call();
    for peer in &mut world.peers {
        peer.sends = false;
    }
    world.run(500);
    world.peers[1].down.bps = Some(400_000);
    let text = "y".repeat(4000);
    for n in 0..60 {
        assert!(world.write(0, true, false, format!("{n} {text}").as_bytes()));
        world.run(20);
    }
    world.run(30_000);
    let customer = &world.peers[1];
    let numbers: Vec<String> = customer
        .texts_on(customer.sure)
        .iter()
        .map(|t| t.split(' ').next().unwrap().to_owned())
        .collect();
    let expected: Vec<String> = (0..60).map(|n| n.to_string()).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn a_link_that_takes_nothing_makes_sure_drop_at_its_bound_and_not_grow() {
    let mut world = World::call();
    world.run(500);
    world.peers[1].down.cut = true;
    let text = "z".repeat(8000);
    for _ in 0..100 {
        world.write(0, true, false, text.as_bytes());
        world.run(20);
    }
    assert!(world.sfu.counters().messages_dropped > 10);
    assert!(world.sfu.counters().messages_forwarded > 30);
}
