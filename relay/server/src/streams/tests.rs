//! Connections on this machine, with time as an argument.

use std::time::Duration;

use sightline_room::{Protocol, Transmit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::crowd::{STRANGER_KEPT, STRANGERS_PER_NETWORK_MAX};
use crate::socket::{ListenConfig, bind_tcp};

/// Long enough for a busy machine.
const SOON: Duration = Duration::from_secs(10);

struct Listening {
    streams: Streams,
    at: SocketAddr,
    began: Instant,
    known: Vec<SocketAddr>,
}

impl Listening {
    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning; from here on time moves when told"
    )]
    fn open() -> Self {
        let listeners = bind_tcp(ListenConfig {
            listen: &["127.0.0.1:0".parse().unwrap()],
            announce: None,
            learn: false,
        });
        let listeners = listeners.unwrap();
        let streams = Streams::new(listeners.iter().map(|listener| listener.name.clone()));
        for (number, listener) in listeners.into_iter().enumerate() {
            tokio::spawn(hand_over(number, listener.socket, streams.sender()));
        }
        let at = streams.names().next().map(SocketName::destination);
        Self {
            at: at.unwrap(),
            streams,
            began: Instant::now(),
            known: Vec::new(),
        }
    }

    /// Connects and waits until the connection, with its first datagram, is handed over.
    async fn connect(&mut self, at_ms: u64) -> TcpStream {
        let before = self.streams.last_id;
        let stream = TcpStream::connect(self.at).await.unwrap();
        while self.streams.last_id == before {
            self.next(at_ms).await;
        }
        stream
    }

    /// The next datagram, or nothing if something else happened.
    async fn next(&mut self, at_ms: u64) -> Option<FramedDatagram> {
        tokio::time::timeout(SOON, self.streams.ready())
            .await
            .expect("something happens");
        let now = self.began + Duration::from_millis(at_ms);
        let known = self.known.clone();
        match self.streams.poll(now, |at| known.contains(&at)) {
            Polled::Datagram(datagram) => Some(datagram),
            Polled::Handled | Polled::Listeners | Polled::Idle => None,
        }
    }

    async fn receive(&mut self) -> FramedDatagram {
        loop {
            if let Some(frame) = self.next(0).await {
                return frame;
            }
        }
    }

    fn close_unknown(&mut self, at_ms: u64) {
        let now = self.began + Duration::from_millis(at_ms);
        let known = self.known.clone();
        self.streams
            .close_unknown(now, |address| known.contains(&address));
    }

    fn send(&self, to: SocketAddr, bytes: &[u8]) -> bool {
        self.send_as(to, bytes, false)
    }

    fn send_as(&self, to: SocketAddr, bytes: &[u8], is_sound: bool) -> bool {
        let transmit = Transmit {
            proto: Protocol::Tcp,
            source: self.at,
            destination: to,
            contents: bytes.to_vec().into(),
        };
        self.streams.send(&transmit, is_sound)
    }
}

/// Stands for the doors.
async fn hand_over(
    listener: usize,
    accepting: std::net::TcpListener,
    to: mpsc::Sender<StreamEvent>,
) {
    let accepting = tokio::net::TcpListener::from_std(accepting).unwrap();
    while let Ok((stream, address)) = accepting.accept().await {
        let origin = Origin { listener, address };
        let stream = stream.into_std().unwrap();
        let accepted = StreamEvent::Accepted(origin, stream, b"first".to_vec());
        if to.send(accepted).await.is_err() {
            return;
        }
    }
}

async fn is_closed(stream: &mut TcpStream) -> bool {
    let read = tokio::time::timeout(SOON, stream.read(&mut [0; 16])).await;
    matches!(read.expect("it ends"), Ok(0) | Err(_))
}

/// Whether a datagram sent on the connection arrives.
async fn is_open(relay: &mut Listening, stream: &mut TcpStream) -> bool {
    let from = stream.local_addr().unwrap();
    stream.write_all(&[0, 1, 42]).await.unwrap();
    let heard = relay.receive().await;
    heard.source == from && heard.bytes == [42]
}

#[tokio::test]
async fn datagrams_arrive_as_they_were_however_they_are_cut() {
    let mut relay = Listening::open();
    let mut stream = relay.connect(0).await;
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
                heard.push(relay.receive().await);
            }
            heard
        };
        let ((), heard) = tokio::join!(writing, hearing);
        for (heard, said) in heard.iter().zip(said) {
            assert_eq!(heard.bytes, said);
            assert_eq!(heard.destination, relay.at);
            assert_eq!(heard.source, stream.local_addr().unwrap());
        }
    }
}

#[tokio::test]
async fn answers_find_the_connection_of_their_destination() {
    let mut relay = Listening::open();
    let mut streams = [relay.connect(0).await, relay.connect(0).await];
    for (number, stream) in (0..).zip(&streams) {
        assert!(relay.send(stream.local_addr().unwrap(), &[number; 300]));
    }
    for (number, stream) in (0..).zip(&mut streams) {
        let mut read = [0; 302];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!((&read[..2], &read[2..]), (&[1, 44][..], &[number; 300][..]));
    }
    let unknown = "127.0.0.1:1".parse().unwrap();
    assert!(!relay.send(unknown, b"lost"));
}

#[tokio::test]
async fn an_oversized_frame_closes_its_connection_and_no_other() {
    let mut relay = Listening::open();
    let mut loud = relay.connect(0).await;
    let mut quiet = relay.connect(0).await;
    let too_long = (FRAME_BYTES_MAX + 1).to_be_bytes();
    loud.write_all(&too_long).await.unwrap();
    assert!(is_closed(&mut loud).await);
    while relay.streams.len() == 2 {
        assert!(relay.next(0).await.is_none());
    }
    assert!(is_open(&mut relay, &mut quiet).await);
}

#[tokio::test]
async fn strangers_are_closed_after_a_while_and_participants_when_they_are_gone() {
    let mut relay = Listening::open();
    let mut stranger = relay.connect(0).await;
    let mut page = relay.connect(0).await;
    let mut visitor = relay.connect(0).await;
    relay.known.push(page.local_addr().unwrap());
    relay.known.push(visitor.local_addr().unwrap());
    relay.close_unknown(1_000);
    assert_eq!(relay.streams.len(), 3);
    // A participant that is gone gets no time as a stranger.
    relay.known.pop();
    relay.close_unknown(3_000);
    assert!(is_closed(&mut visitor).await);
    let limit = u64::try_from(STRANGER_FOR.as_millis()).unwrap();
    relay.close_unknown(limit - 1);
    assert_eq!(relay.streams.len(), 2);
    relay.close_unknown(limit);
    assert_eq!(relay.streams.len(), 1);
    assert!(is_closed(&mut stranger).await);
    assert!(is_open(&mut relay, &mut page).await);
    relay.known.clear();
    let due = relay.streams.check_due().unwrap() - relay.began;
    relay.close_unknown(u64::try_from(due.as_millis()).unwrap());
    assert!(is_closed(&mut page).await);
    assert_eq!(
        relay.streams.check_due(),
        None,
        "no connection is left to check"
    );
}

#[tokio::test]
async fn a_crowd_of_strangers_pushes_out_its_own_and_no_participant() {
    let mut relay = Listening::open();
    let mut page = relay.connect(0).await;
    relay.known.push(page.local_addr().unwrap());
    let mut crowd = Vec::new();
    for number in 0..STRANGERS_PER_NETWORK_MAX + 2 {
        // The last two come when the first ones have had their time.
        let late = number >= STRANGERS_PER_NETWORK_MAX;
        crowd.push(relay.connect(if late { KEPT_MS } else { 0 }).await);
    }
    assert_eq!(relay.streams.len(), STRANGERS_PER_NETWORK_MAX + 1);
    for oldest in &mut crowd[..2] {
        assert!(is_closed(oldest).await);
    }
    let last = crowd.last_mut().unwrap();
    assert!(is_open(&mut relay, last).await);
    assert!(is_open(&mut relay, &mut page).await);
}

/// The time that strangers have, milliseconds.
const KEPT_MS: u64 = STRANGER_KEPT.as_millis() as u64;

/// 24: a flood does not close a newcomer before its first check.
#[tokio::test]
async fn a_stranger_keeps_its_place_for_a_moment() {
    let mut relay = Listening::open();
    let mut first = relay.connect(0).await;
    let mut crowd = Vec::new();
    for _ in 1..STRANGERS_PER_NETWORK_MAX {
        crowd.push(relay.connect(0).await);
    }
    let mut further = TcpStream::connect(relay.at).await.unwrap();
    assert!(relay.next(KEPT_MS - 1).await.is_none());
    assert!(is_closed(&mut further).await, "there is no place yet");
    assert!(is_open(&mut relay, &mut first).await);
    let mut later = relay.connect(KEPT_MS).await;
    assert!(is_closed(&mut first).await);
    assert!(is_open(&mut relay, &mut later).await);
}

#[tokio::test]
async fn a_stranger_may_send_a_few_datagrams_and_a_participant_any_number() {
    let mut relay = Listening::open();
    let (mut stranger, mut page) = (relay.connect(0).await, relay.connect(0).await);
    relay.known.push(page.local_addr().unwrap());
    // Beside the first.
    for _ in 1..STRANGERS_DATAGRAMS_MAX {
        assert!(is_open(&mut relay, &mut stranger).await);
    }
    stranger.write_all(&[0, 0]).await.unwrap();
    while relay.streams.len() == 2 {
        assert!(relay.next(0).await.is_none());
    }
    assert!(is_closed(&mut stranger).await);
    for _ in 0..2 * STRANGERS_DATAGRAMS_MAX {
        assert!(is_open(&mut relay, &mut page).await);
    }
}

#[tokio::test]
async fn a_page_that_reads_nothing_loses_datagrams_and_delays_no_other() {
    let mut relay = Listening::open();
    let slow = relay.connect(0).await;
    let mut quick = relay.connect(0).await;
    let (slow_at, quick_at) = (slow.local_addr().unwrap(), quick.local_addr().unwrap());
    let mut lost = 0;
    // Ten megabytes.
    for _ in 0..8_000 {
        lost += u32::from(!relay.send(slow_at, &[5; 1_200]));
        assert!(
            relay.send(quick_at, &[6; 1_200]),
            "a page that reads loses nothing"
        );
        let mut read = [0; 1_202];
        let reading = tokio::time::timeout(SOON, quick.read_exact(&mut read));
        reading.await.expect("in time").unwrap();
    }
    assert!(
        lost > 4_000,
        "{lost}: little is kept for a page that does not read"
    );
    drop(slow);
    while relay.streams.len() == 2 {
        assert!(relay.next(0).await.is_none());
    }
}

#[tokio::test]
async fn sound_leaves_before_the_video_that_waits() {
    let mut relay = Listening::open();
    let mut slow = relay.connect(0).await;
    let to = slow.local_addr().unwrap();
    let (mut sent, mut refused) = (0, 0);
    // Until the page, which reads nothing, lets nothing more in.
    while refused < 500 {
        if relay.send(to, &[5; 1_200]) {
            (sent, refused) = (sent + 1, 0);
        } else {
            refused += 1;
        }
        tokio::task::yield_now().await;
    }
    assert!(relay.send_as(to, b"sound", true));
    let mut sound_at = None;
    for frame in 0..=sent {
        let reading = async {
            let length = slow.read_u16().await.unwrap();
            let mut bytes = vec![0; usize::from(length)];
            slow.read_exact(&mut bytes).await.unwrap();
            bytes
        };
        let bytes = tokio::time::timeout(SOON, reading).await.expect("in time");
        if bytes == b"sound" {
            sound_at = Some(frame);
        }
    }
    let after = sent - sound_at.expect("it arrives");
    println!("before {after} of {sent} datagrams");
    assert!(
        after + 2 * WRITTEN_TOGETHER >= WAITING_MAX,
        "{after} of {sent}"
    );
}

#[tokio::test]
async fn the_last_datagrams_arrive_before_the_end_even_while_events_wait() {
    let mut relay = Listening::open();
    let mut stream = relay.connect(0).await;
    let chatter = framed(&[1; 500]).unwrap().repeat(EVENTS_MAX + 50);
    stream.write_all(&chatter).await.unwrap();
    relay.send(stream.local_addr().unwrap(), b"goodbye");
    let reading = async {
        let mut read = Vec::new();
        let end = stream.read_to_end(&mut read).await;
        (read, end.is_ok())
    };
    let ((read, in_order), ()) = tokio::join!(reading, relay.streams.close());
    assert_eq!(read, [&[0, 7][..], b"goodbye"].concat());
    assert!(in_order, "no reset");
}

#[tokio::test]
async fn any_bytes_arrive_as_datagrams_or_end_the_connection() {
    let mut relay = Listening::open();
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut chance = seed.unwrap_or(0x5eed_u64);
    println!("SEED={chance}");
    for round in 0..40 {
        let mut stream = relay.connect(0).await;
        relay.known.push(stream.local_addr().unwrap());
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
        // The relay may close it while it still sends.
        let _ = stream.write_all(&bytes).await;
        drop(stream);
        let mut heard = Vec::new();
        while relay.streams.len() > 0 {
            heard.extend(relay.next(0).await.map(|frame| frame.bytes));
        }
        let mut rest = &bytes[..];
        for frame in heard {
            let framed = framed(&frame).unwrap();
            assert!(rest.starts_with(&framed), "round {round}");
            rest = &rest[framed.len()..];
        }
    }
}
