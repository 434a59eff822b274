//! A relay with several media threads.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sightline_relay::{BindError, Config, Machine, OwnMedia, Relay};
use sightline_wire::{RelaySays, Seat, SessionId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::host::Host;
use crate::page::{Page, place};
use crate::process::{ends, relay, terminate};
use crate::{config, see_each_other, start};

const SOON: Duration = Duration::from_secs(5);

fn two_threads(host: &Host) -> Config {
    let mut config = config(host);
    config.threads = 2;
    config
}

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

/// A page enters. Returns where the answer says the relay is, over UDP and over TCP.
async fn enter(host: &mut Host, page: &mut Page, session: SessionId) -> (SocketAddr, SocketAddr) {
    host.say(page.offer(session)).await;
    let answer = host
        .expect(|says| matches!(says, RelaySays::Answer { .. }))
        .await;
    let RelaySays::Answer { sdp, .. } = &answer else {
        panic!("{answer:?}");
    };
    let places = (place(sdp, "udp"), place(sdp, "tcp"));
    page.take(answer).await;
    places
}

/// Two pages in one room, the customer's over TCP, and where the relay has it.
async fn call(host: &mut Host, n: u8) -> (Page, Page, (SocketAddr, SocketAddr)) {
    let mut agent = Page::new(2 * n, Seat::Agent).await;
    let mut customer = Page::without_udp(2 * n + 1, Seat::Customer);
    let place = enter(host, &mut agent, session(n)).await;
    let same = enter(host, &mut customer, session(n)).await;
    assert_eq!(place, same, "both pages of a session meet");
    see_each_other(&mut agent, &mut customer, 20).await;
    (agent, customer, place)
}

#[tokio::test]
async fn pages_meet_on_the_thread_of_their_room_and_rooms_share_the_threads() {
    let mut host = Host::start().await;
    let relay = Relay::bind(two_threads(&host)).unwrap();
    let udp = relay.media_addresses().to_vec();
    let tcp = relay.media_tcp_addresses().to_vec();
    assert_eq!((udp.len(), tcp.len()), (2, 1), "a UDP port of each thread");
    let counters = relay.counters();
    let (stop, running) = start(relay);
    let mut calls = vec![];
    for n in 1..=4 {
        calls.push(call(&mut host, n).await);
    }
    let places: Vec<_> = calls.iter().map(|(_, _, place)| *place).collect();
    let wanted = [udp[0], udp[1], udp[0], udp[1]].map(|udp| (udp, tcp[0]));
    assert_eq!(places, wanted);
    for (agent, customer, _) in &mut calls {
        see_each_other(agent, customer, 20).await;
        let (to_agent, to_customer) = (customer.name, agent.name);
        assert!(agent.media.iter().all(|from| *from == to_agent));
        assert!(customer.media.iter().all(|from| *from == to_customer));
    }
    let latest = counters.snapshot();
    assert_eq!(
        (latest.rooms, latest.participants),
        (4, 8),
        "of both threads"
    );
    assert_eq!(latest.streams, 4);
    assert_eq!(counters.media_addresses(), udp);
    drop(stop);
    running.await.unwrap();
}

/// A panic is brought about by what a thread asks about its machine: whether a sender at its own
/// address is on this machine.
fn that_panics(host: &Host, armed: &Arc<AtomicBool>) -> Config {
    let armed = Arc::clone(armed);
    let own = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let mut config = two_threads(host);
    config.own_media = Some(OwnMedia {
        machine: Arc::new(Machine {
            routed: Box::new(move || vec![own]),
            addresses: Box::new(move || {
                assert!(
                    !armed.swap(false, Ordering::Relaxed),
                    "as the test wants it"
                );
                vec![Ipv4Addr::LOCALHOST.into(), own]
            }),
        }),
        tcp: false,
    });
    // Pages reach it by the other address alone.
    config.media_listen = vec!["127.0.0.1:0".parse().unwrap()];
    config
}

#[tokio::test]
async fn a_thread_that_panics_ends_its_calls_and_begins_again_and_the_other_goes_on() {
    let mut host = Host::start().await;
    let armed = Arc::new(AtomicBool::new(false));
    let relay = Relay::bind(that_panics(&host, &armed)).unwrap();
    let udp = relay.media_addresses().to_vec();
    let (listened, own): (Vec<SocketAddr>, Vec<SocketAddr>) =
        udp.iter().partition(|at| at.ip() == Ipv4Addr::LOCALHOST);
    assert_eq!((listened.len(), own.len()), (2, 2));
    let counters = relay.counters();
    let (_stop, running) = start(relay);
    // Over TCP, so that no page speaks to the addresses that panic.
    let mut pages = vec![];
    for n in 1..=2 {
        for seat in [Seat::Agent, Seat::Customer] {
            let name = 2 * n + u8::from(seat == Seat::Customer);
            let mut page = Page::without_udp(name, seat);
            enter(&mut host, &mut page, session(n)).await;
            pages.push(page);
        }
    }
    let [a1, c1, a2, c2] = &mut pages[..] else {
        panic!("four pages");
    };
    see_each_other(a1, c1, 20).await;
    see_each_other(a2, c2, 20).await;

    host.heard();
    armed.store(true, Ordering::Relaxed);
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    sender.send_to(b"hello", own[1]).await.unwrap();
    for _ in 0..2 {
        let gone = host
            .expect(|says| matches!(says, RelaySays::Gone { .. }))
            .await;
        let RelaySays::Gone { session: of, .. } = gone else {
            panic!("{gone:?}");
        };
        assert_eq!(of, session(2), "the call of the second thread");
    }
    see_each_other(a1, c1, 100).await;
    let latest = counters.snapshot();
    assert_eq!((latest.rooms, latest.participants), (1, 2));
    assert_eq!((latest.threads_panicked, latest.rooms_panicked), (1, 1));
    assert_eq!(latest.streams, 2, "those of the other thread");

    // It takes calls again: the session's pages come back, and it has most room.
    let mut agent = Page::without_udp(8, Seat::Agent);
    let mut customer = Page::without_udp(9, Seat::Customer);
    for page in [&mut agent, &mut customer] {
        enter(&mut host, page, session(2)).await;
    }
    see_each_other(&mut agent, &mut customer, 20).await;
    let latest = counters.snapshot();
    assert_eq!((latest.rooms, latest.participants), (2, 4));
    assert!(!running.is_finished());
}

/// An ICE check for a transport of this name, as a datagram of TCP.
fn check(ufrag: &str) -> Vec<u8> {
    let username = format!("{ufrag}:them");
    let length = u8::try_from(username.len()).unwrap();
    let padded = length.next_multiple_of(4);
    let mut stun = vec![0, 1, 0, 4 + padded, 0x21, 0x12, 0xa4, 0x42];
    stun.extend([7; 12]);
    stun.extend([0, 6, 0, length]);
    stun.extend(username.as_bytes());
    stun.resize(24 + usize::from(padded), 0);
    framed(&stun)
}

fn framed(datagram: &[u8]) -> Vec<u8> {
    let length = u16::try_from(datagram.len()).unwrap().to_be_bytes();
    [&length, datagram].concat()
}

async fn is_closed(stream: &mut TcpStream, within: Duration) -> bool {
    let read = tokio::time::timeout(within, stream.read(&mut [0; 16])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn a_connection_that_does_not_begin_with_a_check_costs_no_thread_anything() {
    let mut host = Host::start().await;
    let relay = Relay::bind(two_threads(&host)).unwrap();
    let at = relay.media_tcp_addresses()[0];
    let counters = relay.counters();
    let (_stop, _running) = start(relay);
    let long = check(&"b".repeat(200));
    let bad = [
        framed(b""),
        framed(b"GET / HTTP/1.1\r\n\r\n"),
        b"GET / HTTP/1.1\r\nHost: relay\r\n\r\n".to_vec(),
        framed(&[0x80; 100]),
        framed(&[0x16; 200]),
        [255, 255].to_vec(),
        framed(&vec![0; 1_025]),
        // A name that no thread gives.
        check("c000"),
        check("A000"),
        check("\u{e9}00"),
        check(""),
        // A check that ends within its name.
        framed(&long[2..40]),
    ];
    for first in &bad {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(first).await.unwrap();
        assert!(is_closed(&mut stream, SOON).await, "{first:?}");
    }
    // Those that may still become a check have some seconds.
    let mut waiting = vec![];
    for part in [&[][..], &[0], &[0, 100, 0, 1]] {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream.write_all(part).await.unwrap();
        waiting.push(stream);
    }
    assert_eq!(counters.snapshot().datagrams_in, 0);
    // A check for a thread's transport that does not exist is a stranger there.
    let mut stranger = TcpStream::connect(at).await.unwrap();
    stranger.write_all(&check("b000")).await.unwrap();
    let (mut agent, mut customer, _) = call(&mut host, 1).await;
    see_each_other(&mut agent, &mut customer, 20).await;
    assert!(counters.snapshot().datagrams_foreign >= 1);
    waiting.push(stranger);
    for stream in &mut waiting {
        assert!(is_closed(stream, Duration::from_secs(13)).await);
    }
    see_each_other(&mut agent, &mut customer, 20).await;
    assert_eq!(counters.snapshot().streams, 1, "that of the customer");
}

#[tokio::test]
async fn the_program_takes_the_number_of_threads_and_counts_rooms_over_all() {
    let mut host = Host::start().await;
    let few = ["--threads", "2", "--rooms-max", "3", "--patience-s", "0"];
    let mut relay = relay(&host.url(), &few);
    let hello = host
        .expect(|says| matches!(says, RelaySays::Hello { .. }))
        .await;
    let RelaySays::Hello {
        rooms_max, media, ..
    } = hello
    else {
        panic!("{hello:?}");
    };
    assert_eq!((rooms_max, media.len()), (3, 2));
    for n in 1..=4 {
        let page = Page::without_udp(n, Seat::Agent);
        host.say(page.offer(session(n))).await;
        let answered =
            |says: &RelaySays| matches!(says, RelaySays::Answer { .. } | RelaySays::Refused { .. });
        let answer = host.expect(answered).await;
        let has_room = matches!(answer, RelaySays::Answer { .. });
        assert_eq!(has_room, n <= 3, "{n}: {answer:?}");
    }
    terminate(&relay).await;
    let (code, _) = ends(&mut relay, SOON).await;
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn no_thread_and_too_many_are_refused() {
    let host = Host::start().await;
    for threads in [0, 17] {
        let mut config = config(&host);
        config.threads = threads;
        let refused = Relay::bind(config).err().unwrap();
        assert!(matches!(refused, BindError::Threads { .. }), "{refused}");
    }
}
