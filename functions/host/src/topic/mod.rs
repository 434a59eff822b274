//! The topics, one file each.

pub(crate) mod annotation;
pub(crate) mod chat;
pub(crate) mod invite;
mod relay;
mod screenshots;
pub(crate) mod session;
mod signaling;
