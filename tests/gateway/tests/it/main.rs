//! The gateway with a function that does what it is told: what AWS documents, one test each.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod front;
mod http;
mod pushes;
mod runtime;
mod starts;
mod world;
mod ws;
