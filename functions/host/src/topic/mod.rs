//! One file a topic.

mod annotation;
mod chat;
pub(crate) mod invite;
mod relay;
mod screenshots;
mod session;
mod signaling;
