//! The media sockets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;

use socket2::{Domain, Protocol, Socket as RawSocket, Type};

/// Room for what arrives while the thread is busy, bytes. The kernel may grant less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Why a relay could not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("media port {0} is taken")]
    PortTaken(SocketAddr),
    /// Some other trouble with the socket.
    #[error("cannot listen for media on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// Pages cannot be told an address that means "any".
    #[error("media on {0} needs an address to announce")]
    AnnounceNeeded(SocketAddr),
    /// As many addresses to announce as to listen on.
    #[error("{announced} media addresses announced, {listened} listened on")]
    AnnounceCount {
        /// How many are announced.
        announced: usize,
        /// How many are listened on.
        listened: usize,
    },
    /// No address to listen on.
    #[error("no media address to listen on")]
    NoMedia,
    /// The host's address is not one of a WebSocket this relay can dial.
    #[error("cannot dial {url}: {why}")]
    Home {
        /// The address.
        url: String,
        /// What is the matter.
        why: &'static str,
    },
    /// The extra root of trust cannot be read.
    #[error("cannot trust {}: {why}", path.display())]
    HomeRoot {
        /// The file.
        path: PathBuf,
        /// What is the matter.
        why: String,
    },
    /// Questions for the relay's health cannot be heard there.
    #[error("cannot listen for questions of health on {0}")]
    Health(SocketAddr, #[source] io::Error),
}

/// A bound socket and the name pages know it by.
pub(crate) struct Socket {
    pub(crate) udp: UdpSocket,
    pub(crate) bound: SocketAddr,
    /// `None`: the host is to say.
    pub(crate) announced: Option<SocketAddr>,
}

/// Where pages reach a socket whose relay the host sees at this address; nowhere when that is of the other family.
///
/// The host may stand beside the relay, in the same house or on the same machine. What it sees then says nothing about
/// where pages are, and a socket with an address of its own is reached at that.
pub(crate) fn reached_at(bound: SocketAddr, seen: IpAddr) -> Option<SocketAddr> {
    let at = SocketAddr::new(seen, bound.port());
    if bound.ip().is_unspecified() {
        return (bound.is_ipv4() == seen.is_ipv4()).then_some(at);
    }
    let translated = is_inside(bound.ip()) && !is_inside(seen) && !seen.is_loopback();
    let alike = bound.is_ipv4() == seen.is_ipv4();
    Some(if translated && alike { at } else { bound })
}

/// Whether an address means something only inside a network, as that of a task behind an address of the internet.
fn is_inside(address: IpAddr) -> bool {
    match address {
        // With what RFC 6598 sets apart for carriers, which clouds use for their own networks too.
        IpAddr::V4(v4) => {
            let carrier = u32::from(v4) & 0xffc0_0000 == u32::from(Ipv4Addr::new(100, 64, 0, 0));
            v4.is_private() || v4.is_link_local() || carrier
        }
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

pub(crate) fn bind_all(
    listen: &[SocketAddr],
    announce: Option<&[SocketAddr]>,
    learn: bool,
) -> Result<Vec<Socket>, BindError> {
    if listen.is_empty() {
        return Err(BindError::NoMedia);
    }
    if let Some(announce) = announce
        && announce.len() != listen.len()
    {
        return Err(BindError::AnnounceCount {
            announced: announce.len(),
            listened: listen.len(),
        });
    }
    let mut announce = announce.unwrap_or_default().iter();
    listen
        .iter()
        .map(|at| bind(*at, announce.next().copied(), learn))
        .collect()
}

fn bind(at: SocketAddr, announce: Option<SocketAddr>, learn: bool) -> Result<Socket, BindError> {
    let udp = open(at).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::PortTaken(at),
        _ => BindError::Listen(at, error),
    })?;
    let bound = udp
        .local_addr()
        .map_err(|error| BindError::Listen(at, error))?;
    if learn && announce.is_none() && (bound.ip().is_unspecified() || is_inside(bound.ip())) {
        return Ok(Socket {
            udp,
            bound,
            announced: None,
        });
    }
    let mut announced = announce.unwrap_or(bound);
    if announced.port() == 0 {
        announced.set_port(bound.port());
    }
    if announced.ip().is_unspecified() {
        return Err(BindError::AnnounceNeeded(at));
    }
    Ok(Socket {
        udp,
        bound,
        announced: Some(announced),
    })
}

fn open(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = RawSocket::new(Domain::for_address(at), Type::DGRAM, Some(Protocol::UDP))?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    // Less than asked for is no reason not to start.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    socket.bind(&at.into())?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_taken_port_is_named() {
        let first = bind_all(&[at("127.0.0.1:0")], None, false).unwrap();
        let taken = first[0].bound;
        let error = bind_all(&[taken], None, false).err().unwrap();
        assert_eq!(error.to_string(), format!("media port {taken} is taken"));
    }

    #[test]
    fn an_unspecified_address_needs_one_to_announce() {
        let any = at("0.0.0.0:0");
        assert!(matches!(
            bind_all(&[any], None, false),
            Err(BindError::AnnounceNeeded(_))
        ));
        let socket = bind_all(&[any], Some(&[at("192.0.2.7:0")]), true).unwrap();
        let port = socket[0].udp.local_addr().unwrap().port();
        let named = at(&format!("192.0.2.7:{port}"));
        assert_eq!(socket[0].announced, Some(named));
    }

    #[test]
    fn each_address_listened_on_has_one_to_announce() {
        let error = bind_all(&[at("127.0.0.1:0")], Some(&[]), false)
            .err()
            .unwrap();
        assert_eq!(
            error.to_string(),
            "0 media addresses announced, 1 listened on"
        );
    }

    #[test]
    fn a_socket_learns_its_name_only_where_its_own_means_nothing_to_pages() {
        let learns = |text| {
            bind_all(&[at(text)], None, true).unwrap()[0]
                .announced
                .is_none()
        };
        assert!(learns("0.0.0.0:0"));
        assert!(!learns("127.0.0.1:0"));
    }

    #[test]
    fn pages_reach_a_socket_where_the_host_sees_the_relay_unless_they_stand_side_by_side() {
        for (bound, seen, reached) in [
            ("0.0.0.0:3478", "198.51.100.7", Some("198.51.100.7:3478")),
            ("0.0.0.0:3478", "127.0.0.1", Some("127.0.0.1:3478")),
            ("0.0.0.0:3478", "2001:db8::7", None),
            ("[::]:3478", "2001:db8::7", Some("[2001:db8::7]:3478")),
            ("[::]:3478", "198.51.100.7", None),
            ("10.0.1.5:3478", "198.51.100.7", Some("198.51.100.7:3478")),
            ("100.64.0.9:3478", "198.51.100.7", Some("198.51.100.7:3478")),
            ("10.0.1.5:3478", "10.0.9.9", Some("10.0.1.5:3478")),
            ("192.168.1.5:3478", "127.0.0.1", Some("192.168.1.5:3478")),
            ("10.0.1.5:3478", "2001:db8::7", Some("10.0.1.5:3478")),
            ("[fd00::5]:3478", "2001:db8::7", Some("[2001:db8::7]:3478")),
            ("203.0.113.4:3478", "198.51.100.7", Some("203.0.113.4:3478")),
        ] {
            let told = reached_at(at(bound), seen.parse().unwrap());
            assert_eq!(told, reached.map(at), "{bound} seen as {seen}");
        }
    }
}
