//! The cloud's plug against MiniStack and scripted services. One binary, so that the SDK is linked
//! once and MiniStack starts once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bucket;
mod sockets;
mod support;
mod table;
mod texts;
