//! The media sockets and the names by which pages know them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;

use sightline_room::Protocol;
use socket2::{Domain, Socket as RawSocket, Type};

/// Size of a socket's kernel buffers, for the time that the media thread is busy. The kernel may
/// grant less.
const BUFFER_BYTES: usize = 4 * 1024 * 1024;
/// Connections that the kernel keeps until they are accepted.
const BACKLOG: i32 = 128;
/// Most earlier names of a socket, which running calls may still use.
const EARLIER_MAX: usize = 4;

/// Why a relay could not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process listens there.
    #[error("media port {0} is taken ({1})")]
    PortTaken(SocketAddr, Protocol),
    /// The socket failed in another way.
    #[error("cannot listen for media on {0}")]
    Listen(SocketAddr, #[source] io::Error),
    /// A group of receivers, or all of a network, where one machine is wanted.
    #[error("{0} is a multicast or broadcast address: name an address of this machine")]
    Group(SocketAddr),
    /// Answers cannot name an unspecified address.
    #[error("media on {0} needs an address to announce")]
    AnnounceNeeded(SocketAddr),
    /// The numbers of addresses to announce and to listen on differ.
    #[error("{announced} media addresses announced, {listened} listened on")]
    AnnounceCount {
        /// How many are announced.
        announced: usize,
        /// How many are listened on.
        listened: usize,
    },
    /// There cannot be so many media threads.
    #[error("{threads} media threads: 1 to {max} are possible")]
    Threads {
        /// How many were wanted.
        threads: usize,
        /// Most.
        max: usize,
    },
    /// The ports of the media threads, which follow on each other, end before the last thread.
    #[error("no port is left for each media thread after {0}")]
    NoPort(SocketAddr),
    /// No address to listen on.
    #[error("no media address to listen on")]
    NoMedia,
    /// The host's URL is not one of a WebSocket that this relay can dial.
    #[error("cannot dial {url}: {why}")]
    Home {
        /// The URL.
        url: String,
        /// The reason.
        why: &'static str,
    },
    /// The extra root certificates cannot be read.
    #[error("cannot read certificates from {}: {why}", path.display())]
    HomeRoot {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
    },
    /// The health check listener failed.
    #[error("cannot listen for health checks on {0}")]
    Health(SocketAddr, #[source] io::Error),
    /// The metrics listener failed.
    #[error("cannot listen for Prometheus on {0}")]
    Metrics(SocketAddr, #[source] io::Error),
}

/// A bound socket and the name by which pages know it.
pub(crate) struct Socket<S> {
    pub(crate) socket: S,
    pub(crate) name: SocketName,
    /// Serves browsers on this machine only.
    pub(crate) own: bool,
}

/// The addresses by which pages know a socket.
#[derive(Clone)]
pub(crate) struct SocketName {
    bound: SocketAddr,
    /// The host reports the address.
    learns: bool,
    /// The address that answers name. `None` while it is not known.
    announced: Option<SocketAddr>,
    /// Addresses that earlier answers named. Their calls go on under these.
    earlier: Vec<SocketAddr>,
}

impl SocketName {
    fn new(bound: SocketAddr, announced: Option<SocketAddr>) -> Self {
        Self {
            bound,
            learns: announced.is_none(),
            announced,
            earlier: Vec::new(),
        }
    }

    /// The address that the socket is bound to.
    pub(crate) fn bound(&self) -> SocketAddr {
        self.bound
    }

    /// The address that answers name.
    pub(crate) fn announced(&self) -> Option<SocketAddr> {
        self.announced
    }

    /// The address that datagrams were sent to when they arrive here.
    pub(crate) fn destination(&self) -> SocketAddr {
        self.announced.unwrap_or(self.bound)
    }

    /// Whether answers name, or named, the socket by this address.
    pub(crate) fn is(&self, name: SocketAddr) -> bool {
        self.announced == Some(name) || self.earlier.contains(&name)
    }

    /// Notes the address at which the host sees the relay. Returns whether that changes the name.
    pub(crate) fn set_seen_at(&mut self, seen: IpAddr) -> bool {
        let name = address_seen_at(self.bound, seen).filter(|_| self.learns);
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

/// The addresses to listen on and to announce.
#[derive(Clone, Copy)]
pub(crate) struct ListenConfig<'a> {
    pub(crate) listen: &'a [SocketAddr],
    /// One for each of `listen`.
    pub(crate) announce: Option<&'a [SocketAddr]>,
    /// Whether the host reports the address where none is announced and the socket's own is useless
    /// to pages.
    pub(crate) learn: bool,
}

pub(crate) fn bind_udp(config: ListenConfig<'_>) -> Result<Vec<Socket<UdpSocket>>, BindError> {
    if config.listen.is_empty() {
        return Err(BindError::NoMedia);
    }
    bind_all(config, Protocol::Udp, open_udp)
}

pub(crate) fn bind_tcp(config: ListenConfig<'_>) -> Result<Vec<Socket<TcpListener>>, BindError> {
    bind_all(config, Protocol::Tcp, open_tcp)
}

/// Binds a UDP socket for browsers on this machine.
pub(crate) fn bind_own_udp(at: SocketAddr) -> Result<Socket<UdpSocket>, BindError> {
    bind_own(at, Protocol::Udp, open_udp)
}

/// Binds a TCP listener for browsers on this machine.
pub(crate) fn bind_own_tcp(at: SocketAddr) -> Result<Socket<TcpListener>, BindError> {
    bind_own(at, Protocol::Tcp, open_tcp)
}

fn bind_own<S>(
    at: SocketAddr,
    protocol: Protocol,
    open: impl Fn(SocketAddr) -> io::Result<(S, SocketAddr)>,
) -> Result<Socket<S>, BindError> {
    let (socket, bound) = open(at).map_err(|error| cannot_bind(at, protocol, error))?;
    Ok(Socket {
        socket,
        name: SocketName::new(bound, Some(bound)),
        own: true,
    })
}

fn cannot_bind(at: SocketAddr, protocol: Protocol, error: io::Error) -> BindError {
    match error.kind() {
        io::ErrorKind::AddrInUse => BindError::PortTaken(at, protocol),
        _ => BindError::Listen(at, error),
    }
}

fn bind_all<S>(
    config: ListenConfig<'_>,
    protocol: Protocol,
    open: impl Fn(SocketAddr) -> io::Result<(S, SocketAddr)>,
) -> Result<Vec<Socket<S>>, BindError> {
    let ListenConfig {
        listen, announce, ..
    } = config;
    if let Some(announce) = announce
        && announce.len() != listen.len()
    {
        return Err(BindError::AnnounceCount {
            announced: announce.len(),
            listened: listen.len(),
        });
    }
    let mut announce = announce.unwrap_or_default().iter();
    if let Some(group) = listen
        .iter()
        .chain(announce.clone())
        .find(|at| is_group(**at))
    {
        return Err(BindError::Group(*group));
    }
    listen
        .iter()
        .map(|at| {
            let (socket, bound) = open(*at).map_err(|error| cannot_bind(*at, protocol, error))?;
            let name = name_of(bound, announce.next().copied(), config.learn)?;
            Ok(Socket {
                socket,
                name,
                own: false,
            })
        })
        .collect()
}

/// Whether an address stands for many machines. A kernel lets programs bind to it.
#[must_use]
pub fn is_group(at: SocketAddr) -> bool {
    let ip = at.ip().to_canonical();
    ip.is_multicast() || ip == IpAddr::V4(Ipv4Addr::BROADCAST) || is_broadcast(at)
}

/// Whether the system says that this is a network's broadcast address: only a socket with
/// `SO_BROADCAST` may connect to one (connect(2), `EACCES`). Connecting sends nothing.
fn is_broadcast(at: SocketAddr) -> bool {
    if at.is_ipv6() {
        return false;
    }
    let far = SocketAddr::new(at.ip(), at.port().max(1));
    let tried = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.connect(far));
    tried.is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
}

fn name_of(
    bound: SocketAddr,
    announce: Option<SocketAddr>,
    learn: bool,
) -> Result<SocketName, BindError> {
    if learn && announce.is_none() && (bound.ip().is_unspecified() || is_inside(bound.ip())) {
        return Ok(SocketName::new(bound, None));
    }
    let mut announced = announce.unwrap_or(bound);
    if announced.port() == 0 {
        announced.set_port(bound.port());
    }
    if announced.ip().is_unspecified() {
        return Err(BindError::AnnounceNeeded(bound));
    }
    Ok(SocketName::new(bound, Some(announced)))
}

fn open_udp(at: SocketAddr) -> io::Result<(UdpSocket, SocketAddr)> {
    let socket = open(at, Type::DGRAM)?;
    // A smaller buffer is no reason not to start.
    let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
    let _ = socket.set_send_buffer_size(BUFFER_BYTES);
    socket.bind(&at.into())?;
    let socket = UdpSocket::from(socket);
    let bound = socket.local_addr()?;
    Ok((socket, bound))
}

fn open_tcp(at: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = open(at, Type::STREAM)?;
    // Otherwise connections of an earlier run would block the port for a minute.
    socket.set_reuse_address(true)?;
    socket.bind(&at.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

fn open(at: SocketAddr, kind: Type) -> io::Result<RawSocket> {
    let socket = RawSocket::new(Domain::for_address(at), kind, None)?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The address at which pages reach a socket if the host sees the relay at `seen`. `None` if that
/// is of the other address family.
///
/// The host may run in the same network or on the same machine as the relay. The address it sees is
/// then useless to pages, and a socket with an address of its own keeps that one.
fn address_seen_at(bound: SocketAddr, seen: IpAddr) -> Option<SocketAddr> {
    let at = SocketAddr::new(seen, bound.port());
    if bound.ip().is_unspecified() {
        return (bound.is_ipv4() == seen.is_ipv4()).then_some(at);
    }
    let translated = is_inside(bound.ip()) && !is_inside(seen) && !seen.is_loopback();
    let same_family = bound.is_ipv4() == seen.is_ipv4();
    Some(if translated && same_family { at } else { bound })
}

/// Whether an address is reachable only inside a network, such as that of a task behind a NAT.
fn is_inside(address: IpAddr) -> bool {
    match address {
        // Including the carrier range of RFC 6598, which clouds use for their own networks too.
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

    fn listening(listen: &[SocketAddr]) -> ListenConfig<'_> {
        ListenConfig {
            listen,
            announce: None,
            learn: false,
        }
    }

    #[test]
    fn a_taken_port_is_named_with_its_protocol() {
        let free = [at("127.0.0.1:0")];
        let udp = bind_udp(listening(&free)).unwrap();
        let tcp = bind_tcp(listening(&free)).unwrap();
        let taken = [udp[0].name.bound];
        let error = bind_udp(listening(&taken)).err().unwrap();
        let message = format!("media port {} is taken (udp)", taken[0]);
        assert_eq!(error.to_string(), message);
        let taken = [tcp[0].name.bound];
        let error = bind_tcp(listening(&taken)).err().unwrap();
        let message = format!("media port {} is taken (tcp)", taken[0]);
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn an_unspecified_address_needs_one_to_announce() {
        let any = [at("0.0.0.0:0")];
        assert!(matches!(
            bind_udp(listening(&any)),
            Err(BindError::AnnounceNeeded(_))
        ));
        let announced = ListenConfig {
            announce: Some(&[at("192.0.2.7:0")]),
            learn: true,
            ..listening(&any)
        };
        let socket = bind_udp(announced).unwrap();
        let port = socket[0].socket.local_addr().unwrap().port();
        let named = at(&format!("192.0.2.7:{port}"));
        assert_eq!(socket[0].name.announced(), Some(named));
    }

    #[test]
    fn an_address_of_many_machines_is_refused() {
        let groups = [
            "224.0.0.1:0",
            "239.255.255.250:1900",
            "255.255.255.255:0",
            // The broadcast address of loopback, as the system knows it.
            "127.255.255.255:0",
            "[ff02::1]:0",
            "[::ffff:224.0.0.1]:0",
        ];
        for group in groups.map(at) {
            for (listen, announce) in [(group, None), (at("127.0.0.1:0"), Some([group]))] {
                let config = ListenConfig {
                    listen: &[listen],
                    announce: announce.as_ref().map(<[_; 1]>::as_slice),
                    learn: false,
                };
                let refused = |error| matches!(error, BindError::Group(named) if named == group);
                assert!(bind_udp(config).err().is_some_and(refused), "{group}");
                assert!(bind_tcp(config).err().is_some_and(refused), "{group}");
            }
        }
    }

    #[test]
    fn each_address_listened_on_has_one_to_announce() {
        let free = [at("127.0.0.1:0")];
        let none = ListenConfig {
            announce: Some(&[]),
            ..listening(&free)
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
            let learning = ListenConfig {
                learn: true,
                ..listening(&listen)
            };
            bind_tcp(learning).unwrap()[0].name.announced().is_none()
        };
        assert!(learns("0.0.0.0:0"));
        assert!(!learns("127.0.0.1:0"));
    }

    #[test]
    fn a_socket_that_is_seen_elsewhere_is_still_known_by_its_latest_names() {
        let mut name = SocketName::new(at("0.0.0.0:3478"), None);
        assert_eq!(name.announced(), None);
        for last in 1..=6 {
            let seen = IpAddr::from([192, 0, 2, last]);
            assert!(name.set_seen_at(seen));
            assert!(!name.set_seen_at(seen), "it has that name already");
        }
        let known: Vec<u8> = (1..=6)
            .filter(|last| name.is((IpAddr::from([192, 0, 2, *last]), 3478).into()))
            .collect();
        assert_eq!(known, [2, 3, 4, 5, 6]);
        let mut fixed = SocketName::new(at("0.0.0.0:3478"), Some(at("192.0.2.1:3478")));
        assert!(!fixed.set_seen_at(IpAddr::from([192, 0, 2, 9])));
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
            let name = address_seen_at(at(bound), seen.parse().unwrap());
            assert_eq!(name, reached.map(at), "{bound} seen as {seen}");
        }
    }
}
