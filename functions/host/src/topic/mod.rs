//! One file a topic.

mod chat;
pub(crate) mod invite;
mod relay;
mod session;
mod signaling;
