//! The media sockets.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;

use sightline_room::Protocol;
use socket2::{Domain, Socket as RawSocket, Type};

/// Room for what arrives while the thread is busy, bytes. The kernel may grant less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// Connections the kernel keeps until they are taken.
const BACKLOG: i32 = 128;
/// Most earlier names of a socket that calls may still know it by.
const EARLIER_MAX: usize = 4;

/// Why a relay could not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("media port {0} is taken ({1})")]
    PortTaken(SocketAddr, Protocol),
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
pub(crate) struct Socket<S> {
    pub(crate) socket: S,
    pub(crate) name: Name,
}

/// What pages call a socket.
pub(crate) struct Name {
    bound: SocketAddr,
    /// It is where the host says.
    learns: bool,
    /// What pages are told; nothing as long as that is not known.
    announced: Option<SocketAddr>,
    /// What pages were told before: their calls go on under that name.
    earlier: Vec<SocketAddr>,
}

impl Name {
    fn new(bound: SocketAddr, announced: Option<SocketAddr>) -> Self {
        Self {
            bound,
            learns: announced.is_none(),
            announced,
            earlier: Vec::new(),
        }
    }

    /// What pages are told.
    pub(crate) fn announced(&self) -> Option<SocketAddr> {
        self.announced
    }

    /// What arrives here was sent there, as far as anybody can tell.
    pub(crate) fn destination(&self) -> SocketAddr {
        self.announced.unwrap_or(self.bound)
    }

    pub(crate) fn is(&self, name: SocketAddr) -> bool {
        self.announced == Some(name) || self.earlier.contains(&name)
    }

    /// The host sees the relay at that address. Says whether that gives the socket another name.
    pub(crate) fn seen_at(&mut self, seen: IpAddr) -> bool {
        let name = reached_at(self.bound, seen).filter(|_| self.learns);
        let Some(name) = name.filter(|name| self.announced != Some(*name)) else {
            return false;
        };
        self.earlier.retain(|earlier| *earlier != name);
        if self.earlier.len() == EARLIER_MAX {
            self.earlier.remove(0);
        }
        self.earlier.extend(self.announced.replace(name));
        true
    }
}

/// Where to listen, and what pages are told of it.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) listen: &'a [SocketAddr],
    /// One for each of `listen`.
    pub(crate) announce: Option<&'a [SocketAddr]>,
    /// Without an announced one the host is asked, where the socket's own means nothing to pages.
    pub(crate) learn: bool,
}

pub(crate) fn bind_udp(places: Places<'_>) -> Result<Vec<Socket<UdpSocket>>, BindError> {
    if places.listen.is_empty() {
        return Err(BindError::NoMedia);
    }
    bind_all(places, Protocol::Udp, |at| {
        let socket = open_udp(at)?;
        let bound = socket.local_addr()?;
        Ok((socket, bound))
    })
}

pub(crate) fn bind_tcp(places: Places<'_>) -> Result<Vec<Socket<TcpListener>>, BindError> {
    bind_all(places, Protocol::Tcp, |at| {
        let listener = open_tcp(at)?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    })
}

fn bind_all<S>(
    places: Places<'_>,
    protocol: Protocol,
    open: impl Fn(SocketAddr) -> io::Result<(S, SocketAddr)>,
) -> Result<Vec<Socket<S>>, BindError> {
    let Places {
        listen, announce, ..
    } = places;
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
        .map(|at| {
            let (socket, bound) = open(*at).map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => BindError::PortTaken(*at, protocol),
                _ => BindError::Listen(*at, error),
            })?;
            let name = name(bound, announce.next().copied(), places.learn)?;
            Ok(Socket { socket, name })
        })
        .collect()
}

fn name(bound: SocketAddr, announce: Option<SocketAddr>, learn: bool) -> Result<Name, BindError> {
    if learn && announce.is_none() && (bound.ip().is_unspecified() || is_inside(bound.ip())) {
        return Ok(Name::new(bound, None));
    }
    let mut announced = announce.unwrap_or(bound);
    if announced.port() == 0 {
        announced.set_port(bound.port());
    }
    if announced.ip().is_unspecified() {
        return Err(BindError::AnnounceNeeded(bound));
    }
    Ok(Name::new(bound, Some(announced)))
}

fn open_udp(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = open(at, Type::DGRAM)?;
    // Less than asked for is no reason not to start.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    socket.bind(&at.into())?;
    Ok(socket.into())
}

fn open_tcp(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = open(at, Type::STREAM)?;
    // Else connections of an earlier run would hold the port for a minute.
    socket.set_reuse_address(true)?;
    socket.bind(&at.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn open(at: SocketAddr, kind: Type) -> io::Result<RawSocket> {
    let socket = RawSocket::new(Domain::for_address(at), kind, None)?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Where pages reach a socket whose relay the host sees at this address; nowhere when that is of
/// the other family.
///
/// The host may stand beside the relay, in the same house or on the same machine. What it sees then
/// says nothing about where pages are, and a socket with an address of its own is reached at that.
fn reached_at(bound: SocketAddr, seen: IpAddr) -> Option<SocketAddr> {
    let at = SocketAddr::new(seen, bound.port());
    if bound.ip().is_unspecified() {
        return (bound.is_ipv4() == seen.is_ipv4()).then_some(at);
    }
    let translated = is_inside(bound.ip()) && !is_inside(seen) && !seen.is_loopback();
    let alike = bound.is_ipv4() == seen.is_ipv4();
    Some(if translated && alike { at } else { bound })
}

/// Whether an address means something only inside a network, as that of a task behind an address of
/// the internet.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn places(listen: &[SocketAddr]) -> Places<'_> {
        Places {
            listen,
            announce: None,
            learn: false,
        }
    }

    #[test]
    fn a_taken_port_is_named_with_its_protocol() {
        let free = [at("127.0.0.1:0")];
        let udp = bind_udp(places(&free)).unwrap();
        let tcp = bind_tcp(places(&free)).unwrap();
        let taken = [udp[0].name.bound];
        let error = bind_udp(places(&taken)).err().unwrap();
        let said = format!("media port {} is taken (udp)", taken[0]);
        assert_eq!(error.to_string(), said);
        let taken = [tcp[0].name.bound];
        let error = bind_tcp(places(&taken)).err().unwrap();
        let said = format!("media port {} is taken (tcp)", taken[0]);
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn an_unspecified_address_needs_one_to_announce() {
        let any = [at("0.0.0.0:0")];
        assert!(matches!(
            bind_udp(places(&any)),
            Err(BindError::AnnounceNeeded(_))
        ));
        let announced = Places {
            announce: Some(&[at("192.0.2.7:0")]),
            learn: true,
            ..places(&any)
        };
        let socket = bind_udp(announced).unwrap();
        let port = socket[0].socket.local_addr().unwrap().port();
        let named = at(&format!("192.0.2.7:{port}"));
        assert_eq!(socket[0].name.announced(), Some(named));
    }

    #[test]
    fn each_address_listened_on_has_one_to_announce() {
        let free = [at("127.0.0.1:0")];
        let none = Places {
            announce: Some(&[]),
            ..places(&free)
        };
        assert_eq!(
            bind_udp(none).err().unwrap().to_string(),
            "0 media addresses announced, 1 listened on"
        );
    }

    #[test]
    fn a_socket_learns_its_name_only_where_its_own_means_nothing_to_pages() {
        let learns = |text| {
            let listen = [at(text)];
            let learning = Places {
                learn: true,
                ..places(&listen)
            };
            bind_tcp(learning).unwrap()[0].name.announced().is_none()
        };
        assert!(learns("0.0.0.0:0"));
        assert!(!learns("127.0.0.1:0"));
    }

    #[test]
    fn a_socket_that_is_seen_elsewhere_is_still_known_by_its_latest_names() {
        let mut name = Name::new(at("0.0.0.0:3478"), None);
        assert_eq!(name.announced(), None);
        for last in 1..=6 {
            let seen = IpAddr::from([192, 0, 2, last]);
            assert!(name.seen_at(seen));
            assert!(!name.seen_at(seen), "it is called so already");
        }
        let known: Vec<u8> = (1..=6)
            .filter(|last| name.is((IpAddr::from([192, 0, 2, *last]), 3478).into()))
            .collect();
        assert_eq!(known, [2, 3, 4, 5, 6]);
        let mut fixed = Name::new(at("0.0.0.0:3478"), Some(at("192.0.2.1:3478")));
        assert!(!fixed.seen_at(IpAddr::from([192, 0, 2, 9])));
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
