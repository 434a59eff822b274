//! A fuzz target for each parser of outsiders' bytes: see `tests/fuzz/README.md`.

use std::cell::RefCell;
use std::net::SocketAddr;

use sightline_wire::{CHANNEL_MESSAGE_BYTES_MAX, RelayHears, Sdp, Seat};

use crate::tests::smuggler;
use crate::tests::world::{World, page, session};

/// Datagrams after which time passes, so that endpoints answer and pages notice an end. More of
/// them would be beyond what a page may send.
const DATAGRAMS_AT_ONCE: u32 = 4;

/// An offer of a page. Whatever it is, the relay answers at most once.
pub fn offer(bytes: &[u8]) {
    thread_local! {
        static RELAY: RefCell<Option<(World, u32)>> = const { RefCell::new(None) };
    }
    let Some(sdp) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| Sdp::new(text.to_owned()).ok())
    else {
        return;
    };
    RELAY.with_borrow_mut(|relay| {
        let (world, epoch) = relay.get_or_insert_with(|| (World::new(), 0));
        *epoch += 1;
        let session = session(1);
        world.hear(RelayHears::Offer {
            session,
            epoch: *epoch,
            seat: Seat::Customer,
            page: page(1),
            attempt: 1,
            speaks: true,
            since: 0,
            sdp,
        });
        assert!(world.said.len() <= 1, "{:?}", world.said);
        world.hear(RelayHears::Close {
            session,
            epoch: *epoch,
        });
        world.run(1_000);
        world.said.clear();
        assert_eq!(
            world.sfu.counters().rooms_panicked,
            0,
            "an offer ended a room"
        );
    });
}

/// A datagram of an address that belongs to nobody.
pub fn stranger(bytes: &[u8]) {
    in_a_call(|call| {
        let source = SocketAddr::from(([192, 0, 2, 66], 6_666));
        let sent = call.world.throw(source, bytes);
        // A page's own check, sent again from elsewhere, is answered: its password is right.
        assert!(sent <= 1, "{sent} datagrams for one of a stranger");
        call.let_time_pass();
    });
}

/// A datagram that comes from the address of a page in a call.
pub fn established(bytes: &[u8]) {
    in_a_call(|call| {
        let customer = call.world.peers.last().expect("a call has two pages");
        let source = customer.at.address;
        call.world.throw(source, bytes);
        call.let_time_pass();
    });
}

/// A message of a page on a data channel: the first byte chooses the channel and the kind.
pub fn channel_message(bytes: &[u8]) {
    let Some((which, message)) = bytes.split_first() else {
        return;
    };
    if message.is_empty() || message.len() > CHANNEL_MESSAGE_BYTES_MAX {
        return;
    }
    in_a_call(|call| {
        call.world.write(1, which & 1 == 0, which & 2 == 0, message);
        // Slower than any limit on messages.
        call.world.run(20);
    });
}

/// A packet of SCTP of a page in a call, within its encryption: the chunks after the header.
pub fn sctp(bytes: &[u8]) {
    in_a_call(|call| {
        smuggler::send_chunks(bytes);
        // Slower than the limit on records.
        call.world.run(4);
    });
}

/// A report of RTCP of a page in a call, within its encryption: what follows its first eight bytes.
pub fn rtcp(bytes: &[u8]) {
    in_a_call(|call| {
        smuggler::send_report(bytes);
        // Reports are sent ten times a second.
        call.world.run(100);
    });
}

/// Packets of RED of a page that speaks.
pub fn red(bytes: &[u8]) {
    crate::sound::hostile(bytes);
}

/// A call, and how many datagrams came since time passed.
struct Call {
    world: World,
    untimely: u32,
}

impl Call {
    fn let_time_pass(&mut self) {
        self.untimely += 1;
        if self.untimely >= DATAGRAMS_AT_ONCE {
            self.untimely = 0;
            self.world.run(5);
        }
    }
}

/// Runs in the call of this thread. A room must not panic; the call may end, and another begins.
fn in_a_call(target: impl FnOnce(&mut Call)) {
    thread_local! {
        static CALL: RefCell<Option<Call>> = const { RefCell::new(None) };
    }
    CALL.with_borrow_mut(|call| {
        let begun = call.get_or_insert_with(|| Call {
            world: World::call_with_smuggler(),
            untimely: 0,
        });
        target(begun);
        let world = &begun.world;
        assert_eq!(
            world.sfu.counters().rooms_panicked,
            0,
            "a page ended a room"
        );
        if world.sfu.counters().participants < 2 || world.peers.iter().any(|peer| peer.closed) {
            *call = None;
        }
    });
}

#[cfg(test)]
#[path = "../../../tests/fuzz/engine.rs"]
mod engine;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::engine::fuzz;
    use super::*;

    #[test]
    fn offers_hold() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/offers");
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "sdp"))
            .collect();
        paths.sort();
        let corpus: Vec<_> = paths
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect();
        fuzz("offer", &corpus, offer);
    }

    /// What two pages send while their call begins and runs: STUN, DTLS, SRTP and SRTCP.
    fn datagrams(is_wanted: impl Fn(u8) -> bool) -> Vec<Vec<u8>> {
        let mut world = World::new();
        world.keep = true;
        world.enter(1, Seat::Agent, true);
        world.enter(2, Seat::Customer, true);
        world.run(1_500);
        let kept = world.kept.into_iter();
        kept.filter(|bytes| is_wanted(bytes[0]))
            .step_by(3)
            .take(80)
            .collect()
    }

    #[test]
    fn stun_holds() {
        fuzz("stranger", &datagrams(|first| first < 4), stranger);
    }

    #[test]
    fn datagrams_of_an_established_peer_hold() {
        fuzz("established", &datagrams(|first| first >= 20), established);
    }

    #[test]
    fn sctp_holds() {
        smuggler::listen();
        let mut world = World::call_with_smuggler();
        for n in 0..4 {
            world.write(1, n % 2 == 0, n < 2, &vec![b'a'; 700 * n + 1]);
            world.run(50);
        }
        let mut corpus = smuggler::heard();
        assert!(corpus.len() > 4, "an association has a beginning");
        corpus.extend([
            // FORWARD-TSN, RECONFIG that resets streams, I-DATA, ERROR, ABORT, HEARTBEAT, SHUTDOWN.
            vec![192, 0, 0, 12, 0, 0, 0, 9, 0, 1, 0, 2],
            vec![
                130, 0, 0, 24, 0, 13, 0, 20, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 0, 2,
            ],
            vec![
                64, 3, 0, 24, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 51, 1, 2, 3, 4,
            ],
            vec![9, 0, 0, 8, 0, 1, 0, 4],
            vec![6, 0, 0, 4],
            vec![4, 0, 0, 12, 0, 1, 0, 8, 1, 2, 3, 4],
            vec![7, 0, 0, 8, 0, 0, 0, 1],
        ]);
        fuzz("sctp", &corpus, sctp);
    }

    #[test]
    fn rtcp_holds() {
        let corpus = [
            // A generic NACK, a picture loss, a REMB, feedback of the transport, a sender's report.
            vec![0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 9, 0xff, 0xff],
            vec![0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
            vec![
                0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 1, 9, 9, 9, 0, 0,
                0, 2,
            ],
            vec![
                0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 9, 0, 4, 0, 0, 9, 1, 0x20, 4, 1, 1, 1,
                1,
            ],
            [&[0x80, 200, 0, 6][..], &[0; 24]].concat(),
            [&[0x81, 201, 0, 7][..], &[1; 28]].concat(),
            [&[0x81, 202, 0, 3, 0, 0, 0, 1, 1, 4][..], b"abcd\0\0"].concat(),
            vec![0x81, 203, 0, 1, 0, 0, 0, 1],
            vec![
                0x80, 207, 0, 4, 0, 0, 0, 1, 4, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8,
            ],
        ];
        fuzz("rtcp", &corpus, rtcp);
    }

    #[test]
    fn red_holds() {
        // Pieces: two bytes for number and time, then a payload with one or three earlier frames.
        let one = [0x6f, 111, 1, 15, 0, 63];
        let corpus = [
            vec![1, 120, 111, 9, 9, 0xff, 2, 120, 0xef, 15, 0, 1, 111, 8, 9],
            [
                &[1, 120, 111, 7, 0xff, 4, 120][..],
                &[0xef, 45, 0, 1, 0xef, 30, 0, 1],
                &[0xef, 15, 0, 1, 111, 1, 2, 3, 4],
            ]
            .concat(),
            [
                &[1, 0][..],
                &one,
                &[0xff, 0xfe, 3],
                &one,
                &[0xff, 0x81, 1, 111, 1],
            ]
            .concat(),
        ];
        fuzz("red", &corpus, red);
    }

    #[test]
    fn channel_messages_hold() {
        let messages: [&[u8]; 5] = [
            br#"{"type":"beat","n":1}"#,
            br#"{"topic":"annotation","type":"passing","kind":"ink","stroke":1,"points":[1,2,3,4]}"#,
            b"\0\0\0\x2a",
            &[0xff; 300],
            &[b'a'; 16_000],
        ];
        let each = |which: u8| {
            messages
                .iter()
                .map(move |message| [&[which], *message].concat())
        };
        let corpus: Vec<_> = (0..4).flat_map(each).collect();
        fuzz("channel_message", &corpus, channel_message);
    }
}
