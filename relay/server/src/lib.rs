//! The hands of the media relay: UDP and TCP sockets, the clock, the link home, shutdown and
//! counters. What is forwarded to whom is decided in `sightline-room`; nothing here looks into a
//! packet.
//!
//! Media lives on a thread of its own with its own small runtime, so that neither the link home nor
//! anything else of the process makes a packet wait. The link home is a task of the caller's
//! runtime; losing it never touches running calls.
//!
//! ```no_run
//! # async fn example() -> Result<(), sightline_relay::BindError> {
//! use sightline_relay::{Config, Relay};
//!
//! let mut config = Config::new(
//!     "ws://127.0.0.1:8080/ws",
//!     Box::new(|| "a fresh short-lived token".to_owned()),
//! );
//! config.media_listen = vec!["127.0.0.1:0".parse().expect("an address")];
//! let relay = Relay::bind(config)?;
//! tracing::info!(media = ?relay.media_addresses(), "relay listens");
//! let counters = relay.counters();
//! relay.run(async { tokio::signal::ctrl_c().await.unwrap_or(()) }).await;
//! tracing::info!(forwarded = counters.snapshot().packets_forwarded, "relay stopped");
//! # Ok(())
//! # }
//! ```

mod counters;
mod dial;
mod health;
mod home;
mod media;
mod metrics;
mod socket;
mod streams;
mod token;

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sightline_room::{House, HouseConfig};
use sightline_wire::{RelayId, RelaySays};
use tokio::sync::mpsc;

pub use counters::{Counters, Snapshot};
use dial::Dialler;
use health::Health;
pub use health::{Unwell, ask as ask_health};
use home::Home;
pub use metrics::write_emf;
pub use sightline_room::Protocol;
pub use socket::BindError;
use socket::{Name, Places, Socket};
pub use token::RelayKey;

/// Where the token of the control link comes from: called at each dial, so that it may be
/// short-lived.
pub type TokenSource = Box<dyn Fn() -> String + Send + Sync>;

/// Most words for the host that wait while the control link is away. Older ones go first when it is
/// back, newer ones are dropped beyond this: every one of them has a second way (pages repeat their
/// offers, leases end).
const SAYS_WAITING_MAX: usize = 1024;
/// Most words of the host that wait for the media thread. Beyond this an offer is dropped:
/// admission before overload.
const COMMANDS_WAITING_MAX: usize = 1024;
/// How long a farewell to the host may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// What a relay is told at its start.
pub struct Config {
    /// Who it is; `None` chooses an id, as each start should.
    pub relay: Option<RelayId>,
    /// The WebSocket API it dials, such as `ws://127.0.0.1:8080/ws` or `wss://api.example.com/ws`.
    pub home: String,
    /// A file of certificates (PEM) to trust there, besides the roots of the web.
    pub home_root: Option<PathBuf>,
    /// A token for each dial.
    pub token: TokenSource,
    /// UDP addresses to listen on for media. Port 0 takes a free one.
    pub media_listen: Vec<SocketAddr>,
    /// TCP addresses to listen on for media of pages whose network lets no UDP through. Port 0
    /// takes a free one; empty is none. Chromium connects to no port below 1024 but 80 and 443, and
    /// to these not inside a private network.
    pub media_tcp_listen: Vec<SocketAddr>,
    /// What pages are told in place of `media_listen`, one for each in its order; port 0 means the
    /// bound port. Required where that is unspecified (`0.0.0.0`) and not learned.
    pub announce: Option<Vec<SocketAddr>>,
    /// The same for `media_tcp_listen`.
    pub announce_tcp: Option<Vec<SocketAddr>>,
    /// Where those say nothing and an address to listen on is unspecified or private, pages are
    /// told the one at which the host sees this relay. Until the host has said it, the relay takes
    /// no room.
    pub learn_place: bool,
    /// Most rooms at a time.
    pub rooms_max: u32,
    /// How long running calls may go on after the shutdown began. Zero, as the desk has it, closes
    /// them at once.
    pub patience: Duration,
    /// When the link home is replaced by a fresh one.
    pub rotation: Rotation,
    /// Where [`ask_health`] is answered, on loopback as a rule: anybody who reaches it may ask.
    pub health_listen: Option<SocketAddr>,
}

/// When the link home is replaced: API Gateway ends every WebSocket after two hours (Amazon API
/// Gateway quotas, "connection duration for WebSocket API"), so the next one is up before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// From a link's beginning to the dial for the next one, give or take `jitter`.
    pub after: Duration,
    /// So that relays that started together do not stay together.
    pub jitter: Duration,
    /// How long the earlier link is listened to, once the later one serves: words on their way
    /// arrive.
    pub overlap: Duration,
}

impl Default for Rotation {
    /// 105 to 115 minutes, and 10 s for both.
    fn default() -> Self {
        Self {
            after: Duration::from_secs(110 * 60),
            jitter: Duration::from_secs(5 * 60),
            overlap: Duration::from_secs(10),
        }
    }
}

impl Rotation {
    fn wait(&self, chance: u64) -> Duration {
        let span = u64::try_from(2 * self.jitter.as_millis()).unwrap_or(u64::MAX - 1) + 1;
        self.after.saturating_sub(self.jitter) + Duration::from_millis(chance % span)
    }
}

impl Config {
    /// A relay on `127.0.0.1` with a free port of UDP and one of TCP, 200 rooms, and no patience.
    #[must_use]
    pub fn new(home: &str, token: TokenSource) -> Self {
        Self {
            relay: None,
            home: home.to_owned(),
            home_root: None,
            token,
            media_listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            media_tcp_listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            announce: None,
            announce_tcp: None,
            learn_place: false,
            rooms_max: 200,
            patience: Duration::ZERO,
            rotation: Rotation::default(),
            health_listen: None,
        }
    }

    /// Where to listen over TCP, and what pages are told of it. What is not said is as over UDP,
    /// which is said before this: the addresses to listen on, and those announced; but where the
    /// former are given, with their own ports.
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

/// A relay that listens and has not started.
pub struct Relay {
    home: Home,
    house: House,
    sockets: Vec<Socket<UdpSocket>>,
    listeners: Vec<Socket<TcpListener>>,
    media: Vec<SocketAddr>,
    media_tcp: Vec<SocketAddr>,
    health: Option<std::net::TcpListener>,
    counters: Arc<Counters>,
    patience: Duration,
}

impl Relay {
    /// Binds the media sockets.
    ///
    /// # Errors
    /// When the configuration makes no sense or a port cannot be had.
    pub fn bind(config: Config) -> Result<Self, BindError> {
        let dialler = Dialler::new(&config.home, config.home_root.as_deref(), config.token)?;
        let sockets = socket::bind_udp(Places {
            listen: &config.media_listen,
            announce: config.announce.as_deref(),
            learn: config.learn_place,
        })?;
        let listeners = match socket::bind_tcp(Places {
            listen: &config.media_tcp_listen,
            announce: config.announce_tcp.as_deref(),
            learn: config.learn_place,
        }) {
            // Ports below 1024 are not everybody's. Without one the relay is still of use to all
            // who have UDP.
            Err(BindError::Listen(at, error)) if error.kind() == ErrorKind::PermissionDenied => {
                tracing::error!(media = %at, %error, "no media over tcp: this port needs a right");
                Vec::new()
            }
            bound => bound?,
        };
        let names = sockets.iter().map(|socket| &socket.name);
        let names_tcp = listeners.iter().map(|listener| &listener.name);
        let is_learned = |name: &Name| name.announced().is_none();
        // One that must be learned holds the others back, so that pages get all or none. Those of
        // TCP only join them.
        let waits = names.clone().any(is_learned);
        let learns_place = waits || names_tcp.clone().any(is_learned);
        let told = |name: &Name| name.announced().filter(|_| !waits);
        let media: Vec<SocketAddr> = names.filter_map(told).collect();
        let media_tcp: Vec<SocketAddr> = names_tcp.filter_map(told).collect();
        let health = config.health_listen.map(listen_for_health).transpose()?;
        let relay = config.relay.unwrap_or_else(any_id);
        let house = House::new(HouseConfig {
            relay,
            rooms_max: config.rooms_max as usize,
            media: media::addresses(Protocol::Udp, media.iter().copied())
                .chain(media::addresses(Protocol::Tcp, media_tcp.iter().copied()))
                .collect(),
            certificate: sightline_room::make_certificate(),
        });
        let counters = Arc::new(Counters::default());
        counters.placed(media.clone());
        let home = Home {
            dialler,
            relay,
            rooms_max: config.rooms_max,
            learns_place,
            rotation: config.rotation,
            counters: Arc::clone(&counters),
        };
        Ok(Self {
            home,
            house,
            sockets,
            listeners,
            media,
            media_tcp,
            health,
            counters,
            patience: config.patience,
        })
    }

    /// Who it is.
    #[must_use]
    pub fn id(&self) -> RelayId {
        self.home.relay
    }

    /// What pages are told: the announced addresses of UDP, ports resolved. Empty where the host is
    /// to say ([`Config::learn_place`], then [`Counters::place`]).
    #[must_use]
    pub fn media_addresses(&self) -> &[SocketAddr] {
        &self.media
    }

    /// The same of TCP.
    #[must_use]
    pub fn media_tcp_addresses(&self) -> &[SocketAddr] {
        &self.media_tcp
    }

    /// Where [`ask_health`] is answered.
    #[must_use]
    pub fn health_address(&self) -> Option<SocketAddr> {
        self.health.as_ref()?.local_addr().ok()
    }

    /// Numbers to look at while it runs.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Carries calls until `shutdown` resolves. Then it takes no new rooms, tells the host of
    /// everybody who is still here, lets running calls go on for the configured patience, closes
    /// every transport (so that pages notice at once) and returns.
    ///
    /// Dropping the future instead closes every transport too, without waiting for anything.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (commands, commands_inbox) = mpsc::channel(COMMANDS_WAITING_MAX);
        let (says, says_inbox) = mpsc::channel::<RelaySays>(SAYS_WAITING_MAX);
        let (ended, has_ended) = tokio::sync::oneshot::channel::<()>();
        let media = media::Media {
            house: self.house,
            sockets: self.sockets,
            listeners: self.listeners,
            commands: commands_inbox,
            says,
            counters: Arc::clone(&self.counters),
        };
        let thread = std::thread::Builder::new()
            .name("sightline-media".to_owned())
            .spawn(move || {
                media.run();
                drop(ended);
            });
        if let Err(error) = thread {
            tracing::error!(%error, "media thread did not start");
            return;
        }
        let health = Health {
            listener: self.health,
            commands: commands.downgrade(),
            counters: Arc::clone(&self.counters),
        };
        let home = self.home.run(says_inbox, commands.clone());
        let leave = async {
            shutdown.await;
            tracing::info!("relay is leaving");
            if !self.patience.is_zero() {
                let _ = commands.send(media::Command::Drain).await;
                self.counters.wait_until_empty(self.patience).await;
            }
            let _ = commands.send(media::Command::Leave).await;
        };
        tokio::pin!(home);
        let home_ended = tokio::select! {
            () = leave => false,
            // Only with the media thread: it dropped its end of the says.
            () = &mut home => true,
            () = health.run() => false,
        };
        // The media thread closes every transport and drops its end of the says; the link home ends
        // after the last of them.
        if !home_ended && tokio::time::timeout(FAREWELL, home).await.is_err() {
            tracing::debug!("the host did not hear the farewell");
        }
        if tokio::time::timeout(FAREWELL, has_ended).await.is_err() {
            tracing::warn!("media thread did not end in time");
        }
    }
}

fn listen_for_health(address: SocketAddr) -> Result<std::net::TcpListener, BindError> {
    let listen = || {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().map_err(|error| BindError::Health(address, error))
}

/// An id that nobody else has. It is no secret, so the hasher's keys are chance enough.
fn any_id() -> RelayId {
    let (low, high) = (chance(), chance());
    RelayId::from_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
}

/// 64 bits of chance, good for ids and jitter, not for secrets.
fn chance() -> u64 {
    RandomState::new().hash_one(0_u8)
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
