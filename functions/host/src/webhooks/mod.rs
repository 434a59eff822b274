//! Webhooks: other programs hear how calls go, by the rules of Standard Webhooks.
//!
//! A delivery is stored in the transaction of what it is about, one for each webhook, and sent
//! afterwards until the receiver takes it or a day has passed. So a receiver hears everything at
//! least once. Of one call it hears in order, because a delivery waits for those before it.

mod address;
mod attempts;
mod change;
mod happened;
mod list;
mod retry_after;
mod send;
mod signing;
mod write;

pub use address::is_public;
#[cfg(test)]
pub(crate) use attempts::Attempt;
pub(crate) use happened::{Happened, happened};
