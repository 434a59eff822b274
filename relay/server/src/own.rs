//! Media on the machine's own network address, for browsers on this machine that use no loopback
//! candidate (Firefox). No other machine is answered there.

use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::machine::Machine;
use crate::socket::{self, BindError, Socket};

/// Time between two looks at the default routes.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Where media listens on own addresses.
pub(crate) struct OwnAddresses {
    pub(crate) machine: Arc<Machine>,
    /// The port to listen on.
    port: u16,
    /// The addresses of `media_listen`, which serve everybody.
    open: Vec<IpAddr>,
    look_at: Option<Instant>,
}

impl OwnAddresses {
    /// With the port of the sockets that serve everybody: those of one media thread, or those for
    /// TCP.
    pub(crate) fn new(machine: &Arc<Machine>, bound: &[SocketAddr]) -> Self {
        Self {
            machine: Arc::clone(machine),
            port: bound.first().map_or(0, SocketAddr::port),
            open: bound.iter().map(SocketAddr::ip).collect(),
            look_at: None,
        }
    }

    /// When to look again. `None` before the first look.
    pub(crate) fn look_due(&self) -> Option<Instant> {
        self.look_at
    }

    /// Whether to look at this time.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.look_at.is_none_or(|at| at <= now)
    }

    /// The own addresses at this moment.
    pub(crate) fn look(&mut self, now: Instant) -> Vec<IpAddr> {
        self.look_at = Some(now + LOOK_EVERY);
        self.addresses()
    }

    /// The same, for the sockets of the start.
    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses = (self.machine.routed)();
        addresses.retain(|address| !self.open.contains(address));
        addresses
    }

    /// Listens for UDP on an own address. `None` if that fails: the next look tries again.
    pub(crate) fn bind_udp(&self, at: IpAddr) -> Option<Socket<UdpSocket>> {
        bind(self.port, |port| {
            socket::bind_own_udp(SocketAddr::new(at, port))
        })
    }

    /// The same for TCP.
    pub(crate) fn bind_tcp(&self, at: IpAddr) -> Option<Socket<TcpListener>> {
        bind(self.port, |port| {
            socket::bind_own_tcp(SocketAddr::new(at, port))
        })
    }
}

/// Binds to this port, or to a free one where another program has it.
fn bind<S>(port: u16, bind: impl Fn(u16) -> Result<S, BindError>) -> Option<S> {
    let bound = bind(port).or_else(|error| match error {
        BindError::PortTaken(..) => bind(0),
        error => Err(error),
    });
    bound
        .inspect_err(|error| {
            let error: &dyn std::error::Error = error;
            tracing::debug!(error, "own address not used for media");
        })
        .ok()
}
