//! The configuration of a relay.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sightline_wire::RelayId;

use crate::machine::Machine;

/// Makes a token for the link home. Called at each dial, so that tokens may be short-lived.
pub type TokenSource = Box<dyn Fn() -> String + Send + Sync>;

/// The configuration of a relay.
pub struct Config {
    /// The relay's id. `None` chooses a random one, as each start should.
    pub relay: Option<RelayId>,
    /// The host's WebSocket API, such as `ws://127.0.0.1:8080/ws` or `wss://api.example.com/ws`.
    pub home: String,
    /// A file of certificates (PEM) to trust there, in addition to the web's root certificates.
    pub home_root: Option<PathBuf>,
    /// A token for each dial.
    pub token: TokenSource,
    /// Media threads, 1 to 16. A room belongs to one of them. One thread fills one processor.
    pub threads: usize,
    /// UDP addresses to listen on for media, and to announce: those of the first thread. Each
    /// further thread has the next port. Port 0 takes a free one for each.
    pub media_listen: Vec<SocketAddr>,
    /// TCP addresses to listen on for media of pages whose network blocks UDP. Port 0 takes a free
    /// one; an empty list disables media over TCP. Below 1024, Chromium connects to the ports 80
    /// and 443 only, and to these not inside a private network.
    pub media_tcp_listen: Vec<SocketAddr>,
    /// The addresses that answers name in place of `media_listen`, one for each, in the same order.
    /// Port 0 means the bound port. Required for an unspecified address (`0.0.0.0`) unless
    /// `learn_address` is set.
    pub announce: Option<Vec<SocketAddr>>,
    /// The same for `media_tcp_listen`.
    pub announce_tcp: Option<Vec<SocketAddr>>,
    /// Where no address is announced and the one listened on is unspecified or private, answers
    /// name the address at which the host sees this relay. The relay takes no room until the host
    /// has reported it.
    pub learn_address: bool,
    /// Listens on the machine's own network addresses as well, for browsers on this machine.
    pub own_media: Option<OwnMedia>,
    /// Most rooms at a time.
    pub rooms_max: u32,
    /// How long running calls may go on after the shutdown began. Zero closes them at once.
    pub patience: Duration,
    /// When the link home is replaced by a fresh one.
    pub rotation: Rotation,
    /// Where the relay answers health checks ([`ask_health`](crate::ask_health)), usually a
    /// loopback address: anyone who can connect may ask.
    pub health_listen: Option<SocketAddr>,
    /// Where Prometheus reads the relay's numbers (`GET /metrics`): anyone who can connect may.
    pub metrics_listen: Option<SocketAddr>,
}

/// Media for browsers on this machine that use no loopback candidate (Firefox does not).
///
/// Media listens on the source address of each default route, with the first port of
/// [`Config::media_listen`] (UDP) and [`Config::media_tcp_listen`] (TCP). The addresses are looked
/// up every 5 s; the next answer names a new one. A datagram or connection from an address that is
/// not one of this machine at that moment is dropped.
pub struct OwnMedia {
    /// This machine.
    pub machine: Arc<Machine>,
    /// Whether to listen for TCP there.
    pub tcp: bool,
}

/// When the link home is replaced. API Gateway ends every WebSocket after two hours (Amazon API
/// Gateway quotas, "connection duration for WebSocket API"), so the next link is up before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// From the beginning of a link to the dial for the next one, give or take `jitter`.
    pub after: Duration,
    /// Spreads the dials of relays that started together.
    pub jitter: Duration,
    /// How long the earlier link is still read from, once the later one is in use, so that messages
    /// on their way arrive.
    pub overlap: Duration,
}

impl Default for Rotation {
    /// After 105 to 115 minutes, with an overlap of 10 s.
    fn default() -> Self {
        Self {
            after: Duration::from_secs(110 * 60),
            jitter: Duration::from_secs(5 * 60),
            overlap: Duration::from_secs(10),
        }
    }
}

impl Rotation {
    /// From the beginning of a link to the next dial, for this random number.
    pub(crate) fn wait(&self, chance: u64) -> Duration {
        let span = u64::try_from(2 * self.jitter.as_millis()).unwrap_or(u64::MAX - 1) + 1;
        self.after.saturating_sub(self.jitter) + Duration::from_millis(chance % span)
    }
}

impl Config {
    /// A relay on `127.0.0.1` with one free UDP port and one free TCP port, 200 rooms and no
    /// patience.
    #[must_use]
    pub fn new(home: &str, token: TokenSource) -> Self {
        Self {
            relay: None,
            home: home.to_owned(),
            home_root: None,
            token,
            threads: 1,
            media_listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            media_tcp_listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            announce: None,
            announce_tcp: None,
            learn_address: false,
            own_media: None,
            rooms_max: 200,
            patience: Duration::ZERO,
            rotation: Rotation::default(),
            health_listen: None,
            metrics_listen: None,
        }
    }

    /// Sets the TCP addresses to listen on and to announce. What is not given is taken from UDP,
    /// which must be set before: the addresses to listen on, and the announced addresses (with the
    /// bound TCP ports if `listen` is given).
    pub fn media_over_tcp(
        &mut self,
        listen: Option<Vec<SocketAddr>>,
        announce: Option<Vec<SocketAddr>>,
    ) {
        let own_ports = listen.is_some();
        let as_over_udp = self.announce.iter().flatten().map(|at| match own_ports {
            true => SocketAddr::new(at.ip(), 0),
            false => *at,
        });
        let as_over_udp = self.announce.as_ref().map(|_| as_over_udp.collect());
        self.announce_tcp = announce.or(as_over_udp);
        self.media_tcp_listen = listen.unwrap_or_else(|| self.media_listen.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_replaced_well_before_two_hours_and_never_at_once() {
        let rotation = Rotation::default();
        for chance in [0, 1, 300_000, 600_000, 600_001, u64::MAX] {
            let minutes = rotation.wait(chance).as_secs_f64() / 60.0;
            assert!((105.0..=115.0).contains(&minutes), "{minutes}");
        }
        let none = Rotation {
            jitter: Duration::ZERO,
            ..rotation
        };
        assert_eq!(none.wait(u64::MAX), none.after);
    }
}
