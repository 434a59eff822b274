//! The limits on what outsiders may do, one file each.
//!
//! | limit | counts | where | beyond it |
//! |---|---|---|---|
//! | [`flood`] | messages of one connection | in one process; the cloud counts for all too | dropped, then closed |
//! | [`limiter`] | unknown secrets of one source and of all, a minute | in one process | `too_often` |
//! | [`guesses`] | the same | in the store, for all processes | `too_often` |
//! | [`codes`] | wrong codes of one source and of all, an hour | in the store | `too_often` for every code |
//! | [`sms`] | text messages of an agent, to a number, to its block and of all, a day | in the store | not sent |
//! | [`sms`] | calls that an agent begins, a day | in the store | `too_often` |
//!
//! Limits on a session (events, pictures, links) are rules of the session
//! (`sightline_session::Rules`). Limits on a message stand beside the message in `sightline_wire`.

pub mod codes;
pub mod flood;
mod guesses;
pub(crate) mod limiter;
pub(crate) mod sms;
mod tally;

pub use limiter::source_pseudonym;
