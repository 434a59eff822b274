//! Load, decide, commit, carry out: what stands between the session's rules and the world.
//!
//! A [`Host`] is given the world as [`ports`] and serves two doors: the HTTP API ([`router`]) and
//! the messages of WebSocket connections ([`Host::connect`], [`Host::message`],
//! [`Host::disconnected`]). Topics have a file each, so that the cloud can run them as functions
//! with a role each: text messages leave through `topic/invite.rs` alone.
//!
//! This crate opens no socket, keeps no clock and stores nothing; a plug (the desk, the cloud)
//! does.

mod access;
mod api;
mod budget;
mod config;
mod connection;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod cookies;
pub mod flood;
mod flow;
mod guesses;
mod host;
mod jpeg;
pub mod limit;
#[cfg(any(test, feature = "contract"))]
pub mod memory;
mod phone;
pub mod ports;
pub mod records;
pub mod sign_in;
pub mod sms;
mod stop;
mod store_error;
pub mod tokens;
mod topic;
mod words;

#[cfg(test)]
mod tests;

pub use api::{SourceAddress, Surface, only_hosts, router, security_headers};
pub use config::{HostConfig, ProviderConfig, agent_id, desk_agent_id};
pub use connection::{Admitted, Handshake, NotAdmitted};
pub use cookies::Cookies;
pub use host::{Host, sign_in_link};
pub use phone::load_countries;
pub use tokens::Keys;
pub use words::{closing, too_often};
