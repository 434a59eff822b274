//! Which page speaks, which waits as a guest, which is gone.

use std::time::Duration;

use sightline_wire::{RelayHears, RelaySays, Seat};

use super::media::assert_gapless;
use super::world::{Got, Peer, World, offer, page, session};

fn gone(world: &World) -> Vec<(Seat, sightline_wire::PageId)> {
    let of = |says: &RelaySays| match says {
        RelaySays::Gone { seat, page, .. } => Some((*seat, *page)),
        _ => None,
    };
    world.said.iter().filter_map(of).collect()
}

/// Times never go back when the numbers go up.
fn assert_time_goes_on(got: &[Got]) {
    let mut got = got.to_vec();
    got.sort_by_key(|g| g.seq);
    for pair in got.windows(2) {
        let step = pair[1].time.wrapping_sub(pair[0].time);
        assert!(step < 90_000 * 3, "{pair:?}");
    }
}

#[test]
fn a_guest_gets_nothing_and_gives_nothing_until_it_is_promoted() {
    let mut world = World::call();
    let guest = world.enter(3, Seat::Customer, false);
    world.run(3000);
    assert!(world.peers[guest].connected);
    assert!(world.peers[guest].got.is_empty());
    assert!(world.peers[0].got.iter().all(|g| g.from == 2));
    let beat = world.peers[guest].beats.last().unwrap().1;
    assert!(!beat.speaks && beat.other_here);

    world.peers[0].got.clear();
    let seam = world.now;
    world.promote(Seat::Customer, 3);
    world.run(3000);
    let after = |g: &&Got| g.at > seam + Duration::from_millis(100);
    assert!(world.peers[0].got.iter().filter(after).all(|g| g.from == 3));
    assert!(world.peers[0].video().iter().any(|g| g.from == 3));
    assert!(world.peers[guest].got.iter().all(|g| g.from == 1));
    assert!(world.peers[guest].video()[0].keyframe);
    let beat = world.peers[guest].beats.last().unwrap().1;
    assert!(beat.speaks && beat.other_here);
    // The earlier holder is a guest.
    assert!(!world.peers[1].beats.last().unwrap().1.speaks);
    world.peers[1].got.clear();
    world.run(1000);
    assert!(world.peers[1].got.is_empty());
}

#[test]
fn a_promotion_leaves_no_seam_in_numbers_and_time() {
    let mut world = World::new();
    world.enter(1, Seat::Agent, true);
    world.enter(2, Seat::Customer, true);
    let mut guest = Peer::new(3, Seat::Customer, world.now);
    guest.seq_base = 3;
    world.enter_as(guest, 1, false);
    world.run(3000);
    for name in [3, 2, 3] {
        world.promote(Seat::Customer, name);
        world.run(2000);
    }
    let agent = &world.peers[0];
    for got in [agent.video(), agent.audio()] {
        assert!(got.iter().any(|g| g.from == 2) && got.iter().any(|g| g.from == 3));
        assert!(got.iter().all(|g| g.ssrc == got[0].ssrc));
        assert_gapless(&got);
        assert_time_goes_on(&got);
        // Each change of the source begins with a whole picture.
        for pair in got.windows(2).filter(|p| p[0].from != p[1].from) {
            assert!(!pair[1].video || pair[1].keyframe, "{pair:?}");
        }
    }
}

#[test]
fn a_page_that_offers_again_replaces_its_transport_and_resumes() {
    let mut world = World::call();
    world.run(2000);
    world.peers[1].alive = false;
    // What it sent has arrived.
    world.run(100);
    let mut again = Peer::new(2, Seat::Customer, world.now);
    again.at.address.set_port(50_000);
    let again = world.enter_as(again, 1, true);
    world.peers[0].got.clear();
    world.run(2000);
    assert!(world.peers[again].connected);
    assert!(world.peers[again].video().len() > 50);
    let video = world.peers[0].video();
    assert!(video.len() > 50, "{}", video.len());
    assert!(video[0].keyframe);
    assert_gapless(&video);
    assert_eq!(world.sfu.counters().participants, 2);
    assert!(gone(&world).is_empty(), "the page itself is still here");
}

/// The customer's page of the call offers again, from another port.
fn offer_again(world: &mut World) -> usize {
    let mut again = Peer::new(2, Seat::Customer, world.now);
    again.seq_base = 3;
    again.at.address.set_port(50_000);
    world.enter_as(again, 1, true)
}

/// The longest time between two packets of sound, in either connection of the page.
fn longest_pause(got: &[&[Got]]) -> Duration {
    let sound = got.iter().flat_map(|got| got.iter()).filter(|g| !g.video);
    let mut times: Vec<_> = sound.map(|g| g.at).collect();
    times.sort_unstable();
    let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
    pauses.max().unwrap()
}

/// A call that has run for a while, whose customer is this far away.
fn distant_call(delay_ms: u64) -> World {
    let mut world = World::call();
    world.peers[1].up.delay_ms = delay_ms;
    world.peers[1].down.delay_ms = delay_ms;
    world.run(3000);
    for peer in &mut world.peers {
        peer.got.clear();
    }
    world
}

#[test]
fn sound_goes_on_while_a_page_moves_to_its_next_transport() {
    for delay_ms in [10, 150] {
        let mut world = distant_call(delay_ms);
        let again = offer_again(&mut world);
        world.peers[again].up.delay_ms = delay_ms;
        world.peers[again].down.delay_ms = delay_ms;
        assert_eq!(world.sfu.counters().participants, 3);
        world.run(4000);
        let page = [&world.peers[1].got[..], &world.peers[again].got[..]];
        assert!(page.iter().all(|got| !got.is_empty()));
        let (down, up) = (longest_pause(&page), longest_pause(&[&world.peers[0].got]));
        assert!(down.max(up) < Duration::from_millis(60), "{down:?} {up:?}");
        let moved_at = world.peers[again].got[0].at;
        let late = world.peers[1].got.iter().filter(|g| g.at > moved_at);
        assert!(late.count() <= 2, "one transport is sent to at a time");
        assert_eq!(world.sfu.counters().participants, 2);
        assert!(gone(&world).is_empty());
        assert_gapless(&world.peers[0].video());
        assert_gapless(&world.peers[0].audio());
    }
}

#[test]
fn a_page_that_sends_nothing_keeps_two_transports_for_two_seconds() {
    let mut world = World::call();
    let again = offer_again(&mut world);
    world.peers[1].sends = false;
    world.peers[again].sends = false;
    world.run(1500);
    assert_eq!(world.sfu.counters().participants, 3);
    world.run(1000);
    assert_eq!(world.sfu.counters().participants, 2);
    assert!(world.peers[again].beats.last().unwrap().1.speaks);
    assert!(gone(&world).is_empty());
}

#[test]
fn a_transport_whose_successor_ends_goes_on() {
    let mut world = World::call();
    let again = offer_again(&mut world);
    world.peers[again].sends = false;
    world.run(700);
    assert!(world.peers[again].connected);
    let _ = world.peers[again].rtc.close();
    world.drain_peer(again);
    world.run(200);
    world.peers[0].got.clear();
    world.peers[1].got.clear();
    world.run(5000);
    assert_eq!(world.sfu.counters().participants, 2);
    assert!(longest_pause(&[&world.peers[1].got]) < Duration::from_millis(60));
    assert!(longest_pause(&[&world.peers[0].got]) < Duration::from_millis(60));
    assert!(gone(&world).is_empty());
}

#[test]
fn a_successor_that_does_not_connect_costs_the_page_nothing() {
    let mut world = World::call();
    let again = offer_again(&mut world);
    world.peers[again].alive = false;
    world.peers[1].got.clear();
    world.run(20_000);
    assert!(longest_pause(&[&world.peers[1].got]) < Duration::from_millis(60));
    assert_eq!(world.sfu.counters().participants, 2);
    assert!(gone(&world).is_empty());
}

#[test]
fn a_page_whose_transports_both_fail_is_gone_once() {
    let mut world = World::call();
    let again = offer_again(&mut world);
    world.peers[1].alive = false;
    world.peers[again].alive = false;
    world.run(60_000);
    assert_eq!(gone(&world), [(Seat::Customer, page(2))]);
    assert_eq!(world.sfu.counters().participants, 1);
}

#[test]
fn a_page_has_two_transports_at_most() {
    let mut world = World::call();
    for _ in 0..4 {
        let again = offer_again(&mut world);
        world.peers[again].alive = false;
    }
    assert_eq!(world.sfu.counters().participants, 3);
    world.hear(RelayHears::Close {
        session: session(1),
        epoch: 1,
    });
    assert_eq!(world.sfu.counters().participants, 0);
}

#[test]
fn a_page_that_moves_and_loses_its_seat_counts_as_one_guest() {
    let mut world = World::call();
    for name in 3..=5 {
        world.enter(name, Seat::Customer, false);
        world.run(500);
    }
    let again = offer_again(&mut world);
    world.promote(Seat::Customer, 5);
    assert_eq!(world.sfu.counters().participants, 6);
    world.peers[0].got.clear();
    world.run(4000);
    assert!(gone(&world).is_empty(), "three guests have their places");
    assert!(world.peers[again].connected);
    assert!(!world.peers[again].beats.last().unwrap().1.speaks);
    assert_eq!(world.sfu.counters().participants, 5);
    assert!(world.peers[0].got.iter().skip(5).all(|g| g.from == 5));
}

#[test]
fn a_page_may_come_back_from_the_same_address() {
    let mut world = World::call();
    world.peers[1].alive = false;
    let again = Peer::new(2, Seat::Customer, world.now);
    let again = world.enter_as(again, 1, true);
    world.run(2000);
    assert!(world.peers[again].video().len() > 50);
}

#[test]
fn a_repeated_offer_gets_the_same_answer_and_changes_nothing() {
    let mut world = World::call();
    let offer = super::world::offer(&world.peers[1], 1, 1, true);
    let answers: Vec<RelaySays> = (0..2)
        .map(|_| {
            world.hear(offer.clone());
            world.said.pop().unwrap()
        })
        .collect();
    assert!(matches!(answers[0], RelaySays::Answer { .. }));
    assert_eq!(answers[0], answers[1]);
    world.peers[0].got.clear();
    world.run(1000);
    assert!(world.peers[0].video().len() > 50);
}

#[test]
fn a_promotion_before_the_offer_counts() {
    let mut world = World::call();
    world.promote(Seat::Customer, 3);
    let late = world.enter(3, Seat::Customer, false);
    world.run(2000);
    assert!(world.peers[late].beats.last().unwrap().1.speaks);
    assert!(world.peers[late].video().len() > 20);
}

#[test]
fn a_fourth_guest_takes_the_place_of_the_first() {
    let mut world = World::call();
    for name in 3..=6 {
        world.enter(name, Seat::Customer, false);
        world.run(500);
    }
    assert_eq!(gone(&world), [(Seat::Customer, page(3))]);
    assert_eq!(world.sfu.counters().participants, 5);
}

#[test]
fn a_page_that_closes_is_gone_at_once() {
    let mut world = World::call();
    world.peers[1].rtc.close().unwrap();
    world.drain_peer(1);
    world.run(200);
    assert_eq!(gone(&world), [(Seat::Customer, page(2))]);
    world.run(600);
    assert!(!world.peers[0].beats.last().unwrap().1.other_here);
    assert_eq!(world.sfu.counters().participants, 1);
}

#[test]
fn a_page_that_falls_silent_is_gone_within_twenty_seconds() {
    let mut world = World::call();
    world.peers[1].alive = false;
    world.run(13_000);
    assert!(gone(&world).is_empty());
    world.run(7_000);
    assert_eq!(gone(&world), [(Seat::Customer, page(2))]);
}

#[test]
fn a_page_that_never_connects_is_given_up_after_fifteen_seconds() {
    let mut world = World::call();
    let index = world.enter(3, Seat::Customer, false);
    world.peers[index].alive = false;
    world.peers[index].up.cut = true;
    world.run(14_900);
    assert!(gone(&world).is_empty());
    world.run(200);
    assert_eq!(gone(&world), [(Seat::Customer, page(3))]);
}

#[test]
fn an_empty_room_disappears_after_a_minute() {
    let mut world = World::call();
    for index in [0, 1] {
        world.peers[index].rtc.close().unwrap();
        world.drain_peer(index);
    }
    world.run(500);
    assert_eq!(world.sfu.counters().participants, 0);
    assert_eq!(world.sfu.counters().rooms, 1);
    world.run(58_000);
    assert_eq!(world.sfu.counters().rooms, 1);
    world.run(3_000);
    assert_eq!(world.sfu.counters().rooms, 0);
}

#[test]
fn a_closed_session_closes_its_pages_at_once() {
    let mut world = World::call();
    world.hear(RelayHears::Close {
        session: session(1),
        epoch: 1,
    });
    world.run(100);
    assert!(world.peers.iter().all(|p| p.closed));
    assert_eq!(world.sfu.counters().rooms, 0);
    assert_eq!(world.sfu.counters().participants, 0);
}

/// Security finding 14: the page that was displaced was seen again, until the beats mended it.
#[test]
fn finding_14_promotions_in_swapped_order_leave_the_seat_to_the_newer_holder() {
    let mut world = World::call();
    let taker = world.enter(3, Seat::Customer, false);
    world.run(1000);
    let promote = |name: u8, since| RelayHears::Promote {
        session: session(1),
        epoch: 1,
        seat: Seat::Customer,
        page: page(name),
        since,
    };
    world.hear(promote(3, 9));
    world.hear(promote(2, 5));
    let speaks = |world: &mut World, peer: usize| {
        world.run(1000);
        world.peers[peer].beats.last().unwrap().1.speaks
    };
    assert!(speaks(&mut world, taker) && !speaks(&mut world, 1));
    // A host of the version before does not count: the newest word counts.
    world.hear(promote(2, 0));
    assert!(speaks(&mut world, 1) && !speaks(&mut world, taker));
    world.hear(promote(3, 9));
    assert!(speaks(&mut world, taker));
}

#[test]
fn finding_14_a_late_offer_of_the_earlier_holder_enters_as_a_guest() {
    let mut world = World::call();
    let taker = world.enter(3, Seat::Customer, false);
    world.run(1000);
    world.hear(RelayHears::Promote {
        session: session(1),
        epoch: 1,
        seat: Seat::Customer,
        page: page(3),
        since: 9,
    });
    let mut late = offer(&Peer::new(2, Seat::Customer, world.now), 1, 2, true);
    if let RelayHears::Offer { since, .. } = &mut late {
        *since = 5;
    }
    world.hear(late);
    world.run(2000);
    assert!(world.peers[taker].beats.last().unwrap().1.speaks);
    world.peers[0].got.clear();
    world.run(1000);
    assert!(world.peers[0].got.iter().all(|got| got.from == 3));
}
