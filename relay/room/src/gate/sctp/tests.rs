use super::*;

fn packet(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    for chunk in chunks {
        bytes.extend(chunk);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

fn chunk(kind: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap().to_be_bytes();
    [&[kind, 0], length.as_slice(), value].concat()
}

/// DATA with so many bytes of a user.
fn data(tsn: u32, stream: u16, bytes: usize) -> Vec<u8> {
    let mut value = tsn.to_be_bytes().to_vec();
    value.extend(stream.to_be_bytes());
    value.extend([0; 6]);
    value.resize(12 + bytes, b'x');
    chunk(DATA, &value)
}

fn sack(tsn: u32, window: u32) -> Vec<u8> {
    let numbers = [tsn.to_be_bytes(), window.to_be_bytes(), [0; 4]];
    packet(&[chunk(SACK, &numbers.concat())])
}

fn init(tag: u32) -> Vec<u8> {
    packet(&[chunk(INIT, &[tag.to_be_bytes(), [0; 4]].concat())])
}

#[test]
fn finding_2c_thirty_two_streams_go_on_and_every_further_one_is_held_back() {
    let mut gate = SctpGate::default();
    let mut let_in = 0;
    for stream in 0..=u16::MAX {
        let_in += u32::from(gate.admits(&packet(&[data(u32::from(stream), stream, 1)])));
    }
    assert_eq!(let_in, 32);
    assert!(gate.admits(&packet(&[data(7, 31, 100)])), "a known one");
    let both = packet(&[data(8, 31, 1), data(9, 32, 1)]);
    assert!(!gate.admits(&both), "a packet goes as a whole");
    let mut skip = vec![0; 4];
    skip.extend([0, 40, 0, 0]);
    assert!(!gate.admits(&packet(&[chunk(FORWARD_TSN, &skip)])));
    skip[5] = 31;
    assert!(gate.admits(&packet(&[chunk(FORWARD_TSN, &skip)])));
}

#[test]
fn a_reset_names_known_streams_and_there_are_not_many() {
    let mut gate = SctpGate::default();
    let reset = |stream: u8| {
        let mut value = vec![0, 13, 0, 18];
        value.extend([0; 12]);
        value.extend([0, stream]);
        packet(&[chunk(RECONFIG, &value)])
    };
    let let_in = (0..=u8::MAX).filter(|stream| gate.admits(&reset(*stream)));
    assert_eq!(let_in.count(), STREAMS_MAX);
    assert!(!gate.admits(&reset(0)), "256 were asked for");
}

#[test]
fn finding_2d_an_association_begins_a_few_times_and_may_repeat_itself() {
    let mut gate = SctpGate::default();
    let let_in = (1..=100_000).filter(|tag| gate.admits(&init(*tag)));
    assert_eq!(let_in.count(), TAGS_MAX);
    for _ in 0..1_000 {
        assert!(gate.admits(&init(1)));
    }
}

#[test]
fn what_waits_behind_a_gap_is_bounded_and_what_fills_it_passes() {
    let mut gate = SctpGate::default();
    gate.note_sent(&sack(u32::MAX - 10, 1 << 20));
    // The next one, TSN 2^32 - 10, is missing.
    let from = u32::MAX - 8;
    let ahead = (0..10_000).filter(|n| gate.admits(&packet(&[data(from.wrapping_add(*n), 1, 1)])));
    assert_eq!(ahead.count(), AHEAD_MAX as usize - 1);
    assert!(gate.admits(&packet(&[data(u32::MAX - 9, 1, 1)])));
    gate.note_sent(&sack(1_000, 1 << 20));
    assert!(gate.admits(&packet(&[data(2_000, 1, 1)])));
}

#[test]
fn messages_that_never_end_are_bounded_by_what_they_cost() {
    let mut gate = SctpGate::default();
    let window = 1 << 20;
    gate.note_sent(&sack(0, window));
    let mut taken = 0;
    // One byte in each packet of 1,200, in order: the association's own window hardly shrinks.
    for tsn in 1..100_000 {
        let padding = chunk(4, &[0; 1_150]);
        taken += usize::from(gate.admits(&packet(&[data(tsn, 1, 1), padding])));
        gate.note_sent(&sack(
            tsn.min(u32::try_from(taken).unwrap()),
            window - 3_000,
        ));
    }
    assert!((1_000..2_000).contains(&taken), "{taken} packets");
    let next = u32::try_from(taken).unwrap() + 1;
    assert!(!gate.admits(&packet(&[data(next, 1, 1)])));
    gate.note_sent(&sack(next - 1, window - 2_000));
    assert!(
        gate.admits(&packet(&[data(next, 1, 1)])),
        "nothing waits any more"
    );
}

#[test]
fn a_packet_full_of_the_shortest_chunks_passes_and_one_of_more_does_not() {
    let mut gate = SctpGate::default();
    let shortest: Vec<_> = (0..59).map(|tsn| data(tsn, 1, 1)).collect();
    let full = packet(&shortest);
    assert!(full.len() <= 1_200 && gate.admits(&full));
    assert!(!gate.admits(&packet(&vec![chunk(4, &[]); CHUNKS_MAX + 1])));
}

#[test]
fn bytes_that_end_anywhere_are_harmless() {
    let whole = packet(&[data(1, 1, 5), chunk(RECONFIG, &[0, 13, 0, 3]), init(1)]);
    for length in 0..whole.len() {
        let mut gate = SctpGate::default();
        gate.admits(&whole[..length]);
        gate.note_sent(&whole[..length]);
    }
    let mut seed = 1_u32;
    let mut gate = SctpGate::default();
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..40)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        gate.admits(&bytes);
        gate.note_sent(&bytes);
    }
    assert!(gate.streams.len() <= STREAMS_MAX && gate.tags.len() <= TAGS_MAX);
}
