use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};

use super::*;

const TEXT: OpCode = OpCode::Data(Data::Text);
const MORE: OpCode = OpCode::Data(Data::Continue);
const PING: OpCode = OpCode::Control(Control::Ping);

/// A frame as the library of the client writes it.
fn frame(opcode: OpCode, last: bool, length: usize) -> Vec<u8> {
    let header = FrameHeader {
        is_final: last,
        opcode,
        mask: Some([1, 2, 3, 4]),
        ..FrameHeader::default()
    };
    let mut bytes = Vec::new();
    Frame::from_payload(header, vec![b'x'; length].into())
        .format(&mut bytes)
        .unwrap();
    bytes
}

#[test]
fn frames_are_found_however_the_bytes_are_cut() {
    let lengths = [0, 1, 125, 126, 127, 65_535, 65_536];
    let all = lengths.map(|length| frame(TEXT, true, length));
    let whole = all.concat();
    for size in [1, 2, 3, 5, 7, 13, 125, 4_096, whole.len()] {
        let mut frames = Frames::new();
        let found = whole.chunks(size).map(|cut| frames.pass(cut).frames);
        assert_eq!(found.sum::<u64>(), all.len() as u64, "cut at {size}");
        assert!(frames.is_between());
    }
    // Without a mask, which the library refuses later.
    let mut frames = Frames::new();
    let bare = [0x81, 0, 0x81, 1, b'x', 0x81, 126, 0, 1, b'x'];
    assert_eq!(frames.pass(&bare).frames, 3);
    assert!(frames.is_between());
}

#[test]
fn a_message_is_unfinished_up_to_its_last_byte_whatever_comes_between() {
    let mut watch = Watch::new(0);
    assert_eq!(watch.due_ms(), None);
    let first = frame(TEXT, false, 5);
    watch.read(&first[..1], 100).unwrap();
    assert_eq!(watch.due_ms(), Some(10_100), "one byte is a beginning");
    watch.read(&first[1..], 200).unwrap();
    watch.read(&frame(PING, true, 4), 300).unwrap();
    watch.read(&frame(MORE, false, 0), 400).unwrap();
    assert_eq!(watch.due_ms(), Some(10_100), "neither ends it");
    assert_eq!(watch.read(&[0x80], 10_099), Ok(()));
    assert_eq!(watch.read(&[0x80], 10_100), Err(Overrun::Unfinished));

    let mut watch = Watch::new(0);
    watch.read(&first, 0).unwrap();
    let two = [frame(MORE, true, 1), frame(TEXT, false, 1)].concat();
    watch.read(&two, 9_000).unwrap();
    assert_eq!(watch.due_ms(), Some(19_000), "another one has begun");
    watch.read(&frame(MORE, true, 0), 18_000).unwrap();
    assert_eq!(watch.due_ms(), None);
}

#[test]
fn bytes_frames_and_reads_are_limited_each() {
    let text = |length| frame(TEXT, true, length);
    let reads = |bytes: &[u8], at_ms: fn(u64) -> u64| {
        let mut watch = Watch::new(0);
        (0..1_000_000_u64).find(|count| watch.read(bytes, at_ms(*count)).is_err())
    };
    // At once.
    let long = text(24 * 1024);
    let fits = BYTES_BURST / long.len() as u64;
    assert_eq!(reads(&long, |_| 0), Some(fits));
    assert_eq!(reads(&text(0), |_| 0), Some(FRAMES_BURST));
    let empty: Vec<u8> = std::iter::repeat_n(frame(MORE, false, 0), 600)
        .flatten()
        .collect();
    assert_eq!(reads(&empty, |_| 0), Some(0), "many in one read");
    let mut watch = Watch::new(0);
    watch.read(&text(65_536)[..20], 0).unwrap();
    let dribble = (0..100_000_u64).find(|_| watch.read(b"x", 0).is_err());
    assert_eq!(dribble, Some(READS_BURST - 1));
    // Messages at their own highest rate may go on for ever.
    assert_eq!(reads(&text(4 * 1024), |count| count * 34), None);
}
