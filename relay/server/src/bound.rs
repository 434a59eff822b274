//! The media sockets of a relay: those of each thread, and the listeners that all share.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, UdpSocket};

use crate::config::Config;
use crate::own::OwnAddresses;
use crate::shares::THREADS_MAX;
use crate::socket::{self, BindError, ListenConfig, Socket, SocketName};

/// All sockets.
pub(crate) struct Bound {
    pub(crate) threads: Vec<ThreadSockets>,
    pub(crate) listeners: Vec<Socket<TcpListener>>,
    /// Where the relay listens for TCP beside these.
    pub(crate) own_tcp: Option<OwnAddresses>,
}

/// The sockets of a media thread.
pub(crate) struct ThreadSockets {
    pub(crate) udp: Vec<Socket<UdpSocket>>,
    /// Where it listens beside these.
    pub(crate) own: Option<OwnAddresses>,
}

/// The addresses that answers name, before the host has reported any.
pub(crate) struct Announced {
    /// Those of each thread.
    pub(crate) udp: Vec<Vec<SocketAddr>>,
    pub(crate) tcp: Vec<SocketAddr>,
    /// The host reports further ones.
    pub(crate) learns: bool,
}

impl Bound {
    /// Binds them.
    ///
    /// # Errors
    /// When the configuration is contradictory or a port cannot be bound.
    pub(crate) fn new(config: &Config) -> Result<Self, BindError> {
        if !(1..=THREADS_MAX).contains(&config.threads) {
            return Err(BindError::Threads {
                threads: config.threads,
                max: THREADS_MAX,
            });
        }
        let threads = (0..config.threads).map(|thread| ThreadSockets::bind(config, thread));
        let threads = threads.collect::<Result<_, _>>()?;
        let mut listeners = bind_tcp_if_permitted(ListenConfig {
            listen: &config.media_tcp_listen,
            announce: config.announce_tcp.as_deref(),
            learn: config.learn_address,
        })?;
        let own_tcp = config.own_media.as_ref();
        let own_tcp = own_tcp.filter(|own| own.tcp && !listeners.is_empty());
        let own_tcp = own_tcp.map(|own| OwnAddresses::new(&own.machine, &bound(&listeners)));
        if let Some(own) = &own_tcp {
            let own = own
                .addresses()
                .into_iter()
                .filter_map(|at| own.bind_tcp(at));
            listeners.extend(own);
        }
        Ok(Self {
            threads,
            listeners,
            own_tcp,
        })
    }

    /// The names of all sockets.
    pub(crate) fn announced(&self) -> Announced {
        let udp = || self.threads.iter().flat_map(|thread| &thread.udp);
        let tcp = || self.listeners.iter().map(|listener| &listener.name);
        let is_learned = |name: &SocketName| name.announced().is_none();
        // While an address of UDP is missing, answers name none, so that pages never learn only a
        // part of them. Those of TCP may be added later.
        let waits = udp().any(|socket| is_learned(&socket.name));
        let known = |name: &SocketName| name.announced().filter(|_| !waits);
        let of = |thread: &ThreadSockets| {
            let names = thread.udp.iter().map(|socket| &socket.name);
            names.filter_map(known).collect()
        };
        Announced {
            udp: self.threads.iter().map(of).collect(),
            tcp: tcp().filter_map(known).collect(),
            learns: waits || tcp().any(is_learned),
        }
    }
}

impl ThreadSockets {
    fn bind(config: &Config, thread: usize) -> Result<Self, BindError> {
        let listen = ports_of(thread, &config.media_listen)?;
        let announce = config.announce.as_deref();
        let announce = announce.map(|announce| ports_of(thread, announce));
        let announce = announce.transpose()?;
        let mut udp = socket::bind_udp(ListenConfig {
            listen: &listen,
            announce: announce.as_deref(),
            learn: config.learn_address,
        })?;
        let own = config.own_media.as_ref();
        let own = own.map(|own| OwnAddresses::new(&own.machine, &bound(&udp)));
        if let Some(own) = &own {
            let own = own
                .addresses()
                .into_iter()
                .filter_map(|at| own.bind_udp(at));
            udp.extend(own);
        }
        Ok(Self { udp, own })
    }
}

/// The addresses of a thread: each has the next port. A free port stays one.
fn ports_of(thread: usize, first: &[SocketAddr]) -> Result<Vec<SocketAddr>, BindError> {
    let port_of = |at: &SocketAddr| match at.port() {
        0 => Ok(*at),
        port => {
            let port = usize::from(port) + thread;
            let port = u16::try_from(port).map_err(|_| BindError::NoPort(*at))?;
            Ok(SocketAddr::new(at.ip(), port))
        }
    };
    first.iter().map(port_of).collect()
}

fn bound<S>(sockets: &[Socket<S>]) -> Vec<SocketAddr> {
    sockets.iter().map(|socket| socket.name.bound()).collect()
}

/// Binds the TCP listeners. Ports below 1024 need a permission. Without it the relay still serves
/// all pages that have UDP.
fn bind_tcp_if_permitted(config: ListenConfig<'_>) -> Result<Vec<Socket<TcpListener>>, BindError> {
    match socket::bind_tcp(config) {
        Err(BindError::Listen(at, error)) if error.kind() == ErrorKind::PermissionDenied => {
            tracing::error!(media = %at, %error, "TCP media disabled: no permission to bind port");
            Ok(Vec::new())
        }
        bound => bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_has_the_next_port_and_none_beyond_the_last() {
        let first: Vec<SocketAddr> = ["10.0.0.1:3478", "[::1]:0", "10.0.0.1:65534"]
            .map(|at| at.parse().unwrap())
            .into();
        let ports = |thread| {
            let found = ports_of(thread, &first).map_err(|error| error.to_string())?;
            Ok(found.iter().map(SocketAddr::port).collect::<Vec<_>>())
        };
        assert_eq!(ports(0), Ok(vec![3478, 0, 65534]));
        assert_eq!(ports(1), Ok(vec![3479, 0, 65535]));
        let none = "no port is left for each media thread after 10.0.0.1:65534";
        assert_eq!(ports(2), Err(none.to_owned()));
    }
}
