//! Media on the machine's own network address, for browsers on this machine alone.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sightline_relay::{Config, Machine, OwnMedia, Relay};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpStream, UdpSocket};

use crate::host::Host;
use crate::{call, config, start};

/// Stands for the machine's network address: like such a one it is not in `media_listen`.
const FIRST: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const LATER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3));

/// A machine of which tests say what its addresses are.
#[derive(Clone, Default)]
struct Told {
    routed: Arc<Mutex<Vec<IpAddr>>>,
    addresses: Arc<Mutex<Vec<IpAddr>>>,
}

impl Told {
    fn at(routed: IpAddr) -> Self {
        let told = Self::default();
        told.moves(routed);
        told
    }

    fn moves(&self, routed: IpAddr) {
        *self.routed.lock().unwrap() = vec![routed];
        *self.addresses.lock().unwrap() = vec![Ipv4Addr::LOCALHOST.into(), routed];
    }

    fn has_no_address(&self) {
        self.addresses.lock().unwrap().clear();
    }

    fn config(&self, host: &Host) -> Config {
        let (routed, addresses) = (self.routed.clone(), self.addresses.clone());
        let mut config = config(host);
        config.own_media = Some(OwnMedia {
            machine: Arc::new(Machine {
                routed: Box::new(move || routed.lock().unwrap().clone()),
                addresses: Box::new(move || addresses.lock().unwrap().clone()),
            }),
            tcp: true,
        });
        config
    }
}

fn own(addresses: &[SocketAddr]) -> SocketAddr {
    *addresses.last().unwrap()
}

/// A connection that lasts this long is not closed at once.
const LASTS: Duration = Duration::from_millis(500);

/// Whether a connection is closed within this time.
async fn is_dropped(at: SocketAddr, within: Duration) -> bool {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let read = tokio::time::timeout(within, stream.read_u8());
    read.await.is_ok()
}

#[tokio::test]
async fn calls_work_there_and_the_first_address_stays_loopback() {
    let mut host = Host::start().await;
    let relay = Relay::bind(Told::at(FIRST).config(&host)).unwrap();
    let (udp, tcp) = (relay.media_addresses(), relay.media_tcp_addresses());
    assert_eq!((udp.len(), tcp.len()), (2, 2));
    assert_eq!(udp[0].ip(), Ipv4Addr::LOCALHOST);
    assert_eq!((own(udp).ip(), own(tcp).ip()), (FIRST, FIRST));
    let _running = start(relay);
    call(&mut host).await;
}

#[tokio::test]
async fn what_comes_from_another_machine_is_dropped_there_and_only_there() {
    let host = Host::start().await;
    let told = Told::at(FIRST);
    let relay = Relay::bind(told.config(&host)).unwrap();
    let (udp, tcp) = (
        relay.media_addresses().to_vec(),
        relay.media_tcp_addresses().to_vec(),
    );
    let counters = relay.counters();
    let _running = start(relay);
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    assert!(!is_dropped(own(&tcp), LASTS).await, "from this machine");

    // The same sender counts as another machine as soon as this one lost the address.
    told.has_no_address();
    assert!(is_dropped(own(&tcp), Duration::from_secs(10)).await);
    assert!(!is_dropped(tcp[0], LASTS).await, "loopback needs no guard");
    let before = counters.snapshot();
    sender.send_to(b"hello", own(&udp)).await.unwrap();
    let received = async {
        while counters.snapshot().datagrams_in == before.datagrams_in {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let received = tokio::time::timeout(Duration::from_secs(10), received).await;
    received.expect("the datagram is counted");
    let after = counters.snapshot();
    assert_eq!(after.datagrams_foreign, before.datagrams_foreign + 1);
    assert_eq!(after.datagrams_out, before.datagrams_out, "no answer");
}

#[tokio::test]
async fn a_new_address_is_in_use_within_seconds_and_the_former_is_left() {
    let host = Host::start().await;
    let told = Told::at(FIRST);
    let relay = Relay::bind(told.config(&host)).unwrap();
    let former = own(relay.media_tcp_addresses());
    let counters = relay.counters();
    let _running = start(relay);
    told.moves(LATER);
    let moved = async {
        while own(&counters.media_addresses()).ip() != LATER {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let moved = tokio::time::timeout(Duration::from_secs(30), moved).await;
    moved.expect("the relay looks again");
    assert_eq!(counters.media_addresses().len(), 2);
    // TCP looks by itself, in the same moment.
    let left = async {
        while TcpStream::connect(former).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let left = tokio::time::timeout(Duration::from_secs(10), left).await;
    left.expect("nobody listens there any more");
}
