//! API Gateway, Lambda and CloudFront, as far as Sightline needs them, on one machine: reads
//! functions, routes and the distribution from `template.yaml`, runs the very binaries of the
//! functions through the Lambda Runtime API, and is as unkind as AWS documents to be. Frames over
//! 32 KB close with 1009, messages of one connection overtake each other, a push before `$connect`
//! returned finds nobody, `$disconnect` may be lost.
//!
//! Deliberately not: authorizers, caching, quotas per account, signatures (their presence is
//! checked, their value is not). What holds data (DynamoDB, S3, SNS, Secrets Manager, Cognito) is
//! another process's.

// Only JSON is indexed here, and what a JSON value does not have is null.
#![allow(clippy::indexing_slicing)]

mod clock;
mod connections;
mod control;
mod dice;
mod faults;
mod front;
mod gateway;
mod http;
mod ledger;
mod listen;
mod runtime;
mod secrets;
mod settings;
pub mod template;
mod ws;

pub use faults::{Faults, Rule};
pub use gateway::{Failure, Gateway, Ready};
pub use settings::{Limits, Settings};
