//! What a relay and the host say to each other, and what a relay says to a page.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{PageId, RelayId, Sdp, Seat, SessionId};

/// A message of a relay to the host. Tagged with topic `relay`, so that one WebSocket API routes
/// pages and relays alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum FromRelay {
    /// The only topic of a relay.
    Relay(RelaySays),
}

/// What a relay says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelaySays {
    /// The first message of a relay's connection.
    Hello {
        /// Who it is.
        relay: RelayId,
        /// Rooms it can carry.
        rooms_max: u32,
        /// Where pages reach it over UDP, as far as it knows. Empty while it waits to be told
        /// ([`RelayHears::Welcome`]): it gets no room before its first lease.
        media: Vec<SocketAddr>,
    },
    /// Renews the lease: every 15 s, for 45 s.
    Lease {
        /// Who it is.
        relay: RelayId,
        /// Rooms it carries.
        rooms: u32,
        /// It takes no new rooms.
        draining: bool,
    },
    /// The answer to an offer.
    Answer {
        /// Who answers.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat that offered.
        seat: Seat,
        /// The page that offered.
        page: PageId,
        /// The attempt of that page.
        attempt: u32,
        /// The answer.
        sdp: Sdp,
    },
    /// An offer was not accepted.
    Refused {
        /// Who refuses.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat that offered.
        seat: Seat,
        /// The page that offered.
        page: PageId,
        /// The attempt of that page.
        attempt: u32,
        /// Why.
        why: OfferRefusal,
    },
    /// A participant is gone: its transport died, or its room did.
    Gone {
        /// Who says so.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
    },
    /// The relay is draining and carries this participant still: somebody else may take them.
    /// Repeated every 5 s.
    Leaving {
        /// Who says so.
        relay: RelayId,
        /// The room.
        session: SessionId,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
    },
}

/// Why a relay did not accept an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferRefusal {
    /// The offer is not the one this protocol asks for (m-lines, codecs, fingerprint).
    Unacceptable,
    /// The relay carries all it can, or is draining.
    Full,
    /// An assignment that another has replaced.
    OldEpoch,
}

/// A message of the host to a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum ToRelay {
    /// The only topic of a relay.
    Relay(RelayHears),
}

/// What a relay hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum RelayHears {
    /// Answer to `hello` and `lease`.
    Welcome {
        /// How long the lease holds from now, seconds.
        lease_s: u32,
        /// The address this connection came from, as the host saw it: what a relay with an address
        /// of its own tells pages.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<IpAddr>,
    },
    /// A participant's offer. Makes the room when there is none. A page that offers again replaces
    /// its earlier transport.
    Offer {
        /// The room.
        session: SessionId,
        /// Assignment of the room to a relay; a smaller one than seen before is refused.
        epoch: u32,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
        /// The page's attempt.
        attempt: u32,
        /// The page holds its seat, so its media flows at once; a guest's does not, in either
        /// direction.
        speaks: bool,
        /// The offer.
        sdp: Sdp,
    },
    /// This page holds the seat from here on; any other page of the seat becomes a guest.
    Promote {
        /// The room.
        session: SessionId,
        /// Assignment.
        epoch: u32,
        /// The seat.
        seat: Seat,
        /// The page.
        page: PageId,
    },
    /// The session is over, or its room with another relay.
    Close {
        /// The room.
        session: SessionId,
        /// The assignment that is over: a room that a later one gave back stays.
        epoch: u32,
    },
}

/// The relay's own word to a page, twice a second as a *binary* message on the channel `live`.
/// Everything else on the two channels is a string from the other person, forwarded unread: so
/// nobody can forge a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Beat {
    /// Counts up by one with each beat.
    pub beat: u32,
    /// This page's media flows.
    pub speaks: bool,
    /// The other seat has a connected participant that speaks.
    pub other_here: bool,
    /// What the relay can send this page at present, in bit/s; absent when it does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub down_bps: Option<u32>,
}
