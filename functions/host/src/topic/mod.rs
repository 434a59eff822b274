//! One file a topic.

pub(crate) mod annotation;
pub(crate) mod chat;
pub(crate) mod invite;
mod relay;
mod screenshots;
pub(crate) mod session;
mod signaling;
