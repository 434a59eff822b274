//! The border of this crate: what comes in, what goes out, and the names both sides use.

use std::net::SocketAddr;
use std::time::Instant;

use sightline_wire::{RelayHears, RelayId, RelaySays};
pub use str0m::config::DtlsCert as Certificate;
pub use str0m::net::{Protocol, Transmit};

/// An address that pages are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaAddress {
    /// UDP, or TCP where pages connect to the relay.
    pub protocol: Protocol,
    /// Where pages reach the relay.
    pub address: SocketAddr,
}

/// The other end of a transport. The same address under TCP may be somebody else's: behind one
/// translator two pages can have the same port, one of each protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Remote {
    /// How it is reached.
    pub protocol: Protocol,
    /// Where.
    pub address: SocketAddr,
}

/// What a house is told at its start.
#[derive(Clone)]
pub struct HouseConfig {
    /// Who it is.
    pub relay: RelayId,
    /// Most rooms at a time.
    pub rooms_max: usize,
    /// Where pages reach it. Empty while that is not known: offers are refused until
    /// [`Input::Placed`].
    pub media: Vec<MediaAddress>,
    /// The certificate of the process, from [`crate::make_certificate`].
    pub certificate: Certificate,
}

/// A datagram that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// How it came.
    pub protocol: Protocol,
    /// Who sent it, as far as one can know.
    pub source: SocketAddr,
    /// The address it was sent to, as pages are told it (not the socket's own, if those differ).
    pub destination: SocketAddr,
    /// Its contents.
    pub bytes: &'a [u8],
}

impl Datagram<'_> {
    pub(crate) fn remote(&self) -> Remote {
        Remote {
            protocol: self.protocol,
            address: self.source,
        }
    }
}

/// Everything that can happen to a house.
#[derive(Debug)]
pub enum Input<'a> {
    /// The host said something.
    Hears(RelayHears),
    /// A datagram arrived.
    Receives(Datagram<'a>),
    /// The time that [`Output::Wait`] named has come.
    Wakes,
    /// Where pages reach it from here on. Answers given before keep the addresses they have.
    Placed(Vec<MediaAddress>),
    /// No new rooms from here on, and the host is told of everybody who is still here, every 5 s.
    Drains,
    /// Every transport is closed, so that pages notice at once.
    Closes,
}

/// What must happen outside.
#[derive(Debug)]
pub enum Output {
    /// A datagram leaves.
    Transmit(Transmit),
    /// The host hears something.
    Say(RelaySays),
    /// Nothing more to do before this time (or before an input, when there is none).
    Wait(Option<Instant>),
}

/// What has happened so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    pub(crate) relay: RelayId,
    /// Rooms at the moment.
    pub rooms: usize,
    /// Transports at the moment, connected or not.
    pub participants: usize,
    /// Datagrams from nobody we know.
    pub datagrams_foreign: u64,
    /// RTP packets passed on.
    pub packets_forwarded: u64,
    /// RTP packets that ended here.
    pub packets_dropped: u64,
    /// Data channel messages passed on.
    pub messages_forwarded: u64,
    /// Data channel messages that ended here.
    pub messages_dropped: u64,
    /// Key frames asked for.
    pub keyframe_requests: u64,
    /// Offers answered.
    pub offers_answered: u64,
    /// Offers refused.
    pub offers_refused: u64,
    /// Rooms that a panic ended.
    pub rooms_panicked: u64,
}

/// One transport in one house; valid while that house lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TransportKey(pub(crate) u64);
