//! A relay as a whole: binds its sockets, runs its parts, stops them in order.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, select_all};
use sightline_room::{Protocol, Sfu, SfuConfig};
use sightline_wire::{RelayId, RelaySays};
use tokio::sync::mpsc;

use crate::bound::{Announced, Bound};
use crate::chance::chance;
use crate::config::Config;
use crate::counters::RelayCounters;
use crate::dial::Dialler;
use crate::doors::Doors;
use crate::health::HealthListener;
use crate::home::LinkHome;
use crate::media::{self, MediaCommand, MediaThread};
use crate::metrics_listener::MetricsListener;
use crate::shares::{self, Shares};
use crate::socket::BindError;
use crate::streams::Streams;
use crate::threads::{Ending, Threads, panicked};

/// Most messages to the host that wait while the link home is down. Newer ones are dropped beyond
/// this. Each has a second way: pages repeat their offers, leases expire.
const OUTBOX_MAX: usize = 1024;
/// How long each part may take to stop.
const STOP_WITHIN: Duration = Duration::from_millis(500);

/// A relay that is bound and not started.
pub struct Relay {
    home: LinkHome,
    sfus: Vec<Sfu>,
    shares: Arc<Shares>,
    bound: Bound,
    /// The UDP addresses of all threads that answers name.
    udp: Vec<SocketAddr>,
    addresses: Announced,
    health: Option<TcpListener>,
    metrics: Option<TcpListener>,
    counters: Arc<RelayCounters>,
    patience: Duration,
}

impl Relay {
    /// Binds the sockets.
    ///
    /// # Errors
    /// When the configuration is contradictory or a port cannot be bound.
    pub fn bind(config: Config) -> Result<Self, BindError> {
        let bound = Bound::new(&config)?;
        let dialler = Dialler::new(&config.home, config.home_root.as_deref(), config.token)?;
        let addresses = bound.announced();
        let health = config.health_listen.map(|at| listen(at, BindError::Health));
        let health = health.transpose()?;
        let metrics = config
            .metrics_listen
            .map(|at| listen(at, BindError::Metrics));
        let metrics = metrics.transpose()?;
        let relay = config.relay.unwrap_or_else(random_id);
        let counters = Arc::new(RelayCounters::default());
        let certificate = sightline_room::make_certificate();
        let rooms = shares::divided(config.rooms_max as usize, config.threads);
        let tcp = || media::addresses(Protocol::Tcp, addresses.tcp.iter().copied());
        let of_threads = addresses.udp.iter().zip(&rooms).enumerate();
        let sfus = of_threads.map(|(thread, (udp, rooms_max))| {
            counters.set_media_addresses(thread, udp.clone());
            Sfu::new(SfuConfig {
                relay,
                rooms_max: *rooms_max,
                media: media::addresses(Protocol::Udp, udp.iter().copied())
                    .chain(tcp())
                    .collect(),
                certificate: certificate.clone(),
                mark: shares::mark_of(thread),
            })
        });
        let sfus = sfus.collect();
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
            sfus,
            shares: Arc::new(Shares::new(&rooms)),
            bound,
            udp: addresses.udp.concat(),
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
        &self.udp
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
    /// When a media thread does not start, or ends before `shutdown` resolves.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let (to_host, outbox) = mpsc::channel::<RelaySays>(OUTBOX_MAX);
        let mut streams = Vec::new();
        let mut threads = Vec::new();
        for (number, (sfu, sockets)) in self.sfus.into_iter().zip(self.bound.threads).enumerate() {
            let own = Streams::new(self.bound.listeners.iter().map(|at| at.name.clone()));
            streams.push(own.sender());
            threads.push(MediaThread {
                number,
                sfu,
                sockets: sockets.udp,
                streams: own,
                own: sockets.own,
                to_host: to_host.clone(),
                shares: Arc::clone(&self.shares),
                counters: Arc::clone(&self.counters),
            });
        }
        // The link home ends when the threads have dropped theirs.
        drop(to_host);
        let (threads, mut ends) = Threads::start(threads, self.shares).await?;
        let doors = Doors::new(
            self.bound.listeners,
            self.bound.own_tcp,
            streams,
            Arc::clone(&self.counters),
        );
        let health = HealthListener {
            listener: self.health,
            commands: threads.downgrade(),
            counters: Arc::clone(&self.counters),
        };
        let metrics = MetricsListener {
            listener: self.metrics,
            counters: Arc::clone(&self.counters),
        };
        let home = self.home.run(outbox, &threads);
        let stop = async {
            shutdown.await;
            stop_media(&threads, &self.counters, self.patience).await;
        };
        tokio::pin!(home);
        let (mut home_ended, mut early) = (false, None);
        tokio::select! {
            () = stop => {}
            // Only after the media threads, which drop their ends of the outbox.
            () = &mut home => home_ended = true,
            () = doors.run() => {}
            () = health.run() => {}
            () = metrics.run() => {}
            (result, ..) = select_all(&mut ends) => early = Some(result),
        }
        // The media threads close every transport and drop their ends of the outbox. The link home
        // ends after the last message in it.
        if !home_ended && tokio::time::timeout(STOP_WITHIN, home).await.is_err() {
            tracing::debug!("link to the host did not close in time");
        }
        if let Some(result) = early {
            return result.unwrap_or_else(|_| Err(panicked()));
        }
        all_ended(ends).await
    }
}

/// Waits for the threads, which were told to stop.
async fn all_ended(ends: Vec<Ending>) -> io::Result<()> {
    let Ok(ends) = tokio::time::timeout(STOP_WITHIN, join_all(ends)).await else {
        tracing::warn!("media threads did not end in time");
        return Ok(());
    };
    let mut ends = ends.into_iter();
    ends.try_for_each(|ended| ended.unwrap_or_else(|_| Err(panicked())))
}

/// Lets running calls end, then the media threads.
async fn stop_media(threads: &Threads, counters: &RelayCounters, patience: Duration) {
    tracing::info!("relay is stopping");
    if !patience.is_zero() {
        threads.tell_surely(|| MediaCommand::Drain).await;
        counters.wait_until_empty(patience).await;
    }
    threads.tell_surely(|| MediaCommand::Stop).await;
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
