//! A relay as a whole: binds its sockets, runs its parts, stops them in order.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use sightline_room::{Protocol, Sfu, SfuConfig};
use sightline_wire::{RelayId, RelaySays};
use tokio::sync::{mpsc, oneshot};

use crate::chance::chance;
use crate::config::Config;
use crate::counters::RelayCounters;
use crate::dial::Dialler;
use crate::health::HealthListener;
use crate::home::LinkHome;
use crate::media::{self, MediaCommand, MediaThread};
use crate::metrics_listener::MetricsListener;
use crate::own::OwnAddresses;
use crate::socket::{self, BindError, ListenConfig, Socket, SocketName};

/// Most messages to the host that wait while the link home is down. Newer ones are dropped beyond
/// this. Each has a second way: pages repeat their offers, leases expire.
const OUTBOX_MAX: usize = 1024;
/// Most commands that wait for the media thread. Further ones are dropped, so that overload does
/// not grow.
const COMMANDS_MAX: usize = 1024;
/// How long each part may take to stop.
const STOP_WITHIN: Duration = Duration::from_millis(500);

/// A relay that is bound and not started.
pub struct Relay {
    home: LinkHome,
    sfu: Sfu,
    sockets: Vec<Socket<UdpSocket>>,
    listeners: Vec<Socket<TcpListener>>,
    own: Option<OwnAddresses>,
    addresses: Announced,
    health: Option<TcpListener>,
    metrics: Option<TcpListener>,
    counters: Arc<RelayCounters>,
    patience: Duration,
}

/// The addresses that answers name, before the host has reported any.
struct Announced {
    udp: Vec<SocketAddr>,
    tcp: Vec<SocketAddr>,
    /// The host reports further ones.
    learns: bool,
}

impl Relay {
    /// Binds the sockets.
    ///
    /// # Errors
    /// When the configuration is contradictory or a port cannot be bound.
    pub fn bind(config: Config) -> Result<Self, BindError> {
        let dialler = Dialler::new(&config.home, config.home_root.as_deref(), config.token)?;
        let mut sockets = socket::bind_udp(ListenConfig {
            listen: &config.media_listen,
            announce: config.announce.as_deref(),
            learn: config.learn_address,
        })?;
        let mut listeners = bind_tcp_if_permitted(ListenConfig {
            listen: &config.media_tcp_listen,
            announce: config.announce_tcp.as_deref(),
            learn: config.learn_address,
        })?;
        let own = config.own_media.map(|own| {
            let own = OwnAddresses::new(own, &bound(&sockets), &bound(&listeners));
            for at in own.addresses() {
                sockets.extend(own.bind_udp(at));
                listeners.extend(own.bind_tcp(at));
            }
            own
        });
        let addresses = Announced::new(&sockets, &listeners);
        let health = config.health_listen.map(|at| listen(at, BindError::Health));
        let health = health.transpose()?;
        let metrics = config
            .metrics_listen
            .map(|at| listen(at, BindError::Metrics));
        let metrics = metrics.transpose()?;
        let relay = config.relay.unwrap_or_else(random_id);
        let sfu = Sfu::new(SfuConfig {
            relay,
            rooms_max: config.rooms_max as usize,
            media: media::addresses(Protocol::Udp, addresses.udp.iter().copied())
                .chain(media::addresses(
                    Protocol::Tcp,
                    addresses.tcp.iter().copied(),
                ))
                .collect(),
            certificate: sightline_room::make_certificate(),
        });
        let counters = Arc::new(RelayCounters::default());
        counters.set_media_addresses(addresses.udp.clone());
        let home = LinkHome {
            dialler,
            relay,
            rooms_max: config.rooms_max,
            learns_address: addresses.learns,
            rotation: config.rotation,
            counters: Arc::clone(&counters),
        };
        Ok(Self {
            home,
            sfu,
            sockets,
            listeners,
            own,
            addresses,
            health,
            metrics,
            counters,
            patience: config.patience,
        })
    }

    /// The relay's id.
    #[must_use]
    pub fn id(&self) -> RelayId {
        self.home.relay
    }

    /// The UDP addresses that answers name, with the bound ports. Empty until the host has reported
    /// the relay's address if [`Config::learn_address`] applies; then see
    /// [`RelayCounters::media_addresses`].
    #[must_use]
    pub fn media_addresses(&self) -> &[SocketAddr] {
        &self.addresses.udp
    }

    /// The TCP addresses that answers name, likewise.
    #[must_use]
    pub fn media_tcp_addresses(&self) -> &[SocketAddr] {
        &self.addresses.tcp
    }

    /// Where the relay answers health checks.
    #[must_use]
    pub fn health_address(&self) -> Option<SocketAddr> {
        self.health.as_ref()?.local_addr().ok()
    }

    /// Where Prometheus reads the relay's numbers.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref()?.local_addr().ok()
    }

    /// The relay's numbers, up to date while it runs.
    #[must_use]
    pub fn counters(&self) -> Arc<RelayCounters> {
        Arc::clone(&self.counters)
    }

    /// Carries calls until `shutdown` resolves. Then the relay takes no new rooms, reports every
    /// connected page to the host, lets running calls go on for the configured patience, closes
    /// every transport (so that pages notice at once) and returns.
    ///
    /// Dropping the future closes every transport too, without waiting for anything.
    ///
    /// # Errors
    /// When the media thread does not start, or ends before `shutdown` resolves.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let (commands, commands_inbox) = mpsc::channel(COMMANDS_MAX);
        let (to_host, outbox) = mpsc::channel::<RelaySays>(OUTBOX_MAX);
        let (running, mut has_ended) = oneshot::channel::<io::Result<()>>();
        let (listening, listens) = oneshot::channel();
        let media = MediaThread {
            sfu: self.sfu,
            sockets: self.sockets,
            listeners: self.listeners,
            own: self.own,
            commands: commands_inbox,
            to_host,
            counters: Arc::clone(&self.counters),
        };
        std::thread::Builder::new()
            .name("sightline-media".to_owned())
            // Nobody may wait for the result any more.
            .spawn(move || running.send(media.run(listening)).unwrap_or(()))?;
        // The host gives rooms to a relay that says hello.
        if listens.await.is_err() {
            return has_ended.await.unwrap_or_else(|_| Err(panicked()));
        }
        let health = HealthListener {
            listener: self.health,
            commands: commands.downgrade(),
            counters: Arc::clone(&self.counters),
        };
        let metrics = MetricsListener {
            listener: self.metrics,
            counters: Arc::clone(&self.counters),
        };
        let home = self.home.run(outbox, commands.clone());
        let stop = async {
            shutdown.await;
            stop_media(&commands, &self.counters, self.patience).await;
        };
        tokio::pin!(home);
        let (mut home_ended, mut early) = (false, None);
        tokio::select! {
            () = stop => {}
            // Only after the media thread, which drops its end of the outbox.
            () = &mut home => home_ended = true,
            () = health.run() => {}
            () = metrics.run() => {}
            ended = &mut has_ended => early = Some(ended),
        }
        // The media thread closes every transport and drops its end of the outbox. The link home
        // ends after the last message in it.
        if !home_ended && tokio::time::timeout(STOP_WITHIN, home).await.is_err() {
            tracing::debug!("link to the host did not close in time");
        }
        let ended = match early {
            Some(ended) => ended,
            None => match tokio::time::timeout(STOP_WITHIN, has_ended).await {
                Ok(ended) => ended,
                Err(_) => {
                    tracing::warn!("media thread did not end in time");
                    return Ok(());
                }
            },
        };
        ended.unwrap_or_else(|_| Err(panicked()))
    }
}

fn panicked() -> io::Error {
    io::Error::other("the media thread panicked")
}

/// Lets running calls end, then the media thread.
async fn stop_media(
    commands: &mpsc::Sender<MediaCommand>,
    counters: &RelayCounters,
    patience: Duration,
) {
    tracing::info!("relay is stopping");
    if !patience.is_zero() {
        let _ = commands.send(MediaCommand::Drain).await;
        counters.wait_until_empty(patience).await;
    }
    let _ = commands.send(MediaCommand::Stop).await;
}

impl Announced {
    fn new(udp: &[Socket<UdpSocket>], tcp: &[Socket<TcpListener>]) -> Self {
        let udp = || udp.iter().map(|socket| &socket.name);
        let tcp = || tcp.iter().map(|listener| &listener.name);
        let is_learned = |name: &SocketName| name.announced().is_none();
        // While an address of UDP is missing, answers name none, so that pages never learn only a
        // part of them. Those of TCP may be added later.
        let waits = udp().any(is_learned);
        let known = |name: &SocketName| name.announced().filter(|_| !waits);
        Self {
            learns: waits || tcp().any(is_learned),
            udp: udp().filter_map(known).collect(),
            tcp: tcp().filter_map(known).collect(),
        }
    }
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

/// Binds a listener that is no media.
fn listen(
    address: SocketAddr,
    failed: fn(SocketAddr, io::Error) -> BindError,
) -> Result<TcpListener, BindError> {
    let listen = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen().map_err(|error| failed(address, error))
}

/// A random id. It is not a secret.
fn random_id() -> RelayId {
    let (low, high) = (chance(), chance());
    RelayId::from_bytes(((u128::from(high) << 64) | u128::from(low)).to_be_bytes())
}
