//! Stored records.

use sightline_wire::{AgentId, PageId, PhoneNumber, Reference, RelayId, Seat, SessionId};
use sightline_wire::api::{CallPhase, Role};

use crate::ports::ConnectionKey;

/// SHA-256 of an invite's secret: what is stored of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InviteHash(pub [u8; 32]);

/// The connection and page that speak for a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The connection.
    pub connection: ConnectionKey,
    /// The page.
    pub page: PageId,
    /// Its last word, epoch milliseconds.
    pub heard_at_ms: u64,
    /// When the connection closed, epoch milliseconds.
    pub closed_at_ms: Option<u64>,
}

/// Who is behind a connection, by the cookies or the token of its handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// A signed-in agent.
    pub agent: Option<(AgentId, Role)>,
    /// Sessions whose customer seat its cookies give.
    pub seats: Vec<SessionId>,
    /// A relay with a good token.
    pub relay: bool,
    /// The relay, once it said hello.
    pub relay_id: Option<RelayId>,
    /// Which seats it attached to, so that closing it is told there.
    pub attached: Vec<(SessionId, Seat)>,
    /// May be deleted after, epoch seconds.
    pub delete_at_s: u64,
}

/// A relay's lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRecord {
    /// Which.
    pub relay: RelayId,
    /// Its control connection.
    pub connection: ConnectionKey,
    /// Rooms it can carry.
    pub rooms_max: u32,
    /// Rooms it carries.
    pub rooms: u32,
    /// It takes no new rooms.
    pub draining: bool,
    /// The lease holds until then, epoch milliseconds.
    pub lease_until_ms: u64,
}

/// Which relay carries a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The relay.
    pub relay: RelayId,
    /// Counts assignments from 1, so that an old relay cannot come back and fight.
    pub epoch: u32,
}

/// One line of an agent's list of calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSummary {
    /// The session.
    pub session: SessionId,
    /// When it began, epoch milliseconds.
    pub at_ms: u64,
    /// Whom.
    pub number: PhoneNumber,
    /// The agent's reference.
    pub reference: Reference,
    /// How far it got.
    pub phase: CallPhase,
}
