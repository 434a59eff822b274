//! Sound, which is repaired on both hops by RED (RFC 2198): a packet carries the frames before its
//! own once more. What a page lost on its way to the relay is restored before it is forwarded, and
//! what goes to a page that knows RED carries as many earlier frames as its link loses.

mod levels;
mod red;
mod restore;

pub(crate) use self::levels::Levels;
pub(crate) use self::red::Sent;
#[cfg(any(test, fuzzing))]
pub(crate) use self::restore::hostile;
pub(crate) use self::restore::{Arrived, Frame};
