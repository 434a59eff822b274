//! Connections of this machine; time is told.

use std::time::Duration;

use sightline_room::{Protocol, Transmit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::socket::{Places, bind_tcp};

/// What may take so long on a busy machine.
const SOON: Duration = Duration::from_secs(10);

struct House {
    streams: Streams,
    at: SocketAddr,
    began: Instant,
    known: Vec<SocketAddr>,
}

impl House {
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning; from here on time moves when told"
    )]
    fn open() -> Self {
        let listeners = bind_tcp(Places {
            listen: &["127.0.0.1:0".parse().unwrap()],
            announce: None,
            learn: false,
        });
        let streams = Streams::new(listeners.unwrap()).unwrap();
        Self {
            at: streams.names[0].destination(),
            streams,
            began: Instant::now(),
            known: Vec::new(),
        }
    }

    /// Connects and waits until that is known here.
    async fn connect(&mut self, at_ms: u64) -> TcpStream {
        let before = self.streams.ids;
        let stream = TcpStream::connect(self.at).await.unwrap();
        while self.streams.ids == before {
            assert!(self.next(at_ms).await.is_none(), "nothing was said yet");
        }
        stream
    }

    /// The next datagram, or nothing where something else happened.
    async fn next(&mut self, at_ms: u64) -> Option<Frame> {
        tokio::time::timeout(SOON, self.streams.ready())
            .await
            .expect("something happens");
        let now = self.began + Duration::from_millis(at_ms);
        let known = self.known.clone();
        let event = self.streams.take(now, |at| known.contains(&at));
        event.flatten()
    }

    async fn hear(&mut self) -> Frame {
        loop {
            if let Some(frame) = self.next(0).await {
                return frame;
            }
        }
    }

    fn look(&mut self, at_ms: u64) {
        let now = self.began + Duration::from_millis(at_ms);
        let known = self.known.clone();
        self.streams.look(now, |address| known.contains(&address));
    }

    fn send(&self, to: SocketAddr, bytes: &[u8]) -> bool {
        self.streams.send(&Transmit {
            proto: Protocol::Tcp,
            source: self.at,
            destination: to,
            contents: bytes.to_vec().into(),
        })
    }
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    let read = tokio::time::timeout(SOON, stream.read(&mut [0; 16])).await;
    matches!(read.expect("it ends"), Ok(0) | Err(_))
}

/// Whether it can still be spoken on: what is said arrives.
async fn is_open(house: &mut House, stream: &mut TcpStream) -> bool {
    let from = stream.local_addr().unwrap();
    stream.write_all(&[0, 1, 42]).await.unwrap();
    let heard = house.hear().await;
    heard.source == from && heard.bytes == [42]
}

#[tokio::test]
async fn datagrams_arrive_as_they_were_however_they_are_cut() {
    let mut house = House::open();
    let mut stream = house.connect(0).await;
    stream.set_nodelay(true).unwrap();
    let longest = vec![7; usize::from(FRAME_BYTES_MAX)];
    let said: [&[u8]; 4] = [b"one", b"", b"three", &longest];
    let bytes: Vec<u8> = said.iter().flat_map(|said| framed(said).unwrap()).collect();
    // All at once, then in pieces of three bytes.
    for pieces in [bytes.len(), 3] {
        let writing = async {
            for piece in bytes.chunks(pieces) {
                stream.write_all(piece).await.unwrap();
            }
        };
        let hearing = async {
            let mut heard = Vec::new();
            for _ in said {
                heard.push(house.hear().await);
            }
            heard
        };
        let ((), heard) = tokio::join!(writing, hearing);
        for (heard, said) in heard.iter().zip(said) {
            assert_eq!(heard.bytes, said);
            assert_eq!(heard.destination, house.at);
            assert_eq!(heard.source, stream.local_addr().unwrap());
        }
    }
}

#[tokio::test]
async fn answers_find_the_connection_of_whom_they_are_for() {
    let mut house = House::open();
    let mut streams = [house.connect(0).await, house.connect(0).await];
    for (number, stream) in (0..).zip(&streams) {
        assert!(house.send(stream.local_addr().unwrap(), &[number; 300]));
    }
    for (number, stream) in (0..).zip(&mut streams) {
        let mut read = [0; 302];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!((&read[..2], &read[2..]), (&[1, 44][..], &[number; 300][..]));
    }
    let nobody = "127.0.0.1:1".parse().unwrap();
    assert!(!house.send(nobody, b"lost"));
}

#[tokio::test]
async fn who_announces_more_than_a_datagram_is_cut_off_and_the_others_are_not() {
    let mut house = House::open();
    let mut loud = house.connect(0).await;
    let mut quiet = house.connect(0).await;
    let too_long = (FRAME_BYTES_MAX + 1).to_be_bytes();
    loud.write_all(&too_long).await.unwrap();
    assert!(is_closed(&mut loud).await);
    while house.streams.len() == 2 {
        assert!(house.next(0).await.is_none());
    }
    assert!(is_open(&mut house, &mut quiet).await);
}

#[tokio::test]
async fn strangers_do_not_stay_and_participants_do_as_long_as_they_are_known() {
    let mut house = House::open();
    let mut stranger = house.connect(0).await;
    let mut page = house.connect(0).await;
    let mut visitor = house.connect(0).await;
    house.known.push(page.local_addr().unwrap());
    house.known.push(visitor.local_addr().unwrap());
    house.look(1_000);
    assert_eq!(house.streams.len(), 3);
    // One whose transport is no more does not count as new.
    house.known.pop();
    house.look(3_000);
    assert!(is_closed(&mut visitor).await);
    let limit = u64::try_from(STRANGER_FOR.as_millis()).unwrap();
    house.look(limit - 1);
    assert_eq!(house.streams.len(), 2);
    house.look(limit);
    assert_eq!(house.streams.len(), 1);
    assert!(is_closed(&mut stranger).await);
    assert!(is_open(&mut house, &mut page).await);
    house.known.clear();
    let due = house.streams.due().unwrap() - house.began;
    house.look(u64::try_from(due.as_millis()).unwrap());
    assert!(is_closed(&mut page).await);
    assert_eq!(house.streams.due(), None, "nobody is left to look after");
}

#[tokio::test]
async fn a_crowd_of_strangers_pushes_out_its_own_and_no_participant() {
    let mut house = House::open();
    let mut page = house.connect(0).await;
    house.known.push(page.local_addr().unwrap());
    let mut crowd = Vec::new();
    for _ in 0..STRANGERS_PER_NETWORK_MAX + 2 {
        crowd.push(house.connect(0).await);
    }
    assert_eq!(house.streams.len(), STRANGERS_PER_NETWORK_MAX + 1);
    for oldest in &mut crowd[..2] {
        assert!(is_closed(oldest).await);
    }
    let last = crowd.last_mut().unwrap();
    assert!(is_open(&mut house, last).await);
    assert!(is_open(&mut house, &mut page).await);
}

#[tokio::test]
async fn a_stranger_is_heard_a_few_times_and_a_participant_as_often_as_they_like() {
    let mut house = House::open();
    let (mut stranger, mut page) = (house.connect(0).await, house.connect(0).await);
    house.known.push(page.local_addr().unwrap());
    for _ in 0..STRANGERS_DATAGRAMS_MAX {
        assert!(is_open(&mut house, &mut stranger).await);
    }
    stranger.write_all(&[0, 0]).await.unwrap();
    while house.streams.len() == 2 {
        assert!(house.next(0).await.is_none());
    }
    assert!(is_closed(&mut stranger).await);
    for _ in 0..2 * STRANGERS_DATAGRAMS_MAX {
        assert!(is_open(&mut house, &mut page).await);
    }
}

#[test]
fn neighbours_of_one_ipv6_network_count_as_one() {
    let of = |text: &str| network(text.parse().unwrap());
    assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
    assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
    assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
}

#[tokio::test]
async fn a_page_that_reads_nothing_loses_datagrams_and_holds_up_nobody() {
    let mut house = House::open();
    let slow = house.connect(0).await;
    let mut quick = house.connect(0).await;
    let (slow_at, quick_at) = (slow.local_addr().unwrap(), quick.local_addr().unwrap());
    let mut lost = 0;
    // Ten megabytes.
    for _ in 0..8_000 {
        lost += u32::from(!house.send(slow_at, &[5; 1_200]));
        assert!(house.send(quick_at, &[6; 1_200]), "who reads loses nothing");
        let mut read = [0; 1_202];
        let reading = tokio::time::timeout(SOON, quick.read_exact(&mut read));
        reading.await.expect("in time").unwrap();
    }
    assert!(lost > 4_000, "{lost}: little is held for who does not read");
    drop(slow);
    while house.streams.len() == 2 {
        assert!(house.next(0).await.is_none());
    }
}

#[tokio::test]
async fn the_last_words_arrive_before_the_end_also_where_nobody_listened() {
    let mut house = House::open();
    let mut stream = house.connect(0).await;
    let chatter = framed(&[1; 500]).unwrap().repeat(EVENTS_MAX + 50);
    stream.write_all(&chatter).await.unwrap();
    house.send(stream.local_addr().unwrap(), b"goodbye");
    let reading = async {
        let mut read = Vec::new();
        let end = stream.read_to_end(&mut read).await;
        (read, end.is_ok())
    };
    let ((read, in_order), ()) = tokio::join!(reading, house.streams.farewell());
    assert_eq!(read, [&[0, 7][..], b"goodbye"].concat());
    assert!(in_order, "no reset");
}

#[tokio::test]
async fn whatever_is_sent_arrives_cut_into_datagrams_or_ends_the_connection() {
    let mut house = House::open();
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut chance = seed.unwrap_or(0x5eed_u64);
    println!("SEED={chance}");
    for round in 0..40 {
        let mut stream = house.connect(0).await;
        house.known.push(stream.local_addr().unwrap());
        let bytes: Vec<u8> = (0..4_000)
            .map(|_| {
                chance ^= chance << 13;
                chance ^= chance >> 7;
                chance ^= chance << 17;
                // Mostly small, so that some lengths are within the limit.
                if chance.is_multiple_of(3) {
                    0
                } else {
                    (chance >> 24) as u8
                }
            })
            .collect();
        // It may be cut off while it still speaks.
        let _ = stream.write_all(&bytes).await;
        drop(stream);
        let mut heard = Vec::new();
        while house.streams.len() > 0 {
            heard.extend(house.next(0).await.map(|frame| frame.bytes));
        }
        let mut rest = &bytes[..];
        for frame in heard {
            let framed = framed(&frame).unwrap();
            assert!(rest.starts_with(&framed), "round {round}");
            rest = &rest[framed.len()..];
        }
    }
}
