//! API Gateway, Lambda and CloudFront, as far as Sightline needs them, on one machine: reads
//! functions, routes and the distribution from `template.yaml`, runs the very binaries of the
//! functions through the Lambda Runtime API, reads their queues, and fails where AWS documents that
//! it may. Frames over 32 KB close with 1009, messages of one connection overtake each other, a
//! push before `$connect` has returned answers 410, `$disconnect` may be lost.
//!
//! Deliberately not: authorizers, caching, quotas per account, signatures (their presence is
//! checked, their value is not). The services that hold data (DynamoDB, S3, SNS, SQS, Secrets
//! Manager, Cognito) run in another process.

// Only JSON values are indexed here, and a missing member of a JSON value is null.
#![allow(clippy::indexing_slicing)]

mod clock;
mod connections;
mod control;
mod faults;
mod front;
mod gateway;
mod http;
mod ledger;
mod listen;
mod queues;
mod random;
mod runtime;
mod secrets;
mod settings;
pub mod template;
mod throttles;
mod ws;

pub use faults::{FaultRules, Rule};
pub use gateway::{Gateway, GatewayAddresses, GatewayError};
pub use settings::{GatewaySettings, Limits};
