//! The hands of the media relay: UDP sockets, the clock, the link home, shutdown and counters. What is forwarded to whom
//! is decided in `sightline-room`; nothing here looks into a packet.
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
//! println!("media on {:?}", relay.media_addresses());
//! let counters = relay.counters();
//! relay.run(async { tokio::signal::ctrl_c().await.ok(); }).await;
//! println!("{:?}", counters.snapshot());
//! # Ok(())
//! # }
//! ```

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use sightline_wire::RelayId;

/// Where the token of the control link comes from: called at each dial, so that it may be short-lived.
pub type TokenSource = Box<dyn Fn() -> String + Send + Sync>;

/// What a relay is told at its start.
pub struct Config {
    /// Who it is; chosen anew at each start.
    pub relay: Option<RelayId>,
    /// The WebSocket API it dials, such as `ws://127.0.0.1:8080/ws`.
    pub home: String,
    /// A token for each dial.
    pub token: TokenSource,
    /// UDP addresses to listen on for media. Port 0 takes a free one.
    pub media_listen: Vec<SocketAddr>,
    /// What pages are told in place of `media_listen`, one for each in its order. Required where that is unspecified (`0.0.0.0`).
    pub announce: Option<Vec<SocketAddr>>,
    /// Most rooms at a time.
    pub rooms_max: u32,
}

impl Config {
    /// A relay on `127.0.0.1` with a free port.
    #[must_use]
    pub fn new(home: &str, token: TokenSource) -> Self {
        Self {
            relay: None,
            home: home.to_owned(),
            token,
            media_listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            announce: None,
            rooms_max: 200,
        }
    }
}

/// Why a relay could not start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("media port {0} is taken")]
    PortTaken(SocketAddr),
    /// Some other trouble with the socket.
    #[error("cannot listen for media on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
}

/// A relay that listens and has not started.
pub struct Relay {
    media: Vec<SocketAddr>,
}

impl Relay {
    /// Binds the media sockets.
    ///
    /// # Errors
    /// When the configuration makes no sense or a port cannot be had.
    pub fn bind(_config: Config) -> Result<Self, BindError> {
        todo!("being built")
    }

    /// What pages are told: the announced addresses, ports resolved.
    #[must_use]
    pub fn media_addresses(&self) -> &[SocketAddr] {
        &self.media
    }

    /// Numbers to look at while it runs.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        todo!("being built")
    }

    /// Carries calls until `shutdown` resolves, then closes every transport so that pages notice at once, and returns.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        shutdown.await;
    }
}

/// Numbers of a running relay.
#[derive(Debug, Default)]
pub struct Counters {}

/// The numbers at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {}

impl Counters {
    /// The numbers at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {}
    }
}
