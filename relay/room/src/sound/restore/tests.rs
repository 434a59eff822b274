use std::collections::BTreeSet;

use super::super::red::{Read, Sent};
use super::*;
use crate::tests::world::Chance;

const STEP: u32 = 960;

/// The frame of a number, as its sender made it.
fn frame(n: u64) -> Vec<u8> {
    [&n.to_be_bytes()[..], &[9; 60]].concat()
}

fn time(n: u64) -> u32 {
    // Wraps around at the eleventh frame.
    (n as u32).wrapping_mul(STEP).wrapping_sub(10 * STEP)
}

/// Gives packets of RED to the relay, each with the frames this far before it. Returns the numbers
/// of what is forwarded.
fn forwarded(packets: &[u64], distances: &[u64]) -> Vec<u64> {
    let mut arrived = Arrived::default();
    let mut forwarded = vec![];
    for n in packets {
        let earlier: Vec<_> = distances.iter().map(|back| frame(n - back)).collect();
        let times = distances.iter().map(|back| *back as u32 * STEP);
        let own = frame(*n);
        let read = Read {
            earlier: times.zip(&earlier).map(|(at, f)| (at, &**f)).collect(),
            newest: &own,
        };
        let taken = arrived.wrapped(*n, time(*n), &read);
        for got in taken.restored.iter().chain(&taken.own) {
            assert_eq!((got.time, &*got.payload), (time(got.seq), &*frame(got.seq)));
            forwarded.push(got.seq);
        }
    }
    forwarded
}

/// The cases of GStreamer's `tests/check/elements/rtpred.c`: an earlier frame one to four packets
/// back, after a loss of as many, and packets that restore nothing.
#[test]
fn a_frame_is_restored_from_any_distance() {
    for back in 1..=4 {
        let packets = [20, 20 + back + 1];
        let expected = [20, 21, 20 + back + 1];
        assert_eq!(forwarded(&packets, &[back]), expected, "{back} back");
    }
    assert_eq!(forwarded(&[20], &[1]), [20], "nothing is known before it");
    assert_eq!(forwarded(&[20, 21], &[1]), [20, 21]);
    assert_eq!(forwarded(&[20, 22], &[4, 3]), [20, 22], "before the hole");
}

#[test]
fn several_frames_come_back_in_their_order_and_before_the_packet() {
    assert_eq!(forwarded(&[20, 24], &[3, 2, 1]), [20, 21, 22, 23, 24]);
    assert_eq!(forwarded(&[20, 25], &[3, 2, 1]), [20, 22, 23, 24, 25]);
    assert_eq!(forwarded(&[20, 24], &[1, 2, 3]), [20, 21, 22, 23, 24]);
    // The second is restored from a packet later than the next.
    assert_eq!(forwarded(&[20, 22, 23], &[2]), [20, 22, 21, 23]);
}

#[test]
fn what_comes_late_or_again_is_not_forwarded_twice() {
    assert_eq!(forwarded(&[20, 22, 21, 22, 23], &[1]), [20, 21, 22, 23]);
    assert_eq!(forwarded(&[20, 23, 22, 21], &[1]), [20, 22, 23, 21]);
    let late = 20 + KEPT as u64;
    assert_eq!(forwarded(&[20, late, 20], &[]), [20, late]);
}

#[test]
fn holes_with_frames_at_uneven_times_are_filled_only_where_the_place_is_certain() {
    let mut arrived = Arrived::default();
    let mut at = |seq, time, distances: &[u32]| {
        let read = Read {
            earlier: distances.iter().map(|d| (*d, &[1][..])).collect(),
            newest: &[2],
        };
        let taken = arrived.wrapped(seq, time, &read);
        taken.restored.iter().map(|f| f.seq).collect::<Vec<_>>()
    };
    assert!(at(10, 0, &[]).is_empty());
    // Silence for a second: one packet is missing, and its frame is somewhere between.
    assert_eq!(at(12, 48_000, &[960]), [11]);
    // Two packets are missing.
    assert!(at(15, 96_000, &[960]).is_empty());
    // No time between two packets, or one that goes back.
    assert!(at(17, 96_000, &[960]).is_empty());
    assert!(at(20, 95_000, &[960, 1]).is_empty());
}

#[test]
fn another_stream_begins_anew() {
    let mut arrived = Arrived::default();
    let mut is_new = |ssrc: u32, seq| {
        arrived.follow(ssrc.into());
        arrived
            .plain(seq, 0, &Arc::from([1].as_slice()))
            .own
            .is_some()
    };
    assert!(is_new(1, 500));
    assert!(!is_new(1, 500) && !is_new(1, 20));
    assert!(is_new(2, 20));
}

/// Whatever is lost, overtaken or repeated: each frame is forwarded as it was made, at most once,
/// and without overtaking in order; a frame is missing only if it was lost with all that carry it.
#[test]
fn any_loss_is_repaired_as_far_as_its_frames_arrive() {
    let mut chance = Chance::from_env();
    for round in 0..600_u64 {
        let levels = 1 + round % 3;
        let loss = chance.below(40);
        let overtakes = round % 2 == 1;
        let mut packets: Vec<u64> = (1..=300)
            .map(|n| 1_000 + n)
            .filter(|n| *n == 1_001 || chance.below(100) >= loss)
            .collect();
        if overtakes {
            for at in 1..packets.len() - 1 {
                match chance.below(10) {
                    0 => packets.swap(at, at + 1),
                    1 => packets.insert(at, packets[at]),
                    _ => {}
                }
            }
        }
        let distances: Vec<u64> = (1..=levels).rev().collect();
        let forwarded = forwarded(&packets, &distances);
        let distinct: BTreeSet<u64> = forwarded.iter().copied().collect();
        assert_eq!(distinct.len(), forwarded.len(), "never twice");
        assert!(overtakes || forwarded.is_sorted(), "in order");
        let came: BTreeSet<u64> = packets.iter().copied().collect();
        assert!(came.is_subset(&distinct));
        for n in 1_001..=*came.last().unwrap() {
            let carried = (n..=n + levels).any(|by| came.contains(&by));
            assert_eq!(distinct.contains(&n), carried, "frame {n} of {packets:?}");
        }
    }
}

/// What a sender wraps, the relay unwraps as the same.
#[test]
fn what_is_sent_wrapped_arrives_through_loss() {
    let mut chance = Chance::from_env();
    let (mut sent, mut arrived) = (Sent::default(), Arrived::default());
    let mut got = vec![];
    for n in 0..1_000_u64 {
        let payload = sent.wrap(time(n), &Arc::from(frame(n)), 111.into(), 3);
        if n > 0 && chance.below(100) < 20 {
            continue;
        }
        let payload = payload.unwrap();
        let read = red::read(&payload, 111.into()).unwrap();
        let taken = arrived.wrapped(n, time(n), &read);
        got.extend(taken.restored.into_iter().chain(taken.own));
    }
    assert!(got.is_sorted_by_key(|frame| frame.seq));
    assert!(got.iter().all(|f| *f.payload == frame(f.seq)));
    println!("{} of 1,000 frames", got.len());
    assert!(got.len() > 990);
}
