//! The plug to the cloud: the host's ports on DynamoDB, SNS, API Gateway and S3, and what the mains
//! of the functions share.
//!
//! Nothing here decides anything: what a session allows is in `sightline-session`, and the order of
//! load, decide, commit and effects in `sightline-host`. A function is given only what its role
//! allows: text messages and objects are parts of [`Cloud`] that most functions go without
//! ([`Without`]), so that neither the client nor the permission is there.

mod bucket;
mod cloud;
pub mod connection_limits;
pub mod http;
pub mod metrics;
mod provider;
pub mod retries;
pub mod settings;
mod sockets;
pub mod start;
pub mod sweep;
mod table;
mod texts;
mod trouble;
pub mod ws;

pub use bucket::{Bucket, Swept};
pub use cloud::{Cloud, Without};
pub use provider::Https;
pub use sockets::Sockets;
pub use table::Table;
pub use texts::{Texts, TextsConfig};
