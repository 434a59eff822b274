//! The border of this crate: what comes in, what goes out, and the names that both sides use.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sightline_wire::{RelayHears, RelayId, RelaySays, SessionId};
pub use str0m::config::DtlsCert as Certificate;
pub use str0m::net::{Protocol, Transmit};

/// An address that answers name, so that pages send their media there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaAddress {
    /// UDP, or TCP where pages open a connection to the relay.
    pub protocol: Protocol,
    /// The address.
    pub address: SocketAddr,
}

/// The other end of a transport. The protocol is part of it: behind one address translator, two
/// pages can have the same port, one for UDP and one for TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Remote {
    /// The protocol.
    pub protocol: Protocol,
    /// The address.
    pub address: SocketAddr,
}

/// Settings of an [`Sfu`](crate::Sfu).
#[derive(Clone)]
pub struct SfuConfig {
    /// The relay's id.
    pub relay: RelayId,
    /// Most rooms at a time.
    pub rooms_max: usize,
    /// The addresses that answers name. While this is empty, offers are refused (until
    /// [`Input::MediaAddresses`]).
    pub media: Vec<MediaAddress>,
    /// Begins the ICE name (ufrag) of every transport. Where a process has several of these units,
    /// it tells them apart by this: a letter or digit (RFC 8839 section 5.4, `ice-char`).
    pub mark: char,
    /// The certificate of the process, from [`crate::make_certificate`].
    pub certificate: Certificate,
}

/// A datagram that arrived.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// How it arrived.
    pub protocol: Protocol,
    /// The address of the sender. It may be forged.
    pub source: SocketAddr,
    /// The address it was sent to, as answers name it (the socket's own may differ).
    pub destination: SocketAddr,
    /// The contents.
    pub bytes: &'a [u8],
}

impl Datagram<'_> {
    /// The other end, as the datagram says.
    #[must_use]
    pub fn remote(&self) -> Remote {
        Remote {
            protocol: self.protocol,
            address: self.source,
        }
    }
}

/// What an [`Sfu`](crate::Sfu) handles.
#[derive(Debug)]
pub enum Input<'a> {
    /// A message of the host.
    FromHost(RelayHears),
    /// A datagram arrived.
    Datagram(Datagram<'a>),
    /// Some datagrams arrived, in this order. Together they cost less than one after the other.
    Datagrams(&'a [Datagram<'a>]),
    /// The deadline of [`Output::Wait`] has passed.
    Timeout,
    /// Datagrams from this address took so much processor time, by a sample of them.
    Spent {
        /// The address.
        from: Remote,
        /// The time of the sample, multiplied by how many datagrams it stands for.
        time: Duration,
    },
    /// The addresses that answers name from here on. Earlier answers keep theirs.
    MediaAddresses(Vec<MediaAddress>),
    /// Takes no new rooms from here on, and reports every connected page to the host, every 5 s.
    Drain,
    /// Closes every transport, so that pages notice at once.
    Close,
}

/// What must happen outside.
#[derive(Debug)]
pub enum Output {
    /// Send a datagram.
    Transmit(Transmit),
    /// Send a message to the host.
    ToHost(RelaySays),
    /// The room of this session ended.
    Ended(SessionId),
    /// Nothing more to do before this time. Without a time: before the next input.
    Wait(Option<Instant>),
}

/// Numbers of an [`Sfu`](crate::Sfu) since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SfuCounters {
    /// Open rooms.
    pub rooms: usize,
    /// Open transports, connected or not.
    pub participants: usize,
    /// Datagrams that belong to no transport.
    pub datagrams_foreign: u64,
    /// Datagrams refused: beyond what a transport may receive, or checks from the address of
    /// another.
    pub datagrams_refused: u64,
    /// RTP packets forwarded, counted per receiving seat.
    pub packets_forwarded: u64,
    /// RTP packets dropped, counted per receiving seat.
    pub packets_dropped: u64,
    /// Frames of sound that were lost on the way here, and restored from later packets.
    pub sound_restored: u64,
    /// Data channel messages forwarded, counted per receiving seat.
    pub messages_forwarded: u64,
    /// Data channel messages dropped, counted per receiving seat.
    pub messages_dropped: u64,
    /// Key frames requested.
    pub keyframe_requests: u64,
    /// Offers answered.
    pub offers_answered: u64,
    /// Offers refused.
    pub offers_refused: u64,
    /// Rooms that ended by a panic.
    pub rooms_panicked: u64,
}

/// A room of one [`Sfu`](crate::Sfu).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RoomKey(pub(crate) u64);

/// A transport of one [`Sfu`](crate::Sfu). Keys count up, so the lower key is the older transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TransportKey(pub(crate) u64);
