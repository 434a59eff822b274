//! The gateway with a function that follows its event: what AWS documents, one test each.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod front;
mod http;
mod pushes;
mod runtime;
mod starts;
mod throttles;
mod world;
mod ws;
