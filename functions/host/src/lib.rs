//! Load, decide, commit, carry out: what stands between the session's rules and the world.
//!
//! A [`Host`] is given the world as [`ports`] and serves two doors: the HTTP API ([`router`]) and
//! the messages of WebSocket connections ([`Host::connect`], [`Host::message`],
//! [`Host::disconnected`]). Its modules are a tree. The doors call what serves a message or a
//! request (`connection`, `invite`, `codes`, `pictures`, `relay`, `beside`, `erasure`, `agents`,
//! `api_keys`, `webhooks`, `lines`, `programs`, `embed`, `brand`, `figures`, `export`), which uses
//! (one change of a session) and `effects` (what follows: `say`, `rooms`, `texting`). `topic` is
//! pure. So text messages leave through `texting` alone, and the cloud can give one function the
//! right to send them.
//!
//! This crate opens no socket, keeps no clock and stores nothing; a plug (the desk, the cloud)
//! does.

mod access;
mod agents;
mod api;
mod api_keys;
mod audit;
mod beside;
mod brand;
mod calls;
pub mod case;
mod codes;
mod config;
mod connection;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod cookies;
mod draft;
mod effects;
mod embed;
mod erasure;
mod export;
mod figures;
mod flow;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod health;
mod host;
mod invite;
mod jpeg;
pub mod limits;
mod lines;
#[cfg(any(test, feature = "contract"))]
pub mod memory;
mod phone;
mod pictures;
pub mod ports;
mod programs;
pub mod records;
mod relay;
mod rooms;
mod say;
pub mod sign_in;
mod signed_in;
pub mod sms;
mod stop;
mod store_error;
mod test_call;
mod texting;
pub mod tokens;
mod topic;
mod tries;
mod webhooks;
mod words;

#[cfg(test)]
mod tests;

pub use api::{
    SourceAddress, Surface, case_router, embed_headers, erasing_router, is_for_customers,
    only_hosts, router, security_headers, webhook_router,
};
pub use brand::{Logo, darkened};
pub use config::{HostConfig, MapsAddress, ProviderConfig, agent_id, desk_agent_id};
pub use connection::{Admitted, Handshake, NotAdmitted};
pub use cookies::Cookies;
pub use host::{Host, sign_in_link};
pub use phone::{BadEntry, RefusedNumbers, load_countries};
pub use pictures::Standing;
pub use tokens::Keys;
pub use webhooks::is_public;
pub use words::{closing, too_often};
