//! Attachments and connections.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use sightline_session::Heard;
use sightline_wire::api::Role;
use sightline_wire::{AgentId, PageId, RelayId, Seat, SessionId};

use super::{Record, codec};
use crate::store_error::StoreError;

/// A connection of the WebSocket API. The key is valid in one deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionKey(pub String);

/// The connection and page that speak for a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The connection.
    pub connection: ConnectionKey,
    /// The page.
    pub page: PageId,
    /// Its last message, epoch milliseconds.
    pub heard_at_ms: u64,
    /// When the connection closed, epoch milliseconds.
    pub closed_at_ms: Option<u64>,
}

impl Attachment {
    /// The part of it that deciding needs.
    #[must_use]
    pub const fn heard(&self) -> Heard {
        Heard {
            at_ms: self.heard_at_ms,
            closed_at_ms: self.closed_at_ms,
        }
    }
}

/// The peer of a connection, by the cookies or the token of its handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionRecord {
    /// A signed-in agent.
    pub agent: Option<(AgentId, Role)>,
    /// Sessions whose customer seat its cookies give.
    pub seats: Vec<SessionId>,
    /// A relay with a valid token.
    pub relay: bool,
    /// The relay, once it said hello.
    pub relay_id: Option<RelayId>,
    /// Where a relay's connection came from.
    pub source: Option<IpAddr>,
    /// The seats it attached to, so that its close is recorded there.
    pub attached: Vec<(SessionId, Seat)>,
    /// When it may be deleted, epoch seconds.
    pub delete_at_s: u64,
}

#[derive(Serialize, Deserialize)]
struct Attachment1 {
    connection: String,
    page: PageId,
    heard_at_ms: u64,
    closed_at_ms: Option<u64>,
}

impl Record for Attachment {
    fn encode(&self) -> Vec<u8> {
        let record = Attachment1 {
            connection: self.connection.0.clone(),
            page: self.page,
            heard_at_ms: self.heard_at_ms,
            closed_at_ms: self.closed_at_ms,
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode attachment";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Attachment1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    connection: ConnectionKey(record.connection),
                    page: record.page,
                    heard_at_ms: record.heard_at_ms,
                    closed_at_ms: record.closed_at_ms,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

#[derive(Deserialize)]
struct Connection1 {
    agent: Option<(AgentId, Role)>,
    seats: Vec<SessionId>,
    relay: bool,
    relay_id: Option<RelayId>,
    attached: Vec<(SessionId, Seat)>,
    delete_at_s: u64,
}

#[derive(Serialize, Deserialize)]
struct Connection2 {
    agent: Option<(AgentId, Role)>,
    seats: Vec<SessionId>,
    relay: bool,
    relay_id: Option<RelayId>,
    source: Option<IpAddr>,
    attached: Vec<(SessionId, Seat)>,
    delete_at_s: u64,
}

impl Record for ConnectionRecord {
    fn encode(&self) -> Vec<u8> {
        let record = Connection2 {
            agent: self.agent,
            seats: self.seats.clone(),
            relay: self.relay,
            relay_id: self.relay_id,
            source: self.source,
            attached: self.attached.clone(),
            delete_at_s: self.delete_at_s,
        };
        codec::encode(2, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode connection";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Connection1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    agent: record.agent,
                    seats: record.seats,
                    relay: record.relay,
                    relay_id: record.relay_id,
                    source: None,
                    attached: record.attached,
                    delete_at_s: record.delete_at_s,
                })
            }
            2 => {
                let record: Connection2 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    agent: record.agent,
                    seats: record.seats,
                    relay: record.relay,
                    relay_id: record.relay_id,
                    source: record.source,
                    attached: record.attached,
                    delete_at_s: record.delete_at_s,
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
