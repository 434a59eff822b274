use str0m::rtp::{RedEncoder, RedundantBlock};

use super::*;
use crate::tests::world::Chance;

fn pt() -> Pt {
    111.into()
}

/// A payload that Chromium sent: one earlier frame of 63 bytes, 20 ms before the newest. It is a
/// sample of werift's tests (`packages/rtp/tests/rtp/red/packet.test.ts`).
const CHROMIUM: [u8; 135] = [
    225, 15, 0, 63, 97, 104, 29, 208, 3, 229, 100, 178, 181, 120, 210, 6, 26, 63, 88, 4, 202, 114,
    88, 47, 248, 131, 53, 242, 84, 122, 134, 206, 16, 87, 131, 234, 51, 221, 129, 140, 225, 63,
    226, 208, 120, 116, 106, 20, 10, 249, 73, 2, 61, 25, 68, 227, 141, 50, 78, 101, 154, 169, 3,
    98, 245, 13, 85, 101, 104, 27, 123, 174, 111, 77, 149, 222, 113, 40, 46, 234, 198, 124, 168,
    82, 102, 226, 57, 199, 228, 196, 185, 218, 186, 217, 221, 186, 160, 126, 182, 107, 220, 62, 55,
    2, 213, 131, 220, 216, 47, 239, 131, 139, 188, 25, 246, 91, 24, 61, 132, 81, 243, 252, 225,
    123, 99, 43, 242, 142, 217, 186, 48, 225, 252, 195, 205,
];

#[test]
fn a_browsers_payload_is_read_and_written_as_the_same() {
    let pt = 97.into();
    let read = read(&CHROMIUM, pt).unwrap();
    assert_eq!(read.earlier, [(960, &CHROMIUM[5..68])]);
    assert_eq!(read.newest, &CHROMIUM[68..]);
    let mut sent = Sent::default();
    // The clock wraps around between the two.
    let earlier = u32::MAX - 100;
    let first = sent.wrap(earlier, &Arc::from(&CHROMIUM[5..68]), pt, 1);
    assert_eq!(first.unwrap()[..6], [97, 104, 29, 208, 3, 229]);
    let newest = Arc::from(read.newest);
    let second = sent.wrap(earlier.wrapping_add(960), &newest, pt, 1);
    assert_eq!(*second.unwrap(), CHROMIUM);
}

#[test]
fn another_writer_writes_the_same() {
    let mut chance = Chance::from_env();
    for _ in 0..2_000 {
        let levels = 1 + chance.below(3) as usize;
        let step = 1 + chance.below(4) as u32 * 480;
        let mut sent = Sent::default();
        let mut frames = vec![];
        for n in 0..=levels as u32 {
            let bytes = vec![n as u8; 1 + chance.below(200) as usize];
            let time = n.wrapping_mul(step);
            let written = sent.wrap(time, &Arc::from(&*bytes), pt(), levels).unwrap();
            let blocks: Vec<_> = frames
                .iter()
                .map(|(at, payload): &(u32, Vec<u8>)| RedundantBlock {
                    pt: 111,
                    timestamp_offset: time - at,
                    payload: payload.clone(),
                })
                .collect();
            assert_eq!(*written, RedEncoder::encode(111, &bytes, &blocks));
            frames.push((time, bytes));
        }
    }
}

#[test]
fn what_a_header_cannot_tell_or_a_datagram_not_hold_is_left_out() {
    let frame = |bytes: usize| Arc::from(vec![7; bytes]);
    let earlier = |sent: &mut Sent, time, bytes| {
        let written = sent.wrap(time, &frame(bytes), pt(), 3).unwrap();
        assert!(written.len() <= BYTES_MAX, "{}", written.len());
        read(&written, pt()).unwrap().earlier.len()
    };
    let mut sent = Sent::default();
    assert_eq!(earlier(&mut sent, 0, 10), 0);
    assert_eq!(earlier(&mut sent, DISTANCE_MAX, 10), 1);
    assert_eq!(earlier(&mut sent, DISTANCE_MAX + 1, 10), 1);
    let mut sent = Sent::default();
    assert_eq!(
        [0, 1, 2, 3].map(|n| earlier(&mut sent, n, 300)),
        [0, 1, 2, 2]
    );
    assert!(sent.wrap(4, &frame(BYTES_MAX), pt(), 3).is_none());
    assert_eq!(sent.wrap(5, &frame(10), pt(), 0), None);
}

#[test]
fn a_late_frame_carries_none_after_it_and_does_not_take_its_place_again() {
    let frame = |n: u8| Arc::from([n].as_slice());
    let mut sent = Sent::default();
    for n in [1, 2, 4] {
        sent.wrap(960 * u32::from(n), &frame(n), pt(), 2);
    }
    let late = sent.wrap(960 * 3, &frame(3), pt(), 2).unwrap();
    let told = |payload: &[u8]| read(payload, pt()).unwrap().earlier.len();
    assert_eq!(told(&late), 1);
    let next = sent.wrap(960 * 5, &frame(5), pt(), 3).unwrap();
    let distances = read(&next, pt()).unwrap().earlier;
    assert_eq!(
        distances.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [3840, 2880, 960]
    );
}

#[test]
fn malformed_payloads_are_refused() {
    let cases: [&[u8]; 9] = [
        &[],
        // A header of an earlier frame that is cut, or without one after it.
        &[0xef],
        &[0xef, 15, 0],
        &[0xef, 15, 0, 2],
        // Longer than what follows.
        &[0xef, 15, 0, 2, 111, 9],
        // Nothing of its own.
        &[111],
        &[0xef, 15, 0, 1, 111, 9],
        // Of another codec.
        &[0, 9, 9],
        &[0xef, 15, 0, 1, 0, 9, 9],
    ];
    for case in cases {
        assert_eq!(read(case, pt()), None, "{case:?}");
    }
    // 33 headers.
    let many = [[0xef, 15, 0, 0].repeat(33), vec![111, 9]].concat();
    assert_eq!(read(&many, pt()), None);
    // An earlier frame of another codec, an empty one, and one of no distance are left out.
    let odd = [0x80, 15, 0, 1, 0xef, 15, 0, 0, 0xef, 0, 0, 1, 111, 1, 2, 3];
    let read = read(&odd, pt()).unwrap();
    assert_eq!((read.earlier, read.newest), (vec![], [3].as_slice()));
}
