//! The mind of the media relay: who publishes, who watches, what is forwarded.
//!
//! A [`House`] holds the rooms of one relay process; a room is one session with two seats. It owns
//! the WebRTC endpoints (one str0m `Rtc` per participant) and decides about every packet, but it
//! has no socket, no clock and no task: time and datagrams come in through [`House::handle`],
//! everything that must happen outside comes out of [`House::poll`] as a value.
//!
//! The contract is str0m's own, one floor higher: handle one input, then poll until
//! [`Output::Wait`] names the next deadline, before anything else is handled.
//!
//! What it deliberately is not: it parses neither chat nor drawing (strings on the data channels
//! pass unread), it decodes no media, it trusts no address that has not answered for itself by ICE,
//! and it dials nobody.
//!
//! A panic inside one room (str0m fails fast on its own bugs) ends that room and no other.

mod channels;
mod demux;
mod forward;
mod house;
mod io;
mod keyframe;
mod leaving;
mod offer;
mod participant;
mod rate;
mod room;
mod sink;

#[cfg(test)]
mod tests;

pub use house::House;
pub use io::{Certificate, Counters, Datagram, HouseConfig, Input, MediaAddress, Output};
pub use io::{Protocol, Remote, Transmit};

/// Makes the certificate of a relay process: one for all its participants, so that an offer costs
/// no key generation.
///
/// Call it once at the start. It also installs the process's cryptography, which every participant
/// uses; doing so twice does no harm.
#[must_use]
pub fn make_certificate() -> Certificate {
    let provider = str0m::crypto::from_feature_flags();
    let certificate = provider.dtls_provider.generate_certificate();
    provider.install_process_default();
    certificate.expect("the aws-lc-rs provider makes certificates")
}
