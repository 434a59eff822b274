//! Load, decide, commit, carry out: what stands between the session's rules and the world.

pub mod ports;
pub mod records;
