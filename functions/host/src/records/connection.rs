//! Attachments and connections.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use sightline_session::Heard;
use sightline_wire::api::Role;
use sightline_wire::{AgentId, PageId, RelayId, Seat, SessionId, SignInId};

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
    /// The agent's sign-in. A connection of the version before has none.
    pub sign_in: Option<SignInId>,
    /// Sessions whose customer seat its cookies give, each with the round of the cookie's link
    /// ([`sightline_session::State::links_renewed`]).
    pub seats: Vec<(SessionId, u32)>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in: Option<SignInId>,
    seats: Vec<SessionId>,
    /// The rounds of the seats in their order; a missing one is 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rounds: Vec<u32>,
    relay: bool,
    relay_id: Option<RelayId>,
    source: Option<IpAddr>,
    attached: Vec<(SessionId, Seat)>,
    delete_at_s: u64,
}

impl Record for ConnectionRecord {
    fn encode(&self) -> Vec<u8> {
        let renewed = self.seats.iter().any(|(_, round)| *round > 0);
        let rounds = self.seats.iter().map(|(_, round)| *round);
        let record = Connection2 {
            agent: self.agent,
            sign_in: self.sign_in,
            seats: self.seats.iter().map(|(session, _)| *session).collect(),
            rounds: rounds.filter(|_| renewed).collect(),
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
                    sign_in: None,
                    seats: record.seats.into_iter().map(|seat| (seat, 0)).collect(),
                    relay: record.relay,
                    relay_id: record.relay_id,
                    source: None,
                    attached: record.attached,
                    delete_at_s: record.delete_at_s,
                })
            }
            2 => {
                let record: Connection2 = codec::read(WHAT, bytes)?;
                let rounds = record.rounds.into_iter().chain(std::iter::repeat(0));
                Ok(Self {
                    agent: record.agent,
                    sign_in: record.sign_in,
                    seats: record.seats.into_iter().zip(rounds).collect(),
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
