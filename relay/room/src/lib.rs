//! The mind of the media relay: which page speaks, which waits as a guest, what is forwarded.
//!
//! An [`Sfu`] holds the rooms of one relay process. A room is one session with its seats. The SFU
//! owns the WebRTC endpoints (one str0m `Rtc` per participant) and decides about every packet, but
//! it has no socket, no clock and no task. Time and datagrams come in through [`Sfu::handle`], and
//! [`Sfu::poll`] returns as a value what must happen outside.
//!
//! The contract is str0m's own, one floor higher: handle one input, then poll until
//! [`Output::Wait`] names the next deadline, before anything else is handled.
//!
//! What it deliberately is not: it reads neither chat nor drawing (text on the data channels is
//! forwarded unread), it decodes no media, it trusts no address that has not authenticated itself
//! by ICE, and it dials no page.
//!
//! A panic inside one room (str0m panics on its own bugs) ends that room and no other.

mod channels;
mod deadlines;
mod demux;
mod drain;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod gap;
mod gate;
mod io;
mod keyframe;
mod lane;
mod layout;
mod leaving;
mod link;
mod looks;
mod nack;
mod naming;
mod offer;
mod outgoing;
mod participant;
mod passing;
mod rate;
mod registry;
mod reports;
mod room;
mod roster;
mod route;
mod sfu;
mod sink;
mod sound;
mod work;

#[cfg(test)]
mod tests;

// The world of the tests, for the targets that cargo-fuzz runs.
#[cfg(all(fuzzing, not(test)))]
#[allow(dead_code, unused_imports, reason = "the stories are not compiled")]
mod tests;

pub use demux::local_ufrag;
pub use io::{Certificate, Datagram, Input, MediaAddress, Output, Protocol, Remote};
pub use io::{SfuConfig, SfuCounters, Transmit};
pub use sfu::Sfu;

/// Makes the certificate of a relay process. All participants share it, so that an offer needs no
/// key generation.
///
/// Call it once at the start. It also installs the process-wide cryptography provider that every
/// participant uses; a second call is harmless.
#[must_use]
pub fn make_certificate() -> Certificate {
    let provider = str0m::crypto::from_feature_flags();
    let certificate = provider.dtls_provider.generate_certificate();
    provider.install_process_default();
    certificate.expect("the aws-lc-rs provider makes certificates")
}
