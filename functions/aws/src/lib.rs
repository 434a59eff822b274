//! The plug to the cloud: the host's ports on DynamoDB, SNS, SQS, API Gateway and S3, and what the
//! mains of the functions share.
//!
//! This crate decides nothing: `sightline-session` decides what a session allows, and
//! `sightline-host` orders load, decide, commit and effects. A function has only the parts that its
//! role allows: most functions run without text messages and objects in [`Cloud`] ([`Without`]), so
//! that they have neither the client nor the permission.

mod bucket;
mod cloud;
pub mod connection_limits;
pub mod deliver;
pub mod erasing;
pub mod http;
pub mod metrics;
pub mod origin;
pub mod places;
mod provider;
mod queue;
pub mod retries;
pub mod settings;
mod sockets;
pub mod start;
mod store_error;
pub mod sweep;
mod table;
mod texts;
pub mod ws;

pub use bucket::{CaseUpload, ErasedPage, S3Bucket, Swept};
pub use cloud::{Cloud, Without};
pub use provider::Https;
pub use queue::{QueuedDelivery, SqsQueue};
pub use sockets::ApiGatewayPush;
pub use table::{OpenSession, OpenSessions, SweepMark, Table};
pub use texts::{Texts, TextsConfig};
