//! The hands of the media relay: UDP and TCP sockets, the clock, the link home, shutdown and
//! counters. `sightline-room` decides what is forwarded; nothing here looks into a packet.
//!
//! Media has threads of its own with a small runtime each, so that nothing else in the process
//! delays a packet. A room belongs to one of them. The caller's runtime accepts connections over
//! TCP and hands each to the thread that its first datagram names. The link home is a task there
//! too. Losing it does not affect running calls.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
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
//! relay.run(async { tokio::signal::ctrl_c().await.unwrap_or(()) }).await?;
//! tracing::info!(forwarded = counters.snapshot().packets_forwarded, "relay stopped");
//! # Ok(())
//! # }
//! ```

mod batch;
mod bound;
mod chance;
mod config;
mod counters;
mod crowd;
mod dial;
mod doors;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod health;
mod histogram;
mod home;
mod links;
pub mod log_filter;
mod logs;
mod machine;
mod media;
mod metrics;
mod metrics_listener;
mod numbers;
mod own;
mod prometheus;
mod relay;
mod shares;
mod socket;
mod streams;
mod threads;
mod token;
mod udp;
mod variables;

pub use config::{Config, OwnMedia, Rotation, TokenSource};
pub use counters::{RelayCounters, Snapshot};
pub use health::{HealthError, ask as ask_health};
pub use histogram::Histogram;
pub use logs::LineLimit;
pub use machine::{AddressSource, Machine};
pub use metrics::{EmfName, write_emf};
pub use relay::Relay;
pub use sightline_room::Protocol;
pub use socket::{BindError, is_group};
pub use token::RelayKey;
pub use variables::unset_empty;
